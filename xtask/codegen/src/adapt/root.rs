//! The root of a document: its version.

use serde_json::{Value, json};

use crate::home::Home;
use crate::rule::Adapted;

/// Applies the rules for the root.
pub(super) fn apply(value: &mut Value, home: &Home, done: &mut Adapted) {
    version(value, home, done);
}

/// Rule `info-version`: a version that YAML parsed as a number becomes a string, and a missing one becomes `0`.
fn version(value: &mut Value, home: &Home, done: &mut Adapted) {
    let Some(info) = value.as_object_mut().map(|it| it.entry("info").or_insert_with(|| json!({}))) else { return };
    match info.get("version") {
        Some(version) if version.is_number() => {
            done.applied("info-version", "/info/version", format!("the version {version} became a string"));
            info["version"] = version.to_string().into();
        }
        None if home == &Home::alone() && info.is_object() => {
            done.lost("info-version", "/info", "the document has no version; `0` was added");
            info["version"] = "0".into();
        }
        _ => {}
    }
}
