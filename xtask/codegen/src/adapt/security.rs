//! Security schemes that are not defined, and operations whose credentials no client can send.

use std::collections::BTreeSet;

use openapi::operations::{each_operation, remove_operations, title};
use serde_json::Value;

use crate::home::Home;
use crate::rule::Adapted;
use crate::security::{self, Kind, Security};
use crate::undefined_schemes::{define, definitions};

/// Applies the rules of security.
pub(super) fn apply(value: &mut Value, home: &Home, done: &mut Adapted) {
    // Documents of the workspace have an overlay for it, and are refused without one.
    if !home.is_workspace() {
        undefined(value, done);
    }
    out_of_reach(value, home, done);
}

/// Rule `undefined-scheme`: a scheme that is required and not defined is what its name and the other schemes suggest.
fn undefined(value: &mut Value, done: &mut Adapted) {
    for (name, pointer, definition) in definitions(value) {
        let text = format!("`{name}` is required and never defined");
        let Some(definition) = definition else {
            done.lost("undefined-scheme", &pointer, format!("{text}, and nothing says what it is"));
            continue;
        };
        let (what, why) = (&definition.what, definition.why);
        let note = format!("{text}; it is taken for {what}: {why}");
        if definition.is_guess {
            done.lost("undefined-scheme", &pointer, format!("{note}, which is a guess"));
        } else {
            done.applied("undefined-scheme", &pointer, note);
        }
        define(value, &definition);
    }
}

/// Rule `leave-out`: operations that require a credential that no client can send.
fn out_of_reach(value: &mut Value, home: &Home, done: &mut Adapted) {
    let snapshot = value.clone();
    let mut gone = BTreeSet::new();
    each_operation(value, &mut |path, method, pointer, operation| {
        // What is no requirement, and what a document of the workspace does not define, is the lint's.
        let Ok(needed) = Security::read(&snapshot, operation) else { return };
        let is_undefined = needed.alternatives.iter().flatten().any(|it| it.kind == Kind::Undefined);
        if needed.is_out_of_reach() && !(is_undefined && home.is_workspace()) {
            let reason =
                format!("it requires a credential that no client can send: {}", needed.unsendable().join(", "));
            done.leave_out(&title(method, path), &security::place(&snapshot, pointer), &reason);
            gone.insert((path.to_owned(), method.to_owned()));
        }
    });
    remove_operations(value, &gone);
}
