//! Merges schemas that apply at once.

use std::collections::{BTreeSet, HashMap, HashSet};

use openapi::reference::{referred, resolve};
use openapi::work::step;
use serde_json::{Map, Value, json};

use super::access::{flags, with_flags_of};
use super::annotations::{ANNOTATIONS, bare, says_nothing};
use super::keywords::{foreign_keywords, pattern};
use super::merge_alternatives::product;
use super::merge_losses::Losses;

type Schema = Map<String, Value>;

/// How deep references and compositions are followed.
const MAX_PART_DEPTH: usize = 24;

/// How deep properties of merged properties are merged.
const MAX_PROPERTY_DEPTH: usize = 8;

/// How many members one schema may be merged of, parts of parts included.
const MAX_MEMBERS: usize = 100_000;

/// How many members all schemas of a document may be merged of.
const MAX_DOCUMENT_MEMBERS: usize = 1_000_000;

/// Merges the schemas of a document.
///
/// A schema that is a part of others in several ways is merged once for each depth. Where parts lead back to themselves,
/// what becomes of one depends on the way to it; there, the number of members ends the work.
#[derive(Debug)]
pub(super) struct Merger<'a> {
    document: &'a Value,
    /// What became of a named schema at a depth, for the schema that is being merged.
    known: HashMap<(String, usize), (Option<Schema>, BTreeSet<String>)>,
    /// How many members may still be merged: for this schema, and for all.
    left: usize,
    all_left: usize,
    /// How many properties in properties are being merged.
    nested: usize,
    /// The outermost of the open names that was met again.
    lowest: usize,
}

impl<'a> Merger<'a> {
    /// Nothing has been merged.
    pub(super) fn new(document: &'a Value) -> Self {
        Self { document, known: HashMap::new(), left: 0, all_left: MAX_DOCUMENT_MEMBERS, nested: 0, lowest: usize::MAX }
    }

    /// One schema without `allOf` that says what this one says; `None` if nothing can.
    pub(super) fn flatten(&mut self, schema: &Value, losses: &mut Losses) -> Option<Schema> {
        self.known.clear();
        self.left = MAX_MEMBERS.min(self.all_left);
        let before = self.left;
        let flat = self.at(schema, &mut Vec::new(), losses);
        self.all_left -= before - self.left;
        flat
    }

    /// Notes that members are merged.
    fn take(&mut self, members: usize) {
        step(members);
        self.left = self.left.saturating_sub(members);
    }

    /// Whether the limit of members is reached; records that as a loss.
    fn is_spent(&self, losses: &mut Losses) -> bool {
        let (most, what) =
            if self.all_left < MAX_MEMBERS { (MAX_DOCUMENT_MEMBERS, "the document") } else { (MAX_MEMBERS, "it") };
        if self.left == 0 {
            losses.add(format!(
                "{what} is merged of more than {most} members; the parts beyond that were dropped, write them out with an overlay"
            ));
        }
        self.left == 0
    }

    fn at(&mut self, schema: &Value, open: &mut Vec<String>, losses: &mut Losses) -> Option<Schema> {
        self.take(1);
        if let Some(name) = referred(schema) {
            return self.named(name, schema, open, losses);
        }
        let mut result = schema.as_object()?.clone();
        let members = match result.shift_remove("allOf") {
            Some(Value::Array(members)) if !self.is_spent(losses) => members,
            _ => return Some(result),
        };
        let nullable = result.shift_remove("nullable");
        let outer = result.clone();
        result = Schema::new();
        let mut required = HashSet::new();
        let mut kept = BTreeSet::new();
        for member in &members {
            let mut member = self.at(member, open, losses)?;
            kept.extend(flags(Some(&member)));
            for key in ANNOTATIONS {
                member.shift_remove(key);
            }
            member.shift_remove("nullable");
            self.merge(&mut result, member, &mut required, losses)?;
        }
        self.merge(&mut result, outer, &mut required, losses)?;
        for flag in kept {
            result.entry(flag).or_insert(Value::Bool(true));
        }
        if let Some(nullable) = nullable {
            result.insert("nullable".to_owned(), nullable);
        }
        // One part may have brought the type, and another one keywords of other types, or a pattern of listed values.
        foreign_keywords(&mut result);
        pattern(&mut result);
        Some(result)
    }

    /// The same for a schema with a name.
    fn named(&mut self, name: String, schema: &Value, open: &mut Vec<String>, losses: &mut Losses) -> Option<Schema> {
        if let Some(at) = open.iter().position(|other| *other == name) {
            self.lowest = self.lowest.min(at);
            losses.add(format!("`{name}` contains itself; that part was dropped"));
            return Some(Schema::new());
        }
        if open.len() > MAX_PART_DEPTH {
            losses.add(format!(
                "parts of parts are followed {MAX_PART_DEPTH} deep, and `{name}` is deeper; it was dropped; write it out with an overlay"
            ));
            return Some(Schema::new());
        }
        if self.is_spent(losses) {
            return Some(Schema::new());
        }
        let at = open.len();
        let key = (name, at);
        if let Some((known, lost)) = self.known.get(&key) {
            losses.0.extend(lost.iter().cloned());
            let known = known.clone();
            self.take(known.as_ref().map_or(0, size));
            return known;
        }
        let outer = std::mem::replace(&mut self.lowest, usize::MAX);
        let mut own = Losses::default();
        open.push(key.0.clone());
        let document = self.document;
        let target = resolve(document, schema).and_then(|target| self.at(target, open, &mut own));
        open.pop();
        losses.0.extend(own.0.iter().cloned());
        if self.lowest >= at && self.left > 0 {
            self.known.insert(key, (target.clone(), own.0));
        }
        self.lowest = if self.lowest < at { outer.min(self.lowest) } else { outer };
        target
    }

