//! Step 4: a valid OpenAPI 3.0 document to one that progenitor and typify can take, and take for what it means.
//!
//! One function per rule; what a rule does is reported, and marked where the result says less than the document. An
//! operation that cannot be expressed is left out by name. The order is that of [`STAGES`]: operations are brought into
//! one form first, because their bodies hold schemas; schemas are cleaned before they are merged, merged before they are
//! named, and named before anything counts on their names.

mod annotations;
mod bases;
mod bodies;
mod circles;
mod closed;
mod compose;
mod credentials;
mod discriminator;
mod enums;
mod frame;
mod hoist;
mod keywords;
mod merge;
mod merge_losses;
mod names;
mod operations;
mod parameter_forms;
mod parameters;
mod path_variables;
mod patterns;
mod repeated_types;
mod responses;
mod servers;
mod slots;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::lower::Row;

pub(crate) use bodies::rank as media_rank;
pub(crate) use bodies::{FORM, essence, is_json};
pub(crate) use names::{pascal, snake, type_names};

/// Where a document comes from, which decides how strict one is with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// `specs/` of the workspace: what touches credentials is corrected by hand, in an overlay.
    Workspace,
    /// Any other place: what touches credentials is done with a report.
    Outside,
}

/// What has to be put right in the generated code of one operation, because the document cannot say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wire {
    /// The `Accept` header, where it is not `application/json`.
    pub(crate) accept: Option<String>,
    /// The `Content-Type` of the request, where it is not the one that the generator sends.
    pub(crate) content_type: Option<String>,
    /// Whether the request may go without its body.
    pub(crate) optional_body: bool,
    /// Statuses of successes that have no body, `204` or `2XX`, beside others that have one.
    pub(crate) empty: Vec<String>,
    /// Names of query and header parameters: the one in the code, the one on the wire.
    pub(crate) parameters: BTreeMap<String, String>,
}

/// What accommodation did.
#[derive(Debug, Default)]
pub(crate) struct Accommodated {
    /// What the rules did, in the order of the stages.
    pub(crate) rows: Vec<Row>,
    /// By `operationId`, what is left to put right in the generated code.
    pub(crate) wire: BTreeMap<String, Wire>,
    /// By the name of a schema, names of properties: the one in the code, the one on the wire.
    pub(crate) properties: BTreeMap<String, BTreeMap<String, String>>,
    /// The operations that are left out, `GET /pets`, with the reason.
    pub(crate) left_out: Vec<(String, String)>,
}

impl Accommodated {
    fn did(&mut self, rule: &'static str, pointer: &str, note: impl Into<String>) {
        self.rows.push(Row { rule, pointer: pointer.to_owned(), loses_meaning: false, note: note.into() });
    }

    fn lost(&mut self, rule: &'static str, pointer: &str, note: impl Into<String>) {
        self.rows.push(Row { rule, pointer: pointer.to_owned(), loses_meaning: true, note: note.into() });
    }

    /// Records that an operation is left out.
    pub(crate) fn leave_out(&mut self, operation: &str, pointer: &str, reason: &str) {
        self.lost("leave-out", pointer, format!("{operation} was left out: {reason}"));
        self.left_out.push((operation.to_owned(), reason.to_owned()));
    }

    /// Records that a schema is any JSON, because the generator cannot take it.
    pub(crate) fn leave_schema_out(&mut self, name: &str, pointer: &str, reason: &str) {
        self.lost("leave-out", pointer, format!("the schema `{name}` is any JSON: {reason}"));
    }
}

type Stage = fn(&mut Value, Origin, &mut Accommodated);

/// The stages in their order.
const STAGES: &[(&str, Stage)] = &[
    ("frame", frame::apply),
    ("servers", |value, _, done| servers::apply(value, done)),
    ("operations", |value, _, done| operations::apply(value, done)),
    ("parameters", |value, origin, done| parameters::apply(value, origin, done)),
    ("bodies", |value, _, done| bodies::apply(value, done)),
    ("responses", |value, _, done| responses::apply(value, done)),
    ("patterns", |value, _, done| patterns::apply(value, done)),
    ("keywords", |value, _, done| keywords::apply(value, done)),
    ("repeated types", |value, _, done| repeated_types::apply(value, done)),
    ("enums", |value, _, done| enums::apply(value, done)),
    ("names", |value, _, done| names::apply(value, done)),
    ("credentials", credentials::apply),
    ("hoist", |value, _, done| hoist::apply(value, done)),
    ("bases", |value, _, done| bases::apply(value, done)),
    ("discriminator", |value, _, done| discriminator::apply(value, done)),
    ("compose", |value, _, done| compose::apply(value, done)),
    ("hoist again", |value, _, done| hoist::apply(value, done)),
    ("closed", |value, _, done| closed::apply(value, done)),
    ("properties", |value, _, done| names::properties(value, done)),
    ("slots", slots::apply),
];

/// Accommodates a lowered document in place.
pub(crate) fn accommodate(value: &mut Value, origin: Origin) -> Accommodated {
    let mut done = Accommodated::default();
    for (_, stage) in STAGES {
        stage(value, origin, &mut done);
    }
    done
}

/// Whether a document has an operation.
pub(crate) fn has_operations(value: &Value) -> bool {
    let items = value.get("paths").and_then(Value::as_object).into_iter().flatten();
    items.into_iter().any(|(_, item)| METHODS.iter().any(|method| item.get(method).is_some()))
}

/// The methods of a path item, in the order in which progenitor reads them.
pub(crate) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Visits each operation: its path, its method, its place.
fn each_operation(value: &mut Value, edit: &mut dyn FnMut(&str, &str, &str, &mut Value)) {
    let Some(paths) = value.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths.iter_mut().filter(|(path, _)| !path.starts_with("x-")) {
        let place = super::positions::child("/paths", path);
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                edit(path, method, &super::positions::child(&place, method), operation);
            }
        }
    }
}

/// Removes the operations at these places.
fn remove_operations(value: &mut Value, gone: &BTreeSet<(String, String)>) {
    let Some(paths) = value.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, method) in gone {
        if let Some(item) = paths.get_mut(path).and_then(Value::as_object_mut) {
            item.shift_remove(method);
        }
    }
}

/// `GET /pets`.
fn title(method: &str, path: &str) -> String {
    format!("{} {path}", method.to_ascii_uppercase())
}

/// What a reference refers to, or the value itself; `None` if it leads in a circle or nowhere.
fn resolve<'a>(document: &'a Value, mut value: &'a Value) -> Option<&'a Value> {
    for _ in 0..32 {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => value = document.pointer(reference.strip_prefix('#')?)?,
            None => return Some(value),
        }
    }
    None
}

/// The component schemas.
fn schemas(value: &Value) -> Option<&Map<String, Value>> {
    value.pointer("/components/schemas").and_then(Value::as_object)
}

/// The component schemas, which are there afterwards.
fn schemas_mut(value: &mut Value) -> Option<&mut Map<String, Value>> {
    let components = value.as_object_mut()?.entry("components").or_insert_with(|| Map::new().into());
    components.as_object_mut()?.entry("schemas").or_insert_with(|| Map::new().into()).as_object_mut()
}

/// The name of the component schema that a schema is a bare reference to.
fn referred(schema: &Value) -> Option<String> {
    let pointer = schema.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")?;
    (!pointer.contains('/')).then(|| pointer.replace("~1", "/").replace("~0", "~"))
}

/// A reference to a component schema.
fn reference(name: &str) -> Value {
    serde_json::json!({ "$ref": super::positions::child("#/components/schemas", name) })
}

#[cfg(test)]
mod tests;
