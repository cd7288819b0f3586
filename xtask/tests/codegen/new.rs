//! `cargo xtask new` as its users see it.

use std::fs;

use crate::copy::{Copy, Said};
use crate::specs::serve;

const TOKENS: &str = r"
openapi: 3.1.0
info: { title: Shop | Tokens, version: '1' }
paths:
  /token:
    post:
      operationId: requestToken
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties:
                grant_type: { type: string }
                client_secret: { type: string }
                licence_key_secret: { type: string }
      responses:
        '200':
          description: The token
          content:
            application/json:
              schema: { type: object, properties: { access_token: { type: string }, expires_in: { type: integer } } }
        '400': { description: Refused }
";

/// A document with a lint error that no draft can correct.
const KEY: &str = "      parameters: [{ name: X-Api-Key, in: path, required: true, schema: { type: string, format: password } }]\n      requestBody:";

const OVERLAY: &str = "# Ours.
overlay: 1.0.0
info: { title: t, version: '1' }
actions:
  - target: $.paths['/token/{X-Api-Key}'].post.parameters[?@.name == 'X-Api-Key']
    description: The key opens nothing, as the vendor's support says.
    update: { x-credential: false, schema: { format: word } }
";

/// The document with this error.
fn with_key() -> String {
    TOKENS.replacen("      requestBody:", KEY, 1).replace("/token:", "/token/{X-Api-Key}:")
}

/// A workspace with a manifest and attributes, whose one document is called `pets`.
fn shop() -> Copy {
    let copy = Copy::with_full_record("openapi: 3.1.0\ninfo: { title: Pets, version: '1' }\npaths: {}\n");
    copy.write("Cargo.toml", "[workspace.package]\nversion = \"0.3.0\"\n\n[workspace.dependencies]\nserde = \"1.0\"\n");
    copy.write(".gitattributes", "* text=auto eol=lf\n");
    copy.write("new.yaml", TOKENS);
    copy
}

fn new(copy: &Copy, name: &str, file: &str, more: &[&str]) -> Said {
    let from = copy.path(file).display().to_string();
    copy.run(&[&["new", name, "--from", &from], more].concat())
}

#[test]
fn a_document_becomes_a_recorded_file_an_overlay_and_a_crate() {
    let copy = shop();
    let text = TOKENS.replace('\n', "\r\n");
    copy.write("new.yaml", &text);
    let said = new(&copy, "shop-auth", "new.yaml", &[]).passed();
    assert_eq!(copy.read("specs/shop-auth.yaml"), text, "byte for byte");
    let record = copy.read("specs/README.md");
    let row = "| `shop-auth.yaml` | OpenAPI 3.1.0 of Shop \\| Tokens, byte for byte | the file `new.yaml` | 20";
    assert!(record.contains(row) && record.contains("\n| `shop-auth.overlay.yaml` | what that document"), "{record}");
    assert!(copy.read("Cargo.toml").contains("\nshop-auth = { path = \"crates/shop-auth\", version = \"0.3.0\" }\n"));
    assert!(copy.read(".gitattributes").contains("\nspecs/** -text\ncrates/shop-auth/** linguist-generated=true\n"));
    let code = copy.read("crates/shop-auth/src/generated.rs");
    for part in [
        "pub client_secret: ::std::option::Option<::auth_transport::Secret>,",
        "pub licence_key_secret: ::std::option::Option<::auth_transport::Secret>,",
        "pub access_token: ::auth_transport::Secret,",
        "pub expires_in: ::std::option::Option<::auth_transport::ExpiresIn>,",
        "pub struct OAuthError {",
    ] {
        assert!(code.contains(part), "no {part} in {code}");
    }
    assert!(said.stdout.contains("Cargo.toml: dependency shop-auth\n"), "{}", said.stdout);
    let said = copy.run(&["specs", "verify"]);
    assert!(said.stdout.contains("specs/shop-auth.yaml: as on record\n"), "{}", said.stdout);
}

