//! Versions rise for a release and not for a commit, and two branches come to the same ones.

use std::process::Command;

use crate::copy::{Copy, run_in};
use crate::deadlines::output;
use crate::diff::{PETS, commit, git, repository, vendor_asks_for_more};

/// Makes one thing more required.
fn vendor_asks_for(copy: &Copy, name: &str, thing: &str) {
    let file = format!("specs/{name}.yaml");
    copy.edit(&file, "required: [name", &format!("required: [name, {thing}"));
    let property = format!("name: {{ type: string }}\n        {thing}: {{ type: string }}");
    copy.edit(&file, "name: { type: string }", &property);
    copy.record(name);
}

/// Adds an operation.
fn vendor_offers(copy: &Copy, path: &str) {
    let operation = format!("  /{path}:\n    get:\n      operationId: {path}\n      responses: {{}}\ncomponents:");
    copy.edit("specs/pets.yaml", "components:", &operation);
    copy.record("pets");
}

fn version(copy: &Copy, name: &str) -> String {
    let record = copy.read("specs/versions.toml");
    let line = record.lines().find_map(|line| line.strip_prefix(&format!("{name} = "))).unwrap_or_default();
    line.trim_matches('"').to_owned()
}

fn write(copy: &Copy, name: &str) -> String {
    let said = copy.run(&["diff", name, "--write"]).passed().stdout;
    commit(copy);
    said
}

#[test]
fn a_version_rises_once_per_release_by_the_largest_step() {
    let copy = repository();
    for (change, expected) in [
        (&(|copy: &Copy| vendor_offers(copy, "one")) as &dyn Fn(&Copy), "0.1.1"),
        (&|copy: &Copy| vendor_offers(copy, "two"), "0.1.1"),
        (&|copy: &Copy| vendor_asks_for(copy, "pets", "kind"), "0.2.0"),
        (&|copy: &Copy| vendor_asks_for(copy, "pets", "size"), "0.2.0"),
        (&|copy: &Copy| vendor_offers(copy, "three"), "0.2.0"),
    ] {
        change(&copy);
        let said = write(&copy, "pets");
        assert_eq!(version(&copy, "pets"), expected, "{said}");
        copy.run(&["versions"]).passed();
    }
    git(&copy, &["tag", "pets-v0.2.0"]);
    assert_eq!(copy.run(&["versions"]).passed().stdout, "pets  0.2.0, needs 0.2.0: unchanged since pets-v0.2.0\n");
    vendor_asks_for(&copy, "pets", "age");
    write(&copy, "pets");
    assert_eq!(version(&copy, "pets"), "0.3.0");
}

#[test]
fn a_reverted_break_does_not_lower_the_version() {
    let copy = repository();
    let before = copy.read("specs/pets.yaml");
    vendor_asks_for_more(&copy);
    write(&copy, "pets");
    copy.write("specs/pets.yaml", &before);
    copy.record("pets");
    write(&copy, "pets");
    // A person may lower it; nothing asks for that.
    assert_eq!(version(&copy, "pets"), "0.2.0");
    copy.run(&["versions"]).passed();
}

#[test]
fn a_crate_that_was_never_released_keeps_its_version() {
    let copy = repository();
    git(&copy, &["tag", "-d", "v0.1.0"]);
    copy.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n");
    vendor_asks_for_more(&copy);
    let said = copy.run(&["diff", "pets", "--write"]).passed();
    assert!(said.stdout.contains("step: breaking\nversion: 0.1.0 (not released)\n"), "{}", said.stdout);
    assert!(copy.read("CHANGELOG.md").contains("`pets`: **breaking**"), "{}", copy.read("CHANGELOG.md"));
    assert!(copy.read("Cargo.toml").contains("pets = { path = \"crates/pets\", version = \"0.1.0\" }"));
    copy.run(&["codegen", "--check"]).passed();
    assert_eq!(copy.run(&["versions"]).passed().stdout, "pets  0.1.0, needs 0.1.0: not released\n");
}

