//! Neither an outage nor a wrong value of our variables is a broken contract.

use std::collections::BTreeSet;

use auth_sandbox::{Raw, Reply, Sandbox, Step, TokenReply};

use crate::closed_port::ClosedPort;
use crate::common::{loopback_addresses, program, text};

/// The variables of a run against Lean at this address.
fn lean<'a>(url: &'a str, id: &'a str, secret: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("LEAN_CLIENT_ID", id),
        ("LEAN_CLIENT_SECRET", secret),
        ("LEAN_AUTH_URL", url),
        ("LEAN_CUSTOMER_ID", "a1b2c3d4-e5f6-7890-abcd-ef0123456789"),
        ("HTTPS_PROXY", ""),
        ("https_proxy", ""),
        ("ALL_PROXY", ""),
        ("all_proxy", ""),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_reached_is_inconclusive_and_named() {
    let sandbox = Sandbox::start().await.unwrap();
    let port = ClosedPort::new();
    let (closed, plain) = (port.address().to_string(), sandbox.base_url().trim_start_matches("http://").to_owned());
    for (url, server, words) in [
        (format!("http://{closed}"), closed.as_str(), "refused"),
        (format!("https://{closed}"), &closed, "refused"),
        ("https://nobody.invalid".to_owned(), "nobody.invalid:443", "cannot be reached"),
        // Does not use TLS.
        (format!("https://{plain}"), &plain, "cannot be reached"),
    ] {
        let output = program(&["--live", "lean"], &lean(&url, "app", "secret"));
        let printed = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{url}: {printed}{}", text(&output.stderr));
        assert!(printed.trim_end().ends_with("contract with lean: inconclusive"), "{printed}");
        let line =
            printed.lines().find(|line| line.starts_with("inconclusive: ")).unwrap_or_else(|| panic!("{printed}"));
        assert!(line.contains(server) && line.contains(words), "{line}");
        let named = loopback_addresses(&printed);
        assert!(
            named.iter().all(|address| address == server),
            "the message names only the server: {named:?} in {printed}"
        );
        assert!(!printed.contains("violation"), "{printed}");
    }
    assert_eq!(sandbox.lean().requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_a_server_in_trouble_is_inconclusive_and_named() {
    let sandbox = Sandbox::start().await.unwrap();
    let (id, secret) = (sandbox.lean_client_id(), sandbox.lean_client_secret());
    let html = Reply::new(503).header("content-type", "text/html").body("<h1>Maintenance</h1>");
    for (step, words) in [
        (Step::status(408), "408"),
        (Step::status(429), "429"),
        (Reply::new(429).header("retry-after", "3600").into(), "429"),
        (Step::status(500), "500"),
        (Step::status(502), "502"),
        (html.into(), "503"),
        (Step::status(504), "504"),
        (Step::close(), "closed the connection"),
        (Raw::nothing().then_reset().into(), "closed the connection"),
    ] {
        sandbox.lean().script().always(step);
        let output = program(&["--live", "lean", "--fail-on", "drift"], &lean(sandbox.base_url(), &id, &secret));
        let printed = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{words}: {printed}");
        let server = sandbox.base_url().trim_start_matches("http://");
        let line =
            printed.lines().find(|line| line.starts_with("inconclusive: ")).unwrap_or_else(|| panic!("{printed}"));
        assert!(line.contains(server) && line.contains(words), "{line}");
        let expected = BTreeSet::from([server.to_owned()]);
        assert_eq!(loopback_addresses(&printed), expected, "the message names only the server: {printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_of_ours_are_inconclusive_and_their_variables_are_named() {
    let sandbox = Sandbox::start().await.unwrap();
    let (id, secret) = (sandbox.lean_client_id(), sandbox.lean_client_secret());
    let right = lean(sandbox.base_url(), &id, &secret);
    let wrong = lean(sandbox.base_url(), &id, "not-our-secret");
    let refused = |status, code| Some(Step::from(Reply::oauth_error(status, code)));
    for (variables, step, arguments, named) in [
        (&wrong, None, &["--live", "lean"][..], "LEAN_CLIENT_ID and LEAN_CLIENT_SECRET"),
        (&wrong, None, &["--live", "lean", "--errors"], "LEAN_CLIENT_ID and LEAN_CLIENT_SECRET"),
        (&right, refused(400, "invalid_client"), &["--live", "lean"], "LEAN_CLIENT_SECRET"),
        (&right, Some(Step::status(403)), &["--live", "lean"], "LEAN_CLIENT_SECRET"),
        (&right, refused(401, "unauthorized_client"), &["--live", "lean"], "LEAN_CLIENT_SECRET"),
        (&right, refused(400, "unauthorized_client"), &["--live", "lean"], "LEAN_CLIENT_ID"),
        (&right, refused(400, "invalid_scope"), &["--live", "lean"], "LEAN_CUSTOMER_ID"),
    ] {
        sandbox.lean().script().reset();
        if let Some(step) = step {
            sandbox.lean().script().always(step);
        }
        let output = program(arguments, variables);
        let printed = text(&output.stdout);
        if named == "LEAN_CUSTOMER_ID" {
            // No variable contains the scope `api`, so the server is responsible for its refusal.
            assert_eq!(output.status.code(), Some(2), "{printed}");
        } else {
            assert_eq!(output.status.code(), Some(1), "{arguments:?} {named}: {printed}");
        }
        assert!(
            printed.lines().any(|line| line.starts_with("inconclusive: ") && line.contains(named)),
            "{named}: {printed}"
        );
        assert!(!printed.contains(&secret) && !printed.contains("not-our-secret"), "{printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_contract_is_one_whatever_else_fails() {
    let sandbox = Sandbox::start().await.unwrap();
    let (id, secret) = (sandbox.lean_client_id(), sandbox.lean_client_secret());
    let violation = || Step::from(TokenReply::new().member("expires_in", "soon"));
    let drift = || Step::from(TokenReply::new().member("id_token", "abc"));
    let malformed = Step::from(Reply::new(401).header("content-type", "text/html").body("<p>no"));
    for (first, second, arguments, status) in [
        (violation(), Step::status(503), &["--live", "lean"][..], 2),
        (Step::status(503), violation(), &["--live", "lean"], 2),
        (drift(), Step::status(503), &["--live", "lean"], 1),
        (drift(), Step::status(503), &["--live", "lean", "--fail-on", "drift"], 2),
        // The form of a refusal is checked only with `--errors`.
        (malformed, Step::token(), &["--live", "lean"], 1),
        // These mean that the address or the server is wrong, not that there is an outage.
        (Step::status(404), Step::token(), &["--live", "lean"], 2),
        (Step::status(501), Step::token(), &["--live", "lean"], 2),
        (Raw::new("no HTTP\r\n\r\n").into(), Step::token(), &["--live", "lean"], 2),
        (Raw::new("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").into(), Step::token(), &["--live", "lean"], 2),
    ] {
        sandbox.lean().script().push(first.clone()).push(second.clone());
        let output = program(arguments, &lean(sandbox.base_url(), &id, &secret));
        assert_eq!(output.status.code(), Some(status), "{first:?} {second:?}: {}", text(&output.stdout));
    }
}
