//! The demo as a user runs it.

#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::path::PathBuf;
use std::process::{Command, Output};

use auth_sandbox::Sandbox;

/// The variables of `Settings`, so that those of whoever runs the tests play no part.
const VARIABLES: [&str; 6] =
    ["LEAN_CLIENT_ID", "LEAN_CLIENT_SECRET", "LEAN_AUTH_URL", "LEAN_CUSTOMER_ID", "LEANIX_API_TOKEN", "LEANIX_URL"];

/// Runs the demo with these variables. Cargo builds the examples of a package together with its tests.
async fn demo(variables: Vec<(&'static str, String)>) -> Output {
    let mut program = std::env::current_exe().unwrap();
    program.pop();
    program.set_file_name(PathBuf::from("examples").join(format!("demo{}", std::env::consts::EXE_SUFFIX)));
    let mut command = Command::new(program);
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.envs(variables);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn without_settings_it_runs_on_its_own_sandbox() {
    let output = demo(Vec::new()).await;
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for words in ["Lean: embedded sandbox", "customer.", "(none)", "network", "250 times", "cache", "200 OK"] {
        assert!(shown.contains(words), "{words} in\n{shown}");
    }
    assert!(shown.contains("1000 more asks"), "{shown}");
    assert!(shown.contains("counted 4 token requests and 2 API calls"), "{shown}");
}

#[tokio::test]
async fn with_settings_it_talks_to_those_servers_and_prints_no_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    let output = demo(vec![
        ("LEAN_CLIENT_ID", sandbox.lean_client_id()),
        ("LEAN_CLIENT_SECRET", sandbox.lean_client_secret()),
        ("LEAN_AUTH_URL", sandbox.base_url().to_owned()),
        ("LEAN_CUSTOMER_ID", "00000000-0000-4000-8000-000000000001".to_owned()),
        ("LEANIX_API_TOKEN", sandbox.leanix_api_token()),
        ("LEANIX_URL", sandbox.base_url().to_owned()),
    ])
    .await;
    let shown = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success(), "{shown}");
    assert_eq!((sandbox.lean().requests(), sandbox.leanix().requests()), (2, 1));
    assert_eq!(sandbox.leanix().resource_requests(), 1);
    for secret in [sandbox.lean_client_secret(), sandbox.leanix_api_token(), "eyJ".to_owned()] {
        assert!(!shown.contains(&secret), "{shown}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_one_line_without_the_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    let output =
        demo(vec![("LEANIX_API_TOKEN", "LXT_MARKER".to_owned()), ("LEANIX_URL", sandbox.base_url().to_owned())]).await;
    let shown = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    let server = sandbox.base_url().replace("http://", "");
    assert_eq!(
        shown.trim(),
        format!(
            "error: the authorization server {server} refused with status 401 (invalid_client); check the credentials"
        )
    );
}

#[tokio::test]
async fn a_missing_variable_is_named() {
    for (set, missing) in [
        (vec!["LEANIX_URL"], "LEANIX_API_TOKEN is missing"),
        (vec!["LEANIX_API_TOKEN"], "LEANIX_URL is missing"),
        (vec!["LEAN_CLIENT_ID", "LEAN_AUTH_URL", "LEAN_CUSTOMER_ID"], "LEAN_CLIENT_SECRET is missing"),
        (vec!["LEAN_CLIENT_SECRET"], "LEAN_CLIENT_ID, LEAN_AUTH_URL, LEAN_CUSTOMER_ID is missing"),
    ] {
        let output = demo(set.into_iter().map(|name| (name, "MARKER".to_owned())).collect()).await;
        let shown = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{shown}");
        assert!(shown.contains(missing) && !shown.contains("MARKER"), "{shown}");
    }
}