#[test]
fn a_missing_reason_is_reported_until_it_is_written() {
    let copy = shop();
    let said = new(&copy, "shop-auth", "new.yaml", &[]).passed();
    let file = "specs/shop-auth.overlay.yaml";
    let open = said.stdout.lines().filter(|line| line.ends_with(", fill in the reason")).collect::<Vec<_>>();
    assert!(open.len() == 1 && open[0].contains("licence_key_secret"), "{}", said.stdout);
    assert!(said.stdout.contains("fill in 1 reason\n"), "{}", said.stdout);
    let place = copy.read(file).lines().position(|line| line.contains("licence_key_secret")).expect("an action") + 1;
    assert!(
        open[0].contains(&format!("line {place}: ")) || open[0].contains(&format!("line {}: ", place - 1)),
        "{open:?}"
    );
    copy.run(&["codegen", "shop-auth"]).passed();
    copy.run(&["codegen", "--check", "shop-auth"]).failed(&[
        "the action does not have its reason yet",
        &format!("--> {file}:"),
        "TO BE FILLED IN by a person",
    ]);
    copy.edit(file, "TO BE FILLED IN by a person", "The vendor says");
    copy.run(&["codegen", "shop-auth"]).passed();
    copy.run(&["codegen", "--check", "shop-auth"]).passed();
}

#[test]
fn an_address_is_recorded_and_its_text_decides_the_format() {
    let copy = shop();
    let body = r#"{ "openapi": "3.0.3", "info": { "title": "A", "version": "1" }, "paths": { "/a": { "get": {
        "operationId": "a", "responses": { "204": { "description": "none" } } } } } }"#;
    let url = serve("200 OK", body.to_owned()).replace("openapi.yaml", "document");
    let said = copy.run(&["new", "a-b", "--from", &url]).passed();
    assert_eq!(copy.read("specs/a-b.json"), body);
    assert!(copy.read("specs/README.md").contains(&format!("| <{url}> | 20")));
    assert!(copy.read("crates/a-b/Cargo.toml").contains("name = \"a-b\""));
    assert!(!copy.path("specs/a-b.overlay.yaml").exists(), "there is nothing to correct");
    assert!(!said.stdout.contains("overlay"), "{}", said.stdout);
    copy.run(&["codegen", "--check", "a-b"]).passed();
}

#[test]
fn a_name_that_is_in_use_is_refused() {
    for (file, text) in [
        ("specs/shop-auth.yaml", "x"),
        ("specs/shop-auth.yml", "x"),
        ("specs/shop-auth.json", "x"),
        ("specs/shop-auth.overlay.json", "x"),
        ("crates/shop-auth/README.md", "x"),
    ] {
        let copy = shop();
        copy.write(file, text);
        let before = copy.files();
        let taken = file.trim_end_matches("/README.md");
        let words = ["`shop-auth` already exists", &format!("--> {taken}\n")];
        new(&copy, "shop-auth", "new.yaml", &[]).failed(&words);
        assert_eq!(copy.files(), before, "{file}");
    }
    let copy = shop();
    new(&copy, "serde", "new.yaml", &[])
        .failed(&["`serde` is already a dependency", &copy.place("Cargo.toml", "serde")]);
    copy.edit("specs/README.md", "pets.yaml", "shop-auth.yaml");
    fs::remove_file(copy.path("specs/pets.yaml")).expect("removed");
    let words = ["there is a row for shop-auth.yaml", &copy.place("specs/README.md", "shop-auth")];
    new(&copy, "shop-auth", "new.yaml", &[]).failed(&words);
}

