//! Approved changes, reports in files, and two files of no workspace.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::copy::{Copy, Said};
use crate::deadlines::output;
use crate::diff::{PETS, commit, repository, vendor_asks_for_more};

fn json_of(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).expect("JSON")
}

/// The key of the one finding there is.
fn key(copy: &Copy) -> String {
    let report = json_of(&copy.run(&["diff", "pets", "--json"]).passed());
    report["findings"][0]["key"].as_str().expect("a key").to_owned()
}

fn approve(copy: &Copy, key: &str) {
    let text = format!("approved:\n  - key: '{key}'\n    finding: the kind of a pet\n    reason: agreed on in March\n");
    copy.write("specs/pets.approved.yaml", &text);
}

/// Runs the command in a folder without a workspace.
fn run_in_folder(folder: &TempDir, args: &[&str]) -> Said {
    let ended = output(
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .env_remove("CARGO_MANIFEST_DIR")
            .current_dir(folder.path())
            .args(args),
    );
    Said::of(ended)
}

fn two_files(old: &str, new: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    fs::write(folder.path().join("old.yaml"), old).expect("written");
    fs::write(folder.path().join("new.yaml"), new).expect("written");
    folder
}

#[test]
fn an_approved_change_is_reported_and_does_not_fail() {
    let copy = repository();
    vendor_asks_for_more(&copy);
    approve(&copy, &key(&copy));
    let said = copy.run(&["diff", "pets", "--fail-on", "breaking"]).passed();
    assert!(said.stdout.contains("\n      approved: agreed on in March\n"), "{}", said.stdout);
    assert!(said.stdout.contains("breaking: 1 change\n") && !said.stdout.contains("stale"), "{}", said.stdout);
    let report = json_of(&copy.run(&["diff", "pets", "--json"]).passed());
    assert_eq!(report["findings"][0]["approved"], "agreed on in March");
    assert_eq!(report["summary"]["approved"], 1);
    assert_eq!(report["approvals"], json!({ "file": "specs/pets.approved.yaml", "stale": [] }));
    // Something else is not approved with it.
    copy.edit("specs/pets.yaml", "required: [name, kind]", "required: [name, kind, age]");
    copy.edit("specs/pets.yaml", "kind: { type: string }", "kind: { type: string }\n        age: { type: integer }");
    assert_eq!(copy.run(&["diff", "pets", "--fail-on", "breaking"]).code, Some(2));
    // The crate is generated as ever: the file is no document.
    copy.record("pets");
    copy.run(&["codegen"]).passed();
}

#[test]
fn a_stale_approval_is_reported() {
    let copy = repository();
    vendor_asks_for_more(&copy);
    let found = key(&copy);
    approve(&copy, &found);
    copy.run(&["codegen"]).passed();
    commit(&copy);
    let said = copy.run(&["diff", "pets", "--fail-on", "breaking"]).passed();
    let stale = format!("stale approval: {found} the kind of a pet\n  --> specs/pets.approved.yaml:2\n");
    assert!(said.stdout.contains("no changes\n") && said.stdout.contains(&stale), "{}", said.stdout);
    let report = json_of(&copy.run(&["diff", "pets", "--json"]).passed());
    assert_eq!(report["approvals"]["stale"][0]["key"], found.as_str());
}

#[test]
fn an_incomplete_approval_is_refused_with_its_line() {
    let copy = repository();
    copy.write("specs/pets.approved.yaml", "approved:\n  - key: '0123456789abcdef'\n");
    copy.run(&["diff", "pets"]).failed(&[
        "`reason` is missing",
        "specs/pets.approved.yaml:2",
        "remedy: write `approved:`",
    ]);
}

