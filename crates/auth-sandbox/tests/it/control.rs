//! The interface for tests in other languages.

use crate::common::*;
use auth_sandbox::{Endpoint, Sandbox, Step, Vendor};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

async fn controlled() -> Sandbox {
    Sandbox::builder().control_over_http().start().await.unwrap()
}

fn interface(sandbox: &Sandbox, method: &str, path: &str) -> RequestBuilder {
    client().request(method.parse().unwrap(), format!("{}/_sandbox/v1/{path}", sandbox.base_url()))
}

fn with(request: RequestBuilder, document: &Value) -> RequestBuilder {
    request.header("content-type", "application/json").body(document.to_string())
}

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    let response = interface(sandbox, "GET", path).send().await.unwrap();
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (200, Some("application/json")));
    json(response).await
}

/// Changes the sandbox.
async fn change(sandbox: &Sandbox, method: &str, path: &str, document: Value) {
    let request = interface(sandbox, method, path);
    let request = if document.is_null() { request } else { with(request, &document) };
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    assert_eq!((status, response.text().await.unwrap()), (204, String::new()), "{method} {path}");
}

async fn issue(sandbox: &Sandbox, vendor: Vendor) -> Response {
    request(sandbox, vendor).send().await.unwrap()
}

#[tokio::test]
async fn without_the_setting_the_paths_of_the_interface_are_unknown() {
    let sandbox = sandbox().await;
    for path in ["", "_sandbox/v1/state", "_sandbox/v1/reset"] {
        let response = client().post(format!("{}/{path}", sandbox.base_url())).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_state_has_counts_and_lifetimes_of_each_provider() {
    let sandbox = controlled().await;
    lean_request(&sandbox, "api").send().await.unwrap();
    lean_request(&sandbox, "nonsense").send().await.unwrap();
    let token = token(&sandbox, Vendor::LeanIx).await;
    ask(&sandbox.leanix(), &token).await;

    let state = get(&sandbox, "state").await;
    assert_eq!((&state["base_url"], &state["last_request"]), (&json!(sandbox.base_url()), &json!(4)));
    assert!(state["connections"].as_u64() >= Some(4), "{state}");
    let counts = |name: &str| {
        let provider = &state["providers"][name];
        ["requests", "refusals", "issued", "in_progress", "peak_concurrency", "resource_requests", "lifetime_seconds"]
            .map(|count| provider[count].as_u64().unwrap())
    };
    assert_eq!(counts("lean"), [2, 1, 1, 0, 1, 0, 3599]);
    assert_eq!(counts("leanix"), [1, 0, 1, 0, 1, 1, 3599]);
    assert_eq!(state["providers"]["lean"]["token_url"], sandbox.lean().token_url());
    assert_eq!(state["providers"]["leanix"]["name"], "LeanIX");
}

#[tokio::test]
async fn tokens_are_listed_and_revoked_by_id() {
    let sandbox = controlled().await;
    sandbox.lean().set_lifetime(Duration::from_secs(60));
    let first = token(&sandbox, Vendor::Lean).await;
    let second = token(&sandbox, Vendor::Lean).await;
    let third = token(&sandbox, Vendor::LeanIx).await;

    let listed = get(&sandbox, "tokens").await;
    let tokens = listed["tokens"].as_array().unwrap();
    let facts =
        |token: &Value| ["provider", "scope", "lifetime_seconds", "state"].map(|name| token[name].clone()).to_vec();
    assert_eq!(tokens.len(), 3, "{listed}");
    assert_eq!(facts(&tokens[0]), [json!("lean"), json!("api"), json!(60), json!("live")]);
    let mut of_leanix = tokens.iter().filter(|token| token["provider"] == "leanix");
    assert_eq!(facts(of_leanix.next().unwrap()), [json!("leanix"), json!(""), json!(3599), json!("live")]);
    let claims = claims(&first);
    for (listed, claim) in [("id", "jti"), ("issued_at", "iat"), ("expires_at", "exp")] {
        assert_eq!(tokens[0][listed], claims[claim], "{listed}");
    }

    let id = claims["jti"].as_str().unwrap();
    change(&sandbox, "DELETE", &format!("tokens/{id}"), Value::Null).await;
    change(&sandbox, "DELETE", &format!("tokens/{id}"), Value::Null).await;
    assert_eq!(ask(&sandbox.lean(), &first).await.status(), 401);
    assert_eq!(ask(&sandbox.lean(), &second).await.status(), 200);
    let states = |listed: &Value| {
        let states = listed["tokens"].as_array().unwrap().iter().map(|token| token["state"].clone());
        states.collect::<Vec<_>>()
    };
    assert_eq!(states(&get(&sandbox, "tokens").await), ["revoked", "live", "live"]);

    let unknown = interface(&sandbox, "DELETE", "tokens/00000000-0000-4000-8000-000000000000").send().await.unwrap();
    assert_eq!(unknown.status(), 404);
    assert_eq!(ask(&sandbox.leanix(), &third).await.status(), 200);

    change(&sandbox, "DELETE", "tokens", Value::Null).await;
    assert_eq!(ask(&sandbox.lean(), &second).await.status(), 401);
    assert_eq!(ask(&sandbox.leanix(), &third).await.status(), 401);
    assert_eq!(states(&get(&sandbox, "tokens").await), ["revoked", "revoked", "revoked"]);
}

#[tokio::test]
async fn a_token_past_its_end_is_listed_as_expired() {
    let sandbox = controlled().await;
    sandbox.lean().set_lifetime(Duration::ZERO);
    token(&sandbox, Vendor::Lean).await;
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while get(&sandbox, "tokens").await["tokens"][0]["state"] != "expired" {
        assert!(std::time::Instant::now() < deadline, "after a minute, the token is not expired");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn requests_are_listed_in_order_with_their_parameters() {
    let sandbox = controlled().await;
    let extra = format!("{}&audience=https%3A%2F%2Fapi.example&X-Odd1=1", lean_form(&sandbox, "api"));
    post(&sandbox.lean().token_url(), extra).send().await.unwrap();
    leanix_request(&sandbox).send().await.unwrap();
    ask(&sandbox.lean(), "wrong").await;
    client().get(format!("{}/elsewhere", sandbox.base_url())).send().await.unwrap();

    let all = get(&sandbox, "requests").await;
    let requests = all["requests"].as_array().unwrap();
    let names = ["number", "provider", "endpoint", "method", "path", "authorization", "scope", "status", "error"];
    let facts: Vec<Value> =
        requests.iter().map(|request| names.iter().map(|name| request[name].clone()).collect()).collect();
    assert_eq!(
        facts,
        [
            json!([1, "lean", "token", "POST", "/oauth2/token", null, "api", 200, null]),
            json!([2, "leanix", "token", "POST", "/services/mtm/v1/oauth2/token", "basic", null, 200, null]),
            json!([3, "lean", "resource", "GET", "/customers/v1", "bearer", null, 401, "invalid_token"]),
            json!([4, null, "other", "GET", "/elsewhere", null, null, 404, null]),
        ]
    );
    let id = sandbox.lean_client_id();
    assert_eq!(
        requests[0]["parameters"],
        json!([
            { "name": "grant_type", "value": "client_credentials" },
            { "name": "client_id", "value": id },
            { "name": "client_secret" },
            { "name": "scope", "value": "api" },
            { "name": "audience", "value": "https://api.example" },
            { "name": "..." },
        ])
    );
    post(&sandbox.lean().token_url(), vec!["a"; 8000].join("&")).send().await.unwrap();
    let flood = get(&sandbox, "requests?after=4").await;
    assert_eq!(flood["requests"][0]["parameters"].as_array().unwrap().len(), 32);
    assert_eq!(all["oldest"], 1);
    let later = get(&sandbox, "requests?after=3").await;
    assert_eq!(later["requests"][0], requests[3]);
    assert_eq!(later["requests"].as_array().unwrap().len(), 2);
    assert_eq!(get(&sandbox, "requests?after=5").await["requests"], json!([]));
}

#[tokio::test]
async fn only_the_last_thousand_requests_and_tokens_are_kept() {
    let sandbox = controlled().await;
    let (client, form) = (client(), lean_form(&sandbox, "api"));
    for _ in 0..1001 {
        let request = client.post(sandbox.lean().token_url()).header("content-type", FORM).body(form.clone());
        assert_eq!(request.send().await.unwrap().bytes().await.unwrap().first(), Some(&b'{'));
    }
    let requests = get(&sandbox, "requests").await;
    assert_eq!((requests["requests"].as_array().unwrap().len(), &requests["oldest"]), (1000, &json!(2)));
    assert_eq!(get(&sandbox, "tokens").await["tokens"].as_array().unwrap().len(), 1000);
    assert_eq!(sandbox.lean().issued(), 1001);
}

#[tokio::test]
async fn no_answer_of_the_interface_has_a_credential_or_a_token() {
    let secret = "MARKER secret/+";
    let builder = Sandbox::builder().control_over_http().lean_client_secret(secret);
    let builder = builder.leanix_api_token("MARKERtoken").oauth2_client_id("app").oauth2_client_secret("MARKER3");
    let sandbox = builder.start().await.unwrap();
    let generic = post(&sandbox.oauth2().token_url(), "grant_type=client_credentials&scope=MARKER3".into());
    let generic = generic.header("authorization", basic("app", "MARKER3")).send().await.unwrap();
    assert_eq!(generic.status(), 200);
    let token = token(&sandbox, Vendor::Lean).await;
    issue(&sandbox, Vendor::LeanIx).await;
    ask(&sandbox.lean(), &token).await;
    client().get(format!("{}?access_token={token}", sandbox.lean().resource_url())).send().await.unwrap();
    client().get(format!("{}/{}", sandbox.base_url(), encoded(secret))).send().await.unwrap();
    // Secrets where they do not belong.
    for form in [format!("scope={}", encoded(secret)), encoded(secret), format!("scope=api+{token}"), token.clone()] {
        post(&sandbox.lean().token_url(), form).send().await.unwrap();
    }
    sandbox.lean().script().push(auth_sandbox::Reply::new(200).header("x-marker", "MARKER").body("MARKER"));
    sandbox.leanix().script().always(auth_sandbox::TokenReply::new().member("access_token", "MARKER"));
    sandbox.leanix().resource_script().always(auth_sandbox::Raw::new("MARKER"));
    let wrong = json!({ "client_secret": { "MARKER": "MARKER" } });
    let wrong = with(interface(&sandbox, "PUT", "credentials/lean"), &wrong).send().await.unwrap();
    assert_eq!(wrong.status(), 400);

    let mut answers = wrong.text().await.unwrap();
    for path in ["state", "requests", "tokens", "scripts/lean/token", "scripts/leanix/token", "scripts/leanix/resource"]
    {
        answers.push_str(&get(&sandbox, path).await.to_string());
    }
    answers.push_str(&client().get(sandbox.base_url()).send().await.unwrap().text().await.unwrap());
    assert!(answers.contains("x-marker") && answers.contains("access_token"), "{answers}");
    assert!(!answers.contains("MARKER") && !answers.contains("eyJ") && !answers.contains(&token), "{answers}");
}

#[tokio::test]
async fn a_script_answers_the_next_requests_and_then_all_others() {
    let sandbox = controlled().await;
    let script = json!({
        "next": [
            { "times": 2, "reply": { "status": 429, "headers": { "retry-after": "7" }, "json": { "error": "slow" } } },
            { "token": { "lifetime_seconds": 5, "set": { "token_type": "mac" }, "omit": ["scope"] } },
        ],
        "always": { "reply": { "status": 503, "body": "down" } },
    });
    change(&sandbox, "PUT", "scripts/lean/token", script).await;
    assert_eq!(
        get(&sandbox, "scripts/lean/token").await,
        json!({
            "remaining": 3,
            "next": [
                { "times": 2, "delay_ms": 0,
                  "reply": { "status": 429, "headers": ["retry-after", "content-type"], "body_bytes": 16 } },
                { "times": 1, "delay_ms": 0,
                  "token": { "lifetime_seconds": 5, "repeat_last": false, "set": ["token_type"], "omit": ["scope"] } },
            ],
            "always": { "delay_ms": 0, "reply": { "status": 503, "headers": [], "body_bytes": 4 } },
        })
    );
    for _ in 0..2 {
        let limited = issue(&sandbox, Vendor::Lean).await;
        assert_eq!((limited.status().as_u16(), header(&limited, "retry-after")), (429, Some("7")));
        assert_eq!(json(limited).await["error"], "slow");
    }
    let odd = json(issue(&sandbox, Vendor::Lean).await).await;
    assert_eq!((&odd["expires_in"], &odd["token_type"], &odd["scope"]), (&json!(5), &json!("mac"), &Value::Null));
    for _ in 0..2 {
        let down = issue(&sandbox, Vendor::Lean).await;
        assert_eq!((down.status().as_u16(), down.text().await.unwrap()), (503, "down".to_owned()));
    }
    assert_eq!(issue(&sandbox, Vendor::LeanIx).await.status(), 200);

    change(&sandbox, "DELETE", "scripts/lean/token", Value::Null).await;
    assert_eq!(get(&sandbox, "scripts/lean/token").await, json!({ "remaining": 0, "next": [], "always": null }));
    assert_eq!(issue(&sandbox, Vendor::Lean).await.status(), 200);
}

#[tokio::test]
async fn steps_are_added_to_a_script_or_replace_it() {
    let sandbox = controlled().await;
    let step = |status: u16| json!({ "reply": { "status": status } });
    change(&sandbox, "POST", "scripts/lean/token", json!({ "next": [step(500)] })).await;
    change(&sandbox, "POST", "scripts/lean/token", json!({ "next": [step(501)], "always": step(502) })).await;
    change(&sandbox, "POST", "scripts/lean/token", json!({ "next": [step(503)] })).await;
    for status in [500, 501, 503, 502] {
        assert_eq!(issue(&sandbox, Vendor::Lean).await.status(), status);
    }
    change(&sandbox, "POST", "scripts/lean/token", json!({ "next": [step(500)] })).await;
    change(&sandbox, "PUT", "scripts/lean/token", json!({ "next": [step(504)] })).await;
    for status in [504, 200] {
        assert_eq!(issue(&sandbox, Vendor::Lean).await.status(), status);
    }
}

#[tokio::test]
async fn faults_of_a_resource_delays_and_raw_bytes_are_set() {
    let sandbox = controlled().await;
    let token = token(&sandbox, Vendor::Lean).await;
    let script = json!({ "next": [
        { "delay_ms": 20, "reply": { "status": 500 } },
        { "raw": { "send": [{ "text": "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n" }, { "pause_ms": 1 },
                            { "base64": "/wD/" }] } },
        { "raw": { "send": [{ "text": "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n" }], "then": "reset" } },
    ] });
    change(&sandbox, "PUT", "scripts/lean/resource", script).await;
    assert_eq!(get(&sandbox, "scripts/lean/resource").await["next"][1]["raw"], json!({ "bytes": 41, "then": "close" }));
    assert_eq!(ask(&sandbox.lean(), &token).await.status(), 500);
    assert_eq!(ask(&sandbox.lean(), &token).await.bytes().await.unwrap(), &b"\xff\0\xff"[..]);
    assert!(ask(&sandbox.lean(), &token).await.bytes().await.is_err());
    assert_eq!(ask(&sandbox.lean(), &token).await.status(), 200);
    let last = get(&sandbox, "requests?after=2").await;
    assert_eq!((&last["requests"][0]["status"], &last["requests"][2]["status"]), (&Value::Null, &json!(200)));
}

#[tokio::test]
async fn the_metadata_document_has_a_script_of_its_own() {
    let sandbox = controlled().await;
    let url = format!("{}/.well-known/openid-configuration", sandbox.oauth2().issuer());
    change(&sandbox, "PUT", "scripts/oauth2/metadata", json!({ "next": [{ "reply": { "status": 503 } }] })).await;
    assert_eq!(get(&sandbox, "state").await["providers"]["oauth2"]["scripts"]["metadata"]["remaining"], 1);
    for status in [503, 200] {
        assert_eq!(client().get(&url).send().await.unwrap().status(), status);
    }
    let elsewhere = with(interface(&sandbox, "PUT", "scripts/lean/metadata"), &json!({})).send().await.unwrap();
    assert_eq!(elsewhere.status(), 404);
}

#[tokio::test]
async fn lifetimes_and_credentials_are_replaced() {
    let sandbox = controlled().await;
    change(&sandbox, "PUT", "lifetimes/lean", json!({ "seconds": 90 })).await;
    assert_eq!(json(issue(&sandbox, Vendor::Lean).await).await["expires_in"], 90);
    assert_eq!(json(issue(&sandbox, Vendor::LeanIx).await).await["expires_in"], 3599);

    let (before, issued) = (lean_request(&sandbox, "api"), token(&sandbox, Vendor::Lean).await);
    change(&sandbox, "PUT", "credentials/lean", json!({ "client_secret": "new" })).await;
    change(&sandbox, "PUT", "credentials/leanix", json!({ "api_token": "newer" })).await;
    change(&sandbox, "PUT", "credentials/oauth2", json!({ "client_secret": "newest" })).await;
    let secrets = [sandbox.lean_client_secret(), sandbox.leanix_api_token(), sandbox.oauth2_client().secret()];
    assert_eq!(secrets, ["new", "newer", "newest"]);
    assert_eq!(refusal(before).await, (401, "invalid_client".to_owned()));
    assert_eq!(issue(&sandbox, Vendor::Lean).await.status(), 200);
    assert_eq!(ask(&sandbox.lean(), &issued).await.status(), 200, "issued tokens stay valid");
}

#[tokio::test]
async fn a_reset_restores_the_state_of_the_start() {
    let builder = Sandbox::builder().control_over_http().record_requests().lifetime(Duration::from_secs(50));
    let sandbox = builder.start().await.unwrap();
    let start = lean_request(&sandbox, "api");
    let token = token(&sandbox, Vendor::Lean).await;
    let created = client().post(sandbox.lean().resource_url()).bearer_auth(&token);
    let created = with(created, &json!({ "app_user_id": "new" })).send().await.unwrap();
    assert_eq!(created.status(), 201);
    change(&sandbox, "PUT", "lifetimes/lean", json!({ "seconds": 90 })).await;
    change(&sandbox, "PUT", "credentials/lean", json!({ "client_secret": "new" })).await;
    for path in ["scripts/lean/token", "scripts/leanix/resource"] {
        change(&sandbox, "PUT", path, json!({ "next": [{ "raw": {} }], "always": { "raw": {} } })).await;
    }

    let secret = sandbox.oauth2_client().secret();
    sandbox.oauth2_client().new_key("ES256").unwrap();
    change(&sandbox, "PUT", "credentials/oauth2", json!({ "client_secret": "new" })).await;
    change(&sandbox, "PUT", "scripts/oauth2/metadata", json!({ "always": { "raw": {} } })).await;

    change(&sandbox, "POST", "reset", Value::Null).await;
    assert_eq!(sandbox.oauth2_client().secret(), secret);
    let metadata = client().get(format!("{}/.well-known/openid-configuration", sandbox.oauth2().issuer()));
    let metadata = json(metadata.send().await.unwrap()).await;
    assert_eq!(
        metadata["token_endpoint_auth_methods_supported"],
        json!(["client_secret_basic", "client_secret_post"]),
        "no key is registered"
    );
    assert_eq!(ask(&sandbox.lean(), &token).await.status(), 401);
    let state = get(&sandbox, "state").await;
    assert_eq!(
        (&state["providers"]["lean"]["issued"], &state["providers"]["lean"]["requests"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(get(&sandbox, "tokens").await, json!({ "tokens": [] }));
    assert_eq!((sandbox.lean().requests_for("api"), sandbox.lean().recorded().len()), (0, 1), "only that after it");
    let requests = get(&sandbox, "requests").await;
    assert_eq!(requests["requests"].as_array().unwrap().len(), 2, "only those after the reset");
    assert_eq!((&requests["oldest"], &state["last_request"]), (&json!(3), &json!(4)), "numbers are not used again");
    assert_eq!(requests["requests"][0]["endpoint"], "metadata");

    let answer = json(start.send().await.unwrap()).await;
    assert_eq!(answer["expires_in"], 50);
    let customers = ask(&sandbox.lean(), answer["access_token"].as_str().unwrap()).await;
    assert_eq!(json(customers).await.as_array().unwrap().len(), 2);
    let token = token_of(leanix_request(&sandbox)).await;
    assert_eq!(ask(&sandbox.leanix(), &token).await.status(), 200);
}

#[tokio::test]
async fn requests_to_the_interface_are_neither_counted_nor_observed() {
    let observed = Arc::new(Mutex::new(Vec::new()));
    let observer = Arc::clone(&observed);
    let builder = Sandbox::builder().control_over_http().record_requests();
    let builder = builder.observer(move |exchange| observer.lock().unwrap().push((exchange.endpoint, exchange.error)));
    let sandbox = builder.start().await.unwrap();
    get(&sandbox, "state").await;
    change(&sandbox, "DELETE", "tokens", Value::Null).await;
    assert_eq!(client().get(sandbox.base_url()).send().await.unwrap().status(), 200);
    assert_eq!(interface(&sandbox, "GET", "elsewhere").send().await.unwrap().status(), 404);
    assert_eq!(get(&sandbox, "requests").await["requests"], json!([]));
    assert!(observed.lock().unwrap().is_empty() && sandbox.lean().recorded().is_empty());

    let foreign = interface(&sandbox, "GET", "state").header("host", "attacker.example").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    assert_eq!(*observed.lock().unwrap(), [(Endpoint::Other, Some("foreign_host"))]);
}

#[tokio::test]
async fn other_hosts_and_pages_of_other_sites_are_refused() {
    let sandbox = Sandbox::builder().control_host("sandbox.test").start().await.unwrap();
    sandbox.lean().script().always(Step::status(503));
    let base_url = sandbox.base_url();
    let host = base_url.trim_start_matches("http://").to_owned();
    for (headers, status) in [
        (vec![("host", "attacker.example")], 403),
        (vec![("host", "attacker.example"), ("origin", "http://attacker.example")], 403),
        (vec![("origin", "http://attacker.example")], 403),
        (vec![("origin", "null")], 403),
        (vec![("sec-fetch-site", "cross-site")], 403),
        (vec![("host", "sandbox.test:8080"), ("origin", base_url)], 403),
        (vec![("host", "sandbox.test:8080"), ("origin", "http://sandbox.test:8080")], 204),
        (vec![("host", "localhost:1")], 204),
        (vec![("origin", base_url), ("sec-fetch-site", "same-origin"), ("host", &host)], 204),
    ] {
        sandbox.lean().script().always(Step::status(503));
        let request = interface(&sandbox, "DELETE", "scripts/lean/token");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{headers:?}");
        assert_eq!(header(&response, "access-control-allow-origin"), None);
        let expected = if status == 204 { 200 } else { 503 };
        assert_eq!(issue(&sandbox, Vendor::Lean).await.status().as_u16(), expected, "{headers:?}");
    }
    // A link on another site may lead to the page.
    for (name, value, status) in [("host", "attacker.example", 403), ("sec-fetch-site", "cross-site", 200)] {
        let page = client().get(base_url).header(name, value).send().await.unwrap();
        assert_eq!(page.status().as_u16(), status, "{name}");
    }
}

#[tokio::test]
async fn preflights_of_other_sites_are_refused() {
    let sandbox = controlled().await;
    let request = interface(&sandbox, "OPTIONS", "reset").header("origin", "http://localhost:3000");
    let response = request.header("access-control-request-method", "POST").send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert!(!response.headers().keys().any(|name| name.as_str().starts_with("access-control")));
}

#[tokio::test]
async fn a_wrong_request_is_refused_with_a_reason() {
    let sandbox = controlled().await;
    for (method, path, status, allow) in [
        ("GET", "", 404, None),
        ("GET", "State", 404, None),
        ("GET", "scripts/other/token", 404, None),
        ("POST", "state", 405, Some("GET")),
        ("PUT", "tokens", 405, Some("GET, DELETE")),
        ("PATCH", "scripts/lean/token", 405, Some("GET, PUT, POST, DELETE")),
        ("GET", "reset", 405, Some("POST")),
        ("GET", "state?x=1", 400, None),
        ("GET", "requests?after=x", 400, None),
        ("POST", "reset?x=1", 400, None),
        ("PUT", "lifetimes/lean", 415, None),
        ("PUT", "credentials/lean", 415, None),
        ("POST", "scripts/lean/token", 415, None),
    ] {
        let response = interface(&sandbox, method, path).send().await.unwrap();
        assert_eq!((response.status().as_u16(), header(&response, "allow")), (status, allow), "{method} {path}");
        if !path.is_empty() {
            assert!(json(response).await["message"].is_string(), "{method} {path}");
        }
    }
    for (path, document, field) in [
        ("lifetimes/lean", json!({}), "seconds"),
        ("lifetimes/lean", json!({ "seconds": -1 }), "seconds"),
        ("lifetimes/lean", json!({ "seconds": 1, "minutes": 1 }), "minutes"),
        ("credentials/lean", json!({ "client_secret": "" }), "client_secret"),
        ("credentials/lean", json!({ "api_token": "x" }), "api_token"),
        ("credentials/leanix", json!({ "api_token": 1 }), "api_token"),
        ("scripts/lean/token", json!({ "always": { "reply": { "status": 42 } } }), "always.reply.status"),
    ] {
        let response = with(interface(&sandbox, "PUT", path), &document).send().await.unwrap();
        assert_eq!(response.status(), 400, "{path} {document}");
        let refusal = json(response).await;
        assert_eq!((&refusal["field"], refusal["message"].is_string()), (&json!(field), true), "{refusal}");
    }
    let large = json!({ "next": [{ "reply": { "status": 200, "body": "x".repeat(16 * 1024) } }] });
    let large = with(interface(&sandbox, "PUT", "scripts/lean/token"), &large).send().await.unwrap();
    assert_eq!(large.status(), 413);
    let text = interface(&sandbox, "PUT", "lifetimes/lean").header("content-type", "text/plain").body("{}");
    assert_eq!(text.send().await.unwrap().status(), 415);
    assert_eq!(json(issue(&sandbox, Vendor::Lean).await).await["expires_in"], 3599, "nothing has changed");
}

#[tokio::test]
async fn the_page_is_one_document_that_can_load_nothing_else() {
    let sandbox = controlled().await;
    let page = client().get(sandbox.base_url()).send().await.unwrap();
    assert_eq!((page.status().as_u16(), header(&page, "content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = header(&page, "content-security-policy").unwrap().to_owned();
    for part in ["default-src 'none'", "script-src 'sha256-", "style-src 'sha256-", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    assert_eq!(header(&page, "x-content-type-options"), Some("nosniff"));
    let text = page.text().await.unwrap();
    for other in ["http://", "https://", "<script src", "<link rel=\"stylesheet", "onclick=\"", "innerHTML"] {
        assert!(!text.contains(other), "{other}");
    }
    let head = client().head(sandbox.base_url()).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.text().await.unwrap()), (200, String::new()));
    let posted = client().request(Method::POST, sandbox.base_url()).send().await.unwrap();
    assert_eq!((posted.status().as_u16(), header(&posted, "allow")), (405, Some("GET, HEAD")));
}
