//! Each kind of scripted step.

use std::time::Duration;

use crate::common::*;
use auth_sandbox::{Gate, Raw, Reply, Step, TokenReply, Vendor};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{advance, pause, resume},
};

/// Sends a token request by hand and reads until the end; true if the connection was reset.
async fn raw_exchange(sandbox: &auth_sandbox::Sandbox) -> (Vec<u8>, bool) {
    let mut stream = open_raw(sandbox).await;
    let mut answer = Vec::new();
    let end = within("the connection has ended", stream.read_to_end(&mut answer)).await;
    (answer, end.is_err())
}

async fn open_raw(sandbox: &auth_sandbox::Sandbox) -> TcpStream {
    let mut stream = TcpStream::connect(sandbox.base_url().trim_start_matches("http://")).await.unwrap();
    let form = lean_form(sandbox, "api");
    let length = form.len();
    let head =
        format!("POST /oauth2/token HTTP/1.1\r\nhost: x\r\ncontent-type: {FORM}\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{form}").as_bytes()).await.unwrap();
    stream
}

/// Lets this time pass for all timers of the runtime.
async fn pass(time: Duration) {
    pause();
    advance(time).await;
    resume();
}

async fn status(sandbox: &auth_sandbox::Sandbox) -> u16 {
    lean_request(sandbox, "api").send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn queued_steps_are_used_in_order_then_the_provider_responds_normally() {
    let sandbox = sandbox().await;
    sandbox.lean().script().push(Step::status(500)).push_times(2, Step::status(503)).push(Step::token());
    assert_eq!(sandbox.lean().script().remaining(), 4);
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(status(&sandbox).await);
    }
    assert_eq!(statuses, [500, 503, 503, 200, 200]);
    assert_eq!((sandbox.lean().requests(), sandbox.lean().issued(), sandbox.leanix().requests()), (5, 2, 0));
}

#[tokio::test]
async fn a_standing_step_lasts_until_reset() {
    let sandbox = sandbox().await;
    sandbox.lean().script().always(Step::status(502)).push(Step::token());
    assert_eq!((status(&sandbox).await, status(&sandbox).await, status(&sandbox).await), (200, 502, 502));
    sandbox.lean().script().push(Step::status(500)).reset();
    assert_eq!(status(&sandbox).await, 200);
}

#[tokio::test]
async fn a_reply_is_sent_unchanged() {
    let sandbox = sandbox().await;
    let reply = Reply::new(429).header("retry-after", "2").header("set-cookie", "a=1").header("set-cookie", "b=2");
    sandbox.lean().script().push(reply.body("slow down"));
    let response = lean_request(&sandbox, "api").send().await.unwrap();
    assert_eq!((response.status().as_u16(), header(&response, "retry-after")), (429, Some("2")));
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(header(&response, "content-type"), None);
    assert_eq!(response.text().await.unwrap(), "slow down");
}

