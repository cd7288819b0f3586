//! What changed, and what is written about it.

use std::process::Command;

use serde_json::{Value, json};

use crate::copy::Copy;
use crate::deadlines::output;

pub(crate) const PETS: &str = "\
openapi: 3.0.3
info: { title: Pets API, version: '1' }
servers: [{ url: 'https://pets.example', description: Production }]
paths:
  /pets:
    post:
      operationId: addPet
      summary: Adds a pet.
      requestBody:
        required: true
        content:
          application/json:
            schema: { $ref: '#/components/schemas/Pet' }
      responses:
        '204': { description: added }
components:
  schemas:
    Pet:
      type: object
      description: A pet.
      required: [name]
      properties:
        name: { type: string }
";

const MANIFEST: &str = "[workspace.package]\nversion = \"0.1.0\"\n\n[workspace.dependencies]\n\
                        pets = { path = \"crates/pets\", version = \"0.1.0\" }\n";
const LOCK: &str = "[[package]]\nname = \"pets\"\nversion = \"0.1.0\"\n";
const CHANGELOG: &str = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Something.\n\n## [0.1.0]\n";

pub(crate) fn git(copy: &Copy, arguments: &[&str]) {
    let user = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"];
    let done = output(Command::new("git").arg("-C").arg(copy.path("")).args(user).args(arguments));
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A repository with one document and its crate, released as 0.1.0.
pub(crate) fn repository() -> Copy {
    let copy = Copy::with_document(PETS);
    for (file, text) in [("Cargo.toml", MANIFEST), ("Cargo.lock", LOCK), ("CHANGELOG.md", CHANGELOG)] {
        copy.write(file, text);
    }
    copy.run(&["codegen"]).passed();
    git(&copy, &["init", "-q", "-b", "main"]);
    commit(&copy);
    git(&copy, &["tag", "v0.1.0"]);
    copy
}

pub(crate) fn commit(copy: &Copy) {
    git(copy, &["add", "-A"]);
    git(copy, &["commit", "-q", "-m", "m"]);
}

/// The vendor requires a new property.
pub(crate) fn vendor_asks_for_more(copy: &Copy) {
    copy.edit("specs/pets.yaml", "required: [name]", "required: [name, kind]");
    copy.edit("specs/pets.yaml", "name: { type: string }", "name: { type: string }\n        kind: { type: string }");
    copy.record("pets");
}

#[test]
fn without_a_change_nothing_is_written() {
    let copy = repository();
    let said = copy.run(&["diff", "pets", "--fail-on", "breaking", "--write"]).passed();
    assert_eq!(said.stdout, "pets: specs/pets.yaml against HEAD:specs/pets.yaml\n  no changes\nnothing to write\n");
    assert_eq!(copy.read("CHANGELOG.md"), CHANGELOG);
    assert!(!copy.path("specs/versions.toml").exists());
}

#[test]
fn a_break_is_told_with_its_places_and_ends_with_status_2_if_asked() {
    let copy = repository();
    vendor_asks_for_more(&copy);
    let said = copy.run(&["diff", "pets"]).passed();
    let report: Value = serde_json::from_str(&copy.run(&["diff", "pets", "--json"]).passed().stdout).expect("JSON");
    let key = report["findings"][0]["key"].as_str().expect("a key");
    assert_eq!(
        said.stdout.replace(key, "0123456789abcdef"),
        "pets: specs/pets.yaml against HEAD:specs/pets.yaml\n\nbreaking: 1 change\n  \
         request-required-property-added: the required property `Pet.kind` was added (requests)\n      \
         api breaking, wire breaking; new line 24, #/components/schemas/Pet/properties/kind\n      \
         key 0123456789abcdef\n\n\
         step: breaking\nversion: 0.1.0 to 0.2.0 (breaking since v0.1.0)\n"
    );
    let said = copy.run(&["diff", "pets", "--fail-on", "breaking"]);
    assert_eq!(said.code, Some(2), "{}", said.stderr);
}

#[test]
fn compatible_changes_do_not_fail() {
    let copy = repository();
    copy.edit(
        "specs/pets.yaml",
        "components:",
        "  /other:\n    get:\n      operationId: other\n      responses: {}\ncomponents:",
    );
    let said = copy.run(&["diff", "pets", "--fail-on", "breaking"]).passed();
    assert!(said.stdout.contains("operation-added: the operation `GET /other` was added"), "{}", said.stdout);
    assert!(said.stdout.contains("step: feature\nversion: 0.1.0 to 0.1.1 (feature since v0.1.0)\n"), "{}", said.stdout);
}

#[test]
fn the_json_report_has_the_documented_form() {
    let copy = repository();
    vendor_asks_for_more(&copy);
    let said = copy.run(&["diff", "pets", "--json"]).passed();
    let mut found: Value = serde_json::from_str(&said.stdout).expect("JSON");
    for side in ["old", "new"] {
        let sum = found[side]["sha256"].take();
        assert_eq!(sum.as_str().map(str::len), Some(64));
    }
    let key = found["findings"][0]["key"].take();
    assert_eq!(key.as_str().map(str::len), Some(16));
    let place = json!({ "pointer": "/components/schemas/Pet/properties/kind", "line": 24 });
    assert_eq!(
        found,
        json!({
            "schema": 1, "name": "pets", "against": "HEAD",
            "old": { "file": "HEAD:specs/pets.yaml", "sha256": null, "overlay": null },
            "new": { "file": "specs/pets.yaml", "sha256": null, "overlay": null },
            "summary": { "breaking": 1, "compatible": 0, "documentation": 0, "approved": 0 },
            "step": "breaking",
            "version": { "released": "0.1.0", "current": "0.1.0", "proposed": "0.2.0" },
            "exposing": [],
            "judged_by": "crates",
            "approvals": null,
            "findings": [{
                "id": "request-required-property-added", "level": "breaking", "api": "breaking", "wire": "breaking",
                "direction": "request", "operation": "POST /pets", "old": null, "new": place,
                "text": "the required property `Pet.kind` was added (requests)",
                "count": 1, "examples": [{ "operation": "POST /pets", "old": null, "new": place }],
                "key": null, "approved": null,
            }],
        })
    );
}

#[test]
fn writing_twice_writes_once() {
    let copy = repository();
    vendor_asks_for_more(&copy);
    let said = copy.run(&["diff", "pets", "--write"]).passed();
    for file in ["CHANGELOG.md", "specs/versions.toml", "Cargo.toml", "Cargo.lock"] {
        assert!(said.stdout.contains(&format!("wrote {file}\n")), "{}", said.stdout);
    }
    let entry =
        "- Something.\n- `pets`: **breaking**: the required property `Pet.kind` was added (requests).\n\n## [0.1.0]\n";
    assert!(copy.read("CHANGELOG.md").ends_with(entry), "{}", copy.read("CHANGELOG.md"));
    assert!(copy.read("specs/versions.toml").ends_with("\npets = \"0.2.0\"\n"));
    assert!(copy.read("Cargo.toml").ends_with("pets = { path = \"crates/pets\", version = \"0.2.0\" }\n"));
    assert!(copy.read("Cargo.lock").contains("version = \"0.2.0\""));
    assert!(copy.read("crates/pets/Cargo.toml").contains("\nversion = \"0.2.0\"\n"));
    copy.run(&["codegen", "--check"]).passed();
    let texts =
        |copy: &Copy| ["CHANGELOG.md", "specs/versions.toml", "Cargo.toml", "Cargo.lock"].map(|file| copy.read(file));
    let before = texts(&copy);
    let again = copy.run(&["diff", "pets", "--write"]).passed();
    assert!(!again.stdout.contains("wrote"), "{}", again.stdout);
    assert_eq!(texts(&copy), before);
}

#[test]
fn a_crate_that_has_a_changelog_gets_its_entries_there() {
    let copy = repository();
    copy.write("crates/pets/CHANGELOG.md", CHANGELOG);
    vendor_asks_for_more(&copy);
    let said = copy.run(&["diff", "pets", "--write"]).passed();
    assert!(said.stdout.contains("wrote crates/pets/CHANGELOG.md\n"), "{}", said.stdout);
    let entry = "- `pets`: **breaking**: the required property `Pet.kind` was added (requests).\n";
    assert!(copy.read("crates/pets/CHANGELOG.md").contains(entry), "{}", copy.read("crates/pets/CHANGELOG.md"));
    assert_eq!(copy.read("CHANGELOG.md"), CHANGELOG);
    copy.write("crates/pets/CHANGELOG.md", "# Changelog\n");
    copy.run(&["diff", "pets", "--write"]).failed(&["no heading `## [Unreleased]`", "crates/pets/CHANGELOG.md"]);
}

#[test]
fn nothing_is_written_if_the_crate_cannot_be_generated() {
    let copy = repository();
    let text = copy.read("specs/pets.yaml");
    let version = text.lines().find(|line| line.starts_with("openapi:")).expect("a version").to_owned();
    copy.edit("specs/pets.yaml", &version, "openapi: 3.2.0");
    copy.edit("specs/pets.yaml", "      operationId: addPet\n", "");
    copy.record("pets");
    copy.run(&["diff", "pets", "--write"]).failed(&["OpenAPI 3.2.0"]);
    assert_eq!(copy.read("CHANGELOG.md"), CHANGELOG);
    assert!(!copy.path("specs/versions.toml").exists());
}

#[test]
fn both_sides_are_read_after_their_overlays() {
    let copy = repository();
    copy.write(
        "specs/pets.overlay.yaml",
        "overlay: 1.0.0\ninfo: { title: t, version: '1' }\nactions:\n  - target: $.components.schemas.Pet\n    \
         description: why\n    update: { required: [tag], properties: { tag: { type: string } } }\n",
    );
    let said = copy.run(&["diff", "pets", "--json"]).passed();
    let found: Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!(found["findings"][0]["id"], "request-required-property-added", "{found}");
    assert_eq!(found["findings"][0]["new"]["line"], Value::Null, "what an overlay adds has no line");
    commit(&copy);
    assert!(copy.run(&["diff", "pets"]).passed().stdout.contains("no changes"));
    assert!(copy.run(&["diff", "pets", "--against", "HEAD~1"]).passed().stdout.contains("`Pet.tag` was added"));
}

#[test]
fn a_file_can_be_compared_with() {
    let copy = repository();
    copy.write("old/earlier.yaml", &PETS.replace("'1'", "'0'"));
    let file = copy.path("old/earlier.yaml").display().to_string();
    let said = copy.run(&["diff", "pets", "--against", &file]).passed();
    assert!(said.stdout.contains("the version of the API is 1, no longer 0"), "{}", said.stdout);
    assert!(said.stdout.ends_with("step: fix\nversion: 0.1.0 (unchanged since v0.1.0)\n"), "{}", said.stdout);
}

#[test]
fn a_missing_document_or_commit_is_reported_with_a_remedy() {
    let copy = repository();
    copy.run(&["diff", "dogs"]).failed(&["no document called `dogs`", "use one of these names: pets"]);
    copy.run(&["diff", "pets", "--against", "v9"])
        .failed(&["`v9` is neither a commit nor a file", "--against REF|FILE"]);
    copy.run(&["diff", "pets", "--against=--all"]).failed(&["`--all` is neither a commit nor a file"]);
    copy.run(&["diff"]).failed(&["NAME"]);
    copy.write("specs/cats.yaml", PETS);
    copy.run(&["diff", "cats"]).failed(&["HEAD has no document called `cats`", "--against REF|FILE"]);
    copy.write("old.yaml", "a: [1\n");
    let file = copy.path("old.yaml").display().to_string();
    copy.run(&["diff", "pets", "--against", &file]).failed(&["not valid YAML", "old.yaml:"]);
    copy.write("specs/versions.toml", "pets = 1\n");
    copy.run(&["codegen"]).failed(&["specs/versions.toml:1", "remedy: write `NAME = \"1.2.3\"`"]);
}

#[test]
fn outside_a_repository_only_a_file_can_be_compared() {
    let copy = Copy::with_document(PETS);
    copy.run(&["diff", "pets"]).failed(&["is not inside a git repository", "--against FILE"]);
    let said = copy.run(&["codegen"]).passed();
    assert!(said.stdout.contains("changes since HEAD: not known"), "{}", said.stdout);
}

#[test]
fn codegen_reports_changes_of_the_document() {
    let copy = repository();
    assert!(!copy.run(&["codegen"]).passed().stdout.contains("changes since HEAD"));
    vendor_asks_for_more(&copy);
    let said = copy.run(&["codegen"]).passed();
    let line = "  breaking: request-required-property-added: the required property `Pet.kind` was added (requests)\n";
    assert!(said.stdout.contains(line), "{}", said.stdout);
    assert!(said.stdout.contains("  changes since HEAD: 1; see `cargo xtask diff pets`\n"), "{}", said.stdout);
}

#[test]
fn a_change_in_many_places_is_reported_once_with_three_of_them() {
    let copy = repository();
    let operation = |n: usize, key: &str| {
        format!(
            "  /p{n}:\n    get:\n      operationId: p{n}\n      security: [{{ {key}: [] }}]\n      responses: {{ '204': {{ \
             description: d }} }}\n"
        )
    };
    let document = |key: &str, kind: &str| {
        let paths = (0..111).map(|n| operation(n, key)).collect::<String>();
        let schemes = format!("components:\n  securitySchemes:\n    {key}: {kind}\n");
        PETS.replace("components:\n", &format!("{paths}{schemes}"))
    };
    let basic = "{ type: http, scheme: basic }";
    copy.write("a.yaml", &document("one", basic));
    copy.write("specs/pets.yaml", &document("two", basic));
    let file = copy.path("a.yaml").display().to_string();
    let said = copy.run(&["diff", "pets", "--against", &file, "--fail-on", "breaking"]).passed();
    let (_, finding) = said.stdout.split_once("documentation: 1 change\n").expect("one change");
    assert_eq!(
        finding,
        "  security-scheme-renamed: the security scheme `one` is named `two` now; it is used in 111 places\n      \
         old line 573, #/components/securitySchemes/one; new line 573, #/components/securitySchemes/two\n      \
         in 111 places: `GET /p0`, `GET /p1`, `GET /p2` and 108 more\n\nstep: fix\nversion: 0.1.0 to 0.1.1 \
         (feature since v0.1.0)\n"
    );
    copy.write("specs/pets.yaml", &document("two", "{ type: apiKey, in: header, name: k }"));
    let said = copy.run(&["diff", "pets", "--against", &file, "--json"]).passed();
    let found: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let findings = found["findings"].as_array().expect("findings");
    let gone = findings.iter().find(|it| it["id"] == "security-alternative-removed").expect("one");
    assert_eq!(gone["text"], "`GET /p0` no longer accepts `one`, and the same in 110 more places");
    assert_eq!((gone["count"].as_u64(), gone["examples"].as_array().map(Vec::len)), (Some(111), Some(3)));
    assert_eq!(findings.len(), 6, "{findings:?}");
}
