//! Generated clients that take their tokens from a source: the requests that they send, and the handling of rejected
//! tokens.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::error::Error as _;

use auth_core::{Scope, TokenError, TokenHandle, Transport};
use auth_sandbox::{FaultServer, Gate, Raw, Reply, Sandbox, Step, TokenReply};
use auth_transport::{Call, Error, ResponseValue, Secret, Tokens, TransportErrorKind};
use integration_tests::{Issuer, Numbered, responding, within};
use leanix_poll::Client;
use tokio::task::JoinSet;

fn handle(sandbox: &Sandbox) -> TokenHandle {
    Issuer::leanix(sandbox).cache().handle(&Scope::empty())
}

/// The `Authorization` values that the poll API received, in order.
fn authorizations(sandbox: &Sandbox) -> Vec<Option<String>> {
    let recorded = sandbox.leanix().recorded().into_iter();
    let calls = recorded.filter(|request| request.target() == "/services/poll/v2/pollRuns");
    calls.map(|request| request.header("authorization").map(str::to_owned)).collect()
}

#[tokio::test]
async fn every_call_carries_the_token_of_the_cache() {
    let sandbox = Sandbox::builder().record_requests().start().await.unwrap();
    let tokens = handle(&sandbox);
    let client = Client::new(sandbox.base_url(), tokens.clone()).unwrap();
    for _ in 0..3 {
        assert_eq!(client.list_poll_runs().await.unwrap().data.as_ref().map(Vec::len), Some(1));
    }
    let token = tokens.access_token().await.unwrap();
    assert_eq!(authorizations(&sandbox), vec![Some(format!("Bearer {}", token.expose())); 3]);
    assert_eq!((sandbox.leanix().requests(), sandbox.leanix().resource_requests()), (1, 3));
}

#[tokio::test]
async fn a_revoked_token_costs_one_new_token_and_the_call_succeeds() {
    let sandbox = Sandbox::builder().record_requests().start().await.unwrap();
    let tokens = handle(&sandbox);
    let client = Client::new(sandbox.base_url(), tokens.clone()).unwrap();
    client.list_poll_runs().await.unwrap();
    let first = tokens.access_token().await.unwrap();
    assert!(sandbox.revoke(first.expose()));

    assert_eq!(client.list_poll_runs().await.unwrap().status(), 200);
    let second = tokens.access_token().await.unwrap();
    let [first, second] = [first, second].map(|token| Some(format!("Bearer {}", token.expose())));
    assert_ne!(first, second);
    assert_eq!(authorizations(&sandbox), [first.clone(), first, second]);
    assert_eq!(sandbox.leanix().requests(), 2);
}

#[tokio::test]
async fn a_hundred_rejections_at_once_cost_one_new_token_and_a_hundred_calls_succeed() {
    let sandbox = Sandbox::start().await.unwrap();
    let tokens = handle(&sandbox);
    let client = Client::new(sandbox.base_url(), tokens.clone()).unwrap();
    assert!(sandbox.revoke(tokens.access_token().await.unwrap().expose()));
    // All requests with the old token have arrived before the first is answered.
    sandbox.leanix().resource_script().push_times(100, Step::token().held_by(&Gate::opening_at(100)));
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        let client = client.clone();
        calls.spawn(async move { client.list_poll_runs().await.map(|answer| answer.data.as_ref().map(Vec::len)) });
    }
    for answer in within("every call has an answer", calls.join_all()).await {
        assert_eq!(answer.unwrap(), Some(1));
    }
    assert_eq!((sandbox.leanix().requests(), sandbox.leanix().resource_requests()), (2, 200));
}

