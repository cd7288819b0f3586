//! How much `codegen` says, and in which form.

use std::path::Path;

use serde_json::Value;

use crate::copy::{Copy, Said, command};
use crate::deadlines::output;

/// A document with one operation that is generated, one that is left out, and a row that loses nothing.
const DOCUMENT: &str = "\
openapi: 3.0.3
info: { title: Pets, version: '1' }
paths:
  /pets:
    get: { responses: { '204': { description: none } } }
    trace:
      operationId: add
      requestBody: { required: true, content: { text/plain: { schema: { type: string } } } }
      responses: { '204': { description: added } }
";

const SUMMARY: &str = "pets: 1 operation, 1 left out, 1 loss; files: 6 changes: ";

const LOSS: &str = "leave-out: TRACE /pets was left out";

#[test]
fn a_document_has_one_line_and_each_loss_one_warning() {
    let copy = Copy::with_document(DOCUMENT);
    let said = copy.run(&["codegen"]).passed();
    assert!(said.stdout.starts_with(SUMMARY), "{}", said.stdout);
    assert_eq!(said.stdout.lines().filter(|line| !line.starts_with("  changes since HEAD")).count(), 1);
    assert_eq!((said.stdout.matches("was left out").count(), said.stderr.matches(LOSS).count()), (0, 1));
}

#[test]
fn every_row_and_operation_is_listed_on_request() {
    let copy = Copy::with_document(DOCUMENT);
    for option in ["--verbose", "-v"] {
        let said = copy.twin().run(&["codegen", option]).passed();
        assert!(said.stdout.contains(SUMMARY), "{}", said.stdout);
        for row in ["operation-id: line 5", "leave-out: line ", "operation: GET /pets as `get_pets`"] {
            assert_eq!(said.stdout.matches(row).count(), 1, "{}", said.stdout);
        }
        assert_eq!(said.stderr, "");
    }
}

#[test]
fn a_quiet_run_prints_nothing_but_errors() {
    let copy = Copy::with_document(DOCUMENT);
    for option in ["--quiet", "-q"] {
        let said = copy.run(&["codegen", option]).passed();
        assert_eq!((said.stdout.as_str(), said.stderr.as_str()), ("", ""));
    }
    copy.edit("crates/pets/src/lib.rs", "Client for", "Server for");
    let said = copy.run(&["codegen", "--check", "-q"]);
    assert_eq!(said.stdout, "");
    said.failed(&["not as generated: crates/pets"]);
}

#[test]
fn losses_beyond_the_limit_are_counted() {
    let mut document = DOCUMENT.to_owned();
    let body = "requestBody: { required: true, content: { text/plain: { schema: { type: string } } } }";
    for number in 0..30 {
        document.push_str(&format!("  /more/{number}:\n    trace: {{ operationId: add{number}, {body}, responses: {{ '204': {{ description: x }} }} }}\n"));
    }
    let copy = Copy::with_document(&document);
    let said = copy.run(&["codegen"]).passed();
    assert!(said.stdout.starts_with("pets: 1 operation, 31 left out, 31 losses; "), "{}", said.stdout);
    assert_eq!(said.stderr.matches("leave-out: ").count(), 20);
    assert!(said.stderr.contains("11 more losses are not shown here") && said.stderr.contains("`--verbose`"));
    assert_eq!(copy.run(&["codegen", "-v"]).passed().stdout.matches("leave-out: ").count(), 31);
}

fn read(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {}", said.stdout))
}

