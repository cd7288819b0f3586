//! Checks that no text of a document is run: puts every dangerous text in every place that has a text.

mod docs;

use diagnostics::text::{Markdown, Terminal, fill, is_hidden};
use openapi::Document;
use proc_macro2::{TokenStream, TokenTree};
use serde_json::{Map, Value, json};
use syn::visit_mut::VisitMut;

use self::docs::Docs;
use crate::answers::Answers;
use crate::home::{Alone, Files, Home};
use crate::pipeline::{self, Output, Target};

/// What must not be run.
const BOOM: &str = "boom()";

/// Blocks of code, as they stand in a description.
const BLOCKS: [&str; 26] = [
    "```\nboom()\n```",
    "```rust\nboom()\n```",
    "```text,rust\nboom()\n```",
    "```json rust\nboom()\n```",
    "```standalone_crate\nboom()\n```",
    "```ignore-windows\nboom()\n```",
    "```(c)\nboom()\n```",
    "```\trust\nboom()\n```",
    "```should_panic\nboom()\n```",
    "```compile_fail,E0308\nboom()\n```",
    "```edition2024\nboom()\n```",
    "```{.rust}\nboom()\n```",
    "```custom,{class=rust}\nboom()\n```",
    "``` ,\nboom()\n```",
    "~~~\nboom()\n~~~",
    "~~~~ no_run `x`\nboom()\n~~~~",
    "`````\n```text\nboom()\n`````",
    "```text\n```\n```\nboom()\n```",
    "```\nboom()",
    "~~~rust\nboom()",
    "    boom()",
    "\tboom()",
    "[^1]: x\n\n        boom()\n\n[^1]",
    "<div>\n\n    boom()\n\n</div>",
    "| a |\n|---|\n| b |\n\n    boom()",
    "a\u{2028}\u{2028}```\u{2028}boom()\u{2028}```\u{2028}",
];

/// Other texts that a reader could obey.
const TEXTS: [&str; 16] = [
    "<script>boom()</script>",
    "a\n<script>\n\nboom()\n</script>\n",
    "`a\nb <script>` <b>x</b> `c\n\nd`",
    "`code <b>` ``x` <i>`` <u>",
    "[`std`] [std] [a][b] [c](d.md) [`Vec`](std::vec) ![x](http://a.example/x.png)",
    "[a](javascript:boom()) <javascript:boom()> [b](data:text/html,x)",
    "[`Client::new`]: https://a.example/evil\n[std]: https://a.example\n\n[std]",
    "a\u{1b}]0;x\u{7}\u{1b}[31m\u{9b}31m\u{7f}\u{0}\u{8}b",
    "a\u{202e}b\u{2066}c\u{200f}d\u{61c}e\u{2028}f\u{2029}g\u{85}h\ri\r\nj",
    "&#x1b;[31m &#x202e; &#10; &#13; &lt;script&gt; &amp;lt;",
    "*/ \" ' \\ {} {x} #{x} $x %s \\u{1b}",
    "--> <!-- x --> ]]> <?x?> <!X>",
    "\"]\n[dependencies]\nx = \"1\"\n#",
    "# a\n\nb\n===\n\n###### c\n\n---\n\n***",
    "_a_ *b* __c__ ~d~ ~~e~~ a_b_c 2 * 3 | f | - + 1. #",
    "filter{} {zone} {{}} }",
];

/// Containers up to this deep.
const DEPTH: usize = 3;

