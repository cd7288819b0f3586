//! Resolves references: each gets the form `#/…` of its target, or is an error.

use std::collections::{HashMap, HashSet};

use diagnostics::Problem;
use openapi::pointer::child;
use openapi::reference::{decoded, locate, target};
use openapi::walk::{self, NodeKind, section};
use openapi::work::step;
use openapi::{Bases, Document};
use serde_json::{Map, Value};

use crate::rule::AppliedRule;

const WRITE: &str = "write a reference like `#/components/schemas/Pet`";
const CORRECT: &str = "correct it with an overlay";

/// A reference that cannot be followed.
enum Fault {
    /// Why, and what to do.
    Wrong(String, &'static str),
    /// It leads out of the folder of the document; what is in it has been included.
    Outside(String),
}

impl Fault {
    fn message(self) -> String {
        match self {
            Self::Wrong(message, _) => message,
            Self::Outside(text) => format!("the reference `{text}` leads out of the folder of the document"),
        }
    }
}

/// Rules `reference` and `recursive-reference`: resolves every reference in place; finds what cannot be followed.
pub(super) fn resolve(
    document: &Document,
    value: &mut Value,
    is_3_1: bool,
    applied: &mut Vec<AppliedRule>,
) -> Vec<Problem> {
    let bases = if is_3_1 { Bases::read(value) } else { Bases::default() };
    let mut problems = Vec::new();
    let mut outside = Vec::new();
    let mut ends = Ends::default();
    let mut resolved = HashMap::new();
    let mut unused = HashMap::new();
    walk::visit(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let Some((key, reference)) = reference(node, inner, is_3_1) else { return };
        let place = child(pointer, key);
        match resolve_one(value, &bases, &mut ends, node, pointer, key, reference) {
            Ok(to) => {
                let to = format!("#{to}");
                if reference.as_str() != Some(&to) {
                    resolved.insert(pointer.to_owned(), (key, to));
                }
            }
            Err(fault) if is_unused(node) => {
                let note = format!("{}; it was dropped, since no code depends on it", fault.message());
                unused.insert(pointer.to_owned(), note);
            }
            Err(Fault::Wrong(message, remedy)) => problems.push(document.problem(&place, message).remedy(remedy)),
            Err(Fault::Outside(text)) => outside.push((place, text)),
        }
    });
    problems.extend(leading_out(document, &outside));
    if problems.is_empty() && !unused.is_empty() {
        walk::change(value, NodeKind::Document, "", &mut |value, _, pointer| {
            if let Some(note) = unused.remove(pointer) {
                *value = Value::Object(Map::new());
                applied.push(AppliedRule {
                    name: "unused-reference",
                    pointer: pointer.to_owned(),
                    loses_meaning: true,
                    note,
                });
            }
        });
    }
    if problems.is_empty() && !resolved.is_empty() {
        walk::change(value, NodeKind::Document, "", &mut |value, _, pointer| {
            if let (Some((key, to)), Some(object)) = (resolved.get(pointer), value.as_object_mut()) {
                let before = object.shift_remove(*key).unwrap_or_default();
                let rule = if *key == "$ref" { "reference" } else { "recursive-reference" };
                let note = format!("`{key}: {}` is `{to}`", before.as_str().unwrap_or_default());
                object.shift_insert(0, "$ref".to_owned(), to.as_str().into());
                applied.push(AppliedRule { name: rule, pointer: child(pointer, key), loses_meaning: false, note });
            }
        });
    }
    problems
}

/// How many references are named that lead out of the document.
const MAX_REFERENCES_SHOWN: usize = 3;