#[test]
fn a_refused_document_is_reported_with_its_line_and_changes_nothing() {
    let copy = shop();
    copy.write("key.yaml", &with_key());
    copy.write("broken.yaml", "openapi: [");
    copy.write("old.yaml", "swagger: '1.2'\ninfo: {}\n");
    copy.write("empty.yaml", "openapi: 3.1.0\ninfo: { title: A, version: '1' }\npaths: {}\n");
    copy.write("wrong.overlay.yaml", &OVERLAY.replace("X-Api-Key", "X-Other"));
    copy.write("bare.overlay.yaml", &OVERLAY.replace("    description", "    x-description"));
    let path = |file: &str| copy.path(file).display().to_string();
    let [wrong, bare, key] = ["wrong.overlay.yaml", "bare.overlay.yaml", "key.yaml"].map(path);
    let before = copy.files();
    for (name, file, overlay, words) in [
        ("Shop", "new.yaml", None, vec!["`Shop` cannot be the name of a crate"]),
        ("../shop", "new.yaml", None, vec!["cannot be the name of a crate"]),
        ("type", "new.yaml", None, vec!["cannot be the name of a crate"]),
        ("aux", "new.yaml", None, vec!["it is the name of a device on Windows", "`aux-api`"]),
        ("shop", "C://missing.yaml", None, vec!["cannot read the document", "C://missing.yaml"]),
        ("shop", "missing.yaml", None, vec!["cannot read the document", "missing.yaml"]),
        ("shop", "broken.yaml", None, vec!["not valid YAML", "broken.yaml:"]),
        ("shop", "old.yaml", None, vec!["Swagger 1.2 is not supported", "old.yaml:1"]),
        ("shop", "empty.yaml", None, vec!["the document has no operations", "empty.yaml:3"]),
        (
            "shop",
            "key.yaml",
            None,
            vec!["`format: password` is not supported yet", "key.yaml:8", "key.yaml", "`--overlay FILE`"],
        ),
        ("shop", "key.yaml", Some(&wrong), vec!["matches nothing", "wrong.overlay.yaml:5"]),
        ("shop", "key.yaml", Some(&bare), vec!["the action has no reason", "bare.overlay.yaml:5"]),
        ("shop", "key.yaml", Some(&key), vec!["not an overlay", "key.yaml"]),
    ] {
        let more = overlay.map_or_else(Vec::new, |overlay: &String| vec!["--overlay", overlay]);
        new(&copy, name, file, &more).failed(&words);
        assert_eq!(copy.files(), before, "{words:?}");
    }
    copy.run(&["new", "shop", "--from", "http://a.example/x"]).failed(&["`http://` is not supported"]);
    let url = serve("404 Not Found", TOKENS.to_owned());
    copy.run(&["new", "shop", "--from", &url]).failed(&["cannot fetch the document", "404", &url]);
    assert_eq!(copy.run(&["new", "shop"]).code, Some(2), "nothing is fetched unless asked");
    assert_eq!(copy.files(), before);
    for (file, words) in [("Cargo.toml", "cannot read the file"), ("specs/README.md", "cannot read the record")] {
        let copy = shop();
        fs::remove_file(copy.path(file)).expect("removed");
        let before = copy.files();
        new(&copy, "shop", "new.yaml", &[]).failed(&[words, &format!("--> {file}\n")]);
        assert_eq!(copy.files(), before, "{file}");
    }
}

#[test]
fn the_overlay_of_the_user_comes_first() {
    let copy = shop();
    copy.write("key.yaml", &with_key());
    copy.write("own.yaml", OVERLAY);
    let own = copy.path("own.yaml").display().to_string();
    let said = new(&copy, "shop-auth", "key.yaml", &["--overlay", &own]).passed();
    let overlay = copy.read("specs/shop-auth.overlay.yaml");
    let [first, second] = ["X-Api-Key", "client_secret"].map(|word| overlay.find(word).expect("an action"));
    assert!(first < second, "{overlay}");
    assert!(
        said.stdout.contains("  line 6: $.paths['/token/{X-Api-Key}'].post.parameters[?@.name == 'X-Api-Key']\n"),
        "{}",
        said.stdout
    );
    copy.run(&["codegen", "shop-auth"]).passed();
    copy.write("whole.yaml", &format!("# Ours.\n{overlay}"));
    let whole = copy.path("whole.yaml").display().to_string();
    new(&copy, "other-auth", "key.yaml", &["--overlay", &whole]).passed();
    assert_eq!(copy.read("specs/other-auth.overlay.yaml"), copy.read("whole.yaml"), "with its comments");
}

#[test]
fn a_failed_write_changes_nothing() {
    let copy = shop();
    // The last thing to be written is the crate, and there is no folder for it.
    copy.write("crates", "no folder");
    let before = copy.files();
    new(&copy, "shop-auth", "new.yaml", &[]).failed(&["cannot write crates/shop-auth", "; nothing has been changed"]);
    assert_eq!(copy.files(), before);
}

