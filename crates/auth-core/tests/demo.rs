//! The demo as a user runs it.

#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::path::PathBuf;
use std::process::{Command, Output};

use auth_sandbox::{Sandbox, Step};

/// Waits with a deadline, shared with the integration tests.
#[allow(dead_code, unreachable_pub, reason = "the integration tests use all of it, and from other crates")]
#[path = "../../../tests/src/deadlines.rs"]
mod deadlines;

const CUSTOMER: &str = "00000000-0000-4000-8000-000000000001";

/// The variables of `Settings`, which are removed from the environment of the tests.
const VARIABLES: [&str; 6] =
    ["LEAN_CLIENT_ID", "LEAN_CLIENT_SECRET", "LEAN_AUTH_URL", "LEAN_CUSTOMER_ID", "LEANIX_API_TOKEN", "LEANIX_URL"];

/// Runs the demo with these variables.
async fn demo(variables: Vec<(&'static str, String)>) -> Output {
    demo_with(&[], variables).await
}

/// Runs the demo with these arguments and variables. Cargo builds the examples of a package together with its tests.
async fn demo_with(arguments: &[&str], variables: Vec<(&'static str, String)>) -> Output {
    let mut program = std::env::current_exe().unwrap();
    program.pop();
    program.set_file_name(PathBuf::from("examples").join(format!("demo{}", std::env::consts::EXE_SUFFIX)));
    let mut command = Command::new(program);
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.args(arguments).envs(variables);
    deadlines::output(command).await
}

/// The variables of Lean.
fn lean(sandbox: &Sandbox, secret: &str, auth_url: &str, customer: &str) -> Vec<(&'static str, String)> {
    vec![
        ("LEAN_CLIENT_ID", sandbox.lean_client_id()),
        ("LEAN_CLIENT_SECRET", secret.to_owned()),
        ("LEAN_AUTH_URL", auth_url.to_owned()),
        ("LEAN_CUSTOMER_ID", customer.to_owned()),
    ]
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn without_settings_it_runs_on_its_own_sandbox() {
    let output = demo(Vec::new()).await;
    let printed = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for words in ["Lean: embedded sandbox", "customer.", "(none)", "network", "250 times", "cache", "200 OK"] {
        assert!(printed.contains(words), "{words} in\n{printed}");
    }
    assert!(printed.contains("1000 reads from the cache"), "{printed}");
    for call in
        ["POST http", "GET http", "/customers/v1 ", "/customers/v1/", "201 Created", "/services/poll/v2/pollRuns"]
    {
        assert!(printed.contains(call), "{call} in\n{printed}");
    }
    assert!(printed.contains("counted 4 token requests and 4 API calls"), "{printed}");
}

#[tokio::test]
async fn with_settings_it_talks_to_those_servers_and_prints_no_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut variables = lean(&sandbox, &sandbox.lean_client_secret(), sandbox.base_url(), CUSTOMER);
    variables.push(("LEANIX_API_TOKEN", sandbox.leanix_api_token()));
    variables.push(("LEANIX_URL", sandbox.base_url().to_owned()));
    let output = demo(variables).await;
    let printed = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success(), "{printed}");
    assert_eq!((sandbox.lean().requests(), sandbox.leanix().requests()), (2, 1));
    assert_eq!(sandbox.leanix().resource_requests(), 1);
    for secret in [sandbox.lean_client_secret(), sandbox.leanix_api_token(), "eyJ".to_owned()] {
        assert!(!printed.contains(&secret), "{printed}");
    }
}

/// The single line of an error.
fn line(output: &Output) -> String {
    let printed = text(&output.stderr);
    assert_eq!((output.status.code(), printed.lines().count()), (Some(1), 1), "{printed}");
    printed.trim_end().to_owned()
}

#[tokio::test]
async fn a_refusal_is_one_line_with_vendor_and_call_and_without_the_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    let base_url = sandbox.base_url();
    for (variables, call) in [
        (
            vec![("LEANIX_API_TOKEN", "LXT_MARKER".to_owned()), ("LEANIX_URL", base_url.to_owned())],
            format!("SAP LeanIX: POST {base_url}/services/mtm/v1/oauth2/token: "),
        ),
        (lean(&sandbox, "MARKER", base_url, CUSTOMER), format!("Lean: POST {base_url}/oauth2/token: ")),
    ] {
        let printed = line(&demo(variables).await);
        assert!(printed.starts_with(&format!("error: {call}")), "{printed}");
        assert!(
            printed.contains("401") && printed.contains("invalid_client") && !printed.contains("MARKER"),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn an_unreachable_server_and_a_failing_api_are_named_with_vendor_and_call() {
    let sandbox = Sandbox::start().await.unwrap();
    let gone = Sandbox::start().await.unwrap();
    let gone_url = gone.base_url().to_owned();
    gone.shutdown().await;
    let secret = sandbox.lean_client_secret();
    let printed = line(&demo(lean(&sandbox, &secret, &gone_url, CUSTOMER)).await);
    assert!(printed.starts_with(&format!("error: Lean: POST {gone_url}/oauth2/token: ")), "{printed}");
    assert!(printed.contains("cannot connect"), "{printed}");

    sandbox.leanix().resource_script().always(Step::status(503));
    let url = sandbox.base_url();
    let output = demo(vec![("LEANIX_API_TOKEN", sandbox.leanix_api_token()), ("LEANIX_URL", url.to_owned())]).await;
    let printed = line(&output);
    assert!(printed.starts_with(&format!("error: SAP LeanIX: GET {url}/services/poll/v2/pollRuns: ")), "{printed}");
    assert!(printed.contains("503"), "{printed}");
}

#[tokio::test]
async fn an_invalid_variable_is_named_with_its_vendor() {
    let sandbox = Sandbox::start().await.unwrap();
    let secret = sandbox.lean_client_secret();
    for (variables, named) in [
        (lean(&sandbox, &secret, "ftp://MARKER", CUSTOMER), "Lean: LEAN_AUTH_URL: "),
        (lean(&sandbox, &secret, sandbox.base_url(), "MAR KER"), "Lean: LEAN_CUSTOMER_ID: "),
        (lean(&sandbox, "MARKER\n", sandbox.base_url(), CUSTOMER), "Lean: LEAN_CLIENT_ID, LEAN_CLIENT_SECRET: "),
        (
            vec![("LEANIX_API_TOKEN", "MARKER\n".to_owned()), ("LEANIX_URL", sandbox.base_url().to_owned())],
            "SAP LeanIX: LEANIX_API_TOKEN: ",
        ),
        (
            vec![("LEANIX_API_TOKEN", "LXT_1".to_owned()), ("LEANIX_URL", "MARKER".to_owned())],
            "SAP LeanIX: LEANIX_URL: ",
        ),
    ] {
        let printed = line(&demo(variables).await);
        assert!(printed.starts_with(&format!("error: {named}")) && !printed.contains("MARKER"), "{printed}");
    }
    assert_eq!(sandbox.connections(), 0);
}

#[tokio::test]
async fn unknown_arguments_are_refused_and_help_lists_the_variables() {
    for wrong in [&["--tasks", "3"][..], &["lean"], &["-x"]] {
        let output = demo_with(wrong, Vec::new()).await;
        let printed = text(&output.stderr);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{printed}");
        assert!(printed.contains(&format!("unexpected argument '{}'", wrong[0])), "{printed}");
        assert!(printed.contains("Usage: cargo xtask demo"), "{printed}");
    }
    let output = demo_with(&["--help"], Vec::new()).await;
    let printed = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for variable in VARIABLES {
        assert!(printed.contains(variable), "{variable} in\n{printed}");
    }
}

#[tokio::test]
async fn a_missing_variable_is_named() {
    for (set, missing) in [
        (vec!["LEANIX_URL"], "missing variables: LEANIX_API_TOKEN; "),
        (vec!["LEANIX_API_TOKEN"], "missing variables: LEANIX_URL; "),
        (vec!["LEAN_CLIENT_ID", "LEAN_AUTH_URL", "LEAN_CUSTOMER_ID"], "missing variables: LEAN_CLIENT_SECRET; "),
        (vec!["LEAN_CLIENT_SECRET"], "missing variables: LEAN_CLIENT_ID, LEAN_AUTH_URL, LEAN_CUSTOMER_ID; "),
    ] {
        let output = demo(set.into_iter().map(|name| (name, "MARKER".to_owned())).collect()).await;
        let printed = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{printed}");
        assert!(printed.contains(missing) && !printed.contains("MARKER"), "{printed}");
    }
}
