//! Finds the findings that do not change the generated code: they are not changes of the API.

use std::collections::{BTreeMap, BTreeSet};

use codegen::names::{pascal, snake, type_names};
use openapi::pointer::{child, parts};
use openapi::walk::{self, NodeKind};
use serde_json::Value;

use super::finding::{Finding, Place};
use super::generated::{BODY, Code};
use super::kinds::Kind;
use super::level::Level;
use super::node::Node;
use super::operation::{self, METHODS};

/// Marks the findings whose code is the same before and after, and puts the worst first again.
pub(super) fn judge(findings: &mut [Finding], old: (&Value, &Code), new: (&Value, &Code)) {
    let different = old.1.different(new.1);
    let sides = [Side::of(old.0, old.1), Side::of(new.0, new.1)];
    let owners: BTreeSet<&String> = sides.iter().flat_map(|side| side.types.values().flatten()).collect();
    let is_owned = |name: &&str| match name.strip_prefix("types::") {
        Some(name) => begins(name).any(|owner| owners.contains(&owner)),
        None => true,
    };
    if different.iter().all(is_owned) {
        for finding in findings.iter_mut().filter(|finding| finding.api() > Level::Documentation) {
            finding.unchanged = different.is_empty() || is_unchanged(finding, &sides, &different, &owners);
        }
        // Another type comes from a change: if none is left for it, one of them touches more than is known here.
        let is_api = |finding: &Finding| finding.api() > Level::Documentation;
        if different.iter().any(|name| name.starts_with("types::")) && !findings.iter().any(is_api) {
            findings.iter_mut().for_each(|finding| finding.unchanged = false);
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level()));
}

/// Kinds that change constructors, or the alternatives of a choice: code of other places than their own.
const ELSEWHERE: [Kind; 7] = [
    Kind::TokenSourceRequired,
    Kind::TokenSourceDropped,
    Kind::DiscriminatorChanged,
    Kind::UnionKindChanged,
    Kind::UnionRuleChanged,
    Kind::VariantAdded,
    Kind::VariantRemoved,
];

fn is_unchanged(
    finding: &Finding,
    sides: &[Side<'_>; 2],
    different: &BTreeSet<&str>,
    owners: &BTreeSet<&String>,
) -> bool {
    if ELSEWHERE.contains(&finding.kind) {
        return false;
    }
    // Where a schema is used under another name, its own contents are compared by themselves.
    let is_use = matches!(finding.kind, Kind::SchemaRenamed | Kind::SchemaNamed | Kind::SchemaInlined);
    let own = Place { operation: None, old: finding.old.clone(), new: finding.new.clone() };
    let places = if finding.uses { vec![own] } else { finding.all_places() };
    places.iter().all(|place| {
        let pointers = [&place.old, &place.new];
        let mut touched = Touched::default();
        let known = pointers.iter().zip(sides).all(|(pointer, side)| match pointer {
            Some(pointer) => side.touch(pointer, place.operation.as_deref(), is_use, &mut touched),
            None => true,
        });
        let is_touched = |name: &&str| match name.strip_prefix(BODY) {
            // What a method does is not what callers have to be written for.
            Some(method) => finding.api() < Level::Breaking && touched.has(method, owners),
            None => touched.has(name, owners),
        };
        known && !different.iter().any(is_touched)
    })
}

/// Everything that a name begins with, itself among it.
fn begins(name: &str) -> impl Iterator<Item = String> {
    name.char_indices().map(|(at, c)| name[..at + c.len_utf8()].to_owned())
}

/// Code that a change may touch.
#[derive(Debug, Default)]
struct Touched {
    /// Names that types begin with.
    types: BTreeSet<String>,
    methods: BTreeSet<String>,
    /// Everything of a client.
    client: bool,
}

impl Touched {
    fn has(&self, name: &str, owners: &BTreeSet<&String>) -> bool {
        match name.strip_prefix("types::") {
            Some(name) if owners.contains(&name.to_owned()) => self.types.contains(name),
            Some(name) => begins(name).any(|owner| self.types.contains(&owner)),
            None if name == "const OPERATIONS" => false,
            None => self.client || self.methods.contains(name),
        }
    }
}

/// One of the two documents.
struct Side<'a> {
    root: Node<'a>,
    code: &'a Code,
    /// Components and operations that use a component, by pointers.
    users: BTreeMap<String, BTreeSet<String>>,
    /// What the types of a component or an operation begin with.
    types: BTreeMap<String, Option<String>>,
    /// Methods of operations, by the names of operations and by their pointers.
    methods: BTreeMap<String, String>,
}