#[test]
fn json_is_printed_on_success_and_on_failure() {
    let good = Copy::with_document(DOCUMENT);
    let value = read(&good.run(&["codegen", "--json"]).passed());
    assert_eq!(value["problems"], Value::Array(vec![]));
    assert_eq!(value["documents"][0]["summary"].to_string(), r#"{"operations":1,"left_out":1,"losses":1}"#);
    let stale = good.twin();
    stale.edit("crates/pets/src/lib.rs", "Client for", "Server for");
    let bad = Copy::with_document(DOCUMENT);
    bad.write("specs/pets.yaml", "openapi: [");
    let bare = Copy::with_document(DOCUMENT);
    std::fs::remove_dir_all(bare.path("specs")).expect("removed");
    for (copy, arguments, message, code, count) in [
        (&stale, &["--check", "--json"][..], "not as generated: crates/pets", 1, 1),
        (&good, &["--strict", "--json"], "meaning would be lost: leave-out: TRACE /pets was left out", 1, 0),
        (&bad, &["--json"], "not valid YAML", 1, 0),
        (&good, &["--json", "cats"], "there is no document called `cats`", 1, 0),
        (&good, &["--json", "--spec", "nosuch.yaml", "--out", "out"], "nosuch.yaml", 1, 0),
        (&bare, &["--json"], "has no folder `specs`", 1, 0),
        (&good, &["--json", "--nosuch"], "unexpected argument '--nosuch'", 2, 0),
        (&good, &["--json", "--verbose"], "'--json' cannot be used with", 2, 0),
        (&good, &["--json", "--spec", "a.yaml"], "were not provided: --out <DIR>", 2, 0),
    ] {
        let said = copy.run(&[&["codegen"], arguments].concat());
        assert_eq!(said.code, Some(code), "{arguments:?}");
        let value = read(&said);
        let problem = &value["problems"][0];
        let text = format!("{} {}", problem["message"], problem["file"]);
        assert!(text.contains(&message.replace('"', "\\\"")), "{arguments:?}: {value:#}");
        assert_eq!(problem["severity"], "error", "{arguments:?}: {value:#}");
        assert!(problem["remedy"].is_string(), "{arguments:?}: {value:#}");
        assert_eq!(value["documents"].as_array().map(Vec::len), Some(count), "{arguments:?}: {value:#}");
    }
    let value = read(&bad.run(&["codegen", "--json"]));
    assert_eq!((&value["problems"][0]["file"], &value["problems"][0]["line"]), (&"specs/pets.yaml".into(), &1.into()));
    let value = read(&stale.run(&["codegen", "--check", "--json"]));
    assert_eq!(value["documents"][0]["files"]["different"], Value::Array(vec!["crates/pets/src/lib.rs".into()]));
    let said = good.run(&["codegen", "--json", "--timings"]).passed();
    assert!(read(&said)["documents"].is_array() && said.stderr.contains("milliseconds"), "{}", said.stderr);
}

#[test]
fn the_json_report_of_changes_is_json_on_failure_as_well() {
    let copy = Copy::with_document(DOCUMENT);
    for option in [&["--json"][..], &["--format", "json"]] {
        let said = copy.run(&[&["diff", "cats"], option].concat());
        assert_eq!(said.code, Some(1));
        assert!(
            read(&said)["problems"][0]["message"].as_str().is_some_and(|it| it.contains("cats")),
            "{}",
            said.stdout
        );
    }
    for (arguments, message) in [
        (&["--json"][..], "were not provided: <NAME|OLD>"),
        (&["pets", "--json", "--format", "text"], "'--json' cannot be used with"),
        (&["pets", "--format", "json", "--nosuch"], "unexpected argument '--nosuch'"),
        (&["pets", "--format=json", "--fail-on", "nosuch"], "invalid value 'nosuch'"),
    ] {
        let said = copy.run(&[&["diff"], arguments].concat());
        assert_eq!(said.code, Some(1), "{arguments:?}");
        let problem = &read(&said)["problems"][0];
        assert!(problem["message"].as_str().is_some_and(|it| it.contains(message)), "{arguments:?}: {problem}");
        assert_eq!(problem["remedy"], "see `cargo xtask diff --help`");
    }
}

#[test]
fn the_program_says_its_version() {
    let mut command = command(Path::new("."), &["--version"]);
    let said = Said::of(output(&mut command)).passed();
    assert_eq!(said.stdout, concat!("cargo xtask ", env!("CARGO_PKG_VERSION"), "\n"));
}