/// One problem for all references that lead out of the document, given by place and text: they have one cause.
fn leading_out(document: &Document, found: &[(String, String)]) -> Option<Problem> {
    let (first, text) = found.first()?;
    let message = match found.len() {
        1 => format!("the reference `{text}` leads out of the folder of the document, which is not supported"),
        count => {
            let named = found.iter().take(MAX_REFERENCES_SHOWN).map(|(place, text)| {
                let source = document.source(place);
                let line = source.line.map(|line| format!(" in line {line}")).unwrap_or_default();
                let file = if source.file == document.file { String::new() } else { format!(" of {}", source.file) };
                format!("`{text}`{line}{file}")
            });
            let more = if count > MAX_REFERENCES_SHOWN {
                format!(" and {} more", count - MAX_REFERENCES_SHOWN)
            } else {
                String::new()
            };
            let named = named.collect::<Vec<_>>().join(", ");
            format!("{count} references lead out of the folder of the document, which is not supported: {named}{more}")
        }
    };
    Some(document.problem(first, message).remedy(
        "put the targets into the folder of the document, and correct the references; or bundle all of them into one document, for \
         example with `npx @redocly/cli bundle FILE -o NEW`, and use that",
    ))
}

/// Whether nothing is made of nodes of this kind.
pub(super) fn is_unused(node: NodeKind) -> bool {
    matches!(node, NodeKind::Example | NodeKind::Link)
}

/// The reference of a node and its key.
fn reference(node: NodeKind, value: &Value, is_3_1: bool) -> Option<(&'static str, &Value)> {
    let is_reference = node == NodeKind::Schema || walk::is_reference(node, value);
    let found = value.get("$ref").filter(|_| is_reference).map(|reference| ("$ref", reference));
    let recursive = || value.get("$recursiveRef").filter(|_| is_3_1 && node == NodeKind::Schema);
    found.or_else(|| recursive().map(|reference| ("$recursiveRef", reference)))
}

fn resolve_one(
    document: &Value,
    bases: &Bases,
    ends: &mut Ends,
    node: NodeKind,
    pointer: &str,
    key: &str,
    reference: &Value,
) -> Result<String, Fault> {
    let Some(text) = reference.as_str() else { return Err(Fault::Wrong(format!("`{key}` must be a string"), WRITE)) };
    let nowhere = || Fault::Wrong(format!("the reference `{text}` has no target"), CORRECT);
    let (uri, fragment) = text.split_once('#').unwrap_or((text, ""));
    let mut resource = bases.resource(pointer);
    if !uri.is_empty() {
        resource = bases.named(uri, resource).ok_or_else(|| Fault::Outside(text.to_owned()))?;
    }
    let fragment = decoded(fragment).ok_or_else(nowhere)?;
    let to = match fragment.as_str() {
        "" if key == "$recursiveRef" && resource.is_empty() => outermost(pointer),
        "" if resource.is_empty() => {
            return Err(Fault::Wrong(format!("the target of the reference `{text}` is the whole document"), CORRECT));
        }
        "" => resource.to_owned(),
        // Strictly, a pointer starts at the schema with an `$id`; most who write one mean the document.
        path if path.starts_with('/') => {
            locate(document, &format!("{resource}{path}")).or_else(|| locate(document, path)).ok_or_else(nowhere)?
        }
        anchor => bases.anchor(resource, anchor).ok_or_else(nowhere)?.to_owned(),
    };
    let circle = || Fault::Wrong(format!("the reference `{text}` refers to itself"), CORRECT);
    ends.follow(document, node, to).ok_or_else(circle)
}

/// The named component around a place, or the place itself.
fn outermost(pointer: &str) -> String {
    let mut parts = pointer.match_indices('/').map(|(at, _)| at).skip(3);
    match (pointer.starts_with("/components/schemas/"), parts.next()) {
        (true, Some(end)) => pointer[..end].to_owned(),
        _ => pointer.to_owned(),
    }
}

/// How many named references one after the other are kept; those of a longer row lead to its end at once.
const ALIASES: usize = 16;

/// Where references end that lead to nothing but references; nowhere, if they lead in a circle.
#[derive(Debug, Default)]
struct Ends(HashMap<(NodeKind, String), Option<End>>);

