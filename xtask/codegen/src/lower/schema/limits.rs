//! Rules for limits.

use serde_json::Value;

use super::effect::{Done, Effect, Schema};
use super::place::Place;

/// Rule `exclusive-minimum`: the number becomes `minimum` with `exclusiveMinimum: true`.
pub(super) fn minimum(schema: &mut Schema, _: Place<'_>) -> Done {
    exclusive(schema, "minimum", "exclusiveMinimum", |limit, other| limit >= other)
}

/// Rule `exclusive-maximum`: the number becomes `maximum` with `exclusiveMaximum: true`.
pub(super) fn maximum(schema: &mut Schema, _: Place<'_>) -> Done {
    exclusive(schema, "maximum", "exclusiveMaximum", |limit, other| limit <= other)
}

/// Of two limits the stricter stays.
fn exclusive(schema: &mut Schema, key: &str, exclusive: &'static str, stricter: fn(f64, f64) -> bool) -> Done {
    let limit = schema.get(exclusive).filter(|limit| limit.is_number()).cloned()?;
    let inclusive = schema.get(key).and_then(Value::as_f64);
    let wins = match (limit.as_f64(), inclusive) {
        (Some(limit), Some(inclusive)) => stricter(limit, inclusive),
        _ => true,
    };
    if wins {
        schema.insert(key.to_owned(), limit);
        schema.insert(exclusive.to_owned(), true.into());
    } else {
        schema.shift_remove(exclusive);
    }
    Some(Effect::exact(format!("`{exclusive}` was rewritten in the form of 3.0")).at(exclusive))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::table;

    #[test]
    fn exclusive_limits_take_the_form_of_3_0() {
        table(&[
            (
                json!({ "exclusiveMinimum": 5 }),
                json!({ "minimum": 5, "exclusiveMinimum": true }),
                &["exclusive-minimum"],
            ),
            (
                json!({ "minimum": 5, "exclusiveMinimum": 5 }),
                json!({ "minimum": 5, "exclusiveMinimum": true }),
                &["exclusive-minimum"],
            ),
            (json!({ "minimum": 7, "exclusiveMinimum": 5 }), json!({ "minimum": 7 }), &["exclusive-minimum"]),
            (
                json!({ "exclusiveMaximum": 5 }),
                json!({ "maximum": 5, "exclusiveMaximum": true }),
                &["exclusive-maximum"],
            ),
            (json!({ "maximum": 3, "exclusiveMaximum": 5 }), json!({ "maximum": 3 }), &["exclusive-maximum"]),
            (json!({ "minimum": 1, "exclusiveMinimum": true }), json!({ "minimum": 1, "exclusiveMinimum": true }), &[]),
        ]);
    }
}
