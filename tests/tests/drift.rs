//! Answers that deviate are reported, and show nothing of what they hold.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::sync::{Arc, Mutex};

use auth_transport::{DriftEvent, Error, Secret, TracingDriftObserver, read_json};
use integration_tests::{Logs, Rendered, TestSecrets, responding};
use lean_customers::types::Customer;
use lean_customers::{Client, ResponseValue};

const JSON: &str = "content-type: application/json";

/// Records events as text.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn observe(&self) -> impl Fn(&DriftEvent<'_>) + Send + Sync + 'static {
        let heard = Arc::clone(&self.0);
        move |event: &DriftEvent<'_>| heard.lock().unwrap().push(event.to_string())
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[tokio::test]
async fn each_difference_is_an_event_with_operation_place_and_kind() {
    let body =
        r#"[{"customer_id":7,"created_at":"2025-02-25 11:40:31.981","app_id":null,"new_field":1},{"customer_id":8}]"#;
    let server = responding("200 OK", &[JSON], body);
    let heard = Heard::default();
    let client = Client::new(&server.base_url(), Secret::from("t0ken")).unwrap().with_drift_observer(heard.observe());
    let customers = client.list_customers().await.unwrap();
    assert_eq!(customers[1].customer_id.raw(), Some("8"));
    assert_eq!(customers[0].further_members["new_field"], 1);
    let expected = [
        "listCustomers: /*/customer_id has another JSON type",
        "listCustomers: /*/created_at has another form",
        "listCustomers: /*/app_id is null",
        "listCustomers: /*/new_field is not a documented member",
    ];
    let mut events = heard.take();
    events.sort_unstable();
    let mut sorted = expected;
    sorted.sort_unstable();
    assert_eq!(events, sorted);
    // The same answer says nothing new; another observer has not been told yet.
    client.list_customers().await.unwrap();
    assert_eq!(heard.take(), [""; 0]);
    let other = Heard::default();
    client.clone().with_drift_observer(other.observe()).list_customers().await.unwrap();
    assert_eq!(other.take().len(), expected.len());
}

#[tokio::test]
async fn a_documented_answer_makes_no_event() {
    let body = r#"[{"customer_id":"7","app_user_id":"u","created_at":"2025-02-25T11:40:31Z"}]"#;
    let server = responding("200 OK", &[JSON], body);
    let heard = Heard::default();
    let client = Client::new(&server.base_url(), Secret::from("t0ken")).unwrap().with_drift_observer(heard.observe());
    client.list_customers().await.unwrap();
    assert_eq!(heard.take(), [""; 0]);
}

