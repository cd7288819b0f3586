//! References to unnamed nodes: each target becomes a named component.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use diagnostics::{Problem, Problems, Result};
use heck::ToUpperCamelCase;
use openapi::pointer::{child, parts};
use openapi::walk::{self, NodeKind, section};
use openapi::work::step;
use openapi::{Document, Origins};
use serde_json::{Map, Value, json};

use super::references::{is_named, is_unused, resolve};
use crate::rule::AppliedRule;

/// How many places outside `components` references may lead through, one after the other; each takes a walk.
const ROUNDS: usize = 100;

/// The expected target of a reference: the kind of node, and the pointer.
type Wanted = (NodeKind, String);

/// Rule `reference-hoisted`: moves, or copies from places that hold no nodes, what references lead into the middle of.
pub(super) fn hoist(
    document: &Document,
    value: &mut Value,
    is_3_1: bool,
    origins: &mut Origins,
    applied: &mut Vec<AppliedRule>,
) -> Result<()> {
    let mut names: HashMap<Wanted, String> = HashMap::new();
    let mut taken = ComponentNames::default();
    for round in 0.. {
        // Copies may contain further references.
        Problems::check(resolve(document, value, is_3_1, applied))?;
        let wanted = wanted(value);
        if wanted.is_empty() {
            return Ok(());
        }
        if round == ROUNDS {
            let message = format!(
                "references lead through more than {ROUNDS} places outside of `components`, one after the other; the next is `#{}`",
                wanted[0].1
            );
            let remedy = "move the targets into `components` with an overlay";
            return Err(document.problem(&wanted[0].1, message).remedy(remedy).into());
        }
        let kinds = kinds(value, &wanted);
        let misplaced = misplaced(value, &wanted, &kinds);
        if !misplaced.is_empty() {
            forgo(value, &misplaced, applied);
            continue;
        }
        Problems::check(wanted.iter().filter_map(|wanted| fault(document, value, wanted, &kinds)).collect())?;
        let mut fresh = Vec::new();
        for wanted in wanted {
            if let Entry::Vacant(entry) = names.entry(wanted) {
                let (node, pointer) = entry.key().clone();
                let new = taken.reserve(value, node, &pointer).ok_or_else(|| {
                    let message = "`components` or a section of it is not a mapping";
                    document.problem("/components", message).remedy("correct it with an overlay")
                })?;
                fresh.push((pointer, new.clone()));
                entry.insert(new);
            }
        }
        redirect(value, &names);
        // The innermost first, so that the pointers of those around it stay good.
        fresh.sort_by_key(|(pointer, _)| Reverse(pointer.matches('/').count()));
        for (pointer, new) in fresh {
            let moved = kinds.contains_key(&pointer);
            let Some(place) = value.pointer_mut(&pointer) else { continue };
            let stub = json!({ "$ref": format!("#{new}") });
            let taken = if moved { std::mem::replace(place, stub) } else { place.clone() };
            if let Some(place) = value.pointer_mut(&new) {
                *place = taken;
            }
            let verb = if moved { "moved" } else { "copied" };
            let note = format!("{verb} to `#{new}`: 3.0 tools follow references to named components only");
            applied.push(AppliedRule {
                name: "reference-hoisted",
                pointer: pointer.clone(),
                loses_meaning: false,
                note,
            });
            origins.add(new, pointer);
        }
    }
    Ok(())
}

/// What references lead to that is no named component, each once, in the order of the document.
fn wanted(value: &Value) -> Vec<Wanted> {
    let mut visited = HashSet::new();
    let mut wanted = Vec::new();
    walk::visit(value, NodeKind::Document, "", &mut |inner, node, _| {
        let can = section(node).is_some() && (node == NodeKind::Schema || walk::is_reference(node, inner));
        let reference = inner.get("$ref").and_then(Value::as_str).filter(|_| can);
        let Some(pointer) = reference.and_then(|reference| reference.strip_prefix('#')) else { return };
        if !is_named(node, pointer) && visited.insert((node, pointer.to_owned())) {
            wanted.push((node, pointer.to_owned()));
        }
    });
    wanted
}

/// The kind of node at each wanted pointer; `None` for what holds nodes and is none.
fn kinds(value: &Value, wanted: &[Wanted]) -> HashMap<String, Option<NodeKind>> {
    let wanted = wanted.iter().map(|(_, pointer)| pointer.as_str()).collect::<HashSet<_>>();
    let mut kinds = HashMap::new();
    walk::visit(value, NodeKind::Document, "", &mut |_, node, pointer| {
        if wanted.contains(pointer) {
            kinds.insert(pointer.to_owned(), Some(node));
        }
        let above = &pointer[..pointer.rfind('/').unwrap_or_default()];
        if wanted.contains(above) {
            kinds.entry(above.to_owned()).or_insert(None);
        }
    });
    kinds
}

