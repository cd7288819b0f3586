//! `access-token call`.

use auth_sandbox::{Reply, Sandbox, Step};
use serde_json::Value;

use crate::home::Home;

#[tokio::test(flavor = "multi_thread")]
async fn a_call_prints_what_the_server_answers() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let customers = sandbox.lean().resource_url();
    let answer = home.run(&["call", "lean", "GET", &customers]).await;
    let list: Value = serde_json::from_str(answer.success()).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 2, "{list}");
    let answer = home.run(&["call", "lean", "GET", &customers, "--include"]).await;
    let (head, body) = answer.success().split_once("\n\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\n") && head.contains("content-type: application/json"), "{head}");
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), list);
    let runs = home.run(&["call", "leanix", "GET", &sandbox.leanix().resource_url()]).await;
    assert!(runs.success().starts_with('{'), "{runs:?}");
    assert_eq!((sandbox.lean().issued(), sandbox.leanix().issued()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_comes_from_the_command_line_a_file_or_standard_input() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let customers = sandbox.lean().resource_url();
    for (number, data) in ["{\"app_user_id\":\"user-0\"}", "@body.json", "-", "@-"].into_iter().enumerate() {
        let body = format!("{{\"app_user_id\":\"user-{number}\"}}");
        std::fs::write(home.path().join("body.json"), &body).unwrap();
        let answer = home.run_with(&["call", "lean", "POST", &customers, "--data", data], &body).await;
        let customer: Value = serde_json::from_str(answer.success()).unwrap();
        assert_eq!(customer["app_user_id"], format!("user-{number}"));
    }
    let refused =
        home.run_with(&["call", "lean", "POST", &customers, "-d", "-", "-H", "Content-Type: text/plain"], "{}").await;
    assert_eq!(refused.code, Some(3), "{refused:?}");
    let output = home.run(&["call", "lean", "POST", &customers, "--data", "@missing"]).await;
    assert!(output.failure(2).starts_with("the body cannot be read from missing: No such file"), "{output:?}");
    let output = home.run(&["call", "lean", "GET", &customers, "-H", "Authorization: Basic YTpi"]).await;
    assert!(output.failure(2).contains("`Authorization` is set by the program"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_token_is_replaced_once_for_all_processes() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let customers = sandbox.lean().resource_url();
    let revoked = home.run(&["get", "lean"]).await.success().trim().to_owned();
    assert!(sandbox.revoke(&revoked));
    home.run(&["call", "lean", "GET", &customers]).await.success();
    let current = home.run(&["get", "lean"]).await.success().trim().to_owned();
    assert_ne!(current, revoked);
    assert_eq!(sandbox.lean().issued(), 2);
    home.run_with(&["call", "lean", "POST", &customers, "--data", "-"], "{\"app_user_id\":\"a\"}").await.success();
    assert_eq!(sandbox.lean().issued(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_to_no_other_origin() {
    let sandbox = Sandbox::start().await.unwrap();
    let other = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let url = other.lean().resource_url();
    let output = home.run(&["call", "lean", "GET", &url]).await;
    assert!(output.failure(2).contains(&format!("add `--allow-origin {}`", other.base_url())), "{output:?}");
    // A server of the internet in clear text is never one.
    let output = home.run(&["call", "lean", "GET", "http://a.example/", "--allow-origin", "http://a.example"]).await;
    assert!(output.failure(2).contains("not https"), "{output:?}");
    assert_eq!((sandbox.lean().requests(), other.lean().resource_requests()), (0, 0));
    // The token is not that of the other sandbox, which refuses it.
    let output = home.run(&["call", "lean", "GET", &url, "--allow-origin", other.base_url()]).await;
    assert_eq!(output.code, Some(3), "{output:?}");
    home.config(&crate::home::profiles(&sandbox).replacen(
        "provider",
        &format!("origins = [\"{}\"]\nprovider", other.base_url()),
        1,
    ));
    let output = home.run(&["call", "lean", "GET", &url]).await;
    assert_eq!(output.code, Some(3), "{output:?}");
    // A redirect is not followed.
    let requests = other.lean().resource_requests();
    sandbox.lean().resource_script().push(Step::redirect(307, &url));
    let output = home.run(&["call", "lean", "GET", &sandbox.lean().resource_url()]).await;
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.contains("307 Temporary Redirect; redirects are not followed"), "{output:?}");
    assert_eq!(other.lean().resource_requests(), requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_is_that_of_the_status() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let customers = sandbox.lean().resource_url();
    for (status, code) in [(204, 0), (304, 1), (404, 3), (403, 3), (429, 5), (500, 4), (503, 4)] {
        let reply = Reply::new(status).header("retry-after", "7");
        sandbox.lean().resource_script().push(reply);
        let output = home.run(&["--errors", "json", "call", "lean", "GET", &customers]).await;
        assert_eq!(output.code, Some(code), "{output:?}");
        if code == 5 {
            let line: Value = serde_json::from_str(&output.stderr).unwrap();
            assert_eq!((&line["error"], &line["retry_after"]), (&"rate_limited".into(), &7.into()), "{line}");
        }
    }
    sandbox.lean().resource_script().push(Step::close());
    let output = home.run(&["call", "lean", "GET", &customers]).await;
    assert_eq!(output.code, Some(4), "{output:?}");
    let output = home.run(&["call", "lean", "GE T", &customers]).await;
    assert_eq!(output.code, Some(2), "{output:?}");
}

/// What the connection needs is set by the program: a server would answer for another host, or to a part of the body.
#[tokio::test(flavor = "multi_thread")]
async fn headers_of_the_connection_are_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let customers = sandbox.lean().resource_url();
    for header in [
        "Host: a.example",
        "host : a.example",
        "Content-Length: 1",
        "Transfer-Encoding: chunked",
        "Connection: close",
        "Proxy-Connection: close",
        "Keep-Alive: timeout=1",
        "Proxy-Authorization: Basic YTpi",
        "TE: trailers",
        "Trailer: a",
        "Upgrade: h2c",
        "Expect: 100-continue",
    ] {
        let output = home.run(&["call", "lean", "POST", &customers, "-d", "{}", "-H", header]).await;
        let name = header.split([' ', ':']).next().unwrap();
        assert!(output.failure(2).contains(&format!("`{name}` is set by the program")), "{output:?}");
    }
    assert_eq!(sandbox.lean().requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_that_gets_no_token_is_refused_with_its_reason() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let with_user = sandbox.lean().resource_url().replace("://", "://user:marked@");
    for (url, reason) in [
        (with_user.as_str(), "the URL holds a user or a password"),
        ("file:///etc/passwd", "the URL has the scheme `file`"),
        ("http://a.example/", "not https"),
    ] {
        let output = home.run(&["call", "lean", "GET", url]).await;
        let message = output.failure(2);
        assert!(message.contains(reason), "{message}");
        assert!(!message.contains("--allow-origin") && !message.contains("marked"), "{message}");
    }
    let output = home.run(&["call", "lean", "get", &sandbox.lean().resource_url()]).await;
    assert!(output.code == Some(2) && output.stderr.contains("write it as `GET`"), "{output:?}");
    assert_eq!(sandbox.lean().requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_end_is_not_waited_for() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let customers = sandbox.lean().resource_url();
    let pipe = home.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let output = home.run(&["call", "lean", "POST", &customers, "-d", "@pipe", "--max-time", "1s"]).await;
    assert!(
        output.failure(2).contains("the body cannot be read from pipe: it did not end within 1 seconds"),
        "{output:?}"
    );
    // A pipe that ends is read.
    let writer = std::thread::spawn(move || std::fs::write(pipe, "{\"app_user_id\":\"a\"}").unwrap());
    home.run(&["call", "lean", "POST", &customers, "-d", "@pipe"]).await.success();
    writer.join().unwrap();
}