#[test]
fn a_key_stays_the_same_when_a_change_has_another_place() {
    let document = |count: usize, key: &str| {
        let paths = (0..count).map(|n| {
            format!("  /p{n}:\n    get:\n      operationId: p{n}\n      security: [{{ {key}: [] }}]\n      responses: {{ '204': {{ description: d }} }}\n")
        });
        let schemes = "components:\n  securitySchemes:\n    one: { type: http, scheme: basic }\n    two: { type: apiKey, in: header, name: k }\n";
        PETS.replace("components:\n", &format!("{}{schemes}", paths.collect::<String>()))
    };
    let keys = |count: usize| {
        let folder = two_files(&document(count, "one"), &document(count, "two"));
        let report = json_of(&run_in_folder(&folder, &["diff", "old.yaml", "new.yaml", "--json"]).passed());
        let mut findings = report["findings"].as_array().expect("findings").clone();
        // The keys of the client are those of all operations.
        findings.retain(|it| it["operation"].is_string() || it["count"] != 1);
        assert!(findings.iter().all(|it| it["count"] == count), "{findings:?}");
        findings.iter().map(|it| it["key"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(keys(3), keys(4));
    assert_eq!(keys(3).len(), 3);
}

#[test]
fn two_files_are_compared_without_a_workspace() {
    let folder = two_files(PETS, &PETS.replace("addPet", "add").replace("required: true", "required: false"));
    let said = run_in_folder(&folder, &["diff", "old.yaml", "new.yaml", "--fail-on", "breaking"]);
    assert_eq!(said.code, Some(2), "{}", said.stderr);
    assert!(said.stdout.starts_with("new: new.yaml against old.yaml\n\nbreaking: 2 changes\n"), "{}", said.stdout);
    assert!(said.stdout.ends_with("\nstep: breaking\n"), "{}", said.stdout);
    let report = json_of(&run_in_folder(&folder, &["diff", "old.yaml", "new.yaml", "--json"]).passed());
    assert_eq!((&report["version"], &report["judged_by"]), (&Value::Null, &json!("crates")));
    // The approvals are beside the new file, as its overlay is.
    let keys = report["findings"].as_array().expect("findings").iter().map(|it| it["key"].as_str().expect("a key"));
    let approved = keys.map(|key| format!("  - {{ key: '{key}', reason: r }}\n")).collect::<String>();
    fs::write(folder.path().join("new.approved.yaml"), format!("approved:\n{approved}")).expect("written");
    run_in_folder(&folder, &["diff", "old.yaml", "new.yaml", "--fail-on", "breaking"]).passed();
    run_in_folder(&folder, &["diff", "old.yaml", "no.yaml"]).failed(&["cannot read the document", "diff OLD NEW"]);
    run_in_folder(&folder, &["diff", "old.yaml", "new.yaml", "--against", "x"]).failed(&["cannot be used with"]);
    run_in_folder(&folder, &["diff", "old.yaml", "new.yaml", "--write"]).failed(&["cannot be used with"]);
}

#[test]
fn changes_that_generate_the_same_crate_do_not_fail() {
    let respelled = PETS.replace("schemas/Pet", "schemas/pet").replace("    Pet:", "    pet:");
    let folder = two_files(PETS, &respelled.replace("addPet", "add_pet"));
    let said = run_in_folder(&folder, &["diff", "old.yaml", "new.yaml", "--fail-on", "breaking"]).passed();
    assert!(said.stdout.contains("documentation: 2 changes\n") && said.stdout.contains("step: fix"), "{}", said.stdout);
}

#[test]
fn without_a_crate_the_levels_follow_from_the_documents() {
    let folder = two_files(&PETS.replace("3.0.3", "4.0.0"), &PETS.replace("addPet", "add_pet"));
    let said = run_in_folder(&folder, &["diff", "old.yaml", "new.yaml"]).passed();
    assert!(said.stdout.contains("no crate can be generated from old.yaml"), "{}", said.stdout);
    assert!(said.stdout.contains("operation-renamed") && said.stdout.contains("step: breaking"), "{}", said.stdout);
}

#[test]
fn a_report_is_written_in_the_format_of_each_file_name() {
    let hostile = PETS
        .replace("    Pet:\n", "    Pet:\n      x-a: 1\n")
        .replace("/pets:", "\"/pets<&'\\\"\\e[31m\\x07\\u202e\":")
        .replace("required: [name]", "required: [name, \"k<&\\e\\\"\"]")
        .replace("name: { type: string }", "name: { type: string }\n        \"k<&\\e\\\"\": { type: string }");
    let old = hostile.replace("required: [name, \"k<&\\e\\\"\"]", "required: [name]").replace("A pet.", "Another.");
    let folder = two_files(&old, &hostile);
    let names = ["r.json", "r.sarif", "r.xml", "r.txt"];
    let mut args = vec!["diff", "old.yaml", "new.yaml"];
    names.iter().for_each(|name| args.extend(["--report", name]));
    let said = run_in_folder(&folder, &args).passed();
    let read = || names.map(|name| fs::read_to_string(folder.path().join(name)).expect(name));
    let [json, sarif, junit, text] = read();
    assert_eq!(text, said.stdout);
    for report in [&sarif, &junit, &text] {
        assert!(!report.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}'), "{report:?}");
    }
    let report: Value = serde_json::from_str(&json).expect("JSON");
    let sarif: Value = serde_json::from_str(&sarif).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), report["findings"].as_array().map_or(0, Vec::len));
    assert_eq!(results[0]["level"], "error");
    assert_eq!(results[0]["ruleId"], report["findings"][0]["id"]);
    assert_eq!(results[0]["partialFingerprints"]["finding/v1"], report["findings"][0]["key"]);
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "new.yaml");
    assert_eq!(
        results[0]["locations"][0]["physicalLocation"]["region"]["startLine"],
        report["findings"][0]["new"]["line"]
    );
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    assert!(results.iter().all(|it| rules.iter().any(|rule| rule["id"] == it["ruleId"])), "{sarif:#}");
    assert!(junit.contains("failures=\"1\"") && junit.contains("k&lt;&amp;&quot;"), "{junit}");
    assert_eq!(junit.matches("<testcase ").count(), results.len());
    assert_eq!(junit.matches("</testcase>").count(), results.len());
    // The same input gives the same bytes.
    let before = read();
    run_in_folder(&folder, &args).passed();
    assert_eq!(read(), before);
    for (format, name) in [("json", "r.json"), ("sarif", "r.sarif"), ("junit", "r.xml"), ("text", "r.txt")] {
        let said = run_in_folder(&folder, &["diff", "old.yaml", "new.yaml", "--format", format]).passed();
        assert_eq!(said.stdout, fs::read_to_string(folder.path().join(name)).expect(name));
    }
    let said = run_in_folder(&folder, &["diff", "old.yaml", "new.yaml", "--report", "r.pdf"]);
    said.failed(&["the name of the report has no known extension", ".sarif"]);
}

#[test]
fn an_approved_change_is_suppressed_and_skipped() {
    let copy = repository();
    vendor_asks_for_more(&copy);
    approve(&copy, &key(&copy));
    let report = json_of(&copy.run(&["diff", "pets", "--format", "sarif"]).passed());
    let wanted = json!([{ "kind": "external", "status": "accepted", "justification": "agreed on in March" }]);
    assert_eq!(report["runs"][0]["results"][0]["suppressions"], wanted);
    let junit = copy.run(&["diff", "pets", "--format", "junit"]).passed().stdout;
    assert!(junit.contains("<skipped message=\"approved: agreed on in March\"/>"), "{junit}");
    assert!(junit.contains("tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"1\""), "{junit}");
}
