//! A document or an overlay: its text, its checksum and its value.

use std::sync::{Arc, OnceLock};

use diagnostics::{Problem, Result, conflict};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::origins::{Origin, Origins};
use crate::parse::{self, Failure};
use crate::positions::Positions;

/// A document or an overlay as it is on disk.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file, relative to the root of the workspace.
    pub file: String,
    /// Lower-case hexadecimal SHA-256 of the file's bytes.
    pub sha256: String,
    /// The parsed value, with members in the order of the file.
    pub value: Value,
    text: Arc<str>,
    positions: OnceLock<Positions>,
    /// Where nodes were before each rewriting of the value, in the order of the rewritings.
    origins: Vec<Origins>,
    /// The files that the document refers to.
    parts: Vec<Arc<Part>>,
}

/// A file that a document refers to.
#[derive(Clone, Debug)]
pub struct Part {
    /// The path relative to the folder of the document, with `/` between the segments.
    pub path: String,
    /// The file; its value may be of any type.
    pub document: Document,
}

/// The place of a node in the text of its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    /// The document, or the file that it refers to.
    pub file: &'a str,
    /// The pointer in that file.
    pub pointer: String,
    /// The line of the node or of its nearest ancestor in the file.
    pub line: Option<usize>,
}

impl Document {
    /// Parses a text as JSON if the file's name ends with `.json`, otherwise as YAML.
    ///
    /// # Errors
    ///
    /// Fails as [`Document::parse_as`] does.
    pub fn parse(file: &str, text: String) -> Result<Self> {
        Self::parse_as(file, text, file.ends_with(".json"))
    }

    /// Parses a text as JSON or as YAML, independent of the file's name.
    ///
    /// # Errors
    ///
    /// Fails if the text is not JSON or YAML, has a git conflict, or is not a mapping; names the line.
    pub fn parse_as(file: &str, text: String, is_json: bool) -> Result<Self> {
        let document = Self::parse_part(file, text, is_json)?;
        if document.value.is_object() {
            return Ok(document);
        }
        let remedy = "name an OpenAPI document, an overlay or a list of approvals: each is a mapping";
        Err(document.file_problem("the document is not a mapping").remedy(remedy).into())
    }

    /// Parses the text of a file that a document refers to: it may be any value.
    ///
    /// # Errors
    ///
    /// Fails if the text is not JSON or YAML, or has a git conflict; names the line.
    pub fn parse_part(file: &str, text: String, is_json: bool) -> Result<Self> {
        let sha256 = sha256(text.as_bytes());
        // Some tools write a byte order mark; it does not belong to the text.
        let text: Arc<str> = text.strip_prefix('\u{feff}').map_or_else(|| text.as_str().into(), Arc::from);
        conflict::refuse(file, &text)?;
        let value = parse::parse(&text, is_json).map_err(|Failure { line, message, remedy }| {
            Problem::new(message).file(file).line(line).source(Arc::clone(&text)).remedy(remedy)
        })?;
        let (file, positions) = (file.to_owned(), OnceLock::new());
        Ok(Self { file, sha256, value, text, positions, origins: vec![], parts: vec![] })
    }

    /// The text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text as it was read, with a byte order mark if it had one.
    pub fn original(&self) -> String {
        let has_mark = sha256(self.text.as_bytes()) != self.sha256;
        format!("{}{}", if has_mark { "\u{feff}" } else { "" }, self.text)
    }

    /// The size of the text in bytes.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The files that the document refers to, in the order in which they were read.
    pub fn parts(&self) -> &[Arc<Part>] {
        &self.parts
    }

    /// The checksum of all files that the document refers to, which does not depend on their order; `None` if there is none.
    pub fn parts_sha256(&self) -> Option<String> {
        let mut lines =
            self.parts.iter().map(|part| format!("{}  {}\n", part.document.sha256, part.path)).collect::<Vec<_>>();
        lines.sort();
        (!lines.is_empty()).then(|| sha256(lines.concat().as_bytes()))
    }

    /// The document with a rewritten value and the original places of moved nodes: lines and places in problems remain those of
    /// the text.
    #[must_use]
    pub fn rewritten(&self, value: Value, origins: Origins) -> Self {
        let mut rewritten = self.clone();
        rewritten.value = value;
        rewritten.origins.push(origins);
        rewritten
    }

    /// The document with a value that includes the files that it refers to.
    pub(crate) fn with_parts(mut self, value: Value, origins: Origins, parts: Vec<Arc<Part>>) -> Self {
        self.parts = parts;
        self.value = value;
        self.origins.push(origins);
        self
    }

    /// The file with a node, and the pointer into that file.
    fn origin(&self, pointer: &str) -> (&Self, String) {
        let mut origin = Origin { file: 0, pointer: pointer.to_owned() };
        for origins in self.origins.iter().rev() {
            origin = origins.origin(&origin.pointer).unwrap_or(origin);
        }
        let part = origin.file.checked_sub(1).and_then(|index| self.parts.get(index));
        (part.map_or(self, |part| &part.document), origin.pointer)
    }

