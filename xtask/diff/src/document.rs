//! Changes of a whole document.

use std::collections::BTreeSet;

use openapi::walk::{self, NodeKind};
use serde_json::Value;

use super::finding::{Finding, Findings, pairs};
use super::kinds::Kind;
use super::node::Node;
use super::renames::Renamed;
use super::{credentials, operations, schema, security, servers};

/// The changes between two documents, the worst first.
pub(crate) fn compare(old: &Value, new: &Value) -> Vec<Finding> {
    let mut findings = Findings::default();
    let renamed = Renamed::find(old, new);
    renamed.tell(&mut findings, new);
    let old = renamed.follow(old);
    let old = old.as_ref();
    let (before, after) = (Node::root(old), Node::root(new));
    info(&mut findings, &before, &after);
    servers::compare(&mut findings, &before, &after, "the document");
    security::schemes(&mut findings, &before, &after);
    credentials::source_of_tokens(&mut findings, &before, &after);
    credentials::client_keys_of(&mut findings, &before, &after);
    operations::compare(&mut findings, &before, &after);
    schema::compare_waiting(&mut findings, old, new);
    webhooks(&mut findings, &before, &after);
    unused_schemas(&mut findings, &before, &after);
    if findings.is_empty() && significant(old) != significant(new) {
        findings.add(Kind::OtherChanged, None, Some(&before), Some(&after), "something else in the document changed");
    }
    let mut findings = findings.sorted();
    renamed.restore(&mut findings);
    findings
}

/// Maps compare without regard to the order of their members, so only the servers' order is left to set aside.
fn significant(document: &Value) -> Value {
    let mut copy = document.clone();
    for key in ["servers", "tags"] {
        if let Some(Value::Array(list)) = copy.get_mut(key) {
            list.sort_by_key(Value::to_string);
        }
    }
    copy
}

fn info(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>) {
    findings.member(Kind::OpenapiVersionChanged, old, new, &["openapi"], "the document's version of OpenAPI changed");
    operations::tags(findings, old, new, "the document");
    findings.member(Kind::ExternalDocsChanged, old, new, &["externalDocs"], "the external documentation changed");
    let (Some(old), Some(new)) = (old.get("info"), new.get("info")) else { return };
    for (kind, keys, what) in [
        (Kind::TitleChanged, ["title"].as_slice(), "the API's title changed"),
        (Kind::InfoDescriptionChanged, &["summary", "description"], "the API's description changed"),
        (Kind::ContactChanged, &["contact"], "the API's contact changed"),
        (Kind::LicenseChanged, &["license"], "the API's license changed"),
        (Kind::TermsChanged, &["termsOfService"], "the API's terms of service changed"),
    ] {
        findings.member(kind, &old, &new, keys, what);
    }
    let versions = (old.text("version"), new.text("version"));
    if let ((Some(before), Some(after)), true) = (versions, versions.0 != versions.1) {
        let text = format!("the version of the API is {after}, no longer {before}");
        findings.member(Kind::ApiVersionChanged, &old, &new, &["version"], &text);
    }
}

fn webhooks(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>) {
    for (name, before, after) in pairs(&old.named("webhooks"), &new.named("webhooks")) {
        let (kind, text) = match (&before, &after) {
            (None, _) => (Kind::WebhookAdded, format!("the webhook `{name}` was added")),
            (_, None) => (Kind::WebhookRemoved, format!("the webhook `{name}` was removed")),
            (Some(old), Some(new)) if old.value != new.value => {
                (Kind::WebhookChanged, format!("the webhook `{name}` changed"))
            }
            _ => continue,
        };
        findings.add(kind, None, before.as_ref(), after.as_ref(), text);
    }
}

/// Components that no operation leads to; they have types all the same.
fn unused_schemas(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>) {
    let components = |node: &Node<'_>| -> Vec<String> {
        let map = node.value.pointer("/components/schemas").and_then(Value::as_object);
        map.into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    let (used_before, used_after) = (reachable(old.value), reachable(new.value));
    let place = |node: &Node<'_>, name: &str| {
        let schemas = node.get("components").and_then(|it| it.get("schemas"));
        schemas.and_then(|it| it.get(name)).map(|it| (it.pointer, it.value.clone()))
    };
    let names: BTreeSet<String> = components(old).into_iter().chain(components(new)).collect();
    for name in names {
        let used = (used_before.contains(&name), used_after.contains(&name));
        let (before, after) = (place(old, &name), place(new, &name));
        let (kind, text) = match (&before, &after) {
            (None, Some(_)) if !used.1 => {
                (Kind::UnusedSchemaAdded, format!("the type `{name}` was added, unused so far"))
            }
            (Some(_), None) if !used.0 => (Kind::UnusedSchemaRemoved, format!("the unused type `{name}` was removed")),
            (Some((_, before)), Some((_, after))) if used == (false, false) && before != after => {
                (Kind::UnusedSchemaChanged, format!("the unused type `{name}` changed"))
            }
            _ => continue,
        };
        findings.at(kind, None, before.map(|it| it.0), after.map(|it| it.0), text);
    }
}

/// Names of the schemas that an operation leads to.
fn reachable(document: &Value) -> BTreeSet<String> {
    let mut open: Vec<(NodeKind, String)> = vec![(NodeKind::Paths, "/paths".to_owned())];
    let mut visited = BTreeSet::new();
    let mut found = BTreeSet::new();
    while let Some((kind, pointer)) = open.pop() {
        if !visited.insert(pointer.clone()) {
            continue;
        }
        let Some(value) = document.pointer(&pointer) else { continue };
        walk::visit(value, kind, &pointer, &mut |value, kind, _| {
            let target = value.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix('#'));
            if let Some(target) = target {
                let node = Node { root: document, value, pointer: String::new() }.resolved();
                found.extend(component(target));
                found.extend(node.component());
                open.push((kind, target.to_owned()));
            }
        });
    }
    found
}

/// The component that a reference leads to, or into.
fn component(pointer: &str) -> Option<String> {
    let name = pointer.strip_prefix("/components/schemas/")?.split('/').next()?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}
