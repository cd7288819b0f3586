//! Documents outside the workspace become standalone crates.

use std::fs;
use std::path::Path;

use crate::copy::{Copy, Said, command, files};
use crate::deadlines::output;

const DOCUMENT: &str = r"
openapi: 3.0.3
info: { title: Pets, version: '1' }
servers: [{ url: 'https://pets.example/v1' }, { url: /v2 }]
security: [{ bearer: [] }]
paths:
  /pets/{id}:
    get:
      operationId: findPet
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } }
        default: { description: none, content: { application/problem+json: { schema: { type: object, properties: { code: { type: string } } } } } }
    patch:
      operationId: changePet
      security: [{ key: [] }, {}]
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: id, in: query, schema: { type: string } }
      requestBody: { content: { application/merge-patch+json: { schema: { $ref: '#/components/schemas/Pet' } } } }
      responses: { '204': { description: changed } }
  /photos:
    trace:
      responses: { '204': { description: stored } }
      requestBody: { required: true, content: { text/plain: { schema: { type: string } } } }
components:
  securitySchemes:
    bearer: { type: http, scheme: bearer }
    key: { type: apiKey, in: header, name: X-Key }
  schemas:
    Pet:
      type: object
      additionalProperties: false
      properties: { api_key: { type: string }, petName: { type: string }, pet_name: { type: string } }
";

fn generated() -> (Copy, String) {
    let copy = Copy::with_document(DOCUMENT);
    copy.write("elsewhere/Pet_Shop.yaml", DOCUMENT);
    let file = copy.path("elsewhere/Pet_Shop.yaml").display().to_string();
    let out = copy.path("out/pets").display().to_string();
    let said = copy.run(&["codegen", "--spec", &file, "--out", &out, "--verbose"]).passed();
    (copy, said.stdout)
}

#[test]
fn a_standalone_crate_is_generated_and_losses_are_reported() {
    let (copy, report) = generated();
    let manifest = copy.read("out/pets/Cargo.toml");
    for part in [
        "name = \"pet-shop\"",
        "\n[workspace]\n",
        "auth-transport = { version = \"0.1.0\", path = \"",
        "progenitor-client = \"0.15.1\"",
    ] {
        assert!(manifest.contains(part), "no {part} in {manifest}");
    }
    assert!(!manifest.contains("workspace = true"), "{manifest}");
    for part in [
        "leave-out: line 25, #/paths/~1photos/trace/requestBody: TRACE /photos was left out: HTTP forbids a body in a `TRACE` request [MEANING LOST]",
        "server-url: line 4, #/servers/1: `/v2` gets no constructor",
        "credential: line 34, #/components/schemas/Pet/properties/api_key: `api_key` has the name of a credential: its type is `Secret`",
        "operation: PATCH /pets/{id} as `change_pet`",
    ] {
        assert!(report.contains(part), "no {part} in {report}");
    }
}

#[test]
fn the_code_sends_what_the_document_describes() {
    let (copy, _) = generated();
    let code = copy.read("out/pets/src/generated.rs");
    for part in [
        "pub api_key: ::auth_transport::Received<\n            ::auth_transport::Secret,\n            ::auth_transport::Confidential,\n        >,",
        "self.baseurl, ::auth_transport::path_segment(& id",
        "progenitor_client::QueryParam::new(\"id\", &id_2)",
        "body: Option<&'a types::Pet>,",
        "\"application/merge-patch+json\"",
        "Error<types::FindPetError>",
        "rename = \"pet_name\"",
        "400u16..=499u16 =>",
    ] {
        assert!(code.contains(part), "no {part} in {code}");
    }
    assert!(!code.contains("deny_unknown_fields") && !code.contains("encode_path("), "{code}");
    let shell = copy.read("out/pets/src/lib.rs");
    for part in [
        "pub async fn find_pet(&self, id: &str)",
        "Call::new(&self.transport).of_operation(\"findPet\").with_api_limits().expecting_object().with_tokens(&self.tokens);",
        "(tokens: impl TokenSource) -> Result<Self, BuildError> {\n        Self::new(\"https://pets.example/v1\", tokens)\n",
        "pub fn new(base_url: &str, tokens: impl TokenSource) -> Result<Self, BuildError> {",
        "pub fn over(base_url: &str, transport: Transport, tokens: impl TokenSource) -> Result<Self, BuildError> {",
        "pub fn with_tokens(mut self, tokens: impl TokenSource) -> Self {",
        "pub fn with_x_key(mut self, x_key: impl Into<Secret>) -> Self {",
        "pub async fn change_pet(&self, id: &str, body: Option<&types::Pet>)",
        "client.change_pet(id, options.id_2.as_deref(), body)",
        "Some(it) => call.with_header(\"X-Key\", it),",
        "Operation::new(\"findPet\", \"GET\", \"/pets/{id}\", &[&[Requirement::new(\"bearer\", CredentialKind::Bearer, &[])]]),",
        "&[&[Requirement::new(\"key\", CredentialKind::Header(\"X-Key\"), &[])], &[]]",
    ] {
        assert!(shell.contains(part), "no {part} in {shell}");
    }
}

