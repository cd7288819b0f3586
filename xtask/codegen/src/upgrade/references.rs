//! References: `#/definitions/Pet` became `#/components/schemas/Pet`.

use serde_json::Value;

use super::change::Change;

/// What references begin with, before and after.
const PREFIXES: [(&str, &str); 4] = [
    ("#/definitions/", "#/components/schemas/"),
    ("#/parameters/", "#/components/parameters/"),
    ("#/responses/", "#/components/responses/"),
    ("#/securityDefinitions/", "#/components/securitySchemes/"),
];

/// Rewrites every reference. In Swagger 2.0, every member `$ref` that is a text is a reference, except for a property of this
/// name and what is in an example.
pub(super) fn apply(value: &mut Value, _: &mut Change) {
    rewrite(value, false);
}

/// Rewrites the references in a value; `is_map` says that its keys are names and not keywords.
fn rewrite(value: &mut Value, is_map: bool) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                match (key.as_str(), &mut *inner) {
                    ("$ref", Value::String(text)) if !is_map => {
                        if let Some(new) = rewritten(text) {
                            *text = new;
                        }
                    }
                    ("example" | "examples" | "default" | "enum", _) if !is_map => {}
                    ("properties" | "schemas" | "parameters" | "responses" | "paths", Value::Object(_)) if !is_map => {
                        rewrite(inner, true);
                    }
                    _ => rewrite(inner, false),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| rewrite(inner, false)),
        _ => {}
    }
}

/// A reference in its new form, if it has one. A bare name means a definition: some tools write it so.
fn rewritten(text: &str) -> Option<String> {
    let found = PREFIXES.iter().find_map(|(from, to)| Some(format!("{to}{}", text.strip_prefix(from)?)));
    let is_name = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    found.or_else(|| is_name(text).then(|| format!("#/components/schemas/{text}")))
}
