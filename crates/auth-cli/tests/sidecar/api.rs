//! The API: tokens, errors, health and metrics.

use std::time::Duration;

use auth_sandbox::{Sandbox, Step};

use crate::http::{get, post};
use crate::running::{Host, mode};

const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn both_apis_give_the_same_token_from_the_cache() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    let plain = sidecar.get("/v1/token?profile=lean").await;
    assert_eq!((plain.status, plain.header("cache-control")), (200, Some("no-store")), "{plain:?}");
    let token = plain.text("access_token");
    let body = plain.json();
    assert_eq!(
        (&body["token_type"], &body["scope"], &body["profile"]),
        (&"Bearer".into(), &"api".into(), &"lean".into())
    );
    assert!(body["expires_in"].as_u64().is_some_and(|seconds| (3_000..3_600).contains(&seconds)), "{body}");
    chrono::DateTime::parse_from_rfc3339(body["expires_at"].as_str().unwrap()).unwrap();

    let requests = [
        (JSON, r#"{"identity_provider":"lean","target":"api"}"#),
        (FORM, "identity_provider=lean&target=api"),
        (FORM, "identity_provider=lean&target="),
    ];
    for (media_type, request) in requests {
        let texas = post(&sidecar.target(), "/api/v1/token", &[media_type], request).await;
        assert_eq!((texas.status, texas.text("access_token")), (200, token.clone()), "{texas:?}");
        assert_eq!(texas.text("token_type"), "Bearer");
        assert!(texas.json()["expires_in"].is_u64());
    }
    assert_eq!(sandbox.lean().requests(), 1);
    let other = sidecar.get("/v1/token?profile=leanix").await;
    assert_eq!((other.status, &other.json()["scope"]), (200, &"".into()), "{other:?}");
    assert_ne!(other.text("access_token"), token);
    host.check_for_leaks(&sidecar, &[&token, &other.text("access_token")]);
}

#[tokio::test]
async fn a_caller_that_skips_the_cache_gets_a_new_token_but_not_without_end() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    let first = sidecar.get("/v1/token?profile=lean").await.text("access_token");
    // A token that is younger than the ticks of a clock is not replaced.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = sidecar.get("/v1/token?profile=lean&skip_cache=true").await.text("access_token");
    assert_ne!(first, second);
    let request = r#"{"identity_provider":"lean","target":"api","skip_cache":true}"#;
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let again = post(&sidecar.target(), "/api/v1/token", &[JSON], request).await;
        assert_eq!(again.text("access_token"), second, "it was issued a moment ago");
    }
    assert_eq!(sandbox.lean().issued(), 2);
}

#[tokio::test]
async fn errors_have_stable_names_in_both_apis() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    for (path, status, name) in [
        ("/v1/token", 400, "usage"),
        ("/v1/token?profile=", 404, "usage"),
        ("/v1/token?profile=none", 404, "usage"),
        ("/v1/token?profile=lean&scope=%22", 400, "usage"),
        ("/v1/token?profile=lean&more=1", 400, "usage"),
        ("/v1/token?profile=lean&min_validity=86400", 400, "usage"),
        ("/v1/token?profile=lean&scope=unknown", 502, "refused"),
        ("/v1/tokens?profile=lean", 404, "usage"),
    ] {
        let reply = sidecar.get(path).await;
        assert_eq!((reply.status, reply.text("error").as_str()), (status, name), "{path}: {reply:?}");
        assert!(!reply.text("message").is_empty());
    }
    let target = sidecar.target();
    for (method, path, allowed) in
        [("POST", "/v1/token", "GET"), ("GET", "/api/v1/token", "POST"), ("PUT", "/readyz", "GET")]
    {
        let reply = target.send(target.request(method, path, &[], "")).await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some(allowed)), "{path}");
    }
    for (media_type, request, status) in [
        (JSON, r#"{"identity_provider":"lean"}"#, 400),
        (JSON, r#"{"identity_provider":"lean","target":"api","resource":"https://a.example"}"#, 400),
        (("content-type", "text/plain"), "{}", 415),
    ] {
        let reply = post(&target, "/api/v1/token", &[media_type], request).await;
        assert_eq!((reply.status, reply.text("error").as_str()), (status, "invalid_request"), "{reply:?}");
        assert!(!reply.text("error_description").is_empty());
    }
    std::fs::remove_file(host.path("leanix")).unwrap();
    let reply = sidecar.get("/v1/token?profile=leanix").await;
    assert_eq!((reply.status, reply.text("error").as_str()), (500, "usage"), "the caller cannot help it: {reply:?}");
    sandbox.lean().script().always(Step::status(503));
    let reply = sidecar.get("/v1/token?profile=lean&scope=customer.1").await;
    assert_eq!(
        (reply.status, reply.text("error").as_str(), reply.text("profile").as_str()),
        (503, "unavailable", "lean")
    );
}

#[tokio::test]
async fn a_server_that_asks_to_wait_is_passed_on_with_the_seconds() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    let busy = auth_sandbox::Reply::new(429).header("retry-after", "120");
    sandbox.leanix().script().always(busy);
    let reply = sidecar.get("/v1/token?profile=leanix").await;
    assert_eq!((reply.status, reply.text("error").as_str()), (429, "rate_limited"), "{reply:?}");
    let seconds = reply.json()["retry_after"].as_u64().unwrap();
    assert!((110..=120).contains(&seconds), "{seconds}");
    assert_eq!(reply.header("retry-after").unwrap(), seconds.to_string());
    let texas = post(&sidecar.target(), "/api/v1/token", &[FORM], "identity_provider=leanix&target=").await;
    assert_eq!((texas.status, texas.text("error").as_str()), (429, "temporarily_unavailable"), "{texas:?}");
}