#[test]
fn a_client_without_bearer_tokens_takes_no_source() {
    let copy = Copy::with_document(&DOCUMENT.replace("security: [{ bearer: [] }]", "security: [{ key: [] }]"));
    let file = copy.path("specs/pets.yaml").display().to_string();
    copy.run(&["codegen", "--spec", &file, "--out", &copy.path("out").display().to_string()]).passed();
    let shell = copy.read("out/src/lib.rs");
    for part in ["pub async fn find_pet(&self, id: &str)", "pub fn new(base_url: &str) -> Result"] {
        assert!(shell.contains(part), "no {part} in {shell}");
    }
    assert!(!shell.to_ascii_lowercase().contains("token"), "{shell}");
}

#[test]
fn bearer_tokens_that_one_source_cannot_give_are_named() {
    let document = DOCUMENT.replace("security: [{ key: [] }, {}]", "security: [{ oauth: [write] }]");
    let document = document.replace("    key: { type", "    oauth: { type: oauth2, flows: {} }\n    key: { type");
    let copy = Copy::with_document(&document);
    let file = copy.path("specs/pets.yaml").display().to_string();
    let arguments = ["codegen", "--spec", &file, "--out", &copy.path("out").display().to_string()].map(str::to_owned);
    let mut arguments = arguments.iter().map(String::as_str).chain(["--verbose"]).collect::<Vec<_>>();
    let said = copy.run(&arguments).passed();
    let row = "one-token-source: line 27, #/components/securitySchemes: `bearer` and `oauth` are different bearer tokens, none \
               of which is good for all operations, and a client has one source of tokens: make a client for each, see \
               `Client::with_tokens` [MEANING LOST]";
    assert!(said.stdout.contains(row), "no {row} in {}", said.stdout);
    assert!(copy.read("out/src/lib.rs").contains(" It requires the scope `write`.\n"));
    arguments.push("--strict");
    copy.run(&arguments).failed(&["meaning would be lost: one-token-source"]);
}

#[test]
fn the_same_document_gives_the_same_bytes_and_nothing_is_half_written() {
    let (copy, _) = generated();
    let before = files(&copy.path("out/pets"));
    let file = copy.path("elsewhere/Pet_Shop.yaml").display().to_string();
    let out = copy.path("out/pets").display().to_string();
    let said = copy.run(&["codegen", "--spec", &file, "--out", &out]).passed();
    assert!(said.stdout.contains("files: 0 changes in"), "{}", said.stdout);
    copy.edit("elsewhere/Pet_Shop.yaml", "openapi: 3.0.3", "openapi: 2.0.0");
    copy.run(&["codegen", "--spec", &file, "--out", &out]).failed(&["OpenAPI 2.0.0"]);
    assert_eq!(files(&copy.path("out/pets")), before);
}

#[test]
fn a_folder_with_other_contents_is_refused() {
    let copy = Copy::with_document(DOCUMENT);
    copy.write("out/notes.txt", "mine");
    let file = copy.path("specs/pets.yaml").display().to_string();
    let out = copy.path("out").display().to_string();
    copy.run(&["codegen", "--spec", &file, "--out", &out]).failed(&[
        "none of them was generated",
        "nothing has been changed",
        "--out DIR",
    ]);
    assert_eq!(files(&copy.path("out")).len(), 1);
    assert_eq!(fs::read_to_string(copy.path("out/notes.txt")).expect("readable"), "mine");
    let other = copy.path("other").display().to_string();
    copy.run(&["codegen", "--spec", &file, "--out", &other, "--name", "No Name"])
        .failed(&["cannot be the name of a crate"]);
    assert!(!copy.path("other").exists());
}

/// Runs the command on a document in a folder.
fn run_at(copy: &Copy, folder: &Path, document: &str, out: &str) -> Said {
    let document = copy.path(document);
    let document = document.to_str().expect("UTF-8");
    let mut command = command(&copy.path(""), &["codegen", "--spec", document, "--out", out]);
    Said::of(output(command.current_dir(folder)))
}