const SWAGGER: &str = "\
swagger: '2.0'
info: { title: Shop, version: '1' }
host: shop.example
basePath: /v1
schemes: [https]
paths:
  /orders:
    post:
      parameters:
        - { in: query, name: dry, type: boolean }
        - in: body
          name: order
          required: true
          schema: { $ref: '#/definitions/Order' }
      responses:
        200: { description: made, schema: { $ref: '#/definitions/Order' } }
definitions:
  Order: { type: object, properties: { number: { type: integer }, pin_secret: { type: string } } }
";

#[test]
fn a_swagger_document_becomes_a_crate_with_an_overlay_on_its_own_places() {
    let copy = shop();
    copy.write("shop.yaml", SWAGGER);
    new(&copy, "shop", "shop.yaml", &[]).passed();
    assert_eq!(copy.read("specs/shop.yaml"), SWAGGER, "byte for byte");
    let overlay = copy.read("specs/shop.overlay.yaml");
    assert!(overlay.contains("$.definitions.Order.properties.pin_secret"), "{overlay}");
    let code = copy.read("crates/shop/src/generated.rs");
    for part in [
        "pub pin_secret: ::auth_transport::Received<\n            ::auth_transport::Secret,\n            ::auth_transport::Confidential,\n        >,",
        "body: &'a types::Order",
    ] {
        assert!(code.contains(part), "{part}: {code}");
    }
    assert!(copy.read("crates/shop/src/lib.rs").contains("https://shop.example/v1"));
    copy.write("specs/shop.overlay.yaml", &overlay.replace("TO BE FILLED IN by a person, ", "The vendor was asked, "));
    copy.run(&["codegen", "shop"]).passed();
    copy.run(&["codegen", "--check", "shop"]).passed();
    // A change is found at the line of the document.
    let document = SWAGGER.replace("number: { type: integer }", "number: { type: string }");
    copy.write("later.yaml", &document);
    let (old, later) = (copy.path("specs/shop.yaml"), copy.path("later.yaml"));
    let said = copy.run(&["diff", &old.display().to_string(), &later.display().to_string()]).passed();
    assert!(said.stdout.contains("line 18") && said.stdout.contains("breaking: "), "{}", said.stdout);
}

/// A document that requires schemes which it never defines, and has a credential in a header and one in a path.
const REQUIRED: &str = r"
openapi: 3.1.0
info: { title: Shop, version: '1' }
paths:
  /orders:
    get:
      operationId: listOrders
      security: [{ OAuth2: [api] }]
      parameters: [{ name: app-token, in: header, required: true, schema: { type: string } }]
      responses: { '204': { description: there } }
  /links/{link_token}:
    get:
      operationId: openLink
      security: [{ bearer: [] }]
      parameters: [{ name: link_token, in: path, required: true, schema: { type: string } }]
      responses: { '204': { description: there } }
components:
  securitySchemes:
    bearerAuth: { type: http, scheme: bearer }
";

#[test]
fn what_a_document_requires_and_never_defines_is_drafted() {
    let copy = shop();
    copy.write("new.yaml", REQUIRED);
    let said = new(&copy, "shop-api", "new.yaml", &[]).passed();
    assert!(said.stdout.contains("2 operations, 0 left out, 0 losses"), "{}", said.stdout);
    assert!(said.stdout.contains("fill in 2 reasons"), "{}", said.stdout);
    let overlay = copy.read("specs/shop-api.overlay.yaml").split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "TO BE FILLED IN by a person, whether `OAuth2` is `bearerAuth`.",
        "Operations require `bearer`, which the document never defines. It is `bearerAuth`: the names mean the same.",
        "TO BE FILLED IN by a person, whether `link_token` is a credential.",
    ] {
        assert!(overlay.contains(part), "no {part} in {overlay}");
    }
    let shell = copy.read("crates/shop-api/src/lib.rs");
    for part in [
        "pub fn with_app_token(mut self, app_token: impl Into<Secret>) -> Self {",
        "&[&[Requirement::new(\"OAuth2\", CredentialKind::Bearer, &[\"api\"]), Requirement::new(\"app-token\", CredentialKind::Header(\"app-token\"), &[])]]",
    ] {
        assert!(shell.contains(part), "no {part} in {shell}");
    }
    assert_eq!(shell.matches(".with_tokens(&self.tokens)").count(), 2, "{shell}");
}
