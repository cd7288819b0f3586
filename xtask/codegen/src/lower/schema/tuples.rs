//! Rules for the items of arrays.

use serde_json::{Value, json};

use super::effect::{Done, Effect, Schema, is_never};
use super::objects::one_of_these;
use super::place::Place;

/// Rule `unevaluated-items`: where nothing composes it is `items`.
pub(super) fn unevaluated(schema: &mut Schema, _: Place<'_>) -> Done {
    let value = schema.shift_remove("unevaluatedItems")?;
    schema.insert("items".to_owned(), value);
    Some(Effect::exact("`unevaluatedItems` became `items`: nothing composes here").at("unevaluatedItems"))
}

/// Rule `prefix-items`: every item may be what one of them may be.
pub(super) fn prefix(schema: &mut Schema, _: Place<'_>) -> Done {
    let Value::Array(prefix) = schema.shift_remove("prefixItems")? else {
        return Some(Effect::exact("`prefixItems` was dropped: it is not a list").at("prefixItems"));
    };
    let count = prefix.len();
    let longest = schema.get("maxItems").and_then(Value::as_u64);
    let rest = schema.get("items").cloned().unwrap_or_else(|| json!({}));
    let mut allowed = prefix;
    if is_never(&rest) {
        schema.insert("maxItems".to_owned(), longest.map_or(count as u64, |most| most.min(count as u64)).into());
    } else if longest.is_none_or(|most| most > count as u64) {
        allowed.push(rest);
    }
    let same = allowed.windows(2).all(|pair| pair[0] == pair[1]);
    let items = if allowed.is_empty() { json!({}) } else { one_of_these(allowed, json!({})) };
    schema.insert("items".to_owned(), items);
    let note = "`prefixItems` became `items`";
    Some(
        if same { Effect::exact(note) } else { Effect::wider(format!("{note}: the position of each schema is lost")) }
            .at("prefixItems"),
    )
}

/// Rule `array-items`: 3.0 wants `items` on every array; it has no word for "no items" but `maxItems: 0`.
pub(super) fn items(schema: &mut Schema, _: Place<'_>) -> Done {
    if schema.get("items").is_some_and(is_never) {
        schema.insert("items".to_owned(), json!({}));
        schema.insert("maxItems".to_owned(), 0.into());
        return Some(Effect::exact("`items: false` became `maxItems: 0`").at("items"));
    }
    if schema.get("type").is_none_or(|name| name != "array") || schema.contains_key("items") {
        return None;
    }
    schema.insert("items".to_owned(), json!({}));
    Some(Effect::exact("`items` that accept anything were added to an array"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;

    #[test]
    fn a_tuple_becomes_an_array_that_accepts_no_less() {
        let (text, number) = (json!({ "type": "string" }), json!({ "type": "number" }));
        table(&[
            (
                json!({ "type": "array", "prefixItems": [text, number], "items": { "not": {} } }),
                json!({ "type": "array", "items": { "anyOf": [text, number] }, "maxItems": 2 }),
                &["prefix-items!"],
            ),
            (
                json!({ "prefixItems": [text, number], "maxItems": 2 }),
                json!({ "maxItems": 2, "items": { "anyOf": [text, number] } }),
                &["prefix-items!"],
            ),
            (json!({ "prefixItems": [text] }), json!({ "items": {} }), &["prefix-items!"]),
            (json!({ "prefixItems": [text], "items": text }), json!({ "items": text }), &["prefix-items"]),
            (
                json!({ "prefixItems": [text], "items": number }),
                json!({ "items": { "anyOf": [text, number] } }),
                &["prefix-items!"],
            ),
            (
                json!({ "prefixItems": [text], "unevaluatedItems": { "not": {} } }),
                json!({ "items": text, "maxItems": 1 }),
                &["unevaluated-items", "prefix-items"],
            ),
        ]);
    }

    #[test]
    fn every_array_has_items() {
        table(&[
            (json!({ "type": "array" }), json!({ "type": "array", "items": {} }), &["array-items"]),
            (json!({ "items": { "not": {} } }), json!({ "items": {}, "maxItems": 0 }), &["array-items"]),
            (json!({ "type": "string" }), json!({ "type": "string" }), &[]),
        ]);
    }
}
