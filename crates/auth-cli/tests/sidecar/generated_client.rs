//! The client that is generated from `specs/access-token.yaml`, against the program: what it answers is what the document says.

use std::sync::{Arc, Mutex};

use access_token::types::{self, GetTokenOptions};
use access_token::{Client, Error};
use auth_core::Secret;
use auth_sandbox::{Reply, Sandbox, Step};

use crate::http::Target;
use crate::running::{CALLER_TOKEN, Host, port};

const SETTINGS: &str = "
[serve]
tcp = '127.0.0.1:0'
caller_tokens = 'callers'
[serve.callers.reports]
profiles.lean = ['*']
profiles.leanix = []
";

/// Status and error code of a refused call, whose body is the documented one.
fn refused<E>(error: Error<E>, code: impl Fn(&E) -> String) -> (u16, String) {
    let Error::Refused(refusal) = error else { panic!("not a documented error") };
    let body =
        refusal.body.as_ref().unwrap_or_else(|| panic!("the body of {} is not the documented one", refusal.status));
    (refusal.status.as_u16(), code(body))
}

#[tokio::test]
async fn every_operation_answers_as_the_document_says() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, SETTINGS);
    let configured = std::fs::read_to_string(host.path("config.toml")).unwrap();
    host.write("config.toml", &configured.replace("provider = 'lean'\n", "provider = 'lean'\nkeep_warm = true\n"));
    sandbox.lean().script().always(Step::status(503));
    host.write("callers", &format!("reports {CALLER_TOKEN}\n"));
    let sidecar = host.spawn(host.command(&["serve"]), host.path("none"));
    sidecar.logged("listening").await;
    let Target::Port(address) = port(&sidecar) else { panic!("a port") };
    let drift: Arc<Mutex<Vec<String>>> = Arc::default();
    let events = Arc::clone(&drift);
    let client = Client::new(&format!("http://{address}"), Secret::from(CALLER_TOKEN)).unwrap();
    let client = client.with_drift_observer(move |event: &auth_transport::DriftEvent<'_>| {
        events.lock().unwrap().push(event.to_string());
    });

    let waiting = refused(client.readiness().await.unwrap_err(), |body: &types::Readiness| {
        format!("{:?}", body.waiting.required())
    });
    assert_eq!(waiting, (503, "Ok([\"lean\"])".to_owned()));
    let code = |body: &types::Error| body.error.required().unwrap().clone();
    assert_eq!(refused(client.get_token("lean").await.unwrap_err(), code), (503, "unavailable".to_owned()));
    sandbox.lean().script().reset();
    integration_tests::within("the sidecar is ready", async {
        while client.readiness().await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    })
    .await;

    let token = client.get_token("lean").await.unwrap().into_inner();
    let text = token.access_token.required().unwrap().expose().to_owned();
    assert_eq!(
        (token.token_type.required().unwrap().as_str(), token.scope.required().unwrap().as_str()),
        ("Bearer", "api")
    );
    let left = token.expires_at.required().unwrap().to_utc() - chrono::Utc::now();
    assert!((left.num_seconds() - *token.expires_in.required().unwrap()).abs() < 60, "{token:?}");
    let mut options = GetTokenOptions::default();
    (options.scope, options.min_validity, options.skip_cache) = (Some("api".to_owned()), Some(60), Some(false));
    let again = client.get_token_with("lean", &options).await.unwrap().into_inner();
    assert_eq!(again.access_token.required().unwrap().expose(), text);
    let texas = client.request_token(&types::TokenRequest::new("lean", "api")).await.unwrap().into_inner();
    assert_eq!(texas.access_token.required().unwrap().expose(), text);

    sandbox.leanix().script().always(Reply::new(429).header("retry-after", "60"));
    let with = |scope: &str, seconds: i64| {
        let mut options = GetTokenOptions::default();
        (options.scope, options.min_validity) = (Some(scope.to_owned()), Some(seconds));
        options
    };
    for (profile, options, status, name) in [
        ("lean", with("\"", 0), 400, "usage"),
        ("lean", with("api", -1), 400, "usage"),
        ("lean", with("unknown", 0), 502, "refused"),
        ("leanix", with("unknown", 0), 403, "refused"),
        ("none", with("", 0), 403, "refused"),
        ("leanix", with("", 0), 429, "rate_limited"),
    ] {
        let error = client.get_token_with(profile, &options).await.unwrap_err();
        assert_eq!(refused(error, code), (status, name.to_owned()), "{profile} {options:?}");
    }
    let oauth = |body: &types::OAuthError| body.error.required().unwrap().clone();
    let mut resource = types::TokenRequest::new("lean", "api");
    resource.resource = Some("https://api.example".to_owned());
    for (request, status, name) in [
        (resource, 400, "invalid_request"),
        (types::TokenRequest::new("none", "api"), 403, "unauthorized_client"),
        (types::TokenRequest::new("leanix", ""), 429, "temporarily_unavailable"),
    ] {
        let error = client.request_token(&request).await.unwrap_err();
        assert_eq!(refused(error, oauth), (status, name.to_owned()), "{request:?}");
    }
    let stranger = client.clone().with_tokens(Secret::from("not-a-caller-token-of-the-file"));
    assert_eq!(refused(stranger.get_token("lean").await.unwrap_err(), code), (401, "refused".to_owned()));
    assert_eq!(refused(stranger.metrics().await.unwrap_err(), code), (401, "refused".to_owned()));

    let mut health = client.health().await.unwrap().into_inner();
    assert_eq!(health.chunk().await.unwrap().as_deref(), Some(&b"ok\n"[..]));
    let mut metrics = client.metrics().await.unwrap().into_inner();
    let page = metrics.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&page).contains("access_token_requests_total"));
    assert_eq!(*drift.lock().unwrap(), [""; 0], "answers that are not as in the document");
    host.check_for_leaks(&sidecar, &[&text]);
}