#[test]
fn a_version_that_is_too_low_is_reported_with_the_command() {
    let copy = repository();
    vendor_asks_for_more(&copy);
    copy.run(&["codegen"]).passed();
    commit(&copy);
    let command = "cargo xtask diff pets --against v0.1.0 --write";
    copy.run(&["versions"]).failed(&[
        "`pets` has version 0.1.0 and needs 0.2.0 (breaking since v0.1.0: the required property `Pet.kind` was added",
        "specs/versions.toml",
        &format!("remedy: run `{command}`"),
    ]);
    let words: Vec<&str> = command.split(' ').skip(2).collect();
    copy.run(&words).passed();
    assert!(copy.read("CHANGELOG.md").contains("the required property `Pet.kind` was added"));
    copy.run(&["versions"]).passed();
    copy.run(&["codegen", "--check"]).passed();
}

#[test]
fn the_dry_run_and_the_json_report_have_the_version() {
    let copy = repository();
    copy.write(
        "new.yaml",
        &PETS
            .replace("required: [name]", "required: [name, kind]")
            .replace("name: { type: string }", "name: { type: string }\n        kind: { type: string }"),
    );
    let from = copy.path("new.yaml").display().to_string();
    let said = copy.run(&["specs", "update", "pets", "--from", &from, "--dry-run"]).passed();
    assert!(said.stdout.contains("version: 0.1.0 to 0.2.0 (breaking since v0.1.0)\n"), "{}", said.stdout);
    copy.write("specs/pets.yaml", &copy.read("new.yaml"));
    copy.record("pets");
    let said = copy.run(&["diff", "pets", "--write", "--json"]).passed();
    let json: serde_json::Value = serde_json::from_str(&said.stdout).expect("nothing but JSON");
    assert_eq!(json["version"]["proposed"], "0.2.0");
    assert!(said.stderr.contains("wrote CHANGELOG.md\n"), "{}", said.stderr);
}

#[test]
fn an_item_removed_from_a_public_api_requires_a_version() {
    let copy = repository();
    hand_written(&copy, "pub fn shop::open()\npub fn shop::close()\n");
    git(&copy, &["tag", "v0.1.1"]);
    copy.edit("docs/public-api/shop.txt", "pub fn shop::close()\n", "pub fn shop::shut()\n");
    copy.run(&["versions"]).failed(&[
        "`shop` has version 0.1.0 and needs 0.2.0 (breaking since v0.1.1: `pub fn shop::close()` was removed)",
        "remedy: set `version` in `[workspace.package]` to 0.2.0, and that of `shop`",
        "then run `cargo update --workspace`",
    ]);
    copy.edit("Cargo.toml", "version = \"0.1.0\"", "version = \"0.2.0\"");
    copy.run(&["versions"]).passed();
    copy.edit("crates/shop/Cargo.toml", "version.workspace = true", "version = \"0.1.0\"");
    copy.run(&["versions"]).failed(&["crates/shop/Cargo.toml", "set `version` in crates/shop/Cargo.toml"]);
}

/// A crate that is written by hand, with this public API.
fn hand_written(copy: &Copy, api: &str) {
    copy.write("crates/shop/Cargo.toml", "[package]\nname = \"shop\"\nversion.workspace = true\n");
    copy.write("docs/public-api/shop.txt", &format!("# format 57.\n{api}"));
    commit(copy);
}

#[test]
fn a_crate_that_exposes_a_broken_one_breaks_as_well() {
    let copy = repository();
    hand_written(&copy, "pub fn shop::Shop::new(pets::Client) -> Self\n");
    git(&copy, &["tag", "v0.1.1"]);
    vendor_offers(&copy, "one");
    let said = copy.run(&["diff", "pets"]).passed();
    assert!(!said.stdout.contains("shop"), "what does not break does not spread: {}", said.stdout);
    vendor_asks_for_more(&copy);
    let line = "shop: breaks as well, it exposes `pets`; version: 0.1.0 to 0.2.0 (breaking since v0.1.1)\n";
    assert!(copy.run(&["diff", "pets"]).passed().stdout.contains(line));
    let json: serde_json::Value =
        serde_json::from_str(&copy.run(&["diff", "pets", "--json"]).passed().stdout).expect("JSON");
    assert_eq!(
        json["exposing"],
        serde_json::json!([{ "name": "shop", "exposed": "pets", "version": { "released": "0.1.0", "current": "0.1.0", "proposed": "0.2.0" } }])
    );
    let said = copy.run(&["codegen", "pets"]).passed();
    assert!(said.stdout.contains("  breaking: `shop` breaks as well, it exposes `pets`\n"), "{}", said.stdout);
    let said = copy.run(&["diff", "pets", "--write"]).passed();
    let next = "next: set `version` in `[workspace.package]` to 0.2.0, and that of `shop`";
    assert!(said.stdout.contains(next), "{}", said.stdout);
    let log = copy.read("CHANGELOG.md").split_whitespace().collect::<Vec<_>>().join(" ");
    let entry = "- `shop`: **breaking**: `pets`, whose types are in its public API, has breaking changes.";
    assert_eq!(log.matches(entry).count(), 1, "{log}");
    copy.run(&["versions"]).failed(&["`shop` has version 0.1.0 and needs 0.2.0", "`pets`, which it exposes, breaks"]);
    copy.edit("Cargo.toml", "[workspace.package]\nversion = \"0.1.0\"", "[workspace.package]\nversion = \"0.2.0\"");
    copy.run(&["versions"]).passed();
    let again = copy.run(&["diff", "pets", "--write"]).passed();
    assert!(!again.stdout.contains("wrote") && !again.stdout.contains("next:"), "{}", again.stdout);
}

