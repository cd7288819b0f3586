//! Documents outside of the workspace become crates that stand alone.

use std::fs;

use crate::copy::{Copy, files};

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
    post:
      responses: { '204': { description: stored } }
      requestBody: { required: true, content: { multipart/form-data: { schema: { type: object } } } }
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
    let said = copy.run(&["codegen", "--spec", &file, "--out", &out]).passed();
    (copy, said.stdout)
}

#[test]
fn a_crate_stands_alone_and_says_what_was_lost() {
    let (copy, report) = generated();
    let manifest = copy.read("out/pets/Cargo.toml");
    for part in [
        "name = \"pet-shop\"",
        "\n[workspace]\n",
        "auth-transport = { version = \"0.1.0\", path = \"",
        "progenitor-client = \"=0.15.1\"",
    ] {
        assert!(manifest.contains(part), "no {part} in {manifest}");
    }
    assert!(!manifest.contains("workspace = true"), "{manifest}");
    for part in [
        "leave-out: line 25, #/paths/~1photos/post/requestBody: POST /photos was left out: its body is `multipart/form-data`, which cannot be put together [MEANING LOST]",
        "server-url: line 4, #/servers/1: `/v2` gets no constructor",
        "credential: line 34, #/components/schemas/Pet/properties/api_key: `api_key` is called like a credential: it is a `Secret`",
        "operation: PATCH /pets/{id} as `change_pet`",
    ] {
        assert!(report.contains(part), "no {part} in {report}");
    }
}

#[test]
fn the_code_says_on_the_wire_what_the_document_says() {
    let (copy, _) = generated();
    let code = copy.read("out/pets/src/generated.rs");
    for part in [
        "pub api_key: ::std::option::Option<::auth_transport::Secret>,",
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
        "pub async fn change_pet(&self, key: Option<&Secret>, id: &str, id_2: Option<&str>, body: Option<&types::Pet>)",
        "Some(it) => call.with_header(\"X-Key\", it),",
        "Operation::new(\"findPet\", \"GET\", \"/pets/{id}\", &[&[Requirement::new(\"bearer\", CredentialKind::Bearer, &[])]]),",
        "&[&[Requirement::new(\"key\", CredentialKind::Header(\"X-Key\"), &[])], &[]]",
    ] {
        assert!(shell.contains(part), "no {part} in {shell}");
    }
}

#[test]
fn a_client_of_a_document_without_bearer_tokens_takes_no_source_of_them() {
    let copy = Copy::with_document(&DOCUMENT.replace("security: [{ bearer: [] }]", "security: [{ key: [] }]"));
    let file = copy.path("specs/pets.yaml").display().to_string();
    copy.run(&["codegen", "--spec", &file, "--out", &copy.path("out").display().to_string()]).passed();
    let shell = copy.read("out/src/lib.rs");
    for part in ["pub async fn find_pet(&self, key: &Secret, id: &str)", "pub fn new(base_url: &str) -> Result"] {
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
    let mut arguments = arguments.iter().map(String::as_str).collect::<Vec<_>>();
    let said = copy.run(&arguments).passed();
    let row = "one-token-source: line 27, #/components/securitySchemes: `bearer` and `oauth` are different bearer tokens, none \
               of which is good for all operations, and a client has one source of tokens: make a client for each, see \
               `Client::with_tokens` [MEANING LOST]";
    assert!(said.stdout.contains(row), "no {row} in {}", said.stdout);
    assert!(copy.read("out/src/lib.rs").contains(" It needs the scope `write`.\n"));
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
fn a_folder_with_other_things_is_left_alone() {
    let copy = Copy::with_document(DOCUMENT);
    copy.write("out/notes.txt", "mine");
    let file = copy.path("specs/pets.yaml").display().to_string();
    let out = copy.path("out").display().to_string();
    copy.run(&["codegen", "--spec", &file, "--out", &out])
        .failed(&["holds something that was not generated", "--out DIR"]);
    assert_eq!(files(&copy.path("out")).len(), 1);
    assert_eq!(fs::read_to_string(copy.path("out/notes.txt")).expect("readable"), "mine");
    let other = copy.path("other").display().to_string();
    copy.run(&["codegen", "--spec", &file, "--out", &other, "--name", "No Name"])
        .failed(&["cannot be the name of a crate"]);
    assert!(!copy.path("other").exists());
}