    /// Adds a schema to another, whose required members are the same as in `required`; `None` if no value can be both.
    fn merge(
        &mut self,
        into: &mut Schema,
        other: Schema,
        required: &mut HashSet<Value>,
        losses: &mut Losses,
    ) -> Option<()> {
        self.take(size(&other));
        for (key, value) in other {
            let Some(own) = into.get_mut(&key) else {
                if key == "required" {
                    required.extend(value.as_array().into_iter().flatten().cloned());
                }
                into.insert(key, value);
                continue;
            };
            if *own == value {
                continue;
            }
            match key.as_str() {
                "properties" => {
                    let (Some(own), Value::Object(more)) = (own.as_object_mut(), value) else { return None };
                    for (name, property) in more {
                        let merged = match own.get(&name) {
                            Some(mine) if *mine != property => self.both(mine, &property, losses),
                            _ => property,
                        };
                        own.insert(name, merged);
                    }
                }
                "required" => {
                    let (Some(own), Value::Array(more)) = (own.as_array_mut(), value) else { return None };
                    step(more.len());
                    own.extend(more.into_iter().filter(|name| required.insert(name.clone())));
                }
                "type" => match (own.as_str(), value.as_str()) {
                    (Some("number"), Some("integer")) => *own = value,
                    (Some("integer"), Some("number")) => {}
                    _ => return None,
                },
                "enum" => {
                    let (Some(own), Some(more)) = (own.as_array_mut(), value.as_array()) else { return None };
                    let more = more.iter().collect::<HashSet<_>>();
                    own.retain(|entry| more.contains(entry));
                    if own.is_empty() {
                        return None;
                    }
                }
                "minimum" | "minLength" | "minItems" | "minProperties" => {
                    if value.as_f64() > own.as_f64() {
                        *own = value;
                    }
                }
                "maximum" | "maxLength" | "maxItems" | "maxProperties" => {
                    if value.as_f64() < own.as_f64() {
                        *own = value;
                    }
                }
                "items" => {
                    let merged = self.both(own, &value, losses);
                    *own = merged;
                }
                "additionalProperties" => match (own.is_object(), value.is_object()) {
                    (true, true) => {
                        let merged = self.both(own, &value, losses);
                        *own = merged;
                    }
                    (false, _) if own != &Value::Bool(false) => *own = value,
                    (_, false) if value != Value::Bool(false) => {}
                    _ => {
                        into.shift_remove("additionalProperties");
                        losses.add("`additionalProperties: false` of one part would forbid the others; it was dropped");
                    }
                },
                "oneOf" | "anyOf" => {
                    let merged = product(own, &value);
                    match merged {
                        Some(merged) => *own = merged,
                        None => losses.add("the parts have too many alternatives; some were dropped"),
                    }
                }
                "nullable" | "uniqueItems" | "exclusiveMinimum" | "exclusiveMaximum" => {}
                _ if ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-") => *own = value,
                _ => losses.add(format!("`{key}` has two values; the first one is used")),
            }
        }
        Some(())
    }

    /// A schema for values that are of both, sent or received as either of them says.
    fn both(&mut self, one: &Value, other: &Value, losses: &mut Losses) -> Value {
        with_flags_of(self.values_of_both(one, other, losses), [one, other])
    }

    fn values_of_both(&mut self, one: &Value, other: &Value, losses: &mut Losses) -> Value {
        if says_nothing(other) || one == other {
            return one.clone();
        }
        if says_nothing(one) {
            return other.clone();
        }
        let combined = json!({ "allOf": [one, other] });
        let mut inner = Losses::default();
        let merged = if self.nested == MAX_PROPERTY_DEPTH || self.left == 0 {
            None
        } else {
            self.nested += 1;
            let outer = std::mem::replace(&mut self.lowest, usize::MAX);
            let merged = self.at(&combined, &mut Vec::new(), &mut inner);
            self.lowest = outer;
            self.nested -= 1;
            merged
        };
        match merged {
            Some(mut merged) => {
                losses.0.extend(inner.0);
                // The result says nothing that one of the two did not say alone, and that one has a name.
                for side in [other, one] {
                    if let Some(target) = resolve(self.document, side).filter(|_| side.get("$ref").is_some())
                        && bare(target.as_object()) == bare(Some(&merged))
                    {
                        return side.clone();
                    }
                }
                if let Some(text) = other.get("description").or_else(|| one.get("description")) {
                    merged.insert("description".to_owned(), text.clone());
                }
                merged.into()
            }
            None => {
                losses.add("two parts describe a property differently; the last one is used");
                other.clone()
            }
        }
    }
}

/// How many members a schema has, and properties.
fn size(schema: &Schema) -> usize {
    schema.len() + schema.get("properties").and_then(Value::as_object).map_or(0, Map::len)
}
