//! `cargo xtask overlay` and `cargo xtask specs` as their users see them.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use crate::copy::Copy;

pub(crate) const PETS: &str = r"
openapi: 3.0.3
info: { title: Pets, version: '1' }
paths:
  /pets:
    get:
      operationId: list
      responses: { '204': { description: none } }
";

const TABLE: &str = "# Documents\n\n| file | what | source | retrieved | sha256 |\n|---|---|---|---|---|\n";

/// A workspace with one document, its overlay, and a whole table.
fn pets() -> Copy {
    let copy = Copy::with_document(PETS);
    let sum = copy.read("specs/README.md").split('`').nth(3).expect("a sum").to_owned();
    let row = format!("| `pets.yaml` | pets | the shop | March 2020 | `{sum}` |\n\nMore.\n");
    copy.write("specs/README.md", &format!("{TABLE}{row}"));
    copy.write(
        "specs/pets.overlay.yaml",
        "overlay: 1.1.0\ninfo: { title: t, version: '1' }\nactions:\n  - target: $.paths['/pets'].get\n    \
         description: why\n    update: { summary: All of them }\n",
    );
    copy
}

fn specs(copy: &Copy) -> Vec<String> {
    ["specs/README.md", "specs/pets.yaml", "specs/pets.overlay.yaml"].map(|file| copy.read(file)).into()
}

#[test]
fn a_document_is_printed_after_its_overlay_in_its_own_format() {
    let said = pets().run(&["overlay", "pets"]).passed();
    assert!(said.stdout.contains("      operationId: list\n"), "{}", said.stdout);
    assert!(said.stdout.contains("      summary: All of them\n"), "{}", said.stdout);
    let copy = Copy::new();
    assert!(copy.run(&["overlay", "lean-auth"]).passed().stdout.contains("format: password"));
    copy.run(&["overlay", "lean"]).failed(&["no document called `lean`"]);
}

#[test]
fn documents_on_record_are_verified() {
    let said = Copy::new().run(&["specs", "verify"]).passed();
    assert_eq!(
        said.stdout,
        "specs/lean-auth.overlay.yaml: exists, no checksum on record\nspecs/lean-auth.yaml: as on record\n\
         specs/leanix-auth.yaml: as on record\nspecs/leanix-poll.yaml: as on record\n"
    );
}

#[test]
fn all_differences_from_the_record_are_reported_together() {
    let copy = Copy::new();
    copy.edit("specs/lean-auth.yaml", "Lean Support", "Lean support");
    fs::remove_file(copy.path("specs/lean-auth.overlay.yaml")).expect("removed");
    copy.write("specs/pets.yaml", PETS);
    let said = copy.run(&["specs", "verify"]).failed(&[
        "specs/lean-auth.yaml is not the document on record",
        "cannot read specs/lean-auth.overlay.yaml",
        "restore specs/lean-auth.overlay.yaml, or remove its row",
        "there is no row for pets.yaml",
    ]);
    assert_eq!(said.stderr.matches("error: ").count(), 3, "{}", said.stderr);
}

#[test]
fn a_file_replaces_a_document_with_its_checksum_and_date() {
    let copy = pets();
    let before = copy.read("specs/README.md");
    let new = PETS.replace("version: '1'", "version: '2'");
    copy.write("new.yaml", &new);
    let from = copy.path("new.yaml").display().to_string();
    let said = copy.run(&["specs", "update", "pets", "--from", &from]).passed();
    assert!(said.stdout.starts_with("specs/pets.yaml: replaced\n"), "{}", said.stdout);
    assert_eq!(copy.read("specs/pets.yaml"), new);
    copy.run(&["specs", "verify"]).passed();
    let record = copy.read("specs/README.md");
    assert!(record.contains("| the shop | 20") && !record.contains("March 2020"), "{record}");
    assert_eq!(record.lines().count(), before.lines().count());
    let again = copy.run(&["specs", "update", "pets", "--from", &from]).passed();
    assert!(again.stdout.contains("nothing has changed"), "{}", again.stdout);
    assert_eq!(copy.read("specs/README.md"), record);
}

