//! Documents of several files, as users of the command see them.

use std::fs;

use crate::copy::{Copy, Said, command};
use crate::deadlines::within;
use crate::diff::{commit, git};

const API: &str = "\
openapi: 3.1.0
info: { title: Pets, version: '1' }
paths:
  /pets/{id}:
    get:
      operationId: findPet
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        '200':
          description: one
          content: { application/json: { schema: { $ref: 'pets/schemas.yaml#/Pet' } } }
";

const SCHEMAS: &str = "\
Pet:
  type: object
  properties:
    name: { type: string, not: { const: x } }
    tags: { $ref: 'tags.json' }
";

const TAGS: &str = "{ \"type\": \"array\",\n  \"items\": { \"type\": \"string\" } }\n";

/// A workspace beside a folder with a document of three files.
fn with_folder() -> Copy {
    let copy = Copy::with_full_record("openapi: 3.1.0\ninfo: { title: Other, version: '1' }\npaths: {}\n");
    copy.write("Cargo.toml", "[workspace.package]\nversion = \"0.3.0\"\n\n[workspace.dependencies]\nserde = \"1.0\"\n");
    copy.write("vendor/api.yaml", API);
    copy.write("vendor/pets/schemas.yaml", SCHEMAS);
    copy.write("vendor/pets/tags.json", TAGS);
    copy
}

/// A workspace whose document `pets` has two more files, all on record.
fn recorded() -> Copy {
    let copy = Copy::with_full_record("openapi: 3.1.0\ninfo: { title: Pets, version: '1' }\npaths: {}\n");
    copy.write("specs/pets.yaml", API);
    copy.write("specs/pets/schemas.yaml", SCHEMAS);
    copy.write("specs/pets/tags.json", TAGS);
    copy.record("pets");
    for file in ["pets/schemas.yaml", "pets/tags.json"] {
        let said = copy.run(&["codegen"]).failed(&[&format!("there is no row for {file}")]);
        let sum = said.stderr.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| word.len() == 64).expect("a sum");
        let record = copy.read("specs/README.md");
        copy.write("specs/README.md", &format!("{record}| `{file}` | | | | `{sum}` |\n"));
    }
    copy
}

fn generate(copy: &Copy, file: &str, more: &[&str]) -> Said {
    let [file, out] = [file, "out"].map(|path| copy.path(path).display().to_string());
    copy.run(&[&["codegen", "--spec", &file, "--out", &out], more].concat())
}

#[test]
fn a_crate_is_generated_from_a_document_and_the_files_beside_it() {
    let copy = with_folder();
    let said = generate(&copy, "vendor/api.yaml", &["--verbose"]).passed();
    let code = copy.read("out/src/generated.rs");
    assert!(code.contains("pub struct Pet {") && code.contains("pub tags: "), "{code}");
    let row = "not: pets/schemas.yaml, line 4, #/Pet/properties/name: ";
    assert!(said.stdout.contains(row), "no {row} in {}", said.stdout);
    let json = generate(&copy, "vendor/api.yaml", &["--json"]).passed().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let rows = json["documents"][0]["rows"].as_array().expect("rows");
    let found = rows.iter().find(|row| row["rule"] == "not").expect("a row");
    assert_eq!((found["file"].as_str(), found["line"].as_u64()), (Some("pets/schemas.yaml"), Some(4)), "{json:#}");
    assert!(copy.read("out/Cargo.toml").contains("# with 2 files that it refers to (sha256 of all: "));
    generate(&copy, "vendor/api.yaml", &["--check"]).passed();
    // The contents of every file count, not only what becomes code.
    copy.write("vendor/pets/tags.json", &format!("{TAGS}\n"));
    let said = generate(&copy, "vendor/api.yaml", &["--check"]).failed(&["not as generated"]);
    assert!(said.stdout.contains("sha256 of all"), "{}", said.stdout);
}

#[test]
fn an_overlay_applies_to_all_files() {
    let copy = with_folder();
    copy.write(
        "fix.yaml",
        "overlay: 1.0.0\ninfo: { title: t, version: '1' }\nactions:\n  - target: $.components.schemas.Pet.properties.name\n    \
         description: why\n    update: { format: password }\n",
    );
    let overlay = copy.path("fix.yaml").display().to_string();
    generate(&copy, "vendor/api.yaml", &["--overlay", &overlay]).passed();
    let code = copy.read("out/src/generated.rs");
    assert!(code.contains("::auth_transport::Secret"), "{code}");
}