/// A text in a quote, in an ordered and in an unordered list.
fn within(container: usize, text: &str) -> String {
    let (first, rest) = [("> ", "> "), ("1. ", "   "), ("- ", "  ")][container];
    let lines = text.lines().enumerate().map(|(index, line)| {
        let mark = if index == 0 { first } else { rest };
        format!("{mark}{line}").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// This text in all containers up to that depth.
fn contained(text: &str) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    let mut level = all.clone();
    for _ in 0..DEPTH {
        level = level.iter().flat_map(|text| (0..3).map(move |container| within(container, text))).collect();
        all.extend(level.iter().cloned());
    }
    all
}

/// A document in which each place that has a text has the next one.
fn document(say: &mut dyn FnMut() -> String) -> Value {
    let [name, scheme, scope, variable] = [say(), say(), say(), say()];
    let named = |name: &str, inner: Value| Value::from(Map::from_iter([(name.to_owned(), inner)]));
    let schema = json!({ "$ref": "#/components/schemas/A" });
    let response = json!({ "description": say(), "headers": named(&say(), json!({ "description": say(), "schema": {} })),
        "content": { "application/json": { "schema": schema, "example": say() } } });
    let parameter = |name: &str, place: &str, say: &mut dyn FnMut() -> String| {
        json!({ "name": name, "in": place, "required": place == "path", "description": say(), "example": say(),
            "schema": { "type": "string", "title": say(), "description": say(), "enum": [say(), "b"], "default": say() } })
    };
    let mut schemas = json!({ "A": { "type": "object", "title": say(), "description": say(), "externalDocs": { "description": say(), "url": say() },
        "required": ["p"], "properties": {
            "p": { "type": "string", "title": say(), "description": say(), "default": say(), "example": say() },
            "q": { "type": "string", "description": say(), "enum": [say(), "b"], "x-enum-varnames": [say()] },
            "r": { "type": "string", "description": say(), "pattern": say() },
            "s": { "description": say(), "oneOf": [{ "title": say(), "description": say(), "type": "string" },
                { "title": "t", "description": say(), "type": "object", "properties": named(&say(), json!({})) }] },
            "password": { "type": "string", "description": say() },
        } } });
    schemas["A"]["properties"][say()] = json!({ "type": "string", "description": say() });
    schemas[say()] = json!({ "type": "string", "description": say(), "enum": [say()] });
    let mut schemes = json!({
        "basic": { "type": "http", "scheme": "basic", "description": say() },
        "key": { "type": "apiKey", "in": "query", "name": say(), "description": say() },
        "token": { "type": "oauth2", "description": say(), "flows": { "clientCredentials": { "tokenUrl": say(),
            "scopes": named(&scope, json!(say())) } } },
    });
    schemes[&scheme] = json!({ "type": "apiKey", "in": "query", "name": format!("2{}", say()), "description": say() });
    let mut security = json!({ "key": [] });
    security[&scheme] = json!([]);
    json!({
        "openapi": "3.0.3",
        "info": { "title": say(), "summary": say(), "description": say(), "termsOfService": say(), "version": "1.0",
            "contact": { "name": say(), "url": say(), "email": say() }, "license": { "name": say(), "url": say() } },
        "externalDocs": { "description": say(), "url": say() }, "tags": [{ "name": name, "description": say(), "externalDocs": { "description": say(), "url": say() } }],
        "servers": [
            { "url": "https://a.example/v1", "description": say() },
            { "url": "https://{zone}.a.example", "description": "zone", "variables": {
                "zone": { "default": say(), "enum": [say(), "b"], "description": say() } } },
            { "url": format!("https://{{{variable}}}.a.example"), "variables": named(&variable, json!({ "default": "a" })) },
            { "url": format!("https://b.example/{}", say()), "description": say() },
        ],
        "paths": { "/a/{id}": {
            "summary": say(), "description": say(),
            "get": { "operationId": "getA", "summary": say(), "description": say(), "tags": [name], "externalDocs": { "description": say(), "url": say() },
                "security": [security],
                "parameters": [parameter("id", "path", say), parameter(&say(), "query", say), parameter("X-A", "header", say)],
                "responses": { "200": response, "404": { "description": say() } } },
            "put": { "operationId": say(), "summary": say(), "security": [{ "token": [scope] }],
                "parameters": [parameter("id", "path", say)],
                "requestBody": { "description": say(), "content": { "application/json": { "schema": schema } } },
                "responses": { "204": { "description": say() } } },
            "post": { "description": say(), "security": [{ "basic": [] }], "parameters": [parameter("id", "path", say)],
                "responses": { "204": { "description": say() } } },
        } },
        "components": { "schemas": schemas, "securitySchemes": schemes },
    })
}

fn made(value: &Value) -> Output {
    let text = value.to_string();
    let document = Document::parse("a.json", text.clone()).unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    let home = Home::Alone(Alone::default());
    let target = Target { name: "placed", version: None, home, strict: false, answers: Answers::default() };
    let output = pipeline::run(&target, &document, None, &mut |_| {});
    output.unwrap_or_else(|problems| panic!("{problems}\n{value:#}"))
}

/// Whether a name is in the code, outside its literals and comments.
fn has_name(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => has_name(group.stream(), name),
        TokenTree::Ident(ident) => ident == name,
        _ => false,
    })
}

/// Everything that must hold of the files of a crate, whatever its document says.
fn wrong(files: &Files) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, text) in files {
        let hidden = text.chars().find(|c| is_hidden(*c) && !matches!(c, '\n' | '\t'));
        wrong.extend(hidden.map(|c| format!("{name}: {c:?}")));
        let mut docs = Docs { links_missing: name == "src/lib.rs", ..Docs::default() };
        let examples = match name.as_str() {
            "README.md" => {
                docs.read(text, "rust");
                1
            }
            "Cargo.toml" => {
                // A line of a document would be one more; a comment and the title are on one each.
                let keys = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(' ').next());
                let keys = keys.flatten().collect::<Vec<_>>();
                let expected = ["", "[package]", "name", "description", "version", "edition", "rust-version", "readme"];
                if !keys.starts_with(&expected) || keys.iter().filter(|key| **key == "[dependencies]").count() != 1 {
                    wrong.push(format!("{name}: {keys:?}"));
                }
                0
            }
            _ => {
                match syn::parse_file(text) {
                    Ok(mut file) => docs.visit_file_mut(&mut file),
                    Err(error) => wrong.push(format!("{name}: {error}")),
                }
                if text.parse().is_ok_and(|tokens| has_name(tokens, "boom")) {
                    wrong.push(format!("{name}: the text is code"));
                }
                usize::from(name == "src/lib.rs")
            }
        };
        if docs.examples != examples {
            wrong.push(format!("{name}: {} examples", docs.examples));
        }
        wrong.extend(docs.wrong.into_iter().map(|what| format!("{name}: {what}")));
    }
    wrong
}

