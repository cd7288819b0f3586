//! Changes of constraints: lists of values, formats, lengths, ranges, counts and others.

use codegen::Integer;
use serde_json::Value;

use super::kinds::Kind;
use super::pair::Pair;
use super::shape::Shape;

/// Formats that the generated crate has a Rust type for.
const TYPED: [&str; 23] = [
    "date",
    "date-time",
    "decimal",
    "double",
    "expires-in",
    "float",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "ip",
    "ipv4",
    "ipv6",
    "password",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uuid",
    "binary",
    "byte",
];

/// Keywords that are compared by a rule of their own.
const OWN: [&str; 19] = [
    "contentEncoding",
    "contentMediaType",
    "discriminator",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "uniqueItems",
    "$defs",
    "definitions",
];

/// Lists of values.
pub(super) fn values(pair: &mut Pair<'_, '_>) {
    match (pair.old.values.clone(), pair.new.values.clone()) {
        (None, Some(_)) => pair.add(Kind::ValuesRestricted, "{} is limited to a list of values"),
        (Some(_), None) => pair.add(Kind::ValuesOpened, "{} is no longer limited to a list of values"),
        (Some(old), Some(new)) => {
            // An enum of one value does not accept others, even in answers.
            let added = if old.len() == 1 && new.len() > 1 { Kind::ConstantExtended } else { Kind::ValueAdded };
            for value in new.iter().filter(|value| !old.contains(value)) {
                pair.add(added, &format!("{{}} has the new value `{}`", shown(value)));
            }
            for value in old.iter().filter(|value| !new.contains(value)) {
                pair.add(Kind::ValueRemoved, &format!("{{}} no longer has the value `{}`", shown(value)));
            }
        }
        (None, None) => {}
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Formats, and the encoding of bytes in a text.
pub(super) fn format(pair: &mut Pair<'_, '_>) {
    let (old, new) = (pair.old.text("format"), pair.new.text("format"));
    if old != new {
        let said =
            |format: Option<&str>| format.map_or_else(|| "no format".to_owned(), |it| format!("the format `{it}`"));
        let text = format!("{{}} has {}, no longer {}", said(new), said(old));
        let typed = [old, new].into_iter().flatten().any(|format| TYPED.contains(&format));
        pair.add(if typed { Kind::FormatChanged } else { Kind::FormatNoteChanged }, &text);
    }
    for key in ["contentEncoding", "contentMediaType"] {
        if pair.old.rest.get(key) != pair.new.rest.get(key) {
            pair.add(Kind::ContentEncodingChanged, &format!("{{}} has another `{key}`"));
        }
    }
}

/// What happened to a lower and an upper limit.
#[derive(Default)]
struct Moved {
    tightened: bool,
    loosened: bool,
}

impl Moved {
    /// Notes one limit; `upper` says in which direction it limits.
    fn note<T: PartialOrd + Copy>(&mut self, old: Option<T>, new: Option<T>, upper: bool) {
        let closer = |old: T, new: T| if upper { new < old } else { new > old };
        match (old, new) {
            (None, Some(_)) => self.tightened = true,
            (Some(_), None) => self.loosened = true,
            (Some(old), Some(new)) if old != new => {
                let closer = closer(old, new);
                self.tightened |= closer;
                self.loosened |= !closer;
            }
            _ => {}
        }
    }

    fn tell(self, pair: &mut Pair<'_, '_>, what: &str, [tightened, loosened]: [Kind; 2]) {
        if self.tightened {
            pair.add(tightened, &format!("{what} of {{}} has closer limits"));
        }
        if self.loosened {
            pair.add(loosened, &format!("{what} of {{}} has wider limits"));
        }
    }
}

/// Length and pattern of a string; the first limit creates a separate type, removing the last one removes it.
pub(super) fn text(pair: &mut Pair<'_, '_>) {
    let checked = |shape: &Shape<'_>| {
        let typed = shape.text("format").is_some_and(|format| TYPED.contains(&format));
        shape.values.is_none()
            && !typed
            && ["minLength", "maxLength", "pattern"].iter().any(|key| shape.rest.contains_key(key))
    };
    match (checked(&pair.old), checked(&pair.new)) {
        (false, true) if pair.old.values.is_none() => {
            return pair.add(Kind::TextLimitAdded, "length or form of {} is checked now");
        }
        (true, false) if pair.new.values.is_none() => {
            return pair.add(Kind::TextLimitRemoved, "length and form of {} are not checked any more");
        }
        _ => {}
    }
    let mut moved = Moved::default();
    moved.note(pair.old.number("minLength"), pair.new.number("minLength"), false);
    moved.note(pair.old.number("maxLength"), pair.new.number("maxLength"), true);
    moved.tell(pair, "the length", [Kind::LengthTightened, Kind::LengthLoosened]);
    if pair.old.text("pattern") != pair.new.text("pattern") {
        pair.add(Kind::PatternChanged, "{} has another pattern");
    }
}

/// Limits of a number, and the Rust type that those of an integer select.
pub(super) fn range(pair: &mut Pair<'_, '_>) {
    let lower =
        |shape: &Shape<'_>| shape.limit_of("minimum", "exclusiveMinimum").map(|(at, open)| (at, i32::from(open)));
    let upper =
        |shape: &Shape<'_>| shape.limit_of("maximum", "exclusiveMaximum").map(|(at, open)| (at, -i32::from(open)));
    let mut moved = Moved::default();
    moved.note(lower(&pair.old), lower(&pair.new), false);
    moved.note(upper(&pair.old), upper(&pair.new), true);
    moved.tell(pair, "the value", [Kind::RangeTightened, Kind::RangeLoosened]);
    if pair.old.number("multipleOf") != pair.new.number("multipleOf") {
        pair.add(Kind::MultipleOfChanged, "`multipleOf` of {} changed");
    }
    let integers = [&pair.old, &pair.new].iter().all(|shape| shape.types.contains("integer"));
    let same_format = pair.old.text("format") == pair.new.text("format");
    if integers && same_format {
        let (old, new) = (integer(&pair.old), integer(&pair.new));
        if old != new {
            pair.add(Kind::IntegerTypeChanged, &format!("{{}} is `{new}`, no longer `{old}`"));
        }
    }
}

/// The Rust type that the generator takes for an integer.
fn integer(shape: &Shape<'_>) -> String {
    let step = |limit: Option<(f64, bool)>, by: f64| limit.map(|(at, open)| if open { at + by } else { at });
    let min = step(shape.limit_of("minimum", "exclusiveMinimum"), 1.0);
    let max = step(shape.limit_of("maximum", "exclusiveMaximum"), -1.0);
    let is_multiple = shape.number("multipleOf").is_some();
    Integer { format: shape.text("format"), min, max, is_multiple }.rust_type().to_owned()
}

/// Lengths of lists and maps, and sets.
pub(super) fn counts(pair: &mut Pair<'_, '_>) {
    let mut moved = Moved::default();
    for (min, max) in [("minItems", "maxItems"), ("minProperties", "maxProperties")] {
        moved.note(pair.old.number(min), pair.new.number(min), false);
        moved.note(pair.old.number(max), pair.new.number(max), true);
    }
    moved.tell(pair, "the number of members", [Kind::CountTightened, Kind::CountLoosened]);
    let unique = |shape: &Shape<'_>| shape.rest.get("uniqueItems") == Some(&&Value::Bool(true));
    match (unique(&pair.old), unique(&pair.new)) {
        (false, true) => pair.add(Kind::UniqueRequired, "the items of {} must be unique now"),
        (true, false) => pair.add(Kind::UniqueDropped, "the items of {} may repeat now"),
        _ => {}
    }
}

/// Every other keyword, so that no rule changes in silence.
pub(super) fn assertions(pair: &mut Pair<'_, '_>) {
    let keys: std::collections::BTreeSet<String> =
        pair.old.rest.keys().chain(pair.new.rest.keys()).map(|key| (*key).to_owned()).collect();
    for key in keys.iter().map(String::as_str).filter(|key| !OWN.contains(key)) {
        let (old, new) = (pair.old.rest.get(key).copied(), pair.new.rest.get(key).copied());
        if old != new {
            let kinds = [Kind::AssertionAdded, Kind::AssertionRemoved, Kind::AssertionChanged];
            pair.add_some(old.is_some(), new.is_some(), kinds, &format!("rule `{key}`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::node::Node;

    #[test]
    fn the_limits_of_an_integer_select_its_type() {
        for (schema, name) in [
            (json!({}), "i64"),
            (json!({ "minimum": 0 }), "u64"),
            (json!({ "minimum": 1 }), "NonZeroU64"),
            (json!({ "exclusiveMinimum": 0 }), "NonZeroU64"),
            (json!({ "minimum": -1 }), "i64"),
            (json!({ "minimum": 0, "maximum": 255 }), "u8"),
            (json!({ "minimum": 0, "maximum": 200 }), "i64"),
            (json!({ "format": "int32" }), "i32"),
            (json!({ "format": "int32", "minimum": 1 }), "NonZeroU32"),
        ] {
            assert_eq!(integer(&Shape::of(&Node::root(&schema))), name, "{schema}");
        }
    }
}
