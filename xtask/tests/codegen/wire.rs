//! Generated code driven over real sockets: a program that depends on a generated crate, as its users have it.
//!
//! `tests/fixtures/wire` holds the documents and the tests of that program.

use std::fs;
use std::path::Path;

use crate::copy::{Copy, repository, run_in};
use crate::program::{lasting, put, run_tests};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/wire");

/// The manifest of the program.
const MANIFEST: &str = r#"[workspace]

[package]
name = "wire"
version = "0.0.0"
edition = "2024"
publish = false

[dev-dependencies]
serde = "1.0"
schemars = "1.2"
serde_json = { version = "1.0", features = ["raw_value"] }
tokio = { version = "1.54", default-features = false, features = ["net", "rt", "time"] }
"#;

fn fixture(name: &str) -> String {
    fs::read_to_string(Path::new(FIXTURES).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Generates the crate of a document, and runs the tests of a program that depends on it.
#[track_caller]
fn run_program(name: &str) {
    run_program_with(name, "");
}

/// Does so for a program with these further dependencies.
#[track_caller]
fn run_program_with(name: &str, dependencies: &str) {
    run_program_of(name, name, &[], dependencies);
}

/// Does so for the crate with this name that these options of `codegen` make of a document.
#[track_caller]
fn run_program_of(name: &str, document: &str, options: &[&str], dependencies: &str) {
    let folder = lasting("wire").join(name);
    let spec = Path::new(FIXTURES).join(document).with_extension("yaml");
    let [spec, out] = [spec, folder.join(name)].map(|path| path.display().to_string());
    let own = ["codegen", "--spec", &spec, "--out", &out, "--name", name];
    run_in(repository(), &[&own, options].concat()).passed();
    let program = folder.join("program");
    put(&program.join("Cargo.toml"), &format!("{MANIFEST}{name} = {{ path = \"../{name}\" }}\n{dependencies}"));
    put(&program.join("src/lib.rs"), "//! Contains only tests.\n");
    put(&program.join("tests/server/mod.rs"), &fixture("server.rs"));
    run_tests(&program, name, &fixture(&format!("{name}.rs")));
}

#[test]
fn the_wire_matches_the_document() {
    run_program("ways");
}

#[test]
fn answers_that_deviate_are_kept_as_they_came() {
    run_program("answers");
}

#[test]
fn answers_that_deviate_are_errors_if_they_are_to_be_strict() {
    run_program_of("answers-strict", "answers", &["--answers", "strict"], "");
}

#[test]
fn the_wire_matches_a_swagger_document() {
    run_program("swagger");
}

#[test]
fn a_union_is_the_member_that_is_meant() {
    run_program("unions");
}

#[test]
fn unions_whose_members_fit_equally_are_reported() {
    let copy = Copy::with_document(&fixture("unions.yaml"));
    let file = copy.path("specs/pets.yaml").display().to_string();
    let said = copy.run(&["codegen", "--spec", &file, "--out", &copy.path("out").display().to_string(), "-v"]).passed();
    let row = |line: usize, operation: &str, response: &str| {
        format!(
            "alternatives: line {line}, #/paths/~1{operation}/get/responses/200/content/application~1json/schema: some values fit \
             `{response}Variant0` and `{response}Variant1` equally, and are read as `{response}Variant0` [MEANING LOST]"
        )
    };
    for row in [
        row(13, "closed", "ClosedResponse"),
        row(29, "game", "GameResponse"),
        row(41, "match", "MatchResponse"),
        "a value that fits both `MatchResponseVariant0` and `MatchResponseVariant1` keeps the members of one only"
            .to_owned(),
    ] {
        assert!(said.stdout.contains(&row), "no {row} in {}", said.stdout);
    }
    assert_eq!(said.stdout.matches("[MEANING LOST]").count(), 4, "{}", said.stdout);
}

#[test]
fn the_status_of_an_error_decides_which_body_it_has() {
    run_program("errors");
}

#[test]
fn the_status_of_a_success_decides_which_body_it_has() {
    let folder = repository().join("crates/auth-transport").display().to_string();
    run_program_with("successes", &format!("auth-transport = {{ path = {folder:?} }}\n"));
}

#[test]
fn the_wire_matches_a_document_of_several_files() {
    run_program("parts");
}

#[test]
fn each_operation_sends_its_credentials() {
    run_program("credentials");
}

#[test]
fn requests_are_written_as_the_specification_says() {
    run_program("requests");
}

#[test]
fn values_are_read_and_written_as_they_came() {
    run_program_with("values", "chrono = { version = \"0.4\", default-features = false }\n");
}

#[test]
fn a_token_has_the_scopes_of_its_operation() {
    let folder = repository().join("crates/auth-core").display().to_string();
    let features = r#"default-features = false, features = ["oauth2"]"#;
    run_program_with("flows", &format!("auth-core = {{ path = {folder:?}, {features} }}\n"));
}

#[test]
fn the_shape_of_types_matches_the_document() {
    run_program("shape");
}

#[test]
fn what_the_document_deprecates_is_deprecated_in_rust() {
    let copy = Copy::with_document(&fixture("shape.yaml"));
    let file = copy.path("specs/pets.yaml").display().to_string();
    copy.run(&["codegen", "--spec", &file, "--out", &copy.path("out").display().to_string()]).passed();
    let (shell, code) = (copy.read("out/src/lib.rs"), copy.read("out/src/generated.rs"));
    for (text, part) in [
        (&shell, "#![allow(deprecated)]\n"),
        (&shell, "    #[deprecated]\n    pub async fn change_order("),
        (&shell, "    #[deprecated]\n    pub async fn change_order_with_2("),
        (&code, "#[deprecated]\n    #[non_exhaustive]\n    pub struct OldOrder {"),
        (&code, "#[deprecated]\n        pub old: "),
        (&code, "#[deprecated]\n        pub options: "),
        (&code, "        /// Words to look for.\n        pub q: "),
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert_eq!(shell.matches("#[deprecated]").count(), 2, "{shell}");
    assert_eq!(code.matches("#[deprecated]").count(), 3, "{code}");
}

#[test]
fn limits_that_are_not_checked_are_reported_and_documented() {
    let copy = Copy::with_document(&fixture("shape.yaml"));
    let [file, out] = ["specs/pets.yaml", "out"].map(|path| copy.path(path).display().to_string());
    let said = copy.run(&["codegen", "--spec", &file, "--out", &out, "-v"]).passed();
    let rows = said.stdout.lines().filter(|line| line.starts_with("  limit: "));
    let rows = rows.filter_map(|row| row.split_once("#/").map(|(_, row)| row)).collect::<Vec<_>>();
    let at = |place: &str, keys: &str| format!("components/schemas/Limits/properties/{place}: {keys} [MEANING LOST]");
    assert_eq!(
        rows,
        [
            "paths/~1orders~1{id}/get/parameters/5/schema: `maximum` is not checked [MEANING LOST]",
            &at("count", "`maximum` is not checked"),
            &at("list", "`minItems`, `maxItems`, `uniqueItems` are not checked"),
            &at("step", "`multipleOf` is not checked"),
            &at("map", "`minProperties` is not checked"),
        ]
    );
    let code = copy.read("out/src/generated.rs");
    for docs in [
        "        /// How many.\n        ///\n        /// At most 255.\n",
        "        /// 1 to 2 items. No item occurs twice.\n",
        "        /// A multiple of 5.\n",
        "        /// At least 1 member.\n",
        "        /// At most 100.\n        pub limit: ::std::option::Option<::std::num::NonZeroU64>,",
    ] {
        assert!(code.contains(docs), "no {docs} in {code}");
    }
    copy.run(&["codegen", "--spec", &file, "--out", &out, "--strict"]).failed(&["`maximum` is not checked"]);
}

#[test]
fn what_is_not_sent_is_reported() {
    let copy = Copy::with_document(&fixture("ways.yaml"));
    let file = copy.path("specs/pets.yaml").display().to_string();
    let said = copy.run(&["codegen", "--spec", &file, "--out", &copy.path("out").display().to_string(), "-v"]).passed();
    for row in [
        "path-slash: line 68, #/paths/no-slash: `no-slash` became `/no-slash`\n",
        "GET /{}/nowhere was left out: the braces of its path do not match [MEANING LOST]",
        "the optional `trace;id` was dropped: it has a name that is not valid in a cookie [MEANING LOST]",
        "`not` was dropped: values that it forbids are accepted [MEANING LOST]",
        "combinations of members are not checked: the alternatives only require members [MEANING LOST]",
        "`prefixItems` became `items`: the position of each schema is lost [MEANING LOST]",
        "names are not checked against `^x-` [MEANING LOST]",
        "floor: `minimum` is not checked [MEANING LOST]",
        "warning: `nullable` is not a keyword of 3.1; it was kept",
    ] {
        assert!(said.stdout.contains(row), "no {row} in {}", said.stdout);
    }
    let losses = said.stdout.matches("[MEANING LOST]").count();
    assert_eq!(losses, 7, "{}", said.stdout);
}

#[test]
fn the_documentation_says_which_alternative_is_sent() {
    let copy = Copy::with_document(&fixture("ways.yaml"));
    let file = copy.path("specs/pets.yaml").display().to_string();
    copy.run(&["codegen", "--spec", &file, "--out", &copy.path("out").display().to_string()]).passed();
    let shell = copy.read("out/src/lib.rs");
    let methods = shell.split("    pub async fn ").collect::<Vec<_>>();
    let docs = |name: &str| {
        let at = methods.iter().position(|text| text.starts_with(&format!("{name}("))).expect(name);
        methods[at - 1].rsplit_once("    }\n").map_or(methods[at - 1], |(_, docs)| docs)
    };
    let (carries, goes_without, others) = (
        "Each request has a token of the client's source",
        "The document allows requests without a token; this method always sends one.",
        "The document accepts other credentials as well",
    );
    for (name, expected) in [
        ("no_slash", [false, false, false]),
        ("token_wanted", [true, false, false]),
        ("token_and_key", [true, true, false]),
        ("token_or_nothing", [true, true, false]),
        ("basic_or_token", [false, false, true]),
        ("digest_or_token", [true, false, true]),
    ] {
        let docs = docs(name);
        assert_eq!([carries, goes_without, others].map(|words| docs.contains(words)), expected, "{name}: {docs}");
    }
}

#[test]
fn a_version_that_no_header_can_carry_is_refused() {
    let copy = Copy::with_document(&fixture("ways.yaml").replace("version: \"1.0\"", "version: 1.0 – für alle"));
    copy.run(&["codegen"]).failed(&["`info.version` is not printable ASCII", "specs/pets.yaml:4"]);
}

#[test]
fn members_are_sent_and_read_as_the_document_says() {
    run_program("members");
}
