//! The formats of a report: machine-readable ones, and the page on a phone.

use std::path::Path;

use auth_contract::{Report, Severity, Target, Verdict, agreement, local};
use auth_sandbox::{Reply, Sandbox, Step, TokenReply};
use serde_json::{Value, json};

use crate::common::{documents, lean, run};

/// A run against Lean in which the first case breaks the contract, and the second is inconclusive.
async fn broken() -> Report {
    let sandbox = Sandbox::start().await.unwrap();
    let hostile = "x]]>\u{1}<script>&\"'\u{1b}[31m\u{fffe}";
    let reply = TokenReply::new().member("expires_in", "soon").member(hostile, hostile).member("scope", hostile);
    sandbox.lean().script().push(reply).push(Step::status(503));
    run(Target::Lean, false, &lean(&sandbox)).await.unwrap()
}

async fn kept() -> Report {
    let sandbox = Sandbox::start().await.unwrap();
    local(&documents(), &sandbox).await.unwrap().report
}

async fn report_with_types() -> Report {
    let mut report = kept().await;
    report.types = agreement(&documents()).unwrap();
    report
}

#[tokio::test]
async fn the_table_has_what_was_expected_and_what_came() {
    let report = broken().await;
    let table = report.table();
    let head = table.lines().find(|line| line.contains("document")).unwrap();
    let column = |name: &str| head.split('┆').position(|cell| cell.trim_matches([' ', '│']) == name);
    let (expected, got) = (column("expected").unwrap(), column("got").unwrap());
    let row = |name: &str| {
        let line = table.lines().find(|line| line.contains(name)).unwrap();
        line.split('┆').map(|cell| cell.trim_matches([' ', '│']).to_owned()).collect::<Vec<_>>()
    };
    let (first, second) = (row("token for the scope api"), row("token for a customer"));
    assert_eq!(
        (first[expected].as_str(), first[got].as_str(), first.last().unwrap().as_str()),
        ("200", "200", "violation")
    );
    assert_eq!((second[expected].as_str(), second[got].as_str()), ("200", "503"));
    assert_eq!(second.last().unwrap(), "inconclusive");
    let sandbox = Sandbox::start().await.unwrap();
    let report = run(Target::Lean, true, &lean(&sandbox)).await.unwrap();
    assert!(report.table().contains("400 or 401"), "{}", report.table());
    sandbox.lean().script().always(Step::close());
    assert!(run(Target::Lean, false, &lean(&sandbox)).await.unwrap().table().contains("no response"));
}

#[tokio::test]
async fn the_json_states_the_version_of_its_schema() {
    let report = broken().await;
    let json: Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(
        (&json["verdict"], &json["status"], &json["fail_on"]),
        (&json!("violation"), &json!("not_kept"), &json!("violation"))
    );
    let case = &json["cases"][1];
    assert_eq!(
        (&case["verdict"], &case["expected"], &case["got"]),
        (&json!("inconclusive"), &json!([200]), &json!(503))
    );
    assert!(case["inconclusive"].as_str().unwrap().contains("503") && json["cases"][0]["inconclusive"].is_null());
    // Every member is documented, and every documented member exists.
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/contract.md")).unwrap();
    let section = text.split("### JSON").nth(1).unwrap();
    let kept: Value = serde_json::from_str(&report_with_types().await.json()).unwrap();
    for (what, value) in [
        ("type", &kept["types"][0]),
        ("report", &json),
        ("case", &json["cases"][0]),
        ("finding", &json["cases"][0]["findings"][0]),
        ("place", &json["cases"][0]["findings"][0]["place"]),
        ("document", &json["documents"][0]),
        ("exchange", &json["cases"][0]["exchanges"][0]),
    ] {
        for name in value.as_object().unwrap().keys() {
            assert!(section.contains(&format!("| {what} | `{name}` |")), "{what}: `{name}` is not documented");
        }
    }
    for row in section.lines().filter(|line| line.starts_with("| report |")) {
        let name = row.split('`').nth(1).unwrap();
        assert!(json.get(name).is_some(), "`{name}` is documented and not there");
    }
}

#[tokio::test]
async fn the_junit_report_fails_where_the_run_fails() {
    let report = broken().await;
    let text = report.junit().unwrap();
    let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let root = document.root_element();
    let counts = |node: roxmltree::Node<'_, '_>| {
        ["tests", "failures", "errors"].map(|name| node.attribute(name).unwrap().to_owned())
    };
    assert_eq!((root.tag_name().name(), counts(root)), ("testsuites", ["2", "1", "1"].map(str::to_owned)));
    let named = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).collect::<Vec<_>>();
    assert_eq!(named("testsuite").len(), 1);
    assert_eq!(counts(named("testsuite")[0]), ["2", "1", "1"].map(str::to_owned));
    let cases = named("testcase");
    assert_eq!(cases[0].attribute("name"), Some("token for the scope api"));
    assert!(cases[0].attribute("classname").unwrap().starts_with("http://127.0.0.1:"));
    let failure = cases[0].children().find(|node| node.has_tag_name("failure")).unwrap();
    assert!(failure.text().unwrap().contains("violation: server, body /expires_in: has the wrong type"), "{text}");
    let error = cases[1].children().find(|node| node.has_tag_name("error")).unwrap();
    assert!(error.attribute("message").unwrap().contains("503"), "{text}");
    assert!(named("system-out")[1].text().unwrap().starts_with("expected 200, got 503; client outcome: "), "{text}");

    let mut report = report_with_types().await;
    let text = report.junit().unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    assert_eq!(counts(document.root_element()), ["22", "0", "0"], "14 exchanges, 7 types, and that all is asked for");
    report.types[0].differences.push("MARKER".to_owned());
    report.uncovered.push("specs/lean-auth.yaml:17 #/servers/3: no case covers this server".to_owned());
    let text = report.junit().unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    assert_eq!(counts(document.root_element()), ["22", "2", "0"], "{text}");
}

