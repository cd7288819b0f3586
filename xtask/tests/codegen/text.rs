//! A document that says whatever it should not, wherever it can: its crate is built, documented and tested, and nothing
//! of it is run.

use std::process::Command;

use serde_json::{Value, json};

use crate::copy::{repository, run_in};
use crate::deadlines::output;
use crate::program::{lasting, put, target};

/// What would be seen if it were run.
const RUN: &str = "panic!(\"text of the document was run\");";

/// Blocks as a vendor may write them, in whatever they may stand in.
fn blocks() -> String {
    let fences = [
        "```",
        "```rust",
        "```text,rust",
        "```json rust",
        "```standalone_crate",
        "```ignore-windows",
        "```(c)",
        "```\trust",
        "~~~",
        "~~~~ no_run",
        "`````",
        "```{.rust}",
        "```should_panic",
    ];
    let mut text =
        "A <b>client</b>, see https://a.example, [`std`], [a](b.md) and <script>boom()</script>.\n".to_owned();
    for (number, fence) in fences.iter().enumerate() {
        let end = fence.chars().take_while(|c| "`~".contains(*c)).collect::<String>();
        let block = format!("{fence}\n{RUN}\n{end}");
        let (first, rest) = [("", ""), ("> ", "> "), ("- ", "  "), ("1. ", "   "), ("> - ", ">   ")][number % 5];
        text.push_str(&format!("\nBlock {number}:\n\n{first}{}\n", block.replace('\n', &format!("\n{rest}"))));
    }
    text.push_str(&format!("\nIndented:\n\n    {RUN}\n\n> \t{RUN}\n\n-     {RUN}\n\n[^1]:\n\n        {RUN}\n\n[^1]\n"));
    text.push_str(&format!("\n<div>\n\n    {RUN}\n\n</div>\n\n```\n{RUN}"));
    text
}

fn document() -> Value {
    let text = blocks();
    let code = format!("eu`\n\n```\n{RUN}\n```\n\n`");
    let control = "a\u{1b}]0;title\u{7}\u{9b}31m\u{202e}b";
    let schema = json!({ "$ref": "#/components/schemas/A" });
    json!({
        "openapi": "3.0.3",
        "info": { "title": format!("{control} <script> `\n\n```\n{RUN}"), "version": "1.0", "description": text },
        "servers": [
            { "url": "https://a.example/v1", "description": text },
            { "url": format!("https://b.example/v1`\n\n```\n{RUN}\n```\n"), "description": "url" },
            { "url": "https://c.example/v1\r", "description": "cr" },
            { "url": "https://{zone\nXX}.a.example", "variables": { "zone\nXX": { "default": "eu" } } },
            { "url": "https://{zone}.d.example", "description": "zone <script>`|`", "variables": {
                "zone": { "default": code, "enum": [code, "eu"], "description": text } } },
        ],
        "security": [{ "k": [] }],
        "paths": { "/a/{id}": { "get": {
            "operationId": "getA", "summary": control, "description": text,
            "parameters": [
                { "name": "id", "in": "path", "required": true, "description": text, "schema": { "type": "string" } },
                { "name": "state", "in": "query", "description": text,
                    "schema": { "type": "string", "description": text, "enum": [code, "b"] } },
            ],
            "responses": {
                "200": { "description": text, "content": { "application/json": { "schema": schema } } },
                "404": { "description": text },
            },
        } } },
        "components": {
            "schemas": { "A": { "type": "object", "title": code, "description": text, "properties": {
                "x": { "type": "string", "description": text, "default": code },
                "y\n\"`": { "type": "string", "description": text, "enum": [code, control] },
            } } },
            "securitySchemes": { "k": { "type": "apiKey", "in": "query", "name": "filter{}", "description": text } },
        },
    })
}

/// Runs cargo on the crate, with the lock file of the main workspace and without a network; gives what it says.
fn cargo(folder: &std::path::Path, arguments: &[&str]) -> String {
    let out = output(
        Command::new(env!("CARGO"))
            .args(arguments)
            .arg("--manifest-path")
            .arg(folder.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", target())
            .env("RUSTDOCFLAGS", "-D warnings"),
    );
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{said}");
    said
}

#[test]
fn no_text_of_a_document_is_run_as_code() {
    let place = lasting("text");
    put(&place.join("hostile.json"), &document().to_string());
    let folder = place.join("crate");
    let [file, out] = [place.join("hostile.json"), folder.clone()].map(|path| path.display().to_string());
    let said = run_in(repository(), &["codegen", "--spec", &file, "--out", &out]).passed();
    let shown = said.stdout + &said.stderr;
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}'), "{shown:?}");
    assert!(shown.contains("`https://c.example/v1\\r` gets no constructor"), "{shown}");
    let shell = std::fs::read_to_string(folder.join("src/lib.rs")).expect("readable");
    assert!(shell.contains(".with_query(\"filter{}\", it)"), "{shell}");
    put(&folder.join("Cargo.lock"), &std::fs::read_to_string(repository().join("Cargo.lock")).expect("readable"));
    let said = cargo(&folder, &["test", "--doc"]);
    assert!(said.contains("\nrunning 1 test\n") && said.contains("1 passed; 0 failed; 0 ignored"), "{said}");
    cargo(&folder, &["doc", "--no-deps"]);
}