#[tokio::test]
async fn the_sidecar_is_ready_when_it_has_the_tokens_that_it_keeps_warm() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.lean().script().always(Step::status(503));
    let host = Host::of(&sandbox, "");
    let configured = std::fs::read_to_string(host.path("config.toml")).unwrap();
    host.write("config.toml", &configured.replace("provider = 'lean'", "provider = 'lean'\nkeep_warm = true"));
    let sidecar = host.serve().await;
    let reply = sidecar.get("/readyz").await;
    assert_eq!((reply.status, reply.json()), (503, serde_json::json!({ "ready": false, "waiting": ["lean"] })));
    sidecar.logged("the profile `lean` has no token").await;
    assert!(sidecar.log().contains("503"), "the reason is logged");
    assert_eq!(sidecar.get("/healthz").await.status, 200);
    let probe = host.command(&["serve", "--probe"]).output().await.unwrap();
    assert_eq!(probe.status.code(), Some(4), "{probe:?}");
    assert_eq!(host.command(&["serve", "--probe=health"]).status().await.unwrap().code(), Some(0));

    sandbox.lean().script().reset();
    integration_tests::within("the sidecar is ready", async {
        while sidecar.get("/readyz").await.status != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert_eq!(host.command(&["serve", "--probe"]).status().await.unwrap().code(), Some(0));
    let metrics = sidecar.get("/metrics").await;
    assert!(metrics.body.contains("access_token_profile_ready{profile=\"lean\"} 1"), "{}", metrics.body);
    let issued = sandbox.lean().issued();
    assert_eq!(sidecar.get("/v1/token?profile=lean").await.status, 200);
    assert_eq!(sandbox.lean().issued(), issued, "the token was there");
}

#[tokio::test]
async fn metrics_count_requests_and_name_no_profile_that_does_not_exist() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    for path in [
        "/v1/token?profile=lean",
        "/v1/token?profile=lean",
        "/v1/token?profile=invented",
        "/v1/token?profile=lean&scope=x",
    ] {
        sidecar.get(path).await;
    }
    let page = sidecar.get("/metrics").await;
    assert_eq!(page.header("content-type"), Some("text/plain; version=0.0.4"));
    for line in [
        "access_token_requests_total{caller=\"own\",outcome=\"ok\"} 2",
        "access_token_requests_total{caller=\"own\",outcome=\"usage\"} 1",
        "access_token_requests_total{caller=\"own\",outcome=\"refused\"} 1",
        "access_token_connections ",
        "auth_core_tokens_issued_total{issuer=",
    ] {
        assert!(page.body.contains(line), "{line}:\n{}", page.body);
    }
    assert!(!page.body.contains("invented"), "{}", page.body);
}

#[tokio::test]
async fn the_socket_is_for_the_user_alone_and_the_program_needs_no_path_to_find_it() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    assert_eq!((mode(&sidecar.socket), mode(sidecar.socket.parent().unwrap())), (0o600, 0o700));
    let second = host.command(&["serve"]).output().await.unwrap();
    let message = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(2), "{message}");
    assert!(message.contains("another process listens on"), "{message}");
    assert_eq!(get(&sidecar.target(), "/healthz", &[]).await.status, 200, "the first one still runs");
}