fn fault(
    document: &Document,
    value: &Value,
    wanted: &Wanted,
    kinds: &HashMap<String, Option<NodeKind>>,
) -> Option<Problem> {
    let (node, pointer) = wanted;
    let wants = section(*node).unwrap_or_default();
    (!fits(value, wanted, kinds)).then(|| {
        document
            .problem(pointer, format!("the target of a reference, `#{pointer}`, does not belong to `{wants}`"))
            .remedy("correct the reference with an overlay")
    })
}

/// Whether what a reference leads to is what it wants.
fn fits(value: &Value, (node, pointer): &Wanted, kinds: &HashMap<String, Option<NodeKind>>) -> bool {
    match (kinds.get(pointer), value.pointer(pointer)) {
        (Some(found), _) => *found == Some(*node),
        (None, Some(Value::Object(_))) => true,
        (None, Some(Value::Bool(_))) => *node == NodeKind::Schema,
        _ => false,
    }
}

/// What references lead to that is something else, where one can do without: a schema is any JSON then.
fn misplaced(value: &Value, wanted: &[Wanted], kinds: &HashMap<String, Option<NodeKind>>) -> HashSet<Wanted> {
    let spared = |(node, _): &&Wanted| *node == NodeKind::Schema || is_unused(*node);
    wanted.iter().filter(spared).filter(|wanted| !fits(value, wanted, kinds)).cloned().collect()
}

/// Rule `misplaced-reference`: drops references to what is something else.
fn forgo(value: &mut Value, misplaced: &HashSet<Wanted>, applied: &mut Vec<AppliedRule>) {
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let to = inner.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        let Some(wanted) = to.map(|to| (node, to.to_owned())).filter(|wanted| misplaced.contains(wanted)) else {
            return;
        };
        if let Some(object) = inner.as_object_mut() {
            object.shift_remove("$ref");
        }
        let wants = section(node).unwrap_or_default();
        let note = format!("the reference `#{}` was dropped: its target does not belong to `{wants}`", wanted.1);
        applied.push(AppliedRule {
            name: "misplaced-reference",
            pointer: child(pointer, "$ref"),
            loses_meaning: true,
            note,
        });
    });
}

