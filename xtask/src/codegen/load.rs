//! Step 1: a document's text, its sum and its value.

use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

use super::positions::Positions;
use crate::conflict;
use crate::files;
use crate::problem::{Problem, Result};
use crate::workspace::Workspace;

/// A document or an overlay as it lies on disk.
#[derive(Debug)]
pub(crate) struct Document {
    /// The file, relative to the root of the workspace.
    pub(crate) file: String,
    /// Lower-case hexadecimal SHA-256 of the file's bytes.
    pub(crate) sha256: String,
    /// What it says, members in the order of the file.
    pub(crate) value: Value,
    text: Arc<str>,
    positions: OnceCell<Positions>,
}

impl Document {
    /// Reads and parses a file of the workspace.
    pub(crate) fn read(workspace: &Workspace, file: &str) -> Result<Self> {
        Self::parse(file, files::read_text(&workspace.path(file), "the file", file)?)
    }

    /// Parses a text: JSON if the file's name says so, else YAML.
    pub(crate) fn parse(file: &str, text: String) -> Result<Self> {
        Self::parse_as(file, text, file.ends_with(".json"))
    }

    /// Parses a text as JSON or as YAML, whatever the file is called.
    pub(crate) fn parse_as(file: &str, text: String, is_json: bool) -> Result<Self> {
        let sha256 = sha256(text.as_bytes());
        // Some tools write a byte order mark; it is no part of the text.
        let text: Arc<str> = text.strip_prefix('\u{feff}').map_or_else(|| text.as_str().into(), Arc::from);
        conflict::refuse(file, &text)?;
        let parsed = if is_json { parse_json(&text) } else { parse_yaml(&text) };
        let value = parsed.map_err(|(line, message)| {
            Problem::new(message)
                .file(file)
                .line(line)
                .source(Arc::clone(&text))
                .remedy("correct the file, or restore the vendor's bytes")
        })?;
        if !value.is_object() {
            return Err(Problem::new("the document is no mapping")
                .file(file)
                .remedy("an OpenAPI document or overlay is a mapping with named members")
                .into());
        }
        Ok(Self { file: file.to_owned(), sha256, value, text, positions: OnceCell::new() })
    }

    /// Its text, without a byte order mark.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The size of its text.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The line of the node that a JSON pointer names, or of its nearest ancestor in the file.
    pub(crate) fn line(&self, pointer: &str) -> Option<usize> {
        self.positions().line(pointer)
    }

    /// The line of every node.
    pub(crate) fn positions(&self) -> &Positions {
        self.positions.get_or_init(|| Positions::of(&self.text))
    }

    /// A problem at a place in this document.
    pub(crate) fn problem(&self, pointer: &str, message: impl Into<String>) -> Problem {
        self.told(message).line(self.line(pointer)).place(format!("#{pointer}"))
    }

    /// A problem of this document; the place is still to be named.
    pub(crate) fn told(&self, message: impl Into<String>) -> Problem {
        Problem::new(message).file(&self.file).source(Arc::clone(&self.text))
    }
}

/// Lower-case hexadecimal SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How deep mappings and lists may be nested in a document; `serde_json` has the same limit for JSON.
pub(crate) const MAX_DEPTH: usize = 128;

type Failure = (Option<usize>, String);

/// YAML 1.2 as OpenAPI means it: `yes`, `010` and `1_000` are strings, keys are unique, tags are foreign.
fn parse_yaml(text: &str) -> Result<Value, Failure> {
    with_stack(|| parse_yaml_here(text))?
}

fn parse_yaml_here(text: &str) -> Result<Value, Failure> {
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::Error,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: 5_000_000,
            max_events: 20_000_000,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 200_000 },
    };
    let strict: Strict = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let error = error.without_snippet();
        let line = error.location().and_then(|location| usize::try_from(location.line()).ok());
        let text = one_line(&error.to_string());
        if text.starts_with("multiple YAML documents") {
            return (line, "the file holds more than one YAML document".to_owned());
        }
        let (said, _) = text.rsplit_once(" at line ").unwrap_or((&text, ""));
        (line, format!("not valid YAML: {said}"))
    })?;
    Ok(strict.0)
}

/// The stack of the thread that reads YAML. A level takes more than 16 KB without optimization, and a program's first
/// thread has 1 MB on some systems.
const STACK: usize = 32 * 1024 * 1024;

/// Runs this where it can recurse [`MAX_DEPTH`] times.
fn with_stack<T: Send>(read: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read);
        let reader = reader.map_err(|error| (None, format!("cannot start a thread to read it: {error}")))?;
        reader.join().map_err(|panic| std::panic::resume_unwind(panic))
    })
}

fn parse_json(text: &str) -> Result<Value, Failure> {
    let strict: Strict = serde_json::from_str(text).map_err(|error| {
        let text = one_line(&error.to_string());
        let (said, _) = text.rsplit_once(" at line ").unwrap_or((&text, ""));
        (Some(error.line()), format!("not valid JSON: {said}"))
    })?;
    Ok(strict.0)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A JSON value whose objects have no key twice and whose numbers are finite.
///
/// `serde_json` alone would keep the last of two members, and make `null` of YAML's `.inf`, in silence.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        match Number::from_f64(value) {
            Some(number) => Ok(number.into()),
            None => Err(E::custom(format!("`{value}` is no JSON number"))),
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Strict(value))) = members.next_entry::<String, Strict>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("duplicate key `{key}`")));
            }
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(file: &str, text: &str) -> Result<Value> {
        Document::parse(file, text.to_owned()).map(|document| document.value)
    }

    #[test]
    fn words_and_odd_numbers_stay_strings() {
        let value = parse("a.yaml", "a: [Y, no, 010, 1_000, 1.0, true, ~]\n").expect("valid");
        assert_eq!(value, json!({ "a": ["Y", "no", "010", "1_000", 1.0, true, null] }));
    }

    #[test]
    fn what_is_ambiguous_is_refused_with_its_line() {
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
    fn documents_are_nested_as_deep_as_json_may_be_and_not_deeper() {
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
    fn aliases_cannot_fill_the_memory() {
        let levels = (1..40).map(|n| format!("a{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1)).collect::<String>();
        assert!(parse("a.yaml", &format!("a0: &a0 x\n{levels}")).is_err());
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
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