#[tokio::test]
async fn an_error_body_that_is_not_documented_is_an_event() {
    let server = responding("403 Forbidden", &[JSON], r#"{"status":403,"message":null,"errors":"no"}"#);
    let heard = Heard::default();
    let client = leanix_poll::Client::new(&server.base_url(), Secret::from("t0ken")).unwrap();
    let client = client.with_drift_observer(heard.observe());
    let Err(Error::Refused(refusal)) = client.list_poll_runs().await else { panic!("not refused") };
    assert_eq!(refusal.body.unwrap().status.raw(), Some("403"));
    assert_eq!(
        heard.take(),
        ["listPollRuns: /status has another JSON type", "listPollRuns: /errors has another JSON type"]
    );
    let server = responding("403 Forbidden", &[JSON], "[]");
    let client = leanix_poll::Client::new(&server.base_url(), Secret::from("t0ken")).unwrap();
    let client = client.with_drift_observer(heard.observe());
    let Err(Error::Refused(refusal)) = client.list_poll_runs().await else { panic!("not refused") };
    assert!(refusal.body.is_none() && refusal.raw_body() == Some(b"[]"));
    assert_eq!(heard.take(), ["listPollRuns: the body has another JSON type"]);
}

#[tokio::test]
async fn nothing_of_what_deviates_is_shown() {
    let logs = Logs::record();
    let heard = Heard::default();
    for secrets in [TestSecrets::MIXED, TestSecrets::LETTERS] {
        let markers = secrets.markers();
        let bodies = [secrets.body, secrets.client_secret, secrets.api_token].map(deviating).concat();
        for body in bodies.iter().chain(&words(&secrets)) {
            let mut rendered = Rendered::default();
            for status in ["200 OK", "403 Forbidden"] {
                let server = responding(status, &[JSON], body);
                let token = Secret::from(secrets.api_token);
                let lean = Client::new(&server.base_url(), token.clone()).unwrap();
                let lean =
                    lean.with_drift_observer(heard.observe()).with_drift_observer(TracingDriftObserver::default());
                match lean.list_customers().await.map(ResponseValue::into_inner) {
                    Ok(customers) => rendered.debug(&customers),
                    Err(error) => rendered.error(&error),
                }
                let leanix = leanix_poll::Client::new(&server.base_url(), token).unwrap();
                let leanix =
                    leanix.with_drift_observer(heard.observe()).with_drift_observer(TracingDriftObserver::default());
                match leanix.list_poll_runs().await.map(ResponseValue::into_inner) {
                    Ok(runs) => rendered.debug(&runs),
                    Err(error) => {
                        if let Error::Refused(refusal) = &error {
                            rendered.debug(&refusal.body);
                        }
                        rendered.error(&error);
                    }
                }
            }
            match read_json::<Vec<Customer>>(body) {
                Ok(read) => rendered.debug(&read.drift),
                Err(error) => rendered.error(&error),
            }
            heard.take().iter().for_each(|event| rendered.text(event));
            for text in [rendered.as_str(), &logs.take()] {
                assert!(markers.find_in(text).is_none(), "{:?} for {}", markers.find_in(text), bodies.len());
            }
        }
    }
    assert!(heard.take().is_empty());
    // Proves that what is searched is there.
    let server = responding("200 OK", &[JSON], "[{}]");
    let client = Client::new(&server.base_url(), Secret::from("t0ken")).unwrap();
    client.with_drift_observer(TracingDriftObserver::default()).list_customers().await.unwrap();
    assert!(logs.take().contains("answer deviates from its document"));
}

/// Bodies with this text in every position that deviates: as a value, in one, as a name and as the key of a map.
fn deviating(secret: &str) -> Vec<String> {
    let quoted = format!("\"{secret}\"");
    let customer = |name: &str, value: &str| format!("[{{\"customer_id\":\"7\",\"{name}\":{value}}}]");
    let others = [format!("[{quoted}]"), format!("{{{quoted}:{quoted}}}"), format!("[[{quoted}]]")];
    let mut bodies = vec![
        quoted.clone(),
        secret.to_owned(),
        format!("[{quoted}"),
        format!("[{quoted},]"),
        customer("created_at", &quoted),
    ];
    bodies.push(customer(secret, &quoted));
    for other in others {
        let members =
            ["app_id", "app_user_id", "created_at", "customer_id", "new_field"].map(|name| customer(name, &other));
        bodies.extend(members);
        for name in ["data", "errors", "message", "new_field", "status", "total", "type"] {
            bodies.push(format!("{{\"{name}\":{other}}}"));
        }
        bodies.push(format!("{{\"errors\":[{{\"messages\":[{other}],\"value\":{other},\"new_field\":{other}}}]}}"));
        bodies.push(format!("{{\"errors\":{{{quoted}:{other}}},\"total\":{quoted},{quoted}:{other}}}"));
        bodies.push(other);
    }
    bodies
}

/// Bodies in which pieces of a secret are the names of undocumented members.
fn words(secrets: &TestSecrets) -> Vec<String> {
    let all = [secrets.body, secrets.client_secret, secrets.api_token];
    let words = all.into_iter().flat_map(TestSecrets::words);
    words.flat_map(|word| [format!("[{{\"{word}\":1}}]"), format!("{{\"{word}\":{{\"{word}\":1}}}}")]).collect()
}