#[test]
fn another_document_does_not_replace_a_crate() {
    let (copy, _) = generated();
    let before = files(&copy.path("out/pets"));
    copy.write("other/Cat_Shop.yaml", DOCUMENT);
    copy.write("other/Pet_Shop.yaml", &DOCUMENT.replace("title: Pets", "title: Cats"));
    for (document, words) in [
        ("other/Cat_Shop.yaml", "out/pets was generated from Pet_Shop.yaml, not from Cat_Shop.yaml"),
        ("other/Pet_Shop.yaml", "out/pets was generated from a document with another title"),
    ] {
        let words = [words, "nothing has been changed", "name another folder with `--out DIR`"];
        let words = if document.contains("Cat") { &words[..2] } else { &words[..] };
        run_at(&copy, &copy.path(""), document, "out/pets").failed(words).failed(&["--> out/pets/Cargo.toml"]);
        assert_eq!(files(&copy.path("out/pets")), before, "{document}");
    }
    let said = run_at(&copy, &copy.path(""), "other/Pet_Shop.yaml", "out");
    said.failed(&["none of them was generated from this document", "--> out\n"]);
    assert_eq!(files(&copy.path("out/pets")), before, "a crate beside which another one is to be is not its own files");
    assert!(!copy.path("out/Cargo.toml").exists());
    // A crate of the workspace is not replaced by a standalone one, even of the same document.
    copy.write("specs/pets.yaml", &DOCUMENT.replace("api_key", "colour"));
    copy.record("pets");
    copy.run(&["codegen", "pets"]).passed();
    let before = files(&copy.path("crates"));
    run_at(&copy, &copy.path(""), "specs/pets.yaml", "crates/pets")
        .failed(&["was generated from specs/pets.yaml, not"]);
    assert_eq!(files(&copy.path("crates")), before);
}

#[test]
fn added_files_stay_and_files_not_generated_any_more_are_removed() {
    let (copy, _) = generated();
    copy.write("out/pets/examples/mine.rs", "// mine\n");
    copy.write("out/pets/.DS_Store", "");
    copy.write_generated("out/pets/src/old.rs", "Pet_Shop.yaml");
    let said = run_at(&copy, &copy.path(""), "elsewhere/Pet_Shop.yaml", "out/pets").passed();
    let line = "pet-shop: 2 operations, 1 left out, 2 losses; files: 0 changes in out/pets; 1 removed: out/pets/src/old.rs; 1 not generated, kept: out/pets/examples/mine.rs\n";
    assert!(said.stdout.ends_with(line), "{}", said.stdout);
    assert!(copy.path("out/pets/examples/mine.rs").exists() && copy.path("out/pets/.DS_Store").exists());
    assert!(!copy.path("out/pets/src/old.rs").exists() && !copy.path("out/pets/.xtask-stage").exists());
    copy.write("out/pets/README.md", "# Mine\n");
    let said = run_at(&copy, &copy.path(""), "elsewhere/Pet_Shop.yaml", "out/pets");
    said.failed(&["out/pets/README.md was not generated"]);
    assert_eq!(copy.read("out/pets/README.md"), "# Mine\n");
}

#[test]
fn the_current_folder_is_written_into_and_not_replaced() {
    for out in [".", "", "./../here"] {
        let copy = Copy::with_document(DOCUMENT);
        let here = copy.path("here");
        fs::create_dir_all(&here).expect("created");
        fs::write(here.join(".DS_Store"), "").expect("written");
        // Whoever has the folder open sees what is in it now.
        let out = if out.is_empty() { here.display().to_string() } else { out.to_owned() };
        let created = fs::metadata(&here).and_then(|it| it.created()).ok();
        run_at(&copy, &here, "specs/pets.yaml", &out).passed();
        assert_eq!(fs::metadata(&here).and_then(|it| it.created()).ok(), created, "{out}");
        let names = files(&here).into_keys().collect::<Vec<_>>();
        assert_eq!(names, [".DS_Store", "Cargo.toml", "README.md", "src/generated.rs", "src/lib.rs"], "{out}");
        run_at(&copy, &here, "specs/pets.yaml", &out).passed();
    }
}

/// The path of `auth-transport` in a manifest.
fn transport(manifest: &str) -> &str {
    let line = manifest.lines().find(|line| line.starts_with("auth-transport = ")).expect("a dependency");
    line.split("path = \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a path")
}