#[test]
fn without_a_history_versions_are_not_known() {
    let copy = repository();
    git(&copy, &["tag", "-d", "v0.1.0"]);
    vendor_asks_for_more(&copy);
    let said = copy.run(&["diff", "pets"]).passed();
    assert!(said.stdout.contains("version: not known, the release 0.1.0 has no tag"), "{}", said.stdout);
    let remedy = "run `git fetch --tags`; if the tag was never created, run `git tag v0.1.0 COMMIT`";
    for command in [&["versions"][..], &["diff", "pets", "--write"]] {
        copy.run(command).failed(&["the release 0.1.0 has no tag", "CHANGELOG.md:9", remedy]);
    }
    assert!(!copy.path("specs/versions.toml").exists());
    commit(&copy);
    let folder = tempfile::tempdir().expect("a folder");
    let clone = folder.path().join("clone");
    let from = format!("file://{}", copy.path("").display());
    let done = output(Command::new("git").args(["clone", "-q", "--depth", "1", &from]).arg(&clone));
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    run_in(&clone, &["versions"]).failed(&["this clone is shallow", "run `git fetch --unshallow --tags`"]);
    let outside = Copy::with_document(PETS);
    outside.write("Cargo.toml", "[workspace.package]\nversion = \"0.1.0\"\n");
    outside.run(&["versions"]).failed(&["the workspace is not inside a git repository"]);
}

/// Branches `a` and `b` of one repository, with what is done on each, and `main` as it was.
fn branches(copy: &Copy, a: impl Fn(&Copy), b: impl Fn(&Copy)) {
    copy.write(".gitattributes", "CHANGELOG.md merge=union\nspecs/versions.toml merge=union\n");
    commit(copy);
    for (name, change) in [("a", &a as &dyn Fn(&Copy)), ("b", &b)] {
        git(copy, &["checkout", "-q", "-b", name, "main"]);
        change(copy);
    }
}

/// Merges a branch into another; returns the files with conflicts.
fn merge(copy: &Copy, into: &str, from: &str) -> Vec<String> {
    git(copy, &["checkout", "-q", into]);
    let git = |arguments: &[&str]| {
        let user = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"];
        output(Command::new("git").arg("-C").arg(copy.path("")).args(user).args(arguments))
    };
    git(&["merge", "-q", "--no-edit", from]);
    let files = git(&["diff", "--name-only", "--diff-filter=U"]);
    String::from_utf8_lossy(&files.stdout).lines().map(str::to_owned).collect()
}

/// Keeps one side of a file with conflicts.
fn keep(copy: &Copy, side: &str, files: &[String]) {
    files.iter().for_each(|file| git(copy, &["checkout", "-q", side, "--", file]));
}

