//! Security schemes that the document requires and never defines.

use serde_json::{Value, json};

use super::action::{Action, OPEN};
use crate::security::SCHEMES;
use crate::undefined_schemes::{Definition, definitions};

/// An action that defines each of them, if its name or the other schemes suggest a definition.
pub(super) fn actions(value: &Value) -> Vec<Action> {
    let action = |definition: Definition| {
        let Definition { name, what, why, .. } = &definition;
        let reason = if definition.is_guess {
            format!(
                "{OPEN}whether `{name}` is {what}. Operations require it, the document never defines it, and {why}."
            )
        } else {
            format!("Operations require `{name}`, which the document never defines. It is {what}: {why}.")
        };
        let schemes = json!({ name: definition.scheme });
        if value.pointer(SCHEMES).is_some() {
            Action::new(SCHEMES, reason, schemes)
        } else if value.get("components").is_some() {
            Action::new("/components", reason, json!({ "securitySchemes": schemes }))
        } else {
            Action::new("", reason, json!({ "components": { "securitySchemes": schemes } }))
        }
    };
    definitions(value).into_iter().filter_map(|(.., definition)| definition).map(action).collect()
}
