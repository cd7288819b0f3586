//! Parses the text of a document or an overlay; errors have the line and a remedy.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep mappings and lists may be nested in a document; `serde_json` has the same limit for JSON.
pub const MAX_DEPTH: usize = 128;

/// Why a text cannot be parsed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) line: Option<usize>,
    pub(super) message: String,
    pub(super) remedy: &'static str,
}

/// Parses a text as JSON or as YAML.
pub(super) fn parse(text: &str, is_json: bool) -> Result<Value, Failure> {
    let failure = |message: &str, remedy| Failure { line: None, message: message.to_owned(), remedy };
    let begin = text.trim_start();
    if begin.is_empty() {
        return Err(failure("the file is empty", "restore the file, or name another one"));
    }
    // A YAML mapping cannot begin like this.
    if begin.starts_with('<') && begin.contains('>') && !begin.starts_with("<<") {
        return Err(Failure {
            line: Some(1),
            ..failure(
                "the file is an HTML or XML page, neither YAML nor JSON",
                "name the document itself, not a page that displays it or asks for a login",
            )
        });
    }
    if is_json { parse_json(text) } else { parse_yaml(text) }
}

const CORRECT: &str = "correct the file, or restore the vendor's bytes";

/// Turns the message of the YAML or JSON parser into a failure with a remedy.
fn failure(format: &str, text: &str, line: Option<usize>, message: &str) -> Failure {
    let with = |message: String, remedy| Failure { line, message, remedy };
    if message.starts_with("multiple YAML documents") {
        return with("the file has more than one YAML document".to_owned(), "keep one of them");
    }
    if message.contains("recursion limit exceeded") || message.contains("Depth {") {
        let message = format!("mappings and lists are nested more than {MAX_DEPTH} deep");
        return with(message, "move inner schemas into `components`, and refer to them with `$ref`");
    }
    if message.starts_with("alias") && message.contains("limit") {
        let message = "the aliases of the file expand to more than the limit".to_owned();
        return with(message, "replace `*` aliases with `$ref`");
    }
    if message.contains("budget") || message.contains("limit exceeded") {
        return with(format!("the file exceeds a limit: {message}"), "split the document, or remove parts of it");
    }
    let message = message.split(", set DuplicateKeyPolicy").next().unwrap_or(message);
    let remedy = match message {
        _ if message.starts_with("duplicate") => "keep one of the two",
        _ if message.starts_with("unsupported tag") => "remove the tag: a document may have only values that JSON has",
        _ if message.starts_with("tabs") => "indent with spaces",
        _ if format == "JSON" && !text.trim_start().starts_with(['{', '[']) => {
            "correct the file; if it is YAML, rename it to end with `.yaml`"
        }
        _ => CORRECT,
    };
    with(format!("not valid {format}: {message}"), remedy)
}

/// Parses YAML 1.2 as OpenAPI requires: `yes`, `010` and `1_000` are strings, keys are unique, tags are errors.
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
        let message = one_line(&error.to_string());
        failure("YAML", text, line, message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message))
    })?;
    Ok(strict.0)
}

/// The stack of the thread that reads YAML. A level takes more than 16 KB without optimization, and a program's first
/// thread has 1 MB on some systems.
const STACK: usize = 32 * 1024 * 1024;

/// Runs `parse` on a thread whose stack is large enough for [`MAX_DEPTH`] levels.
fn with_stack<T: Send>(read: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read);
        let reader = reader.map_err(|error| Failure {
            line: None,
            message: format!("cannot start a thread to parse the file: {error}"),
            remedy: "raise the limits on threads and memory (`ulimit -u`, `ulimit -v`), and run the command again",
        })?;
        reader.join().map_err(|panic| std::panic::resume_unwind(panic))
    })
}

fn parse_json(text: &str) -> Result<Value, Failure> {
    let strict: Strict = serde_json::from_str(text).map_err(|error| {
        let message = one_line(&error.to_string());
        let line = Some(error.line());
        failure("JSON", text, line, message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message))
    })?;
    Ok(strict.0)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A JSON value with unique keys and finite numbers.
///
/// `serde_json` alone would silently keep the last of two members, and turn YAML's `.inf` into `null`.
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
            None => Err(E::custom(format!("`{value}` is not a JSON number"))),
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
    use super::*;

    #[test]
    fn each_cause_has_its_remedy() {
        let nested = format!("a: {}{}", "[".repeat(200), "]".repeat(200));
        let bomb = (1..9).fold("a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n".to_owned(), |text, n| {
            format!("{text}a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(","))
        });
        for (file, text, message, remedy) in [
            ("a.yaml", " \n", "the file is empty", "restore the file"),
            ("a.yaml", "<!DOCTYPE html>\n<p>", "an HTML or XML page", "the document itself"),
            ("a.json", "<?xml version=\"1.0\"?>", "an HTML or XML page", "the document itself"),
            ("a.yaml", "a: 1\n---\nb: 1\n", "more than one YAML document", "keep one of them"),
            ("a.yaml", &nested, "nested more than 128 deep", "`components`"),
            ("a.json", &format!("{{\"a\": {}", "[".repeat(200)), "nested more than 128 deep", "`components`"),
            ("a.yaml", &bomb, "the aliases of the file", "`$ref`"),
            ("a.yaml", "a: 1\na: 2\n", "duplicate mapping key: a", "keep one of the two"),
            ("a.json", "{\"a\": 1, \"a\": 2}", "duplicate key `a`", "keep one of the two"),
            ("a.yaml", "a: !b c\n", "unsupported tag", "remove the tag"),
            ("a.yaml", "a:\n\tb: c\n", "tabs", "indent with spaces"),
            ("a.json", "openapi: 3.0.0\n", "not valid JSON", "rename it to end with `.yaml`"),
            ("a.json", "{\"a\": }", "not valid JSON", CORRECT),
            ("a.yaml", "a: [1\nb: 2\n", "not valid YAML", CORRECT),
        ] {
            let failure = parse(text, file.ends_with(".json")).expect_err(text);
            assert!(failure.message.contains(message), "{text:?}: {failure:?}");
            assert!(failure.remedy.contains(remedy), "{text:?}: {failure:?}");
            assert!(!failure.message.contains("DuplicateKeyPolicy"), "{failure:?}");
        }
        assert!(parse("<<: {a: 1}\n", false).is_ok(), "a merge key is not a page");
    }
}