#[test]
fn two_checkouts_generate_the_same_bytes() {
    let [one, other] = [(), ()].map(|()| {
        let copy = Copy::with_document(DOCUMENT);
        copy.write("crates/auth-transport/Cargo.toml", "");
        copy
    });
    for out in ["out", "a/b/c"] {
        let of = |copy: &Copy| {
            run_at(copy, &copy.path("specs"), "specs/pets.yaml", &format!("../{out}")).passed();
            files(&copy.path(out))
        };
        assert_eq!(of(&one), of(&other), "{out}");
        let manifest = one.read(&format!("{out}/Cargo.toml"));
        let way = transport(&manifest);
        assert!(way.starts_with("..") && way.ends_with("/crates/auth-transport"), "{way}");
        assert!(one.path(out).join(way).join("Cargo.toml").exists(), "{way}");
    }
}

#[cfg(unix)]
#[test]
fn a_path_through_links_leads_to_auth_transport() {
    use std::os::unix::fs::symlink;

    let copy = Copy::with_document(DOCUMENT);
    copy.write("elsewhere/auth-transport/Cargo.toml", "");
    copy.write("far/away/from/here/x", "");
    fs::create_dir_all(copy.path("crates")).expect("created");
    symlink("../elsewhere/auth-transport", copy.path("crates/auth-transport")).expect("linked");
    symlink("far/away/from/here", copy.path("near")).expect("linked");
    run_at(&copy, &copy.path(""), "specs/pets.yaml", "near/pets").passed();
    let manifest = copy.read("far/away/from/here/pets/Cargo.toml");
    assert_eq!(transport(&manifest), "../../../../../crates/auth-transport", "the link of the workspace is kept");
    assert!(copy.path("near/pets").join(transport(&manifest)).join("Cargo.toml").exists());
}

#[test]
fn a_file_in_place_of_the_folder_is_refused() {
    let copy = Copy::with_document(DOCUMENT);
    copy.write("notes.txt", "mine");
    for out in ["notes.txt", "notes.txt/a/b"] {
        run_at(&copy, &copy.path(""), "specs/pets.yaml", out)
            .failed(&["notes.txt is a file and not a folder", "--out DIR"]);
    }
    assert_eq!(copy.read("notes.txt"), "mine");
}

#[test]
fn an_address_with_credentials_is_refused_without_printing_them() {
    let copy = Copy::with_document(DOCUMENT);
    let run = |address: &str| {
        let options = ["codegen", "--spec", "specs/pets.yaml", "--out", "out", "--auth-transport", address];
        Said::of(output(command(&copy.path(""), &options).current_dir(copy.path(""))))
    };
    for address in
        ["git+https://me:pass-1@a.example/b#v1", "git+HTTPS://pass-1@a.example", "git+ssh://me:pass-1@a.example/b"]
    {
        let said = run(address).failed(&["contains credentials", "credential helper"]);
        assert!(!said.stderr.contains("pass-1"), "{}", said.stderr);
    }
    for address in ["git+ssh://git@a.example/b#v1", "git+https://a.example/@b"] {
        run(address).passed();
    }
}

#[test]
fn the_next_run_completes_an_interrupted_one() {
    let (reference, _) = generated();
    let after = files(&reference.path("out/pets"));
    for (is_there, empty) in [(false, false), (true, true), (true, false)] {
        for at in 1.. {
            let copy = Copy::with_document(DOCUMENT);
            copy.write("elsewhere/Pet_Shop.yaml", DOCUMENT);
            if is_there {
                fs::create_dir_all(copy.path("out/pets")).expect("created");
            }
            if is_there && !empty {
                run_at(&copy, &copy.path(""), "elsewhere/Pet_Shop.yaml", "out/pets").passed();
                copy.edit("out/pets/README.md", "generator: xtask", "generator: other");
                copy.edit("out/pets/src/lib.rs", "generator: xtask", "generator: other");
            }
            let before = files(&copy.path("out"));
            let document = copy.path("elsewhere/Pet_Shop.yaml").display().to_string();
            let out = copy.path("out/pets").display().to_string();
            let said = copy
                .run_with(&["codegen", "--spec", &document, "--out", &out], &[("XTASK_FAULT", &format!("kill@{at}"))]);
            if said.code == Some(0) {
                assert_eq!(files(&copy.path("out/pets")), after);
                break;
            }
            if !is_there {
                let now = files(&copy.path("out/pets"));
                assert!(now.is_empty() || now == after, "killed at {at}: the folder appears as a whole");
            }
            run_at(&copy, &copy.path(""), "elsewhere/Pet_Shop.yaml", "out/pets").passed();
            assert_eq!(files(&copy.path("out")).len(), after.len(), "killed at {at}, {} files before", before.len());
            assert_eq!(files(&copy.path("out/pets")), after, "killed at {at}");
            let left = copy.files().into_keys().find(|file| file.contains(".xtask"));
            assert_eq!(left, None, "killed at {at}");
        }
    }
}
