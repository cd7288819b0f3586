//! Each error names file, place and remedy, ends with status 1, and leaves everything as it was.

use crate::copy::Copy;

/// Runs codegen on a spoilt copy and asserts that it says this and changes nothing.
#[track_caller]
fn refused(copy: &Copy, texts: &[&str]) {
    let before = copy.crates();
    copy.run(&["codegen"]).failed(texts).failed(&["error: ", " --> ", " = remedy: "]);
    copy.run(&["codegen", "--check"]).failed(texts);
    assert_eq!(copy.crates(), before);
}

#[test]
fn an_unknown_name_is_answered_with_the_known_ones() {
    let said = Copy::new().run(&["codegen", "leen-auth"]);
    said.failed(&["no document called `leen-auth`", "use one of these names: lean-auth, leanix-auth, leanix-poll"]);
}

#[test]
fn a_wrong_command_line_ends_with_status_2() {
    assert_eq!(Copy::new().run(&["codegen", "--chekc"]).code, Some(2));
    assert_eq!(Copy::new().run(&[]).code, Some(2));
}

#[test]
fn broken_yaml_is_reported_with_its_line() {
    let copy = Copy::new();
    copy.edit("specs/lean-auth.yaml", "tags:\n  - name", "tags:\n  - [name");
    refused(&copy, &["not valid YAML", "--> specs/lean-auth.yaml:"]);
}

#[test]
fn a_duplicate_key_is_reported_with_its_line() {
    let copy = Copy::new();
    copy.edit("specs/lean-auth.yaml", "  version: '1.0'\n", "  version: '1.0'\n  version: '1.1'\n");
    refused(&copy, &["duplicate", "version", "--> specs/lean-auth.yaml:11"]);
}

#[test]
fn a_changed_document_is_reported_with_both_sums() {
    let copy = Copy::new();
    copy.edit("specs/lean-auth.yaml", "Lean Support", "Lean support");
    refused(
        &copy,
        &["--> specs/README.md:", "not 1edeb3bd76a747439fe1f4d66d3a26fb9ff11cc3965c4e57669da771a3dae22a", "restore"],
    );
}

#[test]
fn a_document_without_row_is_reported_with_the_row_to_add() {
    let copy = Copy::new();
    copy.edit("specs/README.md", "| `lean-auth.yaml` |", "| `lean.yaml` |");
    refused(&copy, &["there is no row for lean-auth.yaml", "--> specs/README.md"]);
}

#[test]
fn an_action_that_matches_nothing_is_reported_with_line_and_target() {
    let copy = Copy::new();
    copy.edit("specs/lean-auth.overlay.yaml", "properties.expires_in", "properties.expires_at");
    let place = copy.place("specs/lean-auth.overlay.yaml", "properties.expires_at");
    let target = "($.components.schemas.TokenResponse.properties.expires_at)";
    refused(&copy, &["matches nothing in specs/lean-auth.yaml", &place, target]);
}

#[test]
fn a_credential_that_is_not_marked_is_reported_with_the_action_to_add() {
    let copy = Copy::new();
    copy.edit("specs/lean-auth.overlay.yaml", "      format: password", "      x-note: none");
    let place = copy.place("specs/lean-auth.yaml", "client_secret:");
    refused(
        &copy,
        &[
            "TokenRequest.client_secret looks like a credential but is not `format: password`",
            &format!("{place} (#/components/schemas/TokenRequest/properties/client_secret)"),
            "add an action to specs/lean-auth.overlay.yaml that sets `format: password`",
        ],
    );
}

#[test]
fn an_operation_without_id_gets_a_reported_name() {
    let copy = Copy::new();
    copy.edit("specs/lean-auth.yaml", "operationId: generateAccessToken", "x-id: generateAccessToken");
    copy.record("lean-auth");
    let said = copy.run(&["codegen", "--verbose"]).passed();
    let line =
        "operation-id: line 29, #/paths/~1oauth2~1token/post: POST /oauth2/token had no `operationId`; it was named";
    assert!(said.stdout.contains(line), "{}", said.stdout);
    assert!(copy.read("crates/lean-auth/src/lib.rs").contains("pub async fn post_oauth2_token(&self,"));
}

#[test]
fn all_findings_are_told_at_once() {
    let copy = Copy::new();
    copy.edit("specs/lean-auth.overlay.yaml", "      format: password", "      x-note: none");
    copy.edit("specs/leanix-auth.yaml", "- apiToken: []", "- gone: []");
    copy.record("leanix-auth");
    refused(
        &copy,
        &["TokenRequest.client_secret", "createAccessToken requires the security scheme `gone`, which does not exist"],
    );
}

#[test]
fn a_construct_that_cannot_be_lowered_is_an_error() {
    let copy = Copy::new();
    copy.edit("specs/leanix-auth.yaml", "const: client_credentials", "$dynamicRef: '#grant'");
    copy.record("leanix-auth");
    let place = copy.place("specs/leanix-auth.yaml", "$dynamicRef");
    refused(&copy, &["`$dynamicRef` is not supported", &place]);
}

#[test]
fn strictness_makes_every_loss_an_error() {
    let copy = Copy::new();
    copy.edit("specs/leanix-auth.yaml", "const: client_credentials", "contentEncoding: base32");
    copy.record("leanix-auth");
    let place = copy.place("specs/leanix-auth.yaml", "contentEncoding");
    let said = copy.run(&["codegen", "leanix-auth", "--strict", "--json"]);
    said.failed(&["meaning would be lost: content: ", &place]);
    let said = copy.run(&["codegen", "leanix-auth", "--json"]).passed();
    assert!(said.stdout.contains("\"loses_meaning\": true"), "{}", said.stdout);
}

#[test]
fn a_construct_that_panics_progenitor_is_adapted_and_reported() {
    let copy = Copy::with_document(
        r"
openapi: 3.0.3
info: { title: Pets, version: '1' }
paths:
  /pets:
    get:
      operationId: list
      parameters:
        - { name: order, in: query, schema: { type: string, enum: [asc, ASC] } }
      responses: { '204': { description: none } }
",
    );
    let said = copy.run(&["codegen", "--verbose"]).passed();
    let row = "enum: line 9, #/paths/~1pets/get/parameters/0/schema: the list of values was dropped: two of them have the same \
               name in Rust [MEANING LOST]";
    assert!(said.stdout.contains(row), "{}", said.stdout);
}

#[test]
fn a_folder_that_is_not_a_workspace_is_refused() {
    let copy = Copy::new();
    std::fs::remove_dir_all(copy.path("specs")).expect("removed");
    copy.run(&["codegen"]).failed(&["has no folder `specs`", "--root DIR"]);
}