#[test]
fn a_broken_document_changes_nothing() {
    for (new, words) in [
        ("openapi: [".to_owned(), "not valid YAML"),
        ("<html>Sign in</html>".to_owned(), "an HTML or XML page"),
        (PETS.replace("/pets:", "/dogs:"), "matches nothing in specs/pets.yaml"),
        (PETS.replace("3.0.3", "3.9.0"), "not supported"),
        (PETS.replace("version: '1'", "version: 'ü'"), "not printable ASCII"),
    ] {
        let copy = pets();
        copy.write("new.yaml", &new);
        let before = specs(&copy);
        let from = copy.path("new.yaml").display().to_string();
        copy.run(&["specs", "update", "pets", "--from", &from]).failed(&[words]);
        assert_eq!(specs(&copy), before, "{words}");
    }
    let copy = pets();
    let before = specs(&copy);
    copy.run(&["specs", "update", "pets", "--from", "missing.yaml"]).failed(&["cannot read the document"]);
    copy.run(&["specs", "update", "cats", "--from", "missing.yaml"]).failed(&["no document called `cats`"]);
    copy.run(&["specs", "update", "pets", "--from", "http://a.example/x"]).failed(&["`http://` is not supported"]);
    assert_eq!(specs(&copy), before);
    assert_eq!(copy.run(&["specs", "update", "pets"]).code, Some(2), "nothing is fetched unless asked");
}

/// Answers one request, and returns the address.
pub(crate) fn serve(status: &'static str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
            request.push(byte[0]);
        }
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).expect("answered");
    });
    format!("http://{address}/openapi.yaml")
}

#[test]
fn an_address_replaces_a_document_and_becomes_its_source() {
    let copy = pets();
    let new = PETS.replace("version: '1'", "version: '2'");
    let url = serve("200 OK", new.clone());
    copy.run(&["specs", "update", "pets", "--from", &url]).passed();
    assert_eq!(copy.read("specs/pets.yaml"), new);
    assert!(copy.read("specs/README.md").contains(&format!("| <{url}> | 20")));
    copy.run(&["specs", "verify"]).passed();
    // A scheme is the same in capital letters.
    let newer = PETS.replace("version: '1'", "version: '3'");
    let url = serve("200 OK", newer.clone()).replace("http:", "HTTP:");
    copy.run(&["specs", "update", "pets", "--from", &url]).passed();
    assert_eq!(copy.read("specs/pets.yaml"), newer);
}

#[test]
fn a_response_that_is_not_a_document_changes_nothing() {
    let copy = pets();
    let before = specs(&copy);
    let url = serve("404 Not Found", PETS.to_owned());
    copy.run(&["specs", "update", "pets", "--from", &url]).failed(&["cannot fetch the document", "404", &url]);
    let url = serve("200 OK", PETS.replace("version: '1'", "version: 'ü'"));
    let words = ["not printable ASCII", &format!("--> {url}:3 (#/info/version)"), "3 | info: { title"];
    copy.run(&["specs", "update", "pets", "--from", &url]).failed(&words);
    assert_eq!(specs(&copy), before);
}

#[test]
fn a_dry_run_prints_the_report_and_the_changes_only() {
    let copy = pets();
    copy.write("Cargo.toml", "[workspace.package]\nversion = \"0.3.0\"\n");
    let new = PETS.replace(
        "operationId: list",
        "operationId: list\n      parameters: [{ name: limit, in: query, required: true, schema: { type: integer } }]",
    );
    copy.write("new.yaml", &new);
    let from = copy.path("new.yaml").display().to_string();
    let before = copy.files();
    let said = copy.run(&["specs", "update", "pets", "--from", &from, "--dry-run"]).passed();
    for part in [
        "pets: specs/pets.yaml, OpenAPI 3.0.3\n",
        "  operation: GET /pets as `list`\n",
        "breaking: 1 change\n",
        "step: breaking\nversion: not known, the workspace is not inside a git repository\n",
        "specs/pets.yaml: not replaced, this is a dry run\n",
    ] {
        assert!(said.stdout.contains(part), "no {part} in {}", said.stdout);
    }
    assert!(said.stdout.contains(&format!("pets: {from} against specs/pets.yaml\n")), "{}", said.stdout);
    assert_eq!(copy.files(), before);
    let url = serve("200 OK", new);
    copy.run(&["specs", "update", "pets", "--from", &url, "--dry-run"]).passed();
    assert_eq!(copy.files(), before);
    copy.write("new.yaml", "openapi: [");
    let words = ["not valid YAML", "new.yaml:"];
    copy.run(&["specs", "update", "pets", "--from", &from, "--dry-run"]).failed(&words);
    let url = serve("200 OK", PETS.replace("version: '1'", "version: 'ü'"));
    let words = ["not printable ASCII", &format!("--> {url}:3 (#/info/version)")];
    copy.run(&["specs", "update", "pets", "--from", &url, "--dry-run"]).failed(&words);
}
