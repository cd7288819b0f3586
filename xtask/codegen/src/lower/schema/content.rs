//! Rules for strings with encoded contents.

use serde_json::Value;

use super::effect::{Done, Effect, Schema};
use super::place::Place;

/// Rule `content-schema`: 3.0 does not say what is inside a string.
pub(super) fn schema(schema: &mut Schema, _: Place<'_>) -> Vec<Effect> {
    if schema.shift_remove("contentSchema").is_none() {
        return vec![];
    }
    vec![Effect::words("`contentSchema` was dropped: 3.0 cannot describe the contents of a string").at("contentSchema")]
}

/// Rule `content`: `contentEncoding` and `contentMediaType` become `format`, where 3.0 has one for them.
pub(super) fn format(schema: &mut Schema, _: Place<'_>) -> Done {
    let encoding = schema.shift_remove("contentEncoding");
    let media_type = schema.shift_remove("contentMediaType");
    let text = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_ascii_lowercase);
    let key = if encoding.is_some() { "contentEncoding" } else { "contentMediaType" };
    let (format, all) = match (text(&encoding).as_deref(), text(&media_type).as_deref()) {
        (None, None) if encoding.is_none() && media_type.is_none() => return None,
        (Some("base64"), None) => (Some("byte"), true),
        (Some("base64"), Some(_)) => (Some("byte"), false),
        // The name in the registry of formats.
        (Some("base64url"), of) => (Some("base64url"), of.is_none()),
        (None | Some("binary"), Some("application/octet-stream")) => (Some("binary"), true),
        (Some("binary"), _) => (Some("binary"), false),
        (None, Some(of)) if is_bytes(of) => (Some("binary"), false),
        _ => (None, false),
    };
    let Some(format) = format.filter(|_| !schema.contains_key("format")) else {
        return Some(
            Effect::words(format!("{} was dropped: 3.0 has no format for it", keywords(encoding, media_type))).at(key),
        );
    };
    schema.insert("format".to_owned(), format.into());
    let note = format!("{} became `format: {format}`", keywords(encoding, media_type));
    Some(if all { Effect::exact(note) } else { Effect::words(note) }.at(key))
}

/// Whether the contents of a media type are no text, so that a string of them without an encoding is bytes, as in a multipart body.
fn is_bytes(media_type: &str) -> bool {
    ["image/", "audio/", "video/", "font/"].iter().any(|kind| media_type.starts_with(kind))
        || ["application/pdf", "application/zip", "application/gzip"].contains(&media_type)
}

fn keywords(encoding: Option<Value>, media_type: Option<Value>) -> String {
    let pairs = [("contentEncoding", encoding), ("contentMediaType", media_type)].into_iter();
    let texts = pairs.filter_map(|(key, value)| value.map(|value| format!("`{key}: {value}`")));
    texts.collect::<Vec<_>>().join(" with ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::table;

    #[test]
    fn content_becomes_a_format() {
        table(&[
            (json!({ "contentEncoding": "base64" }), json!({ "format": "byte" }), &["content"]),
            (json!({ "contentMediaType": "application/octet-stream" }), json!({ "format": "binary" }), &["content"]),
            (
                json!({ "contentEncoding": "base64", "contentMediaType": "image/png" }),
                json!({ "format": "byte" }),
                &["content!"],
            ),
            (json!({ "contentMediaType": "image/png" }), json!({ "format": "binary" }), &["content!"]),
            (json!({ "contentMediaType": "application/json" }), json!({}), &["content!"]),
            (json!({ "contentEncoding": "base64url" }), json!({ "format": "base64url" }), &["content"]),
            (json!({ "contentEncoding": "base32" }), json!({}), &["content!"]),
            (json!({ "contentEncoding": "base64", "format": "uuid" }), json!({ "format": "uuid" }), &["content!"]),
            (json!({ "contentSchema": {} }), json!({}), &["content-schema!"]),
        ]);
    }
}
