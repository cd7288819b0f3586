//! Starting, counting, recording, rotating and stopping.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use crate::common::*;
use auth_sandbox::{Endpoint, Gate, Sandbox, StartError, Step, Vendor};
use tokio::{net::TcpStream, task::JoinSet};

fn address(sandbox: &Sandbox) -> SocketAddr {
    sandbox.base_url().trim_start_matches("http://").parse().unwrap()
}

#[tokio::test]
async fn only_loopback_addresses_are_served() {
    for other in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let error = Sandbox::builder().bind(other.parse().unwrap()).start().await.unwrap_err();
        assert!(matches!(error, StartError::NotLoopback(address) if address.to_string() == other), "{error}");
    }
    assert!(address(&sandbox().await).ip().is_loopback());
    // Allowed explicitly.
    let everywhere = Sandbox::builder().bind("0.0.0.0:0".parse().unwrap()).beyond_loopback().start().await.unwrap();
    assert!(everywhere.base_url().starts_with("http://127.0.0.1:"), "{}", everywhere.base_url());
    assert_eq!(lean_request(&everywhere, "api").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let first = sandbox().await;
    let error = Sandbox::builder().bind(address(&first)).start().await.unwrap_err();
    assert!(matches!(error, StartError::Bind { address: taken, .. } if taken == address(&first)));
    assert!(error.to_string().contains(&address(&first).to_string()), "{error}");
}

#[tokio::test]
async fn an_empty_credential_is_refused() {
    let error = Sandbox::builder().lean_client_secret("").start().await.unwrap_err();
    assert!(matches!(error, StartError::EmptyCredential("Lean client secret")));
}

#[tokio::test]
async fn random_credentials_look_real_and_differ_each_time() {
    let (one, other) = (sandbox().await, sandbox().await);
    assert_eq!(one.lean_client_id().len(), 36);
    assert!(one.leanix_api_token().starts_with("LXT_"));
    assert_ne!(one.lean_client_id(), other.lean_client_id());
    assert_ne!(one.lean_client_secret(), other.lean_client_secret());
    assert_ne!(one.leanix_api_token(), other.leanix_api_token());
}

#[tokio::test]
async fn requests_are_counted_in_total_and_by_scope() {
    let sandbox = sandbox().await;
    for scope in ["api", "api", CUSTOMER] {
        lean_request(&sandbox, scope).send().await.unwrap();
    }
    leanix_request(&sandbox).send().await.unwrap();
    let lean = sandbox.lean();
    assert_eq!((lean.requests(), lean.issued(), lean.refusals()), (3, 3, 0));
    assert_eq!((lean.requests_for("api"), lean.requests_for(CUSTOMER), lean.requests_for("other")), (2, 1, 0));
    assert_eq!((sandbox.leanix().requests(), sandbox.leanix().requests_for("")), (1, 1));
    assert_eq!(lean.peak_concurrency(), 1);
}