/// The names of components that are taken, by section, as they would be in Rust without their case.
#[derive(Default)]
struct ComponentNames {
    names: HashMap<&'static str, HashSet<String>>,
    /// The number that a name was given last.
    last: HashMap<(&'static str, String), u32>,
}

impl ComponentNames {
    /// Reserves a component with a unique name; returns the pointer to it.
    fn reserve(&mut self, value: &mut Value, node: NodeKind, pointer: &str) -> Option<String> {
        let empty = || Value::Object(Map::new());
        let form = |name: &str| name.to_upper_camel_case().to_lowercase();
        let section = section(node)?;
        let components = value.as_object_mut()?.entry("components").or_insert_with(empty);
        let folder = components.as_object_mut()?.entry(section).or_insert_with(empty).as_object_mut()?;
        let taken = self.names.entry(section).or_insert_with(|| folder.keys().map(|name| form(name)).collect());
        let base = name_of(pointer);
        let count = self.last.entry((section, form(&base))).or_default();
        let name = loop {
            step(1);
            *count += 1;
            let name = if *count == 1 { base.clone() } else { format!("{base}{count}") };
            if taken.insert(form(&name)) {
                break name;
            }
        };
        folder.insert(name.clone(), Value::Null);
        Some(child(&child("/components", section), &name))
    }
}

/// A name made of what the way to a node says.
fn name_of(pointer: &str) -> String {
    let mut name = String::new();
    for (index, part) in parts(pointer).iter().enumerate() {
        match part.as_str() {
            "components" | "schemas" | "paths" | "properties" | "schema" | "content" | "responses" | "parameters"
            | "$defs" | "definitions" => {}
            "items" => name.push_str("Item"),
            "additionalProperties" => name.push_str("Value"),
            // The name of a component as it is written.
            part if index == 2 => name.push_str(part),
            part => name.push_str(&part.to_upper_camel_case()),
        }
    }
    name.retain(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("Part{name}") }
}

/// Lets references lead to the new names.
fn redirect(value: &mut Value, names: &HashMap<Wanted, String>) {
    walk::change(value, NodeKind::Document, "", &mut |value, node, _| {
        if section(node).is_none() || node != NodeKind::Schema && !walk::is_reference(node, value) {
            return;
        }
        let Some(reference) = value.get_mut("$ref") else { return };
        let pointer = reference.as_str().and_then(|text| text.strip_prefix('#')).unwrap_or_default();
        if let Some(new) = names.get(&(node, pointer.to_owned())) {
            *reference = format!("#{new}").into();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(mut value: Value) -> Result<(Value, Vec<AppliedRule>, Origins)> {
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        let (mut origins, mut rows) = (Origins::default(), Vec::new());
        hoist(&document, &mut value, true, &mut origins, &mut rows).map(|()| (value, rows, origins))
    }

    #[test]
    fn an_unnamed_target_is_moved_to_a_component() {
        let (value, rows, origins) = run(json!({ "components": { "schemas": {
            "Pet": { "properties": { "tag": { "items": { "type": "string" } } } },
            "A": { "$ref": "#/components/schemas/Pet/properties/tag" },
            "B": { "$ref": "#/components/schemas/Pet/properties/tag/items" },
            "PetTag": {},
        } } }))
        .expect("followed");
        assert_eq!(
            value["components"]["schemas"],
            json!({
                "Pet": { "properties": { "tag": { "$ref": "#/components/schemas/PetTag2" } } },
                "A": { "$ref": "#/components/schemas/PetTag2" },
                "B": { "$ref": "#/components/schemas/PetTagItem" },
                "PetTag": {},
                "PetTag2": { "items": { "$ref": "#/components/schemas/PetTagItem" } },
                "PetTagItem": { "type": "string" },
            })
        );
        assert_eq!(rows.len(), 2);
        assert_eq!(origins.source("/components/schemas/PetTag2/items"), "/components/schemas/Pet/properties/tag/items");
    }

    #[test]
    fn a_target_outside_the_nodes_is_copied_with_its_references() {
        let (value, rows, _) = run(json!({
            "components": { "schemas": { "A": { "items": { "$ref": "#/definitions/X" } } } },
            "definitions": { "X": { "items": { "$ref": "#/definitions/Y" } }, "Y": { "not": { "$ref": "#/definitions/X" } } },
        }))
        .expect("followed");
        let schemas = &value["components"]["schemas"];
        assert_eq!(schemas["A"]["items"], json!({ "$ref": "#/components/schemas/X" }), "{schemas}");
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn other_things_than_schemas_are_moved_too() {
        let (value, ..) = run(json!({ "paths": {
            "/a": { "parameters": [{ "name": "p", "in": "query", "schema": {} }] },
            "/b": { "parameters": [{ "$ref": "#/paths/~1a/parameters/0" }] },
        } }))
        .expect("followed");
        assert_eq!(value["paths"]["/a"]["parameters"], value["paths"]["/b"]["parameters"]);
        assert_eq!(value["components"]["parameters"].as_object().map(Map::len), Some(1));
    }

    #[test]
    fn a_schema_that_contains_itself_gets_a_name() {
        let (value, ..) = run(json!({ "components": { "schemas": {
            "A": { "properties": { "b": { "items": { "$ref": "#/components/schemas/A/properties/b" } } } },
        } } }))
        .expect("followed");
        assert_eq!(value["components"]["schemas"]["Ab"], Value::Null, "names are made of words");
        assert_eq!(value["components"]["schemas"]["AB"], json!({ "items": { "$ref": "#/components/schemas/AB" } }));
    }

    #[test]
    fn a_schema_that_is_something_else_is_any_json() {
        for reference in ["#/components/responses/R", "#/components/schemas/B/properties", "#/info/title", "#/paths"] {
            let (value, rows, _) = run(json!({ "info": { "title": "t" }, "paths": { "/a": {} }, "components": {
                "responses": { "R": {} },
                "schemas": { "A": { "$ref": reference, "title": "t" }, "B": { "properties": { "x": {} } } },
            } }))
            .expect(reference);
            assert_eq!(value["components"]["schemas"]["A"], json!({ "title": "t" }), "{reference}");
            assert!(rows.len() == 1 && rows[0].name == "misplaced-reference" && rows[0].loses_meaning, "{rows:?}");
        }
    }

    #[test]
    fn a_parameter_that_is_something_else_is_an_error() {
        let error = run(json!({
            "paths": { "/a": { "parameters": [{ "$ref": "#/components/responses/R" }] } },
            "components": { "responses": { "R": {} } },
        }))
        .expect_err("refused")
        .to_string();
        assert!(error.contains("does not belong to `parameters`") && error.contains("remedy"), "{error}");
    }
}
