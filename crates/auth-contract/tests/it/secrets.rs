//! Reports contain no secret, whatever a server sends.

use std::collections::HashMap;

use auth_contract::{RedactedExchange, Report, Target, live, local};
use auth_sandbox::{Reply, Sandbox, Step, TokenReply};
use integration_tests::{Markers, Rendered};
use serde_json::json;

use crate::common::documents;

/// Markers that share no word with a report: eight consecutive bytes of one count as a leak.
const CLIENT_SECRET: &str = "xK7f3aQ9MARKERxLw2Zr-8Tn4Vb";
const API_TOKEN: &str = "LXT_91ccVt5Yh8MARKERKp3Ns6Jd";
const CUSTOMER: &str = "5eC0ffee-MARKER-9d81b7a6-Zq3w";
const BODY: &str = "Gm7Tz1Rq6MARKERWd0b8-Ph5Xy";

/// The report in all formats, including files.
fn everything(report: &Report) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut rendered = Rendered::default();
    rendered.debug(report);
    rendered.text(&report.table());
    for name in ["report.json", "report.html", "report.xml", "report.sarif"] {
        let file = folder.path().join(name);
        report.write(&file).unwrap();
        rendered.text(&std::fs::read_to_string(file).unwrap());
    }
    rendered.as_str().to_owned()
}

/// Responses that repeat secrets in every text that a response can contain, and the sent one in the name of another
/// host.
fn echoes(sent: &str) -> Vec<Step> {
    let echo = format!("{CLIENT_SECRET} {API_TOKEN} {CUSTOMER} {BODY}");
    let echoing = |status: u16, content_type: &str, body: String| {
        let reply = Reply::new(status).header("content-type", content_type).body(body);
        let reply = reply.header("www-authenticate", &format!("Basic realm=\"{echo}\"")).header("set-cookie", &echo);
        let reply = reply.header("cache-control", &echo).header("retry-after", CLIENT_SECRET).header(BODY, &echo);
        reply.header("location", &format!("https://{sent}/{API_TOKEN}/{CLIENT_SECRET}")).header("server", &echo)
    };
    let mut steps: Vec<Step> = Vec::new();
    for status in [200, 201, 204, 307, 400, 401, 403, 429, 500, 999] {
        steps.push(echoing(status, "application/json", json!({ "error": echo }).to_string()).into());
        steps.push(echoing(status, "application/json", json!({ "error": CLIENT_SECRET }).to_string()).into());
        steps.push(
            echoing(status, "application/json", json!({ CLIENT_SECRET: { API_TOKEN: [BODY] } }).to_string()).into(),
        );
        steps.push(echoing(status, BODY, format!("<html>{echo}")).into());
        steps.push(
            echoing(status, "application/json", format!("{{\"access_token\":\"{BODY}\",\"token_type\":\"bearer\"}}"))
                .into(),
        );
    }
    for member in ["access_token", "token_type", "expires_in", "scope", "error", BODY] {
        steps.push(TokenReply::new().member(member, echo.as_str()).into());
        steps.push(TokenReply::new().member(member, CLIENT_SECRET).into());
        steps.push(TokenReply::new().member(member, json!({ CLIENT_SECRET: [API_TOKEN] })).into());
        steps.push(TokenReply::new().member(member, json!([BODY])).into());
    }
    steps
}

#[tokio::test]
async fn no_report_of_a_hostile_server_holds_a_secret() {
    let sandbox =
        Sandbox::builder().lean_client_secret(CLIENT_SECRET).leanix_api_token(API_TOKEN).start().await.unwrap();
    let markers = Markers::new([
        ("the client secret", CLIENT_SECRET),
        ("the API token", API_TOKEN),
        ("the customer id", CUSTOMER),
        ("the body", BODY),
    ]);
    let variables = HashMap::from([
        ("LEAN_CLIENT_ID", sandbox.lean_client_id()),
        ("LEAN_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
        ("LEAN_AUTH_URL", sandbox.base_url().to_owned()),
        ("LEAN_CUSTOMER_ID", CUSTOMER.to_owned()),
        ("LEANIX_API_TOKEN", API_TOKEN.to_owned()),
        ("LEANIX_URL", sandbox.base_url().to_owned()),
    ]);
    for (target, provider, sent) in
        [(Target::Lean, sandbox.lean(), CLIENT_SECRET), (Target::Leanix, sandbox.leanix(), API_TOKEN)]
    {
        for step in echoes(sent) {
            provider.script().always(step.clone());
            let report = live(&documents(), target, true, |name| variables.get(name).cloned()).await.unwrap();
            assert!(report.cases.iter().all(|case| !case.exchanges.is_empty()));
            if let Some(leak) = markers.find_in(&everything(&report)) {
                panic!("{target:?} {step:?}: {leak}");
            }
        }
    }
}

#[tokio::test]
async fn a_report_of_a_run_that_went_well_holds_no_token_and_no_credentials() {
    let sandbox = Sandbox::start().await.unwrap();
    let run = local(&documents(), &sandbox).await.unwrap();
    let tokens: Vec<String> = run
        .recorded
        .iter()
        .filter_map(|recorded| {
            let text = String::from_utf8_lossy(&recorded.exchange.received).into_owned();
            let body: serde_json::Value = serde_json::from_str(text.split_once("\r\n\r\n")?.1).ok()?;
            body["access_token"].as_str().map(str::to_owned)
        })
        .collect();
    assert_eq!(tokens.len(), 8, "a token of each case that asks for one");
    let (secret, api_token) = (sandbox.lean_client_secret(), sandbox.leanix_api_token());
    let secrets = tokens.iter().map(|token| ("a token", token.as_str()));
    let markers = Markers::new(secrets.chain([("the client secret", secret.as_str()), ("the API token", &api_token)]));
    assert!(markers.find_in(&String::from_utf8_lossy(&run.recorded[0].exchange.sent)).is_some(), "the search works");
    if let Some(leak) = markers.find_in(&everything(&run.report)) {
        panic!("{leak}");
    }
    let mut rendered = Rendered::default();
    rendered.debug(&run);
    rendered.debug(&RedactedExchange::of(&run.recorded[0].exchange));
    assert_eq!(markers.find_in(rendered.as_str()), None);
}
