//! Names in Rust, as the generator makes them, and what to do where two of them are one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use heck::{ToPascalCase, ToSnakeCase};
use serde_json::{Map, Value};

use super::{Accommodated, reference, schemas_mut};
use crate::codegen::node::{self, Node};
use crate::codegen::positions::child;
use crate::codegen::steps::step;

/// Names that generated modules use for other things.
const RESERVED: [&str; 6] = ["Ok", "Err", "Some", "None", "Self", "String"];

fn sanitize(input: &str, to_case: fn(&str) -> String, prefix: &str) -> String {
    let plain = |c: char| if c == '_' || c.is_alphanumeric() { c } else { '-' };
    let cased = match input {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => to_case(&input.replace('\'', "").chars().map(plain).collect::<String>()),
    };
    let begun = match cased.chars().next() {
        None => prefix.to_owned(),
        Some(c) if c.is_alphabetic() => cased,
        Some(_) => format!("{prefix}{cased}"),
    };
    if syn::parse_str::<syn::Ident>(&begun).is_ok() { begun } else { format!("{begun}_") }
}

/// The name of a type or a variant.
pub(crate) fn pascal(input: &str) -> String {
    sanitize(input, |text| text.to_pascal_case(), "X")
}

/// The name of a method, an argument or a field.
pub(crate) fn snake(input: &str) -> String {
    sanitize(input, |text| text.to_snake_case(), "x")
}

/// Names that are taken, in their form in Rust.
#[derive(Debug)]
pub(super) struct Taken {
    form: fn(&str) -> String,
    forms: HashSet<String>,
    /// The number that was given last, by the form without a number: names that collide by the thousand are counted on.
    last: HashMap<String, usize>,
}

impl Taken {
    /// These names are taken, as they are.
    pub(super) fn new<'a>(form: fn(&str) -> String, forms: impl IntoIterator<Item = &'a str>) -> Self {
        Self { form, forms: forms.into_iter().map(str::to_owned).collect(), last: HashMap::new() }
    }

    /// Takes a name; whether it was free.
    pub(super) fn take(&mut self, name: &str) -> bool {
        step(1);
        self.forms.insert((self.form)(name))
    }

    /// Takes a name like this one that was free: `name`, or else one with a number and this mark before it.
    pub(super) fn free(&mut self, name: &str, mark: char, is_free: impl Fn(&str) -> bool) -> String {
        if self.take(name) {
            return name.to_owned();
        }
        let mut count = self.last.get(&(self.form)(name)).copied().unwrap_or(1);
        let found = loop {
            count += 1;
            let found = format!("{name}{mark}{count}");
            if is_free(&found) && self.take(&found) {
                break found;
            }
        };
        self.last.insert((self.form)(name), count);
        found
    }
}

/// A name like this one whose form in Rust is not taken; takes it.
pub(super) fn free(name: &str, taken: &mut Taken) -> String {
    taken.free(name, '_', |_| true)
}

/// Names for schemas that all differ in Rust, each beside the document's own.
fn distinct<'a>(schemas: impl IntoIterator<Item = &'a String>) -> Vec<(&'a String, String)> {
    let mut taken = Taken::new(pascal, RESERVED);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' };
    let names = schemas.into_iter();
    names.map(|name| (name, free(&name.chars().map(plain).collect::<String>(), &mut taken))).collect()
}

/// The Rust name of the type of each of these schemas, which are all that the document has.
pub(crate) fn type_names<'a>(schemas: impl IntoIterator<Item = &'a String>) -> BTreeMap<&'a str, String> {
    distinct(schemas).into_iter().map(|(name, new)| (name.as_str(), pascal(&new))).collect()
}

