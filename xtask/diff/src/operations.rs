//! Changes of operations as a whole.

use std::collections::BTreeSet;

use super::finding::{Findings, pairs};
use super::kinds::Kind;
use super::node::Node;
use super::operation::{Operation, all};
use super::{bodies, parameters, responses, security, servers};

/// Compares all operations: those of one path and method, then those of one `operationId`.
pub(super) fn compare(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>) {
    let (mut gone, mut fresh, mut both) = (all(old), Vec::new(), Vec::new());
    for after in all(new) {
        match gone.iter().position(|before| before.key() == after.key()) {
            Some(index) => both.push((gone.remove(index), after)),
            None => fresh.push(after),
        }
    }
    fresh.retain(|after| {
        let found = gone.iter().position(|before| before.id().is_some() && before.id() == after.id());
        let is_new = found.is_none();
        both.extend(found.map(|index| (gone.remove(index), after.clone())));
        is_new
    });
    for operation in &fresh {
        findings.operation = Some(operation.name());
        let text = format!("the operation `{}` was added", operation.name());
        findings.add(Kind::OperationAdded, None, None, Some(&operation.node), text);
    }
    for operation in &gone {
        findings.operation = Some(operation.name());
        let text = format!("the operation `{}` was removed", operation.name());
        findings.add(Kind::OperationRemoved, None, Some(&operation.node), None, text);
    }
    for (before, after) in &both {
        findings.operation = Some(after.name());
        one(findings, before, after);
    }
    findings.operation = None;
}

fn one(findings: &mut Findings, old: &Operation<'_>, new: &Operation<'_>) {
    let name = new.name();
    if old.key() != new.key() {
        let text = format!("the operation `{}` is `{name}` now", old.name());
        findings.add(Kind::OperationMoved, None, Some(&old.node), Some(&new.node), text);
    }
    if old.id() != new.id() {
        let id = |operation: &Operation<'_>| operation.id().unwrap_or("(none)").to_owned();
        let text = format!("the operation `{name}` is called `{}`, no longer `{}`", id(new), id(old));
        findings.member(Kind::OperationRenamed, &old.node, &new.node, &["operationId"], &text);
    }
    match (old.node.flag("deprecated"), new.node.flag("deprecated")) {
        (false, true) => {
            let text = format!("the operation `{name}` is deprecated");
            findings.member(Kind::OperationDeprecated, &old.node, &new.node, &["deprecated"], &text);
        }
        (true, false) => {
            let text = format!("the operation `{name}` is no longer deprecated");
            findings.member(Kind::OperationUndeprecated, &old.node, &new.node, &["deprecated"], &text);
        }
        _ => {}
    }
    let text = format!("the description of `{name}` changed");
    for (old, new) in [(&old.item, &new.item), (&old.node, &new.node)] {
        findings.member(Kind::OperationDescriptionChanged, old, new, &["summary", "description"], &text);
        servers::compare(findings, old, new, &format!("`{name}`"));
    }
    tags(findings, &old.node, &new.node, &format!("`{name}`"));
    let text = format!("the external documentation of `{name}` changed");
    findings.member(Kind::ExternalDocsChanged, &old.node, &new.node, &["externalDocs"], &text);
    security::operation(findings, &old.node, &new.node, &name);
    parameters::compare(findings, old, new);
    bodies::request(findings, &old.node, &new.node, &name);
    responses::compare(findings, &old.node, &new.node, &name);
    callbacks(findings, &old.node, &new.node, &name);
}

/// Compares the tags of a document or an operation. Names that came and went are the same change wherever they are.
pub(super) fn tags(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>, holder: &str) {
    let (before, after) = (old.get("tags"), new.get("tags"));
    if before.as_ref().map(|it| it.value) == after.as_ref().map(|it| it.value) {
        return;
    }
    let names = |node: &Node<'_>| -> BTreeSet<String> {
        let tags = node.items("tags").into_iter();
        tags.filter_map(|tag| tag.text("name").or(tag.value.as_str()).map(str::to_owned)).collect()
    };
    let (old, new) = (names(old), names(new));
    let list = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        one.difference(other).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    let text = match (list(&new, &old), list(&old, &new)) {
        (fresh, gone) if fresh.is_empty() && gone.is_empty() => format!("the tags of {holder} changed"),
        (fresh, gone) if gone.is_empty() => format!("the tags of {holder} changed: {fresh} was added"),
        (fresh, gone) if fresh.is_empty() => format!("the tags of {holder} changed: {gone} was removed"),
        (fresh, gone) => format!("the tags of {holder} changed: {fresh} replaces {gone}"),
    };
    findings.used(Kind::TagsChanged, before.as_ref(), after.as_ref(), text, holder);
}

/// Callbacks are requests of the server. Generated crates do not receive them, so each change is one finding.
fn callbacks(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>, name: &str) {
    for (callback, before, after) in pairs(&old.named("callbacks"), &new.named("callbacks")) {
        let (kind, what) = match (&before, &after) {
            (None, _) => (Kind::CallbackAdded, "was added"),
            (_, None) => (Kind::CallbackRemoved, "was removed"),
            (Some(old), Some(new)) if old.resolved().value != new.resolved().value => {
                (Kind::CallbackChanged, "changed")
            }
            _ => continue,
        };
        let text = format!("the callback `{callback}` of `{name}` {what}");
        findings.add(kind, None, before.as_ref(), after.as_ref(), text);
    }
}