impl<'a> Side<'a> {
    fn of(document: &'a Value, code: &'a Code) -> Self {
        let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        walk::visit(document, NodeKind::Document, "", &mut |inner, _, pointer| {
            let target = inner.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix('#'));
            if let (Some(target), Some(owner)) = (target.and_then(owner), owner(pointer)) {
                users.entry(target).or_default().insert(owner);
            }
        });
        let mut side =
            Self { root: Node::root(document), code, users, types: BTreeMap::new(), methods: BTreeMap::new() };
        let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
        for (name, kind) in type_names(schemas.into_iter().flatten().map(|(name, _)| name)) {
            side.types.insert(child("/components/schemas", name), Some(kind));
        }
        for operation in operation::all(&side.root) {
            let id = operation.node.text("operationId");
            let pointer = child(&child("/paths", operation.path), operation.method);
            side.types.insert(pointer.clone(), id.map(pascal));
            if let Some(id) = id {
                let method = format!("Client::{}", snake(id));
                side.methods.insert(operation.name(), method.clone());
                side.methods.insert(pointer, method);
            }
        }
        side
    }

    /// Adds what a change at this place may touch; says whether all of it is known.
    fn touch(&self, pointer: &str, operation: Option<&str>, is_use: bool, touched: &mut Touched) -> bool {
        let Some(first) = owner(pointer).filter(|it| !it.starts_with("/components/securitySchemes/")) else {
            return match operation {
                Some(name) => self.methods.get(name).is_some_and(|method| self.touch_method(method, touched)),
                None => {
                    touched.client = true;
                    true
                }
            };
        };
        let mut open = vec![first.clone()];
        let mut visited = BTreeSet::new();
        while let Some(owner) = open.pop() {
            if !visited.insert(owner.clone()) {
                continue;
            }
            if owner.starts_with("/components/schemas/") {
                let Some(Some(kind)) = self.types.get(&owner) else { return false };
                touched.types.insert(kind.clone());
                // The type of the property or item that the finding is about is written here.
                if is_use && owner == first && self.code.0.contains_key(&format!("types::{kind}")) {
                    continue;
                }
            } else if let Some(method) = self.methods.get(&owner) {
                touched.types.extend(self.types.get(&owner).cloned().flatten());
                if !self.touch_method(method, touched) {
                    return false;
                }
            } else if owner.starts_with("/paths/") {
                let within = self.types.keys().filter(|it| it.starts_with(&format!("{owner}/"))).cloned();
                let within = within.collect::<Vec<_>>();
                if within.is_empty() {
                    return false;
                }
                open.extend(within);
            }
            open.extend(self.users.get(&owner).into_iter().flatten().cloned());
        }
        true
    }

    /// A method that the crate does not have by this name may have another one.
    fn touch_method(&self, method: &str, touched: &mut Touched) -> bool {
        touched.methods.insert(method.to_owned());
        self.code.0.contains_key(method)
    }
}

/// The component, operation or path that a pointer leads into.
fn owner(pointer: &str) -> Option<String> {
    let parts = parts(pointer);
    let parts = parts.iter().map(String::as_str).collect::<Vec<_>>();
    match parts.as_slice() {
        ["components", section, name, ..] => Some(child(&child("/components", section), name)),
        ["paths", path, method, ..] if METHODS.contains(method) => Some(child(&child("/paths", path), method)),
        ["paths", path, ..] => Some(child("/paths", path)),
        _ => None,
    }
}