#[test]
fn two_branches_that_change_one_document_agree_on_a_version() {
    for (into, from) in [("a", "b"), ("b", "a")] {
        let copy = repository();
        branches(
            &copy,
            |copy| {
                vendor_asks_for(copy, "pets", "kind");
                write(copy, "pets");
                assert_eq!(version(copy, "pets"), "0.2.0");
            },
            |copy| {
                vendor_offers(copy, "offers");
                write(copy, "pets");
                assert_eq!(version(copy, "pets"), "0.1.1");
            },
        );
        let conflicts = merge(&copy, into, from);
        // The vendor's changes are in different places, and the changelog has the entries of both.
        for clean in ["specs/pets.yaml", "CHANGELOG.md", "specs/versions.toml"] {
            assert!(!conflicts.iter().any(|it| it == clean), "{clean}: {conflicts:?}");
        }
        let log = copy.read("CHANGELOG.md");
        assert!(log.contains("`Pet.kind` was added") && log.contains("`GET /offers` was added"), "{log}");
        assert!(conflicts.iter().any(|it| it == "specs/README.md"), "{conflicts:?}");
        copy.run(&["codegen"]).failed(&["git has left a conflict in this file", "specs/README.md:3"]);
        keep(&copy, "--ours", &conflicts);
        copy.run(&["codegen"]).failed(&["`pets` has two versions", "keep the line with the higher version"]);
        let record = copy.read("specs/versions.toml").replace("pets = \"0.1.1\"\n", "");
        copy.write("specs/versions.toml", &record);
        copy.record("pets");
        copy.run(&["codegen"]).passed();
        copy.run(&["versions"]).passed();
        let said = copy.run(&["diff", "pets", "--against", "v0.1.0", "--write"]).passed();
        assert_eq!(version(&copy, "pets"), "0.2.0", "{}", said.stdout);
        assert!(copy.read("Cargo.toml").contains("version = \"0.2.0\" }"), "{}", copy.read("Cargo.toml"));
        copy.run(&["codegen", "--check"]).passed();
        let log = copy.read("CHANGELOG.md");
        assert_eq!(log.matches("`Pet.kind` was added").count(), 1, "{log}");
    }
}

#[test]
fn two_branches_that_break_one_crate_agree_on_its_version() {
    let copy = repository();
    branches(
        &copy,
        |copy| {
            vendor_asks_for(copy, "pets", "kind");
            write(copy, "pets");
        },
        |copy| {
            copy.edit("specs/pets.yaml", "  /pets:", "  /animals:");
            copy.edit("specs/pets.yaml", "operationId: addPet", "operationId: addAnimal");
            copy.record("pets");
            write(copy, "pets");
        },
    );
    let conflicts = merge(&copy, "a", "b");
    for clean in ["specs/versions.toml", "Cargo.toml", "Cargo.lock", "CHANGELOG.md"] {
        assert!(!conflicts.iter().any(|it| it == clean), "{clean}: {conflicts:?}");
    }
    assert_eq!(version(&copy, "pets"), "0.2.0");
    keep(&copy, "--ours", &conflicts);
    copy.record("pets");
    copy.run(&["codegen"]).passed();
    copy.run(&["versions"]).passed();
    copy.run(&["codegen", "--check"]).passed();
}

#[test]
fn two_branches_that_change_two_documents_record_both_versions() {
    let copy = repository();
    let cats = PETS.replace("Pet", "Cat");
    copy.write("specs/cats.yaml", &cats);
    copy.edit("specs/README.md", "| `pets.yaml`", &format!("| `cats.yaml` | `{:064}` |\n| `pets.yaml`", 0));
    copy.record("cats");
    copy.edit("Cargo.toml", "pets = {", "cats = { path = \"crates/cats\", version = \"0.1.0\" }\npets = {");
    copy.run(&["codegen"]).passed();
    commit(&copy);
    git(&copy, &["tag", "v0.1.1"]);
    branches(
        &copy,
        |copy| {
            vendor_asks_for(copy, "pets", "kind");
            write(copy, "pets");
        },
        |copy| {
            vendor_asks_for(copy, "cats", "kind");
            write(copy, "cats");
        },
    );
    let conflicts = merge(&copy, "a", "b");
    // Neighbouring lines of one table; both sides are right.
    assert_eq!(conflicts, ["Cargo.toml", "specs/README.md"]);
    assert_eq!((version(&copy, "pets"), version(&copy, "cats")), ("0.2.0".to_owned(), "0.2.0".to_owned()));
    copy.run(&["diff", "pets", "--write"]).failed(&["git has left a conflict in this file", "specs/README.md:"]);
    keep(&copy, "--ours", &conflicts);
    copy.record("cats");
    copy.run(&["diff", "cats", "--against", "v0.1.1", "--write"]).passed();
    for name in ["cats", "pets"] {
        let line = format!("{name} = {{ path = \"crates/{name}\", version = \"0.2.0\" }}");
        assert!(copy.read("Cargo.toml").contains(&line), "{}", copy.read("Cargo.toml"));
    }
    copy.run(&["codegen", "--check"]).passed();
    copy.run(&["versions"]).passed();
}