#[tokio::test]
async fn drift_fails_a_junit_report_if_the_run_is_to_fail_on_it() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.lean().script().always(TokenReply::new().member("id_token", "abc"));
    let mut report = run(Target::Lean, false, &lean(&sandbox)).await.unwrap();
    assert_eq!(report.verdict(), Verdict::Drift);
    for (fail_on, failures) in [(Severity::Violation, "0"), (Severity::Drift, "2")] {
        report.fail_on = fail_on;
        let text = report.junit().unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        assert_eq!(document.root_element().attribute("failures"), Some(failures), "{text}");
    }
}

#[tokio::test]
async fn the_sarif_report_has_the_structure_of_its_standard() {
    let report = broken().await;
    let log: Value = serde_json::from_str(&report.sarif()).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-schema-2.1.0.json"));
    let run = &log["runs"][0];
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
    let rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert!(run["tool"]["driver"]["name"].is_string());
    let results = run["results"].as_array().unwrap();
    for result in results {
        assert!(rules.contains(&result["ruleId"].as_str().unwrap()), "{result}");
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()), "{result}");
        assert!(!result["message"]["text"].as_str().unwrap().is_empty(), "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(
            uri.starts_with("specs/") || uri.starts_with("https://www.rfc-editor.org/rfc/rfc6749#section-"),
            "{uri}"
        );
        assert!(!uri.contains(' ') && place["region"]["startLine"].as_u64() != Some(0), "{result}");
    }
    let wanted =
        results.iter().find(|result| result["message"]["text"].as_str().unwrap().contains("/expires_in")).unwrap();
    assert_eq!((&wanted["ruleId"], &wanted["level"]), (&json!("violation"), &json!("error")));
    assert_eq!(wanted["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "specs/lean-auth.yaml");
    let invocation = &run["invocations"][0];
    assert_eq!((&invocation["executionSuccessful"], &invocation["exitCode"]), (&json!(false), &json!(2)));
    let notification = &invocation["toolExecutionNotifications"][0];
    assert!(notification["message"]["text"].as_str().unwrap().contains("503"), "{notification}");

    let log: Value = serde_json::from_str(&kept().await.sarif()).unwrap();
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!((&invocation["executionSuccessful"], &invocation["exitCode"]), (&json!(true), &json!(0)));
    assert!(log["runs"][0]["results"].as_array().unwrap().iter().all(|result| result["level"] == "note"));
    let mut report = report_with_types().await;
    report.types[0].differences.push("MARKER".to_owned());
    report.uncovered.push("specs/lean-auth.yaml:17 #/servers/3: no case covers this server".to_owned());
    let log: Value = serde_json::from_str(&report.sarif()).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let of = |rule: &str| results.iter().find(|result| result["ruleId"] == rule).unwrap();
    assert_eq!(of("uncovered")["message"]["text"], "no case covers this server");
    assert_eq!(of("uncovered")["locations"][0]["physicalLocation"]["region"]["startLine"], 17);
    assert!(of("type")["message"]["text"].as_str().unwrap().contains("MARKER"));
}

#[tokio::test]
async fn the_extension_of_a_file_selects_the_format_of_the_report() {
    let (report, folder) = (broken().await, tempfile::tempdir().unwrap());
    for (name, start) in [
        ("a.html", "<!doctype html>"),
        ("a.json", "{\n  \"schema_version\": 1"),
        ("a.sarif", "{\n  \"$schema\""),
        ("a.sarif.json", "{\n  \"$schema\""),
        ("a.xml", "<?xml version=\"1.0\""),
    ] {
        let file = folder.path().join("new").join(name);
        report.write(&file).unwrap();
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.starts_with(start), "{name}: {text:.80}");
    }
    for name in ["a", "json", ".txt", "a.yaml"] {
        let error = report.write(&folder.path().join(name)).unwrap_err().to_string();
        assert!(error.contains(".html, .json, .sarif or .xml"), "{error}");
    }
}

#[tokio::test]
async fn the_page_shows_expected_and_got_and_a_sign_on_what_can_be_opened() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.lean().script().push(Reply::oauth_error(400, "invalid_request")).push(Step::status(503));
    let page = run(Target::Lean, false, &lean(&sandbox)).await.unwrap().html().unwrap();
    for part in [
        r#"<meta name="viewport" content="width=device-width, initial-scale=1">"#,
        "expected 200, got 400",
        "expected 200, got 503",
        r#"<span class="badge inconclusive">inconclusive</span>"#,
        // A grid has no marker.
        "summary::before",
        "details[open] > summary::before",
        "summary::-webkit-details-marker",
        "@media (max-width: 40rem)",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let tables = page.matches("<table>").count();
    assert!(
        tables > 0 && page.matches(r#"<div class="scroll"><table>"#).count() == tables,
        "tables scroll, the page does not"
    );
}
