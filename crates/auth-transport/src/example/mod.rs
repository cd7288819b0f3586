//! Checks the examples of a document, for the tests in `tests/examples.rs` of a generated crate.
//!
//! An example is read as a type, written again and compared. Undocumented members are compared if the type keeps them, as those of
//! answers do. A failure names places and kinds, never values.

mod compare;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::reading::{Drift, read_json};
use crate::wire::while_building;

/// How many differences of one example are named.
const SHOWN: usize = 10;

/// Checks an example, which is read as generated methods read responses; returns what failed.
#[must_use]
pub fn check<T: DeserializeOwned + Serialize>(place: &str, json: &str) -> Option<String> {
    let read = match read_json::<T>(json) {
        Ok(read) => read,
        Err(why) => return Some(format!("{place}: cannot be read: {why}")),
    };
    let Some(written) = written(&read.value) else { return Some(format!("{place}: cannot be written again")) };
    let (Ok(before), Ok(after)) = (serde_json::from_str::<&RawValue>(json), serde_json::from_str(&written)) else {
        return Some(format!("{place}: is not JSON"));
    };
    let mut found = Vec::new();
    let skipped = read.drift.iter().filter(|drift| drift.is_skipped()).map(Drift::pointer).collect::<Vec<_>>();
    compare::compare(before, after, "", &skipped, &mut found);
    let more = found.len().saturating_sub(SHOWN);
    found.truncate(SHOWN);
    if more > 0 {
        found.push(format!("and {more} more differences"));
    }
    (!found.is_empty()).then(|| format!("{place}: {}", found.join("; ")))
}

/// All that failed of an operation, as a text; empty if nothing did.
#[must_use]
pub fn failures(operation: &str, checked: impl IntoIterator<Item = Option<String>>) -> String {
    let lines = checked.into_iter().flatten().map(|failed| format!("{operation}: {failed}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// A value as JSON, with its secrets, which can be written only while a request is built.
fn written<T: Serialize>(value: &T) -> Option<Zeroizing<String>> {
    let writing = pin!(while_building(async { serde_json::to_string(value) }));
    match writing.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(written) => written.ok().map(Zeroizing::new),
        Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::*;
    use crate::{FurtherMembers, Secret};

    #[derive(Deserialize, Serialize)]
    struct Pet {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        age: Option<f64>,
        #[serde(default)]
        tags: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret: Option<Secret>,
    }

    /// A type that keeps undocumented members, but loses them beside an age.
    struct Lossy(FurtherMembers, bool);

    impl<'de> Deserialize<'de> for Lossy {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let mut further = FurtherMembers::new();
            Pet::deserialize(further.reader(deserializer)).map(|pet| Self(further, pet.age.is_some()))
        }
    }

    impl Serialize for Lossy {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let Self(further, is_lossy) = self;
            let pet = Pet { name: "Rex".to_owned(), age: is_lossy.then_some(1.0), tags: vec![], secret: None };
            let none = FurtherMembers::new();
            pet.serialize(if *is_lossy { &none } else { further }.writer(serializer))
        }
    }

    #[test]
    fn an_undocumented_member_is_compared_if_the_type_keeps_it() {
        let text = |age: &str| format!(r#"{{"name":"Rex","tags":[],"x":123456789012345678901234567890{age}}}"#);
        assert_eq!(check::<Pet>("here", &text("")), None, "not kept");
        assert_eq!(check::<Lossy>("here", &text("")), None);
        let lost = check::<Lossy>("here", &text(r#","age":1"#));
        assert_eq!(lost.as_deref(), Some("here: /x: a number became absent"));
    }

    #[test]
    fn what_is_written_as_it_was_read_passes() {
        for json in [
            r#"{"name":"Rex","tags":["a","b"]}"#,
            r#"{"tags":[],"name":"R\u0065x","age":1}"#,
            r#"{"name":"Rex","tags":[],"secret":"hunter2"}"#,
        ] {
            assert_eq!(check::<Pet>("here", json), None, "{json}");
        }
    }

    #[test]
    fn a_failure_names_operation_place_and_what_differs() {
        for (json, words) in [
            (r#"{"name":"Rex"}"#, "/tags: absent became a list"),
            (r#"{"name":"Rex","tags":[],"age":null,"x":{"y":1}}"#, "/age: null became absent"),
            (
                r#"{"name":"hunter2","tags":[],"age":"hunter2"}"#,
                "cannot be read: /age has another JSON type (line 1, column ",
            ),
            ("{", "cannot be read"),
        ] {
            let failed = failures("GET /pets", [None, check::<Pet>("answer 200, #/x", json)]);
            assert!(failed.starts_with("GET /pets: answer 200, #/x: ") && failed.contains(words), "{failed}");
            assert!(!failed.contains("hunter2"), "{failed}");
        }
        assert_eq!(failures("GET /pets", [None, None]), "");
    }
}