/// What a reference to a place means.
#[derive(Clone, Debug)]
struct End {
    /// The first named component on the way, or its end.
    meant: String,
    /// The end of the way.
    last: String,
    /// How many references lead there.
    jumps: usize,
}

impl Ends {
    /// Follows nodes that are references themselves, up to a named component.
    fn follow(&mut self, document: &Value, node: NodeKind, to: String) -> Option<String> {
        let mut way = Vec::new();
        let mut on_way = HashSet::new();
        let mut at = to;
        let mut end = loop {
            step(1);
            if let Some(known) = self.0.get(&(node, at.clone())) {
                break known.clone();
            }
            let alias = document.pointer(&at).and_then(Value::as_object);
            let alias = alias.filter(|object| object.len() == 1).and_then(|object| object.get("$ref"));
            let next = alias.and_then(Value::as_str).filter(|next| target(document, next).is_some());
            let Some(next) = next.and_then(|next| next.strip_prefix('#')) else {
                break Some(End { meant: at.clone(), last: at, jumps: 0 });
            };
            if !on_way.insert(at.clone()) {
                break None;
            }
            way.push(std::mem::replace(&mut at, next.to_owned()));
        };
        for place in way.into_iter().rev() {
            // The first named one on the way is meant, unless there is no end.
            if let Some(end) = &mut end {
                end.jumps += 1;
                if is_named(node, &place) {
                    let meant = if end.jumps > ALIASES { &end.last } else { &place };
                    end.meant.clone_from(meant);
                }
            }
            self.0.insert((node, place), end.clone());
        }
        end.map(|end| end.meant)
    }
}

