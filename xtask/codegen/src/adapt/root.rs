//! The root of a document: its version and its security schemes.

use std::collections::BTreeMap;

use openapi::operations::each_operation;
use openapi::pointer::child;
use serde_json::{Value, json};

use crate::home::Home;
use crate::rule::Adapted;

/// Applies the rules for the root.
pub(super) fn apply(value: &mut Value, home: &Home, done: &mut Adapted) {
    version(value, home, done);
    if home == &Home::alone() {
        undescribed(value, done);
    }
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

/// Rule `undescribed-scheme`: a program must send a credential itself if the document does not describe its scheme.
fn undescribed(value: &mut Value, done: &mut Adapted) {
    let mut asked = BTreeMap::new();
    let mut ask = |holder: &Value, pointer: &str| {
        let list = holder.get("security").and_then(Value::as_array).into_iter().flatten();
        for name in list.filter_map(Value::as_object).flat_map(|requirement| requirement.keys()) {
            asked.entry(name.clone()).or_insert_with(|| child(pointer, "security"));
        }
    };
    ask(value, "");
    each_operation(value, &mut |_, _, pointer, operation| ask(operation, pointer));
    for (name, pointer) in asked {
        if value.pointer("/components/securitySchemes").is_none_or(|schemes| schemes.get(&name).is_none()) {
            let note = format!("the security scheme `{name}` is not described; the transport must add the credential");
            done.lost("undescribed-scheme", &pointer, note);
        }
    }
}
