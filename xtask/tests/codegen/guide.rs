//! Follows `docs/new-provider.md`: runs its commands and its code, and compares what they print. Also checks the dependencies that
//! `README.md` lists for its examples.
//!
//! `tests/fixtures/provider` holds the document and the tests of the program that the guide ends with.

use std::fs;
use std::path::Path;

use crate::copy::{Copy, repository};
use crate::program::{lasting, mirror, put, run_tests};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// The most lines that an adapter may have.
const LONGEST: usize = 40;

/// The parts of the program that the guide does not show.
const MANIFEST: &str =
    "[workspace]\n\n[package]\nname = \"walk\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n";

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn fixture(name: &str) -> String {
    read(&Path::new(FIXTURES).join(name))
}

/// The blocks of code in a language.
fn blocks<'a>(guide: &'a str, language: &str) -> Vec<&'a str> {
    let mark = format!("```{language}\n");
    guide.split(mark.as_str()).skip(1).map(|rest| rest.split("```").next().expect("a part")).collect()
}

/// A text without its dates.
fn undated(text: &str) -> String {
    let is_date = |word: &&str| word.len() == 10 && word.chars().all(|c| c.is_ascii_digit() || c == '-');
    let lines =
        text.lines().map(|line| line.split(' ').filter(|word| !is_date(word)).collect::<Vec<_>>().join(" ") + "\n");
    lines.collect()
}

/// A command of the guide, and what it prints.
fn command<'a>(guide: &'a str, begin: &str) -> (Vec<&'a str>, &'a str) {
    let mark = format!("$ {begin}");
    let found = blocks(guide, "console").into_iter().find(|block| block.starts_with(&mark));
    let block = found.unwrap_or_else(|| panic!("no {mark} in the guide"));
    let (line, printed) = block.split_once('\n').expect("a line");
    (line.split(' ').skip(1).collect(), printed)
}

#[test]
fn the_guide_leads_from_a_document_to_a_cached_token() {
    let guide = read(&repository().join("docs/new-provider.md"));
    let copy = Copy::without("hydra-auth");
    for begin in ["cargo xtask new", "cargo xtask codegen"] {
        let (words, printed) = command(&guide, begin);
        let arguments = words[2..].iter().map(|word| {
            let file = repository().join(word);
            if file.is_file() { file.display().to_string() } else { (*word).to_owned() }
        });
        let arguments = arguments.collect::<Vec<_>>();
        let said = copy.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).passed();
        assert_eq!(undated(&said.stdout), undated(printed), "the guide is not as it is: {}", said.stdout);
    }
    let [alone, key, adapter, program] = blocks(&guide, "rust")[..] else {
        panic!("not a program, a client with a key, an adapter and a program with it")
    };
    let count = adapter.lines().count();
    assert!(count <= LONGEST && adapter.contains("impl<S"), "{count} lines: {adapter}");
    let [dependencies] = blocks(&guide, "toml")[..] else { panic!("not one table of dependencies") };
    let folder = lasting("provider");
    mirror(&copy.path("crates"), &folder.join("crates"));
    put(&folder.join("Cargo.toml"), &copy.read("Cargo.toml"));
    let walk = folder.join("walk");
    put(&walk.join("Cargo.toml"), &format!("{MANIFEST}{dependencies}"));
    put(&walk.join("src/main.rs"), program);
    put(&walk.join("src/bin/alone.rs"), alone);
    put(
        &walk.join("src/bin/key.rs"),
        &format!("//! A client with a key.\n{key}\nfn main() {{\n    tokens().unwrap();\n}}\n"),
    );
    put(&walk.join("src/hydra.rs"), adapter);
    put(&walk.join("tests/server/mod.rs"), &fixture("wire/server.rs"));
    put(&walk.join("tests/deadlines/mod.rs"), include_str!("deadlines.rs"));
    put(&walk.join("tests/printed.txt"), command(&guide, "cargo run").1);
    run_tests(&walk, "walk", &fixture("provider/walk.rs"));
}

#[test]
fn the_readme_lists_the_crates_that_its_examples_use() {
    let readme = read(&repository().join("README.md"));
    let manifest = blocks(&readme, "toml").into_iter().find(|block| block.starts_with("[dependencies]\n"));
    let manifest: toml::Table = manifest.expect("a list of dependencies").parse().expect("a part of a manifest");
    let dependencies = manifest["dependencies"].as_table().expect("a table");
    let examples = blocks(&readme, "rust").concat();
    let crates = fs::read_dir(repository().join("crates")).expect("the crates").flatten();
    let names = crates.map(|entry| entry.file_name().into_string().expect("UTF-8")).collect::<Vec<_>>();
    let used = names.iter().filter(|name| examples.contains(&format!("{}::", name.replace('-', "_"))));
    let used = used.map(String::as_str).collect::<Vec<_>>();
    assert!(used.contains(&"auth-core"), "{used:?}");
    for name in used {
        assert!(dependencies.contains_key(name), "an example uses {name}, which is not in {dependencies:?}");
    }
}