/// Rule `component-name`: schemas whose names are one in Rust, or none.
pub(super) fn apply(value: &mut Value, done: &mut Accommodated) {
    let Some(schemas) = schemas_mut(value) else { return };
    let mut renamed = BTreeMap::new();
    for (name, new) in distinct(schemas.keys()) {
        if new != *name {
            done.did(
                "component-name",
                &child("/components/schemas", name),
                format!("the schema `{name}` is called `{new}`: its own name is taken, or none in Rust"),
            );
            renamed.insert(name.clone(), new);
        }
    }
    if renamed.is_empty() {
        return;
    }
    let old = std::mem::take(schemas);
    for (name, schema) in old {
        schemas.insert(renamed.get(&name).unwrap_or(&name).clone(), schema);
    }
    let pointers = renamed.iter().map(|(old, new)| (reference(old)["$ref"].clone(), reference(new)["$ref"].clone()));
    let pointers = pointers.filter_map(|(old, new)| Some((old.as_str()?.to_owned(), new))).collect::<BTreeMap<_, _>>();
    node::change(value, Node::Document, "", &mut |inner, node, _| {
        if node != Node::Schema {
            return;
        }
        if let Some(new) = inner.get("$ref").and_then(Value::as_str).and_then(|text| pointers.get(text)) {
            inner["$ref"] = new.clone();
        }
        if let Some(mapping) = inner.pointer_mut("/discriminator/mapping").and_then(Value::as_object_mut) {
            for target in mapping.values_mut() {
                if let Some(new) = target.as_str().and_then(|text| pointers.get(text)) {
                    *target = new.clone();
                }
            }
        }
    });
}

/// The field that the generator adds for members that no property describes.
fn catch_all(schema: &Value) -> Option<&'static str> {
    schema.get("additionalProperties").is_some_and(Value::is_object).then_some("extra")
}

/// Rule `required-name`: what is required under a name that differs from that of a property in its spelling only.
fn misspelt(schema: &mut Map<String, Value>, pointer: &str, done: &mut Accommodated) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let forms = properties.keys().map(|name| snake(name)).collect::<BTreeSet<_>>();
    let names = properties.keys().cloned().collect::<BTreeSet<_>>();
    let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) else { return };
    required.retain(|entry| {
        let wrong = |name: &&str| !names.contains(*name) && forms.contains(&snake(name));
        let Some(name) = entry.as_str().filter(wrong) else { return true };
        done.lost(
            "required-name",
            pointer,
            format!("`{name}` is no longer required: only another spelling is a property"),
        );
        false
    });
}

/// Rule `property-name`: properties of one object whose names are one in Rust. The wire keeps them.
pub(super) fn properties(value: &mut Value, done: &mut Accommodated) {
    let Some(schemas) = schemas_mut(value) else { return };
    for (name, schema) in schemas {
        if let Some(schema) = schema.as_object_mut() {
            misspelt(schema, &child(&child("/components/schemas", name), "required"), done);
        }
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { continue };
        let mut taken = Taken::new(snake, catch_all(schema));
        let mut renamed = BTreeMap::new();
        for property in properties.keys() {
            if taken.take(property) {
                continue;
            }
            // The hyphen makes sure that the generator writes down the name on the wire, where it is put right again.
            renamed.insert(property.clone(), taken.free(&snake(property), '-', |new| !properties.contains_key(new)));
        }
        if renamed.is_empty() {
            continue;
        }
        let pointer = child(&child("/components/schemas", name), "properties");
        let Some(object) = schema.as_object_mut() else { continue };
        if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
            for entry in required {
                if let Some(new) = entry.as_str().and_then(|text| renamed.get(text)) {
                    *entry = new.clone().into();
                }
            }
        }
        if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
            let old = std::mem::take(properties);
            properties.extend(old.into_iter().map(|(key, inner)| (renamed.get(&key).cloned().unwrap_or(key), inner)));
        }
        for (old, new) in renamed {
            let field = snake(&new);
            done.did("property-name", &child(&pointer, &old), format!("`{old}` becomes the field `{field}`"));
            done.properties.entry(name.clone()).or_default().insert(new, old);
        }
    }
}