#[tokio::test]
async fn json_and_error_replies_are_json() {
    let sandbox = sandbox().await;
    sandbox.lean().script().push(Reply::json(200, &json!([1]))).push(Reply::oauth_error(403, "invalid_client"));
    let list = lean_request(&sandbox, "api").send().await.unwrap();
    assert_eq!(header(&list, "content-type"), Some("application/json"));
    assert_eq!(json(list).await, json!([1]));
    assert_eq!(refusal(lean_request(&sandbox, "api")).await, (403, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_redirect_names_its_target_and_nothing_reaches_it() {
    let (sandbox, other) = (sandbox().await, crate::common::sandbox().await);
    sandbox.leanix().script().push(Step::redirect(307, &other.leanix().token_url()));
    let response = leanix_request(&sandbox).send().await.unwrap();
    assert_eq!((response.status().as_u16(), header(&response, "location")), (307, Some(&*other.leanix().token_url())));
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn unusual_statuses_can_be_scripted() {
    let sandbox = sandbox().await;
    sandbox.lean().script().push(Step::status(999)).push(Step::status(204));
    assert_eq!((status(&sandbox).await, status(&sandbox).await), (999, 204));
}

#[test]
#[should_panic(expected = "100 is not a status between 200 and 999")]
fn an_interim_status_is_a_mistake_in_the_script() {
    let _ = Step::status(100);
}

#[tokio::test]
async fn a_delay_comes_before_the_answer() {
    let sandbox = sandbox().await;
    // The client waits longer.
    let half = Duration::from_secs(10);
    sandbox.lean().script().push(Step::token().after(2 * half));
    let delayed = tokio::spawn(lean_request(&sandbox, "api").send());
    until("the request waits", || sandbox.lean().script().remaining() == 0).await;
    pass(half).await;
    assert_eq!((status(&sandbox).await, delayed.is_finished()), (200, false));
    pass(half).await;
    assert_eq!(within("the answer comes after the delay", delayed).await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn a_gate_holds_requests_until_it_is_released() {
    let sandbox = sandbox().await;
    let gate = Gate::new();
    sandbox.lean().script().always(Step::token().held_by(&gate));
    let held = tokio::spawn(lean_request(&sandbox, "api").send());
    reached(&gate).await;
    assert_eq!((gate.waiting(), held.is_finished(), sandbox.lean().issued()), (1, false, 0));
    gate.release();
    assert_eq!(held.await.unwrap().unwrap().status(), 200);
    assert_eq!((gate.waiting(), status(&sandbox).await), (0, 200));
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_the_gate() {
    let sandbox = sandbox().await;
    let gate = Gate::new();
    sandbox.lean().script().always(Step::token().held_by(&gate));
    let held = tokio::spawn(lean_request(&sandbox, "api").send());
    reached(&gate).await;
    held.abort();
    left(&gate).await;
    gate.release();
    assert_eq!((status(&sandbox).await, sandbox.lean().issued()), (200, 1));
}

#[tokio::test]
async fn the_answer_can_be_changed_member_by_member_around_a_real_token() {
    let sandbox = sandbox().await;
    let change = TokenReply::new().member("expires_in", "3599").without("token_type").member("refresh_token", "r");
    sandbox.lean().script().push(change);
    let answer = json(lean_request(&sandbox, "api").send().await.unwrap()).await;
    assert_eq!((&answer["expires_in"], &answer["refresh_token"]), (&json!("3599"), &json!("r")));
    assert!(answer.get("token_type").is_none());
    assert_eq!(ask(&sandbox.lean(), answer["access_token"].as_str().unwrap()).await.status(), 200);

    sandbox.leanix().script().push(TokenReply::new().member("expired", true));
    assert_eq!(json(leanix_request(&sandbox).send().await.unwrap()).await["expired"], true);
}

#[tokio::test]
async fn a_changed_answer_is_still_for_correct_requests_only() {
    let sandbox = sandbox().await;
    sandbox.lean().script().push(TokenReply::new().lifetime(Duration::from_secs(5)));
    assert_eq!(refusal(lean_request(&sandbox, "nonsense")).await, (400, "invalid_scope".to_owned()));
}

#[tokio::test]
async fn a_lifetime_can_be_for_one_token_or_for_all_to_come() {
    let sandbox = sandbox().await;
    sandbox.lean().script().push(TokenReply::new().lifetime(Duration::from_secs(5)));
    sandbox.lean().set_lifetime(Duration::from_secs(60));
    for expected in [5, 60, 60] {
        let answer = json(lean_request(&sandbox, "api").send().await.unwrap()).await;
        assert_eq!(answer["expires_in"], expected);
        let claims = claims(answer["access_token"].as_str().unwrap());
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), expected + 1);
    }
    assert_eq!(json(leanix_request(&sandbox).send().await.unwrap()).await["expires_in"], 3599);
}

#[tokio::test]
async fn a_connection_can_be_closed_without_a_reply() {
    let sandbox = sandbox().await;
    sandbox.lean().script().push(Step::close());
    let (answer, reset) = raw_exchange(&sandbox).await;
    assert_eq!((answer.len(), reset), (0, false));
    assert_eq!((sandbox.lean().requests(), status(&sandbox).await), (1, 200));
}

#[tokio::test]
async fn a_connection_can_be_reset_even_in_mid_answer() {
    let sandbox = sandbox().await;
    sandbox.lean().script().push(Raw::nothing().then_reset());
    assert!(raw_exchange(&sandbox).await.1);
    let half = Raw::new("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"access").pause(Duration::from_millis(50));
    sandbox.lean().script().push(half.then_reset());
    let (answer, reset) = raw_exchange(&sandbox).await;
    assert!(reset && answer.ends_with(b"{\"access"));
}

#[tokio::test]
async fn raw_bytes_reach_the_socket_as_they_are() {
    let sandbox = sandbox().await;
    sandbox.lean().script().push(Raw::new("garb").pause(Duration::from_millis(10)).send(&b"age\xff"[..]));
    let (answer, reset) = raw_exchange(&sandbox).await;
    assert_eq!((answer.as_slice(), reset), (&b"garbage\xff"[..], false));
}

#[tokio::test]
async fn interim_answers_and_old_http_can_be_played() {
    let sandbox = sandbox().await;
    let interim = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    sandbox.lean().script().push(Raw::new(interim)).push(Raw::new("HTTP/1.0 200 OK\r\n\r\n[]"));
    for expected in ["{}", "[]"] {
        assert_eq!(lean_request(&sandbox, "api").send().await.unwrap().text().await.unwrap(), expected);
    }
}

#[tokio::test]
async fn silence_lasts_until_the_client_hangs_up() {
    let sandbox = sandbox().await;
    sandbox.lean().script().push(Raw::new("x").then_silence());
    let (mut stream, mut answer) = (open_raw(&sandbox).await, [0; 1]);
    within("the byte before the silence", stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!((status(&sandbox).await, &answer), (200, b"x"), "the sandbox serves others in the meantime");
    tokio::select! {
        biased;
        end = stream.read(&mut answer) => panic!("the silence has ended: {end:?}"),
        () = std::future::ready(()) => {}
    }
    stream.shutdown().await.unwrap();
    assert_eq!(within("the connection has ended", stream.read(&mut answer)).await.unwrap(), 0);
}

#[tokio::test]
async fn an_endless_answer_lasts_until_the_client_hangs_up() {
    let sandbox = sandbox().await;
    sandbox.lean().script().push(Raw::new("HTTP/1.1 200 OK\r\n\r\n").then_repeat(" ".repeat(4096), Duration::ZERO));
    let mut stream = open_raw(&sandbox).await;
    let mut read = 0;
    while read < 1024 * 1024 {
        let part = within("the response continues", stream.read(&mut [0; 65536])).await.unwrap();
        assert!(part > 0, "it ends after {read} bytes");
        read += part;
    }
    drop(stream);
    assert_eq!(status(&sandbox).await, 200);
}

#[tokio::test]
async fn a_step_is_taken_by_wrong_requests_too() {
    let sandbox = sandbox().await;
    sandbox.lean().script().push(Step::status(503));
    assert_eq!(lean_request(&sandbox, "nonsense").send().await.unwrap().status(), 503);
    assert_eq!((sandbox.lean().refusals(), status(&sandbox).await), (1, 200));
}

#[tokio::test]
async fn each_provider_has_its_own_script() {
    let sandbox = sandbox().await;
    sandbox.provider(Vendor::LeanIx).script().always(Step::status(500));
    assert_eq!(status(&sandbox).await, 200);
    assert_eq!(leanix_request(&sandbox).send().await.unwrap().status(), 500);
}