#[track_caller]
fn check(say: &mut dyn FnMut() -> String) {
    let value = document(say);
    let Output { report, json, files, .. } = made(&value);
    let found = wrong(&files);
    assert!(found.is_empty(), "{value:#}: {found:#?}\n{}\n{}", files["src/lib.rs"], files["README.md"]);
    for shown in [report.as_str(), Terminal::json(&json).as_str()] {
        assert!(!shown.contains(|c| is_hidden(c) && c != '\n'), "{value:#}: {shown:?}");
    }
}

/// Documents with all blocks in these containers; each place has the block after that of the place before it, and the
/// first one has this block.
fn check_blocks(container: usize, first: usize) {
    let texts = BLOCKS.map(|block| contained(&format!("Hi\n\n{block}\n")).swap_remove(container));
    let mut next = first;
    check(&mut || {
        next += 1;
        texts[next % texts.len()].clone()
    });
}

/// The containers that a block may stand in, each in each.
const CONTAINERS: usize = 1 + 3 + 9 + 27;

#[test]
fn no_block_of_a_description_is_run_whatever_it_stands_in() {
    let texts = BLOCKS.iter().flat_map(|block| [contained(block), contained(&format!("Hi\n\n{block}\n"))]).flatten();
    let texts = texts.collect::<Vec<_>>();
    assert_eq!(texts.len(), 2 * CONTAINERS * BLOCKS.len());
    for raw in texts.iter().map(String::as_str).chain(TEXTS) {
        let [block, line, item] = [Markdown::description(raw), Markdown::line(raw), Markdown::item(raw)];
        let [plain, code] = [Markdown::plain(raw), Markdown::code(raw)];
        assert_eq!(Markdown::description(block.as_str()), block, "{raw:?}: what is rendered stays as it is");
        let mut docs = Docs::default();
        for text in [
            fill!(Markdown, "a\n\n{}\n\nb", block),
            fill!(Markdown, "- `a`: {}\n- `b`: {}\n- `c`: {}", item, line, plain),
            fill!(Markdown, "{}: {}\n\n- {}: {}", line, plain, code, line),
            fill!(Markdown, "| a | b |\n|---|---|\n| {}: {} | {} |", line.in_cell(), code.in_cell(), plain.in_cell()),
        ] {
            docs.read(text.as_str(), "no_run");
            assert_eq!((&docs.wrong, docs.examples), (&vec![], 0), "{raw:?}: {text}");
        }
        assert!([line, plain, code].iter().all(|text| !text.as_str().contains('\n')), "{raw:?}");
    }
}

#[test]
fn no_block_of_a_document_is_run_wherever_it_stands() {
    (0..CONTAINERS).for_each(|container| check_blocks(container, container));
}

#[test]
#[ignore = "every block at every place in every container takes minutes"]
fn no_block_of_a_document_is_run_in_any_combination() {
    (0..CONTAINERS).for_each(|container| (0..BLOCKS.len()).for_each(|first| check_blocks(container, first)));
}

#[test]
fn no_text_of_a_document_is_markup_or_command_or_code_wherever_it_stands() {
    TEXTS.iter().for_each(|text| check(&mut || (*text).to_owned()));
}

#[test]
fn the_check_finds_what_a_reader_would_run() {
    let sound = made(&document(&mut || "Hi".to_owned())).files;
    for (file, line) in [
        ("src/lib.rs", "//! > ```\n//! > boom()\n//! > ```\n"),
        ("src/lib.rs", "//! -     boom()\n"),
        ("src/lib.rs", "//! ```text,rust\n//! boom()\n//! ```\n"),
        ("src/lib.rs", "//! a <script>\n"),
        ("src/lib.rs", "//! [`std`]\n"),
        ("src/lib.rs", "//! a\u{7}\n"),
        ("src/lib.rs", "pub fn a() { boom() }\n"),
        ("README.md", "\n<script>boom()</script>\n"),
        ("README.md", "\n```\nboom()\n```\n"),
        ("Cargo.toml", "[dependencies]\n"),
    ] {
        let mut files = sound.clone();
        let text = files.get_mut(file).expect(file);
        let at = text.find("//! Client for").unwrap_or(text.len());
        let at = if line.starts_with("pub") { text.len() } else { at };
        text.insert_str(at, &format!("{line}{}", if line.starts_with("//!") { "//!\n" } else { "" }));
        assert!(!wrong(&files).is_empty(), "{line}");
    }
}