/// Whether a pointer is that of a named component for nodes of this kind.
pub(super) fn is_named(node: NodeKind, pointer: &str) -> bool {
    let rest = section(node).and_then(|section| pointer.strip_prefix("/components/")?.strip_prefix(section));
    rest.is_some_and(|rest| rest.starts_with('/') && rest.rfind('/') == Some(0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(reference: &Value) -> (Value, Vec<String>) {
        let mut value = json!({ "components": {
            "schemas": {
                "A": { "$ref": reference },
                "B": { "properties": { "x": { "$ref": "#/components/schemas/C" }, "y~/z": {} } },
                "C": { "$id": "https://a.example/c", "items": { "$anchor": "item", "properties": { "d": {} } },
                    "not": { "$ref": "#item" }, "$defs": { "e": {} }, "contains": { "$ref": "#/$defs/e" } },
                "L": { "$ref": "#/components/schemas/M" },
                "M": { "$ref": "#/components/schemas/L" },
            },
            "parameters": { "P": { "schema": {} } },
        } });
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        value["components"]["schemas"]
            .as_object_mut()
            .expect("an object")
            .retain(|key, _| !"LM".contains(key.as_str()));
        if reference == "#/components/schemas/L" {
            value = document.value.clone();
        }
        let problems = resolve(&document, &mut value, true, &mut Vec::new());
        (value, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_reference_gets_the_form_of_the_node_that_it_means() {
        for (reference, to) in [
            ("#/components/schemas/B", "#/components/schemas/B"),
            ("#/components/schemas/B/properties/x", "#/components/schemas/C"),
            ("#/components/schemas/B/properties/x/items", "#/components/schemas/C/items"),
            ("#/components/schemas/B/properties/y~0~1z", "#/components/schemas/B/properties/y~0~1z"),
            ("#/components%2Fschemas/B", "#/components/schemas/B"),
            ("https://a.example/c", "#/components/schemas/C"),
            ("https://a.example/c#", "#/components/schemas/C"),
            ("https://a.example/c#item", "#/components/schemas/C/items"),
            ("https://a.example/c#/items/properties/d", "#/components/schemas/C/items/properties/d"),
            ("#/components/parameters/P/schema", "#/components/parameters/P/schema"),
        ] {
            let (value, problems) = run(&json!(reference));
            assert_eq!(problems, [""; 0], "{reference}");
            assert_eq!(value["components"]["schemas"]["A"], json!({ "$ref": to }), "{reference}");
            let c = &value["components"]["schemas"]["C"];
            assert_eq!(c["not"]["$ref"], "#/components/schemas/C/items");
            assert_eq!(c["contains"]["$ref"], "#/components/schemas/C/$defs/e");
        }
    }

    #[test]
    fn a_reference_that_cannot_be_followed_is_an_error_with_its_place() {
        for (reference, words) in [
            (json!("#/components/schemas/Z"), "has no target"),
            (json!("#/components/schemas/B/properties/q"), "has no target"),
            (json!("#anchor"), "has no target"),
            (json!("other.yaml#/B"), "out of the folder of the document"),
            (json!("https://b.example/c"), "out of the folder of the document"),
            (json!("#"), "is the whole document"),
            (json!("#/components/schemas/A"), "refers to itself"),
            (json!("#/components/schemas/L"), "refers to itself"),
            (json!(1), "must be a string"),
        ] {
            let (_, problems) = run(&reference);
            let text = problems.concat();
            assert!(text.contains(words) && text.contains("#/components/schemas/A/$ref"), "{reference}: {text}");
            assert!(text.contains("remedy: "), "{text}");
        }
    }

    #[test]
    fn references_out_of_the_document_are_one_problem() {
        let names = ["A", "B", "C", "D", "E"];
        let references = names.map(|name| (name.to_owned(), json!({ "$ref": format!("other.yaml#/{name}") })));
        let value = json!({ "components": { "schemas": serde_json::Map::from_iter(references) } });
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        let problems = resolve(&document, &mut value.clone(), true, &mut Vec::new());
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        let text = problem.to_string();
        for part in ["5 references lead out", "`other.yaml#/A` in line 1", "`other.yaml#/C`", " and 2 more\n", "bundle"]
        {
            assert!(text.contains(part), "no {part} in {text}");
        }
        assert!(!text.contains("other.yaml#/D"), "{text}");
    }

    #[test]
    fn a_long_row_of_references_leads_to_its_end_at_once() {
        let name = |number: usize| format!("#/components/schemas/S{number}");
        let mut value = json!({ "components": { "schemas": { "S99": {} } } });
        for number in 0..99 {
            value["components"]["schemas"][format!("S{number}")] = json!({ "$ref": name(number + 1) });
        }
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        assert_eq!(resolve(&document, &mut value, false, &mut Vec::new()), []);
        let to = |number: usize| value["components"]["schemas"][format!("S{number}")]["$ref"].clone();
        assert_eq!((to(0), to(50), to(90)), (name(99).into(), name(99).into(), name(91).into()));
    }

    #[test]
    fn an_example_that_is_not_there_is_dropped_with_a_report() {
        let mut value = json!({ "components": {
            "examples": { "e": { "$ref": "#/components/examples/gone" } },
            "responses": { "r": { "links": { "l": { "$ref": "other.yaml#/l" } } } },
        } });
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        let mut rows = Vec::new();
        assert_eq!(resolve(&document, &mut value, true, &mut rows), []);
        assert_eq!(value["components"]["examples"]["e"], json!({}));
        assert_eq!(value["components"]["responses"]["r"]["links"]["l"], json!({}));
        assert!(rows.len() == 2 && rows.iter().all(|rule| rule.name == "unused-reference" && rule.loses_meaning));
    }

    #[test]
    fn a_recursive_reference_means_the_schema_it_stands_in() {
        let mut value = json!({ "components": { "schemas": {
            "T": { "properties": { "children": { "items": { "$recursiveRef": "#" } } } },
        } } });
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        let mut rows = Vec::new();
        assert_eq!(resolve(&document, &mut value, true, &mut rows), []);
        let items = &value["components"]["schemas"]["T"]["properties"]["children"]["items"];
        assert_eq!(*items, json!({ "$ref": "#/components/schemas/T" }));
        assert_eq!(rows[0].name, "recursive-reference");
    }
}