#[tokio::test]
async fn only_a_401_that_is_about_the_token_is_answered_with_another_token() {
    let sandbox = Sandbox::start().await.unwrap();
    for (status, challenge, repeats) in [
        (401, None, true),
        (401, Some("Bearer"), true),
        (401, Some(r#"Bearer realm="a", error="invalid_token""#), true),
        (401, Some(r#"Basic realm="a", bearer error=invalid_token"#), true),
        (401, Some(r#"Bearer error="insufficient_scope", scope="b""#), false),
        (401, Some(r#"Bearer error="invalid_request""#), false),
        (401, Some(r#"Basic realm="a""#), false),
        (403, None, false),
        (403, Some(r#"Bearer error="invalid_token""#), false),
        (400, Some(r#"Bearer error="invalid_token""#), false),
        (500, Some("Bearer"), false),
    ] {
        let before = (sandbox.leanix().requests(), sandbox.leanix().resource_requests());
        let mut reply = Reply::json(status, &serde_json::json!({ "status": "ERROR", "message": "no" }));
        if let Some(challenge) = challenge {
            reply = reply.header("www-authenticate", challenge);
        }
        sandbox.leanix().resource_script().push(reply);
        let tokens = handle(&sandbox);
        let client = Client::new(sandbox.base_url(), tokens.clone()).unwrap();
        let answer = client.list_poll_runs().await;
        let after = (sandbox.leanix().requests() - before.0, sandbox.leanix().resource_requests() - before.1);
        if repeats {
            assert_eq!(
                (answer.unwrap().data.as_ref().map(Vec::len), after),
                (Some(1), (2, 2)),
                "{status} {challenge:?}"
            );
        } else {
            let Err(Error::Refused(refusal)) = answer else { panic!("{status} {challenge:?}: {answer:?}") };
            assert_eq!((refusal.status.as_u16(), after), (status, (1, 1)), "{challenge:?}");
            // The body is available where the document describes one, and the token is kept.
            let message = refusal.body.and_then(|body| body.message.into_option());
            assert_eq!(message.as_deref(), matches!(status, 401 | 403).then_some("no"), "{status} {challenge:?}");
            assert!(tokens.cached().is_some(), "{status} {challenge:?}");
        }
    }
}

#[tokio::test]
async fn a_second_rejected_token_ends_the_call() {
    let server = responding("401 Unauthorized", &[], "");
    let tokens = Numbered::default();
    let client = Client::new(&server.base_url(), tokens.clone()).unwrap();
    let error = client.list_poll_runs().await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), server.connections()), (401, 2));
    // The next call finds out whether the second token is accepted.
    assert_eq!((tokens.given(), tokens.rejected()), (2, vec!["token-0".to_owned()]));
}

#[tokio::test]
async fn a_call_is_not_repeated_with_the_token_that_was_just_rejected() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.leanix().script().push(TokenReply::new()).always(TokenReply::new().repeat_last());
    let tokens = handle(&sandbox);
    let client = Client::new(sandbox.base_url(), tokens.clone()).unwrap();
    assert!(sandbox.revoke(tokens.access_token().await.unwrap().expose()));
    let error = client.list_poll_runs().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 401);
    assert_eq!((sandbox.leanix().requests(), sandbox.leanix().resource_requests()), (2, 1));

    // The same applies to a token that never changes.
    let client = client.with_tokens(Secret::from("never-changes"));
    let error = client.list_poll_runs().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 401);
    assert_eq!((sandbox.leanix().requests(), sandbox.leanix().resource_requests()), (2, 2));
}

/// The error of the token source.
fn reason_of<E>(error: &Error<E>) -> &(dyn std::error::Error + Send + Sync + 'static) {
    let Error::Token(error) = error else { panic!("{error:?}") };
    error.reason()
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_the_error_is_that_of_the_source() {
    let sandbox = Sandbox::start().await.unwrap();
    let tokens = handle(&sandbox);
    sandbox.set_leanix_api_token("LXT_replaced");
    let resource = responding("200 OK", &["content-type: application/json"], "{}");
    let client = Client::new(&resource.base_url(), tokens).unwrap();
    let error = client.list_poll_runs().await.unwrap_err();
    assert!(matches!(error, Error::Token(_)), "{error:?}");
    assert_eq!(error.status(), None);
    let reason = reason_of(&error).downcast_ref::<TokenError>().unwrap();
    assert!(reason.refuses_credentials(), "{reason:?}");
    let server = resource.base_url().replace("http://", "");
    let line = format!("listPollRuns: no access token for {server}, nothing was sent: {reason}");
    assert_eq!((error.to_string(), error.source().is_none()), (line, reason.source().is_none()));
    assert_eq!(resource.connections(), 0);

    // Each of the two is stated once.
    let client = client.with_tokens(Tokens::new(Secret::from("two\nlines")));
    let error = client.list_poll_runs().await.unwrap_err();
    let words = "access token: holds a character that is not allowed in a header";
    assert_eq!(reason_of(&error).to_string(), words);
    assert_eq!((error.to_string().matches(words).count(), error.source().is_none()), (1, true));
    assert_eq!(resource.connections(), 0);
}

#[tokio::test]
async fn if_there_is_no_other_token_the_error_says_why() {
    let sandbox = Sandbox::start().await.unwrap();
    let tokens = handle(&sandbox);
    let client = Client::new(sandbox.base_url(), tokens.clone()).unwrap();
    assert!(sandbox.revoke(tokens.access_token().await.unwrap().expose()));
    sandbox.leanix().script().push(Reply::oauth_error(400, "unauthorized_client"));
    let error = client.list_poll_runs().await.unwrap_err();
    let reason = reason_of(&error).downcast_ref::<TokenError>().unwrap();
    let TokenError::Refused(refused) = reason else { panic!("{reason:?}") };
    assert_eq!((refused.status, sandbox.leanix().resource_requests()), (400, 1));
    let words = format!("rejected the access token with status 401 Unauthorized, and there is no other: {reason}");
    assert!(error.to_string().ends_with(&words), "{error}");
    assert_eq!(error.status().unwrap().as_u16(), 401);
}

#[tokio::test]
async fn a_token_goes_to_no_other_server_by_a_redirect() {
    let other = responding("200 OK", &["content-type: application/json"], "{}");
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("location: {}/services/poll/v2/pollRuns", other.base_url());
        let server = responding(status, &[&location], "");
        let tokens = Numbered::default();
        let client = Client::new(&server.base_url(), tokens.clone()).unwrap();
        let error = client.list_poll_runs().await.unwrap_err();
        let Error::Transport(error) = error else { panic!("{error:?}") };
        assert!(matches!(error.kind(), TransportErrorKind::Redirect { .. }), "{error:?}");
        assert_eq!((tokens.given(), server.connections(), other.connections()), (1, 1, 0), "{status}");
    }
}

#[tokio::test]
async fn a_token_goes_to_no_address_without_tls_and_none_is_asked_for() {
    let tokens = Numbered::default();
    assert!(Client::new("http://poll.example.com", tokens.clone()).is_err());
    let transport = Transport::builder().only_root_certificates([]).build().unwrap();
    let error = post(&transport, &tokens, "http://poll.example.com", "a").await.unwrap_err();
    let Error::Transport(error) = error else { panic!("{error:?}") };
    assert_eq!((error.kind(), tokens.given()), (&TransportErrorKind::Plaintext, 0));
}

/// Sends a body as generated clients do.
async fn post(
    transport: &Transport,
    tokens: &Numbered,
    url: &str,
    body: impl Into<reqwest::Body>,
) -> Result<ResponseValue<()>, Error> {
    let call = Call::new(transport).with_tokens(&Tokens::new(tokens.clone()));
    let request = call.client().post(url).body(body).build().unwrap();
    let hook = call.clone();
    call.finish(async move {
        let answer = hook.execute(request).await?;
        if answer.status() == 200 {
            return Ok(ResponseValue::empty(answer));
        }
        Err(progenitor_client::Error::UnexpectedResponse(answer))
    })
    .await
}

#[tokio::test]
async fn a_body_is_sent_again_with_the_new_token_but_a_stream_is_sent_once() {
    let transport = Transport::builder().only_root_certificates([]).build().unwrap();
    let server = || {
        let refusal = Raw::response("401 Unauthorized", &[], "");
        FaultServer::builder().then(refusal).always(Raw::response("200 OK", &[], "")).start().unwrap()
    };
    let (again, tokens) = (server(), Numbered::default());
    let answer = post(&transport, &tokens, &again.base_url(), "the whole body").await.unwrap();
    assert_eq!((answer.status().as_u16(), tokens.rejected()), (200, vec!["token-0".to_owned()]));
    let requests = again.requests();
    assert_eq!(requests.len(), 2);
    for (number, request) in requests.iter().enumerate() {
        assert!(request.contains(&format!("authorization: Bearer token-{number}\r\n")), "{request}");
        assert!(request.ends_with("\r\n\r\nthe whole body"), "{request}");
    }

    let (once, tokens) = (server(), Numbered::default());
    // The body of a forwarded response is a stream and can be read only once.
    let stream = reqwest::Body::from(reqwest::Response::from(http::Response::new("the whole body")));
    let error = post(&transport, &tokens, &once.base_url(), stream).await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), once.connections()), (401, 1));
    // The next call still uses another token.
    assert_eq!((tokens.given(), tokens.rejected()), (1, vec!["token-0".to_owned()]));
}

#[tokio::test]
async fn lean_lists_its_customers_with_the_token_of_the_backend() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    let client = lean_customers::Client::new(sandbox.base_url(), issuer.cache().handle(&issuer.scope)).unwrap();
    let customers = client.list_customers().await.unwrap().into_inner();
    assert_eq!(customers.len(), 2);
    assert_eq!(customers[0].app_user_id.as_deref(), Some("first-user"));
    sandbox.revoke_all();
    assert_eq!(client.list_customers().await.unwrap().len(), 2, "with another token");
    assert_eq!((sandbox.lean().issued(), sandbox.lean().resource_requests()), (2, 3));
}