#[tokio::test]
async fn a_barrier_proves_that_200_requests_run_in_parallel() {
    let sandbox = sandbox().await;
    sandbox.lean().script().always(Step::token().held_by(&Gate::opening_at(200)));
    let client = client();
    let mut requests = JoinSet::new();
    for _ in 0..200 {
        let request = client.post(sandbox.lean().token_url()).header("content-type", FORM);
        requests.spawn(request.body(lean_form(&sandbox, "api")).send());
    }
    while let Some(answer) = requests.join_next().await {
        assert_eq!(answer.unwrap().unwrap().status(), 200);
    }
    assert_eq!((sandbox.lean().peak_concurrency(), sandbox.lean().issued()), (200, 200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_runs_on_a_runtime_with_several_threads_as_well() {
    let sandbox = sandbox().await;
    let token = token(&sandbox, Vendor::Lean).await;
    assert_eq!(ask(&sandbox.lean(), &token).await.status(), 200);
}

#[tokio::test]
async fn it_listens_on_ipv6_loopback_where_there_is_one() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        println!("this machine has no IPv6");
        return;
    }
    let sandbox = Sandbox::builder().bind("[::1]:0".parse().unwrap()).start().await.unwrap();
    assert!(sandbox.base_url().starts_with("http://[::1]:"));
    assert_eq!(leanix_request(&sandbox).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn rotated_credentials_count_from_the_next_request_on() {
    let sandbox = sandbox().await;
    let (old_form, old_token) = (lean_form(&sandbox, "api"), basic("apitoken", &sandbox.leanix_api_token()));
    let issued = token(&sandbox, Vendor::Lean).await;
    sandbox.set_lean_client_secret("second secret");
    sandbox.set_leanix_api_token("LXT_second");
    assert_eq!(refusal(post(&sandbox.lean().token_url(), old_form)).await.0, 401);
    assert_eq!(refusal(leanix_request_as(&sandbox, &old_token)).await.0, 401);
    assert_eq!(lean_request(&sandbox, "api").send().await.unwrap().status(), 200);
    assert_eq!(leanix_request(&sandbox).send().await.unwrap().status(), 200);
    assert_eq!(ask(&sandbox.lean(), &issued).await.status(), 200);
}

#[tokio::test]
async fn requests_are_recorded_if_asked_for_and_shown_without_secrets() {
    let sandbox = Sandbox::builder().record_requests().start().await.unwrap();
    leanix_request(&sandbox).send().await.unwrap();
    lean_request(&sandbox, "api").send().await.unwrap();
    let recorded = sandbox.lean().recorded();
    assert_eq!((recorded[0].method(), recorded[0].target(), recorded.len()), ("POST", "/oauth2/token", 1));
    assert!(recorded[0].form().contains(&("client_secret".to_owned(), sandbox.lean_client_secret())));
    let leanix = &sandbox.leanix().recorded()[0];
    assert_eq!(leanix.header("authorization"), Some(&*basic("apitoken", &sandbox.leanix_api_token())));
    for printed in [format!("{recorded:?}"), format!("{leanix:?}")] {
        assert!(!printed.contains(&sandbox.lean_client_secret()) && !printed.contains("Basic "), "{printed}");
    }

    let silent = crate::common::sandbox().await;
    lean_request(&silent, "api").send().await.unwrap();
    assert!(silent.lean().recorded().is_empty());
}

#[tokio::test]
async fn an_observer_sees_every_exchange_and_no_secret() {
    let observed = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&observed);
    let observer = move |exchange: &auth_sandbox::Exchange| log.lock().unwrap().push(exchange.clone());
    let sandbox = Sandbox::builder().observer(observer).start().await.unwrap();
    sandbox.lean().script().push(Step::token()).push(Step::token()).push(Step::close());
    let token = token(&sandbox, Vendor::Lean).await;
    refusal(lean_request(&sandbox, "nonsense")).await;
    lean_request(&sandbox, "api").send().await.unwrap_err();
    ask(&sandbox.lean(), &token).await;
    ask(&sandbox.lean(), "wrong").await;
    client().get(format!("{}/{token}", sandbox.base_url())).send().await.unwrap();
    let observed = observed.lock().unwrap();
    let short: Vec<_> =
        observed.iter().map(|one| (one.endpoint, one.status, one.error, one.scope.as_deref())).collect();
    assert_eq!(
        short,
        [
            (Endpoint::Token, Some(200), None, Some("api")),
            (Endpoint::Token, Some(400), Some("invalid_scope"), None),
            (Endpoint::Token, None, None, None),
            (Endpoint::Resource, Some(200), None, None),
            (Endpoint::Resource, Some(401), Some("invalid_token"), None),
            (Endpoint::Other, Some(404), None, None),
        ]
    );
    let asked: Vec<_> = observed.iter().map(|one| (one.vendor, &*one.method, &*one.path)).collect();
    assert_eq!(asked[0], (Some(Vendor::Lean), "POST", "/oauth2/token"));
    assert_eq!(asked[3], (Some(Vendor::Lean), "GET", "/customers/v1"));
    assert_eq!(asked[5], (None, "GET", "/..."));
    let printed = format!("{observed:?}");
    assert!(!printed.contains(&token) && !printed.contains(&sandbox.lean_client_secret()));
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let builder =
        Sandbox::builder().lean_client_id("marker-1").lean_client_secret("marker-2").leanix_api_token("marker-3");
    let printed = format!("{builder:?}");
    let sandbox = builder.start().await.unwrap();
    let step = Step::from(auth_sandbox::Reply::new(200).header("x", "marker-4").body("marker-5"));
    let raw = Step::from(auth_sandbox::Raw::new("marker-6"));
    sandbox.lean().script().push(step.clone()).push(auth_sandbox::TokenReply::new().member("a", "marker-7"));
    let printed = format!("{printed}{sandbox:?}{:?}{step:?}{raw:?}{:?}", sandbox.lean(), sandbox.lean().script());
    assert!(!printed.contains("marker-"), "{printed}");
}

/// Holds a request at a gate, closes the sandbox, and asserts that the listener and all connections are closed.
async fn is_closed_by(close: impl AsyncFnOnce(Sandbox)) {
    let sandbox = sandbox().await;
    let address = address(&sandbox);
    let gate = Gate::new();
    sandbox.lean().script().always(Step::token().held_by(&gate));
    let held = tokio::spawn(lean_request(&sandbox, "api").send());
    reached(&gate).await;
    close(sandbox).await;
    held.await.unwrap().unwrap_err();
    left(&gate).await;
    TcpStream::connect(address).await.unwrap_err();
}

#[tokio::test]
async fn shutdown_closes_the_listener_and_every_connection() {
    is_closed_by(async |sandbox| sandbox.shutdown().await).await;
}

#[tokio::test]
async fn dropping_the_sandbox_closes_it_too() {
    is_closed_by(async |sandbox| drop(sandbox)).await;
}