#[test]
fn errors_name_the_line_of_the_right_file() {
    for (old, new, words) in [
        (
            "'tags.json'",
            "'missing.json'",
            &["`missing.json`", "--> pets/schemas.yaml:5 (#/Pet/properties/tags/$ref)"][..],
        ),
        ("'tags.json'", "'tags.json#/x'", &["`tags.json#/x` has no target", "--> pets/schemas.yaml:5"]),
        ("'tags.json'", "'../../x.json'", &["`../../x.json` leads out of the folder", "--> pets/schemas.yaml:5"]),
        ("'tags.json'", "'/etc/x.json'", &["`/etc/x.json` leads out of the folder", "--> pets/schemas.yaml:5"]),
        ("'tags.json'", "'file:///x.json'", &["`file:///x.json` leads out of the folder", "--> pets/schemas.yaml:5"]),
        ("'tags.json'", "'http://a.example/x'", &["`http://a.example/x` leads out of the folder"]),
        ("'tags.json'", "'../pets'", &["../pets`", "--> pets/schemas.yaml:5"]),
        ("type: object", "type: object\n  type: string", &["duplicate", "--> pets/schemas.yaml:3"]),
        ("{ const: x }", "{ $dynamicRef: '#x' }", &["$dynamicRef", "--> pets/schemas.yaml:4"]),
    ] {
        let copy = with_folder();
        copy.edit("vendor/pets/schemas.yaml", old, new);
        let said = generate(&copy, "vendor/api.yaml", &[]).failed(words);
        assert!(said.stderr.contains("remedy: "), "{}", said.stderr);
        assert!(!copy.path("out").exists(), "nothing is written");
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_refused() {
    let copy = with_folder();
    copy.write("outside/tags.json", TAGS);
    fs::remove_file(copy.path("vendor/pets/tags.json")).expect("removed");
    std::os::unix::fs::symlink("../../outside/tags.json", copy.path("vendor/pets/tags.json")).expect("linked");
    let words = ["pets/tags.json is a link out of the folder of the document", "--> pets/schemas.yaml:5"];
    generate(&copy, "vendor/api.yaml", &[]).failed(&words);
    // A link inside the folder is the file that it leads to.
    copy.write("vendor/common/tags.json", TAGS);
    fs::remove_file(copy.path("vendor/pets/tags.json")).expect("removed");
    std::os::unix::fs::symlink("../common/tags.json", copy.path("vendor/pets/tags.json")).expect("linked");
    generate(&copy, "vendor/api.yaml", &[]).passed();
}

#[test]
fn a_document_without_a_folder_has_no_files() {
    let copy = with_folder();
    let mut command = command(&copy.path(""), &["codegen", "--spec", "-", "--name", "pets", "--out"]);
    command.arg(copy.path("out")).stdin(fs::File::open(copy.path("vendor/api.yaml")).expect("opened"));
    let said = within("the program has come to an end", move || command.output());
    Said::of(said.expect("the program runs"))
        .failed(&["the document is from standard input, which has no folder", "remedy: download the folder"]);
}

#[test]
fn documents_of_the_workspace_have_files_in_their_folders() {
    let copy = recorded();
    copy.run(&["codegen"]).passed();
    assert!(copy.read("crates/pets/src/generated.rs").contains("pub struct Pet {"));
    copy.run(&["codegen", "--check"]).passed();
    let said = copy.run(&["specs", "verify"]).passed();
    assert!(said.stdout.contains("specs/pets/tags.json: as on record\n"), "{}", said.stdout);
    let said = copy.run(&["overlay", "pets"]).passed();
    assert!(
        said.stdout.contains("$ref: \"#/components/schemas/Pet\"")
            || said.stdout.contains("'#/components/schemas/Pet'"),
        "{}",
        said.stdout
    );
    // A changed file is noticed.
    copy.edit("specs/pets/tags.json", "string", "integer");
    for command in [&["codegen"][..], &["codegen", "--check"], &["specs", "verify"]] {
        copy.run(command).failed(&["specs/pets/tags.json is not the document on record", "specs/README.md:"]);
    }
    // A name that the record cannot have is refused, and so is a file in another folder.
    copy.edit("specs/pets/schemas.yaml", "'tags.json'", "'a|b.json'");
    copy.run(&["codegen"])
        .failed(&["the file \"pets/a|b.json\" has the character '|'", "--> specs/pets/schemas.yaml:5"]);
    copy.edit("specs/pets/schemas.yaml", "'a|b.json'", "'tags.json'");
    copy.write("specs/other/tags.json", TAGS);
    copy.edit("specs/pets/schemas.yaml", "'tags.json'", "'../other/tags.json'");
    copy.run(&["codegen"])
        .failed(&["the files of specs/pets.yaml must be in the folder `pets`", "--> specs/pets/schemas.yaml:5"]);
}

#[test]
fn new_and_update_take_the_files_along() {
    let copy = with_folder();
    let from = copy.path("vendor/api.yaml").display().to_string();
    copy.run(&["new", "shop", "--from", &from]).failed(
        &[
            "the files of specs/shop.yaml must be in the folder `shop`",
            "remedy: move them there, and correct the references",
            "nothing was written",
        ][..2],
    );
    assert!(!copy.path("specs/shop.yaml").exists());
    copy.write("vendor/api.yaml", &API.replace("pets/schemas", "shop/schemas"));
    copy.write("vendor/shop/schemas.yaml", SCHEMAS);
    copy.write("vendor/shop/tags.json", TAGS);
    copy.run(&["new", "shop", "--from", &from]).passed();
    assert_eq!(copy.read("specs/shop/tags.json"), TAGS, "byte for byte");
    copy.run(&["specs", "verify"]).passed();
    copy.run(&["codegen", "--check", "shop"]).passed();
    let said = copy.run(&["specs", "update", "shop", "--from", &from]).passed();
    assert!(said.stdout.contains("nothing has changed"), "{}", said.stdout);
    // One file changes, one is new, one is not referred to any more.
    copy.edit("vendor/shop/schemas.yaml", "'tags.json'", "'words.json'");
    copy.write("vendor/shop/words.json", TAGS);
    let said = copy.run(&["specs", "update", "shop", "--from", &from]).passed();
    assert!(said.stdout.contains("  2 files that it refers to written\n"), "{}", said.stdout);
    assert!(!copy.path("specs/shop/tags.json").exists() && copy.path("specs/shop/words.json").exists());
    let said = copy.run(&["specs", "verify"]).passed();
    assert!(
        said.stdout.contains("specs/shop/words.json") && !said.stdout.contains("shop/tags.json"),
        "{}",
        said.stdout
    );
    copy.run(&["codegen", "shop"]).passed();
}

#[test]
fn a_change_in_a_file_is_a_change_of_the_document() {
    let copy = with_folder();
    copy.write("later/api.yaml", API);
    copy.write("later/pets/schemas.yaml", &SCHEMAS.replace("name: { type: string,", "name: { type: integer,"));
    copy.write("later/pets/tags.json", TAGS);
    let [old, new] = ["vendor/api.yaml", "later/api.yaml"].map(|file| copy.path(file).display().to_string());
    let said = copy.run(&["diff", &old, &new]).passed();
    let file = copy.path("later/pets/schemas.yaml").display().to_string();
    let place = format!("new {file}, line 4, #/Pet/properties/name");
    assert!(said.stdout.contains(&place), "no {place} in {}", said.stdout);
    let said = copy.run(&["diff", &old, &new, "--json"]).passed();
    assert!(said.stdout.contains("later/pets/schemas.yaml\",\n"), "{}", said.stdout);
    let said = copy.run(&["diff", &old, &new, "--format", "sarif"]).passed();
    assert!(said.stdout.contains("later/pets/schemas.yaml\""), "{}", said.stdout);
}

#[test]
fn a_file_is_compared_with_that_of_the_commit() {
    let copy = recorded();
    copy.run(&["codegen"]).passed();
    git(&copy, &["init", "-q", "-b", "main"]);
    commit(&copy);
    copy.edit("specs/pets/tags.json", "string", "integer");
    let said = copy.run(&["diff", "pets"]).passed();
    for place in ["old HEAD:specs/pets/tags.json, line 2, #/items", "new specs/pets/tags.json, line 2, #/items"] {
        assert!(said.stdout.contains(place), "no {place} in {}", said.stdout);
    }
}
