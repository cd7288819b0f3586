//! `access-token get`.

use std::os::fd::{AsFd as _, OwnedFd};
use std::process::Stdio;
use std::time::{Duration, Instant};

use auth_sandbox::{Reply, Sandbox, Step, TokenReply};
use serde_json::{Value, json};

use crate::home::{Home, Output};
use crate::terminal::terminal;

const CUSTOMER: &str = "customer.a1b2c3d4-e5f6-7890-abcd-ef0123456789";

fn json(output: &Output) -> Value {
    serde_json::from_str(output.success()).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_provider_gives_a_token_and_keeps_it_for_the_next_call() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let mut tokens = Vec::new();
    for profile in ["lean", "leanix", "other"] {
        let first = home.run(&["get", profile]).await;
        let second = home.run(&["get", profile, "--no-sidecar"]).await;
        assert_eq!(first.success(), second.success(), "{profile}");
        tokens.push(first.stdout.trim().to_owned());
    }
    assert_eq!((sandbox.lean().issued(), sandbox.leanix().issued()), (2, 1));
    assert_ne!(tokens[0], tokens[2], "profiles do not share tokens");
    assert!(sandbox.revoke(&tokens[0]), "it is a token of the sandbox");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_holds_the_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let token = home.run(&["get", "lean"]).await.success().trim().to_owned();
    for (arguments, wanted) in [
        (&["--format", "token"][..], format!("{token}\n")),
        (&["--format", "header"], format!("Authorization: Bearer {token}\n")),
        (&["--format", "env"], format!("ACCESS_TOKEN={token}\n")),
        (&["--format", "env", "--variable", "LEAN_TOKEN"], format!("LEAN_TOKEN={token}\n")),
        (&["--format", "curl"], format!("header = \"Authorization: Bearer {token}\"\n")),
    ] {
        let output = home.run(&[&["get", "lean"], arguments].concat()).await;
        assert_eq!(output.success(), wanted);
    }
    let object = json(&home.run(&["get", "lean", "--format", "json"]).await);
    assert_eq!(
        (&object["access_token"], &object["token_type"], &object["scope"]),
        (&json!(token), &json!("Bearer"), &json!("api"))
    );
    let expires_in = object["expires_in"].as_i64().unwrap();
    assert!((3_000..3_600).contains(&expires_in), "{expires_in}");
    let credential = json(&home.run(&["get", "lean", "--format", "exec-credential"]).await);
    assert_eq!(credential["apiVersion"], "client.authentication.k8s.io/v1");
    assert_eq!(credential["kind"], "ExecCredential");
    assert_eq!(credential["status"]["token"], json!(token));
    assert_eq!(credential["status"]["expirationTimestamp"], object["expires_at"]);
    assert_eq!(sandbox.lean().issued(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_reads_the_token_from_its_configuration() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let script = "exec curl --silent --show-error --fail --output /dev/null --write-out '%{http_code}' -K <(\"$0\" get lean --format curl) \"$1\"";
    let mut command = home.command(&[]);
    let mut shell = tokio::process::Command::new("bash");
    let url = sandbox.lean().resource_url();
    shell.args(["-c", script, crate::home::PROGRAM, &url]).env_clear().env("HOME", home.path());
    shell.env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command.kill_on_drop(true);
    match shell.output().await {
        Ok(output) if output.status.code() != Some(127) => {
            assert_eq!(String::from_utf8_lossy(&output.stdout), "200", "{}", String::from_utf8_lossy(&output.stderr));
        }
        _ => eprintln!("skipped: there is no bash or no curl"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_scope_has_a_token_of_its_own() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let of = async |scope| home.run(&["get", "lean", "--format", "json", "--scope", scope]).await;
    let (api, customer) = (json(&of("api").await), json(&of(CUSTOMER).await));
    assert_eq!((&api["scope"], &customer["scope"]), (&json!("api"), &json!(CUSTOMER)));
    assert_ne!(api["access_token"], customer["access_token"]);
    assert_eq!(api["access_token"], json(&home.run(&["get", "lean", "--format", "json"]).await)["access_token"]);
    assert_eq!(sandbox.lean().requests_for(CUSTOMER), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cached_token_that_does_not_last_is_replaced() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    sandbox.lean().script().push(TokenReply::new().lifetime(Duration::from_secs(8)));
    let short = home.run(&["get", "lean"]).await.success().to_owned();
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let object = json(&home.run(&["get", "lean", "--format", "json"]).await);
        assert_eq!(object["access_token"].as_str().unwrap(), short.trim());
        if object["expires_in"].as_i64().unwrap() <= 6 {
            break;
        }
        assert!(Instant::now() < deadline, "a token that never ages");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let long = home.run(&["get", "lean", "--min-validity", "7s"]).await;
    assert_ne!(short, long.success());
    assert_eq!(long.success(), home.run(&["get", "lean"]).await.success(), "the new one replaced the old one for all");
    assert_eq!(sandbox.lean().issued(), 2);
    let never = home.run(&["get", "lean", "--min-validity", "2h"]).await;
    let message = never.failure(2);
    assert!(message.starts_with("a new token is valid for only") && message.contains("--min-validity"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_gets_a_token_only_with_show() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let run = async |arguments: &[&str]| {
        let (mine, terminal) = terminal();
        let mut command = home.command(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::from(terminal)).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        drop(command);
        let output = child.wait_with_output().await.unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap(), shown(&mine))
    };
    let (code, errors, text) = run(&["get", "lean"]).await;
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(errors.starts_with("access-token: standard output is a terminal") && errors.contains("--show"), "{errors}");
    assert_eq!(sandbox.lean().requests(), 0);
    let (code, errors, text) = run(&["get", "lean", "--show"]).await;
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(text.trim().starts_with("eyJ"), "{text}");
}

/// What a program wrote to the terminal before it ended.
fn shown(mine: &OwnedFd) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4_096];
    // Without a program at the other end, reading is an error.
    while let Ok(count @ 1..) = rustix::io::read(mine.as_fd(), &mut buffer) {
        text.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_failure_has_its_exit_code_and_its_json() {
    let sandbox = Sandbox::start().await.unwrap();
    let lean = sandbox.lean();
    let closed = Sandbox::start().await.unwrap();
    let mut home = Home::of(&sandbox);
    let url = closed.base_url().to_owned();
    closed.shutdown().await;
    home.hide("the-wrong-secret");
    let id = sandbox.lean_client_id();
    let more = format!(
        "[profiles.wrong]\nprovider = \"lean\"\nbase_url = \"{}\"\nclient_id = \"{id}\"\nclient_secret = \"the-wrong-secret\"\n\
         [profiles.closed]\nprovider = \"lean\"\nbase_url = \"{url}\"\nclient_id = \"{id}\"\nclient_secret = {{ file = \"lean-secret\" }}\n\
         [profiles.unset]\nprovider = \"lean\"\nbase_url = \"{url}\"\nclient_id = \"{id}\"\nclient_secret = {{ variable = \"UNSET\" }}\n",
        sandbox.base_url()
    );
    home.config(&(crate::home::profiles(&sandbox) + &more));
    for (profile, code, error, message) in [
        ("lean", 1, "other", "the response of the authorization server is not a token"),
        ("nobody", 2, "usage", "no profile \"nobody\"; its profiles are `closed`"),
        ("unset", 2, "usage", "environment variable \"UNSET\" is missing"),
        ("wrong", 3, "refused", "check the credentials"),
        ("closed", 4, "unavailable", "cannot connect"),
    ] {
        if profile == "lean" {
            lean.script().always(Reply::json(200, &json!({ "access_token": 5 })));
        } else {
            lean.script().reset();
        }
        let output = home.run(&["get", profile]).await;
        assert!(output.failure(code).contains(message), "{output:?}");
        let output = home.run(&["--errors", "json", "get", profile]).await;
        let line: Value = serde_json::from_str(&output.stderr).unwrap();
        assert_eq!((output.code, output.stdout.as_str()), (Some(code), ""));
        assert_eq!((&line["error"], &line["profile"]), (&json!(error), &json!(profile)), "{line}");
        assert!(line["message"].as_str().unwrap().contains(message), "{line}");
    }
    lean.script().always(Step::from(Reply::new(429).header("retry-after", "120")));
    let output = home.run(&["get", "other", "--errors", "json"]).await;
    let line: Value = serde_json::from_str(&output.stderr).unwrap();
    assert_eq!((output.code, &line["error"]), (Some(5), &json!("rate_limited")), "{line}");
    // The other processes of the user are told, and do not ask.
    let requests = lean.requests();
    let output = home.run(&["get", "other", "--errors=json"]).await;
    let line: Value = serde_json::from_str(&output.stderr).unwrap();
    assert_eq!((output.code, &line["error"], &line["profile"]), (Some(5), &json!("rate_limited"), &json!("other")));
    let seconds = line["retry_after"].as_u64().unwrap();
    assert!((1..=120).contains(&seconds), "{line}");
    assert_eq!(lean.requests(), requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_of_the_command_line_are_usage() {
    let home = Home::new();
    for arguments in [
        &[][..],
        &["get"],
        &["got", "lean"],
        &["get", "lean", "--format", "xml"],
        &["get", "lean", "--min-validity", "1d"],
        &["get", "lean", "--timeout", "0s"],
        &["call", "lean", "GET", "https://a.example", "--max-time", "0"],
    ] {
        let output = home.run(arguments).await;
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        let output = home.run(&[arguments, &["--errors", "json"]].concat()).await;
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        let line: Value = serde_json::from_str(&output.stderr).expect("JSON");
        assert_eq!(line["error"], "usage", "{line}");
    }
    let output = home.run(&["get", "lean", "--format", "xml", "--errors", "json"]).await;
    assert!(output.stderr.contains("invalid value 'xml'") && output.stderr.contains("exec-credential"), "{output:?}");
    let help = home.run(&["--help"]).await;
    assert!(help.success().contains("Usage: access-token"));
    assert!(home.run(&["--version"]).await.success().starts_with("access-token "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_has_expired_already_is_no_credential_and_causes_a_warning() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let expired = TokenReply::new().lifetime(Duration::ZERO);
    sandbox.lean().script().always(expired);
    let output = home.run(&["get", "lean"]).await;
    assert!(output.code == Some(0) && output.stdout.starts_with("eyJ"), "{output:?}");
    assert!(output.stderr.starts_with("access-token: warning: the token has already expired"), "{output:?}");
    let output = home.run(&["exec", "lean", "--errors", "json", "--", "true"]).await;
    let line: Value = serde_json::from_str(&output.stderr).unwrap();
    assert_eq!((output.code, &line["warning"], &line["profile"]), (Some(0), &json!("expired"), &json!("lean")));
    let output = home.run(&["get", "lean", "--format", "exec-credential"]).await;
    assert!(output.failure(4).contains("the token has already expired"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_name_what_a_user_of_the_program_can_change() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    sandbox.lean().script().always(Reply::new(200).body("x".repeat(300 * 1024)));
    let output = home.run(&["get", "lean"]).await;
    let message = output.failure(4);
    assert!(message.contains("is too large") && !message.contains("with_body_limit"), "{message}");
    sandbox.lean().script().reset();
    let gate = auth_sandbox::Gate::new();
    sandbox.lean().resource_script().push(Step::from(Reply::new(200)).held_by(&gate));
    let output = home.run(&["call", "lean", "GET", &sandbox.lean().resource_url(), "--max-time", "1s"]).await;
    let message = output.failure(4);
    assert!(message.contains("--max-time") && !message.contains("with_timeout"), "{message}");
}
