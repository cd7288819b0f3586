//! Failures of the authorization server, and who learns of them.

use std::time::Duration;

use auth_core::{CredentialError, ErrorCode, FailureReason, Refused, TokenEndpoint as _, TokenError};
use tokio::time::sleep;

use crate::endpoint::access_token;
use crate::processes::{Stop, fleet, reject, request, text, together};

const SECOND: Duration = Duration::from_secs(1);

fn refusal(status: u16, code: Option<&str>, retry_after: Option<u64>) -> TokenError {
    let mut refused = Refused::new(status, code.map(|code| ErrorCode::read(code, &[])));
    refused.retry_after = retry_after.map(Duration::from_secs);
    TokenError::Refused(refused)
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_get_the_error_of_the_one_that_failed() {
    for error in [
        refusal(500, None, None),
        refusal(400, Some("invalid_scope"), None),
        TokenError::ExpiredOnArrival,
        TokenError::Timeout { after: SECOND },
    ] {
        let (_, endpoint, all) = fleet::<100>();
        endpoint.answer(Err(error.clone()));
        let calls = all.clone().into_iter().map(|process| async move { request(&process).await });
        for answer in together(calls).await {
            let found = answer.unwrap_err();
            assert_eq!((found.reason(), found.is_transient()), (error.reason(), error.is_transient()));
        }
        assert_eq!(endpoint.requests(), 1, "{error}");
        assert_eq!(text(&request(&all[3]).await.unwrap()), "token-2", "a later call sends a request of its own");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_concerns_one_process_is_no_failure_of_the_others() {
    for error in [CredentialError::unavailable("sealed").into(), TokenError::Interrupted] {
        let (_, endpoint, all) = fleet::<10>();
        endpoint.answer(Err(error));
        let calls = all.into_iter().map(|process| async move { request(&process).await });
        let answers = together(calls).await;
        let (tokens, errors): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!((tokens.len(), errors.len(), endpoint.requests()), (9, 1, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_for_another_request_do_not_get_an_older_error() {
    let (_, endpoint, [failed, interrupted, waiting]) = fleet();
    endpoint.answer(Err(refusal(500, None, None)));
    endpoint.answer(Err(TokenError::Interrupted));
    request(&failed).await.unwrap_err();
    sleep(SECOND / 10).await;
    let call = tokio::spawn(async move { request(&interrupted).await });
    sleep(SECOND / 10).await;
    assert_eq!(text(&request(&waiting).await.unwrap()), "token-3");
    assert!(call.await.unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_process_that_fails_after_its_lease_has_ended_does_not_tell_the_others() {
    let (_, endpoint, [stopped, leading, waiting]) = fleet();
    endpoint.answer(Err(refusal(500, None, None)));
    let stop = Stop::default();
    let call = tokio::spawn({
        let stop = stop.clone();
        async move { stop.inside(request(&stopped)).await }
    });
    sleep(SECOND / 10).await;
    stop.stop();
    sleep(20 * SECOND).await;
    // It learns that its request has failed while another process requests a token.
    endpoint.set_latency(3 * SECOND);
    let others = [leading, waiting].map(|process| tokio::spawn(async move { request(&process).await }));
    sleep(SECOND / 2).await;
    stop.go_on();
    for other in others {
        assert_eq!(text(&other.await.unwrap().unwrap()), "token-2");
    }
    assert_eq!(call.await.unwrap().unwrap_err().reason(), FailureReason::ServerError);
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_suspends_the_requests_of_all_processes() {
    let (_, endpoint, [one, other]) = fleet();
    endpoint.answer(Err(refusal(429, None, Some(60))));
    let error = request(&one).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(60 * SECOND));
    sleep(20 * SECOND).await;
    for process in [&one, &other] {
        let error = request(process).await.unwrap_err();
        assert_eq!((error.reason(), error.retry_after()), (FailureReason::TooManyRequests, Some(40 * SECOND)));
    }
    assert_eq!(endpoint.requests(), 1);
    sleep(40 * SECOND).await;
    assert_eq!(text(&request(&other).await.unwrap()), "token-2");
}

#[tokio::test(start_paused = true)]
async fn nobody_gets_a_rejected_token_while_requests_are_suspended() {
    let (_, endpoint, [one, other, new]) = fleet();
    let old = access_token(&text(&request(&one).await.unwrap())).await;
    endpoint.answer(Err(refusal(429, None, Some(60))));
    other.request_token(&"another".parse().unwrap()).await.unwrap_err();
    for error in [reject(&one, &old).await.unwrap_err(), request(&new).await.unwrap_err()] {
        assert_eq!((error.reason(), error.retry_after()), (FailureReason::TooManyRequests, Some(60 * SECOND)));
    }
    assert_eq!(endpoint.requests(), 2);
    sleep(60 * SECOND).await;
    assert_eq!(text(&request(&new).await.unwrap()), "token-3", "no lease is left");
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_is_limited() {
    let (_, endpoint, [one, other]) = fleet();
    endpoint.answer(Err(refusal(503, None, Some(86_400))));
    request(&one).await.unwrap_err();
    let error = request(&other).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(300 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_suspend_the_requests_of_all_who_have_them() {
    let (_, endpoint, [one, other]) = fleet();
    let mut requests = 0;
    for seconds in [1, 2, 4, 8] {
        endpoint.answer(Err(refusal(401, Some("invalid_client"), None)));
        assert!(request(&one).await.unwrap_err().refuses_credentials());
        requests += 1;
        for _ in 0..10 {
            assert!(request(&other).await.unwrap_err().refuses_credentials());
        }
        assert_eq!(endpoint.requests(), requests, "{seconds}");
        sleep(Duration::from_secs(seconds)).await;
    }
    endpoint.answer(Err(refusal(401, Some("invalid_client"), None)));
    request(&one).await.unwrap_err();
    endpoint.set_credential("another");
    assert_eq!(text(&request(&other).await.unwrap()), format!("token-{}", requests + 2), "it is not refused");
}