    /// The place in the text of a node of the value.
    pub fn source(&self, pointer: &str) -> Source<'_> {
        let (document, pointer) = self.origin(pointer);
        Source { file: &document.file, line: document.positions().line(&pointer), pointer }
    }

    /// The line of the node at a JSON pointer, or of its nearest ancestor in the file.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        self.source(pointer).line
    }

    /// The line of every node of the text.
    pub fn positions(&self) -> &Positions {
        self.positions.get_or_init(|| Positions::of(&self.text))
    }

    /// Creates a problem at a place in this document.
    pub fn problem(&self, pointer: &str, message: impl Into<String>) -> Problem {
        let (document, pointer) = self.origin(pointer);
        document.file_problem(message).line(document.positions().line(&pointer)).place(format!("#{pointer}"))
    }

    /// Creates a problem of this document, without a place.
    pub fn file_problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(message).file(&self.file).source(Arc::clone(&self.text))
    }
}

/// Lower-case hexadecimal SHA-256.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::parse::MAX_DEPTH;

    fn parse(file: &str, text: &str) -> Result<Value> {
        Document::parse(file, text.to_owned()).map(|document| document.value)
    }

    #[test]
    fn words_and_unusual_numbers_stay_strings() {
        let value = parse("a.yaml", "a: [Y, no, 010, 1_000, 1.0, true, ~]\n").expect("valid");
        assert_eq!(value, json!({ "a": ["Y", "no", "010", "1_000", 1.0, true, null] }));
    }

    #[test]
    fn an_ambiguous_text_is_refused_with_its_line() {
        for (file, text, words, line) in [
            ("a.yaml", "a: 1\nb: 2\na: 3\n", "duplicate", 3),
            ("a.json", "{\n \"a\": 1,\n \"a\": 2}", "duplicate key `a`", 3),
            ("a.yaml", "a: 1\nb: !thing 2\n", "tag", 2),
            ("a.yaml", "a: 1\n---\nb: 2\n", "more than one YAML document", 3),
            ("a.yaml", "a: [1\nb: 2\n", "not valid YAML", 2),
            ("a.json", "{\n \"a\": }", "not valid JSON", 2),
            ("a.yaml", "a: 1\nb: .inf\n", "non-finite float", 2),
        ] {
            let error = parse(file, text).expect_err(text).to_string();
            assert!(error.contains(words), "{text}: {error}");
            assert!(error.contains(&format!("--> {file}:{line}\n")), "{text}: {error}");
        }
    }

    #[test]
    fn a_document_is_a_mapping_and_a_part_need_not_be() {
        let error = parse("a.yaml", "- a\n").expect_err("refused").to_string();
        assert!(error.contains("not a mapping") && error.contains("each is a mapping"), "{error}");
        let part = Document::parse_part("a.yaml", "- a\n".to_owned(), false).expect("a list");
        assert_eq!(part.value, json!(["a"]));
    }

    #[test]
    fn yaml_has_the_nesting_limit_of_json() {
        for (file, open, close) in [("a.json", "[", "]"), ("a.yaml", "[", "]"), ("a.yaml", "{a: ", "}")] {
            let nested = |depth: usize| format!("{{\"a\": {}1{}}}", open.repeat(depth), close.repeat(depth));
            assert!(parse(file, &nested(MAX_DEPTH - 2)).is_ok(), "{file}");
            let error = parse(file, &nested(MAX_DEPTH + 1)).expect_err(file).to_string();
            assert!(error.contains(&format!("{file}:1")), "{error}");
        }
        let block = (0..MAX_DEPTH * 2).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect::<String>();
        assert!(parse("a.yaml", &block).is_err());
    }

    #[test]
    fn the_expansion_of_aliases_is_limited() {
        let levels = (1..40).map(|n| format!("a{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1)).collect::<String>();
        assert!(parse("a.yaml", &format!("a0: &a0 x\n{levels}")).is_err());
    }

    #[test]
    fn a_byte_order_mark_is_removed_from_the_text() {
        for (file, text) in [("a.json", "\u{feff}{\"a\": 1}"), ("a.yaml", "\u{feff}a: 1\n")] {
            assert_eq!(parse(file, text).expect(file), json!({ "a": 1 }));
        }
    }

    #[test]
    fn a_document_is_a_mapping() {
        for text in ["", "- a\n", "text\n"] {
            assert!(parse("a.yaml", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_sum_is_that_of_the_bytes() {
        let document = Document::parse("a.yaml", "a: 1\n".to_owned()).expect("valid");
        assert_eq!(document.sha256, "37b128c59f1f5097f73f82691cb519f1f568667faab5ced1b4ab979d36837eae");
    }
}
