//! Compares two JSON texts by value.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::number::Decimal;

/// Adds each place at which two values differ, its pointer and the kinds, to `found`. A member that its type has
/// `skipped` may become absent; in these pointers, `*` is any segment.
pub(super) fn compare(before: &RawValue, after: &RawValue, pointer: &str, skipped: &[String], found: &mut Vec<String>) {
    let at = || if pointer.is_empty() { "the value" } else { pointer };
    let kinds = (Kind::of(before), Kind::of(after));
    if kinds.0 != kinds.1 {
        found.push(format!("{}: {} became {}", at(), kinds.0.name(), kinds.1.name()));
        return;
    }
    let is_same = match kinds.0 {
        Kind::Object => return members(before, after, pointer, skipped, found),
        Kind::List => return items(before, after, pointer, skipped, found),
        Kind::String => string(before) == string(after),
        Kind::Number => Decimal::of(before.get()) == Decimal::of(after.get()),
        Kind::Boolean | Kind::Null => before.get() == after.get(),
    };
    if !is_same {
        found.push(format!("{}: {} became another", at(), kinds.0.name()));
    }
}

fn members(before: &RawValue, after: &RawValue, pointer: &str, skipped: &[String], found: &mut Vec<String>) {
    let read =
        |json: &RawValue| serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(json.get()).unwrap_or_default();
    let (before, mut after) = (read(before), read(after));
    let inside = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
    for (name, old) in &before {
        match after.remove(name) {
            Some(new) => compare(old, &new, &inside(name), skipped, found),
            None if skipped.iter().any(|place| is_at(place, &inside(name))) => {}
            None => found.push(format!("{}: {} became absent", inside(name), Kind::of(old).name())),
        }
    }
    found.extend(after.iter().map(|(name, new)| format!("{}: absent became {}", inside(name), Kind::of(new).name())));
}

fn items(before: &RawValue, after: &RawValue, pointer: &str, skipped: &[String], found: &mut Vec<String>) {
    let read = |json: &RawValue| serde_json::from_str::<Vec<Box<RawValue>>>(json.get()).unwrap_or_default();
    let (before, after) = (read(before), read(after));
    if before.len() != after.len() {
        found.push(format!("{pointer}: a list of {} became one of {}", before.len(), after.len()));
        return;
    }
    for (index, (old, new)) in before.iter().zip(&after).enumerate() {
        compare(old, new, &format!("{pointer}/{index}"), skipped, found);
    }
}

/// True if a pointer is of this place.
fn is_at(place: &str, pointer: &str) -> bool {
    let (place, pointer) = (place.split('/'), pointer.split('/'));
    place.clone().count() == pointer.clone().count()
        && place.zip(pointer).all(|(place, segment)| place == "*" || place == segment)
}

fn string(json: &RawValue) -> Option<String> {
    serde_json::from_str(json.get()).ok()
}

/// The kinds of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Object,
    List,
    String,
    Number,
    Boolean,
    Null,
}

impl Kind {
    fn of(json: &RawValue) -> Self {
        match json.get().trim_start().as_bytes().first() {
            Some(b'{') => Self::Object,
            Some(b'[') => Self::List,
            Some(b'"') => Self::String,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'n') => Self::Null,
            _ => Self::Number,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::List => "a list",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Null => "null",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_and_not_their_text() {
        for (before, after, expected) in [
            (r#"{"a":1,"b":[true,null]}"#, r#" { "b" : [ true , null ] , "a" : 1.0 } "#, &[][..]),
            (r#""\u00e9""#, r#""é""#, &[]),
            ("[1,2]", "[1]", &[": a list of 2 became one of 1"]),
            ("1", "\"1\"", &["the value: a number became a string"]),
            (r#"{"a":{"b/c":"x"}}"#, r#"{"a":{"b/c":"y"}}"#, &["/a/b~1c: a string became another"]),
            ("[true]", "[false]", &["/0: a boolean became another"]),
            ("9007199254740993", "9007199254740992", &["the value: a number became another"]),
            (r#"{"a":1}"#, r#"{"b":1}"#, &["/a: a number became absent", "/b: absent became a number"]),
        ] {
            let mut found = Vec::new();
            let [before, after] = [before, after].map(|json| serde_json::from_str::<&RawValue>(json).expect("JSON"));
            compare(before, after, "", &[], &mut found);
            assert_eq!(found, expected, "{before} {after}");
        }
    }
    #[test]
    fn only_skipped_members_may_become_absent() {
        let before = r#"{"list":[{"a":1,"b":2},{"c":3}],"d":4}"#;
        for (skipped, expected) in [
            (&[][..], &["/d: a number became absent", "/list/0/b: a number became absent"][..]),
            (&["/list/*/b", "/*"], &[]),
            (&["/list/*/*"], &["/d: a number became absent"]),
            (&["/b", "/d"], &["/list/0/b: a number became absent"]),
        ] {
            let mut found = Vec::new();
            let [before, after] = [before, r#"{"list":[{"a":1},{"c":3}]}"#]
                .map(|json| serde_json::from_str::<&RawValue>(json).expect("JSON"));
            let skipped = skipped.iter().map(|place| (*place).to_owned()).collect::<Vec<_>>();
            compare(before, after, "", &skipped, &mut found);
            assert_eq!(found, expected);
        }
    }
}
