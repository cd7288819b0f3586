//! Mutated documents and overlays: whatever comes in, the answer is a value or a problem that can be shown.
//!
//! A bounded run is part of the tests; the same seed gives the same texts. `CONTRIBUTING.md` says how to run it longer.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::load::Document;
use super::{lower, overlay};
use crate::diagnostics;
use crate::problem::Result;

const DOCUMENT: &str = r##"openapi: 3.1.0
info: { title: Pets, version: '1', x-anchor: &a [1, {b: 2}] }
servers: [{ url: 'https://{r}.pets.example/v1', variables: { r: { default: eu } } }]
paths:
  /pets/{id}:
    get:
      operationId: find
      parameters:
        - { name: id, in: path, required: true, schema: { type: [string, 'null'] } }
      responses:
        '200':
          description: |
            one
             two
          content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } }
        default: { description: "b\x41d" }
components:
  x-alias: *a
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: { const: x, examples: [x, y] }
        next: { anyOf: [{ $ref: '#/components/schemas/Pet' }, { type: 'null' }] }
        size: { type: number, exclusiveMinimum: 0, default: 1.5e3 }
"##;

const OVERLAY: &str = r##"overlay: 1.1.0
info: { title: t, version: '1' }
extends: a.yaml
actions:
  - target: $.paths.*.get
    description: why
    update: { summary: s, tags: [a] }
  - target: $..schemas[?@.type == 'object']
    description: why
    copy: $.components.schemas.Pet.properties.size
  - target: $.paths['/pets/{id}'].get.parameters[?@.name == 'id']
    description: why
    remove: true
"##;

/// Texts that mean something to a reader of YAML, JSON or JSONPath.
const WORDS: &[&str] = &[
    "&a ",
    "*a",
    "<<: *a\n",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "\n  ",
    "\t",
    "- ",
    ": ",
    ", ",
    "? ",
    "| ",
    "> ",
    "|+2\n",
    "'",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "!!binary ",
    "!x ",
    "# ",
    "~",
    "null",
    "true",
    ".inf",
    ".nan",
    "1e999",
    "-0",
    "0x1F",
    "99999999999999999999999",
    "\u{feff}",
    "\u{0}",
    "\u{85}",
    "\u{2028}",
    "é",
    "\r\n",
    "\r",
    "$",
    "$..*",
    "$..",
    "[0]",
    "[-1]",
    "[*]",
    "[?@]",
    "[?length(@) > 1]",
    "[?match(@, '(a*)*b')]",
    "['a','a']",
    "[::2]",
    "[::-1]",
    "$ref: '#'\n",
    "copy: $\n",
    "remove: true\n",
    "update: []\n",
    "target: $\n",
    "/~1~0~2",
    "type: [\"null\"]",
    "3.0.3",
    "1.0.0",
];

/// SplitMix64, so that a seed is all that is needed to see a text again.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or_default()
    }

    /// The boundary of a character, this far or a bit farther.
    fn boundary(text: &str, at: usize) -> usize {
        (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
    }

    fn place(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        Self::boundary(text, at)
    }

    fn range(&mut self, text: &str) -> (usize, usize) {
        let from = self.place(text);
        let length = if self.below(4) == 0 { text.len() } else { 24 };
        let to = from + self.below(length);
        (from, Self::boundary(text, to))
    }

    /// One to four changes.
    fn mutate(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..=self.below(4) {
            let (from, to) = self.range(&text);
            let part = text[from..to].to_owned();
            let word = WORDS[self.below(WORDS.len())];
            match self.below(8) {
                0 => text.replace_range(from..to, ""),
                1 => text.insert_str(self.place(&text.clone()), &part),
                2 => text.replace_range(from..to, word),
                3 => text.insert_str(from, &word.repeat(1 + self.below(300))),
                4 => {
                    let lines: Vec<&str> = text.lines().collect();
                    let moved = (self.below(lines.len()), self.below(lines.len()));
                    let mut lines = lines;
                    if !lines.is_empty() {
                        lines.swap(moved.0, moved.1);
                    }
                    text = lines.join("\n");
                }
                _ => text.insert_str(from, word),
            }
        }
        text
    }
}

/// What happened in a run.
#[derive(Debug, Default)]
struct Tally {
    loaded: usize,
    overlaid: usize,
    lowered: usize,
    refused: usize,
    slowest: Duration,
}

fn run(seed: u64, executions: u64) -> Tally {
    let mut tally = Tally::default();
    let json = Document::parse("a.yaml", DOCUMENT.to_owned()).map(|document| format!("{:#}", document.value));
    let json = json.expect("the document is valid");
    for number in 0..executions {
        let mut random = Random(seed.wrapping_add(number));
        let (file, text) = if random.below(3) == 0 { ("a.json", json.as_str()) } else { ("a.yaml", DOCUMENT) };
        // Sometimes only one of the two is spoilt, so that what comes after the loader is reached.
        let (document, overlay) = match random.below(4) {
            0 => (random.mutate(text), OVERLAY.to_owned()),
            1 | 2 => (text.to_owned(), random.mutate(OVERLAY)),
            _ => (random.mutate(text), random.mutate(OVERLAY)),
        };
        let begin = Instant::now();
        one(file, document, overlay, &mut tally);
        tally.slowest = tally.slowest.max(begin.elapsed());
    }
    tally
}

fn one(file: &str, document: String, overlay: String, tally: &mut Tally) {
    let overlay = shown(Document::parse("a.overlay.yaml", overlay), tally);
    let Some(document) = shown(Document::parse(file, document), tally) else { return };
    tally.loaded += 1;
    assert!(document.line("").is_some(), "a document has a first line");
    let mut value = document.value.clone();
    if let Some(overlay) = overlay {
        let mut changed = value.clone();
        if shown(overlay::apply(&overlay, file, &mut changed), tally).is_some() {
            tally.overlaid += 1;
            value = changed;
        }
    }
    reads_back(file, &value);
    if shown(lower::lower(&document, &mut value), tally).is_some() {
        tally.lowered += 1;
    }
}

/// What is printed after an overlay is the same value again.
fn reads_back(file: &str, value: &Value) {
    let text = overlay::print(file, value);
    let back = Document::parse(file, text.clone());
    assert_eq!(&back.unwrap_or_else(|problems| panic!("{problems}\n{text}")).value, value, "{text}");
}

/// Problems have to be showable, and none is without words.
fn shown<T>(outcome: Result<T>, tally: &mut Tally) -> Option<T> {
    let problems = match outcome {
        Ok(value) => return Some(value),
        Err(problems) => problems,
    };
    tally.refused += 1;
    for problem in problems.iter() {
        assert!(!problem.message().is_empty() && problem.origin().is_some() && problem.advice().is_some(), "{problem}");
        let text = anstream::adapter::strip_str(&diagnostics::one(problem)).to_string();
        assert!(text.starts_with("error: ") && !text.contains('\u{1b}'), "{text}");
    }
    None
}

#[test]
fn mutated_documents_and_overlays_are_taken_or_refused() {
    let tally = run(1, 500);
    let reached = [tally.loaded, tally.overlaid, tally.lowered, tally.refused];
    assert!(reached.iter().all(|count| *count > 20), "the run reaches everything: {tally:?}");
}

#[test]
#[ignore = "takes as long as it is told to"]
fn a_long_run_of_mutated_documents_and_overlays() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (seed, executions) = (number("FUZZ_SEED").unwrap_or(1_000_000), number("FUZZ_EXECUTIONS").unwrap_or(1_000_000));
    let tally = run(seed, executions);
    println!("{executions} executions from seed {seed}: {tally:?}");
}
