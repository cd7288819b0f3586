//! Changes of credentials in the API: arguments of methods, and the source of tokens of a client.

use std::collections::BTreeMap;

use codegen::{Kind as CredentialKind, Security, client_keys};

use super::finding::Findings;
use super::kinds::Kind;
use super::node::Node;
use super::operation;

/// The Rust type that a program provides for a scheme: name and password, a key of the client, a source of tokens, or none.
pub(super) fn given(scheme: &Node<'_>) -> Option<&'static str> {
    type_of(&CredentialKind::of(scheme.value))
}

fn type_of(kind: &CredentialKind) -> Option<&'static str> {
    match kind {
        CredentialKind::Basic => Some("&BasicCredentials"),
        kind if kind.is_key() => Some("impl Into<Secret>"),
        kind => kind.is_token().then_some("impl TokenSource"),
    }
}

/// Where it is said what an operation has to show.
pub(super) fn place<'a>(operation: &Node<'a>) -> Node<'a> {
    let has_own = operation.value.get("security").is_some();
    if has_own { operation.clone() } else { Node::root(operation.root) }
}

/// What an operation has to show, as the generator reads it.
fn security(operation: &Node<'_>) -> Security {
    let mut security = Security::read(operation.root, operation.value).unwrap_or_default();
    // Lowering drops what 3.0 does not know, and an alternative that asks for nothing else.
    security.alternatives.retain_mut(|all| {
        let count = all.len();
        all.retain(|it| it.kind != CredentialKind::Certificate);
        !all.is_empty() || count == 0
    });
    security
}

/// Compares what two methods need for their credentials: arguments, and keys of the client.
pub(super) fn arguments(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>, name: &str) {
    let taken = |operation: &Node<'_>| {
        let security = security(operation);
        let (arguments, keys) = (security.arguments().into_iter(), security.keys().into_iter());
        let arguments = arguments.map(|(it, optional)| argument(type_of(&it.kind).unwrap_or("nothing"), optional));
        arguments.chain(keys.map(|(it, optional)| key(&it.kind, optional))).collect::<Vec<_>>()
    };
    let (before, after) = (taken(old), taken(new));
    if before != after {
        let places = [old, new].map(|operation| place(operation).get("security").unwrap_or_else(|| operation.clone()));
        let text = format!(
            "the method of `{name}` takes its credentials in another way: {}, no longer {}",
            said(&after),
            said(&before)
        );
        let subject = format!("`{name}`");
        findings.used(Kind::CredentialArgumentsChanged, Some(&places[0]), Some(&places[1]), text, &subject);
    }
}

fn argument(kind: &str, optional: bool) -> String {
    if optional { format!("`Option<{kind}>`") } else { format!("`{kind}`") }
}

/// A key of the client, in words.
fn key(kind: &CredentialKind, optional: bool) -> String {
    let may = if optional { "optionally " } else { "" };
    match kind {
        CredentialKind::Header(name) => format!("{may}the client's key for the header `{name}`"),
        CredentialKind::Query(name) => format!("{may}the client's key for the query parameter `{name}`"),
        CredentialKind::Cookie(name) => format!("{may}the client's key for the cookie `{name}`"),
        _ => format!("{may}the client's key for `Authorization`"),
    }
}

/// Credentials in words.
fn said(all: &[String]) -> String {
    if all.is_empty() { "none".to_owned() } else { all.join(" and ") }
}

/// Compares whether clients take a source of tokens.
pub(super) fn source_of_tokens(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>) {
    match (first_with_token(old), first_with_token(new)) {
        (None, Some(operation)) => {
            let text = format!("`{}` requires a bearer token: constructors take a source of tokens", operation.name());
            findings.add(Kind::TokenSourceRequired, None, None, Some(&operation.node), text);
        }
        (Some(operation), None) => {
            let text = "no operation requires a bearer token any more: constructors take no source of tokens";
            findings.add(Kind::TokenSourceDropped, None, Some(&operation.node), None, text);
        }
        _ => {}
    }
}

fn first_with_token<'a>(root: &Node<'a>) -> Option<operation::Operation<'a>> {
    operation::all(root).into_iter().find(|operation| security(&operation.node).wants_token())
}

/// Compares the keys that clients hold.
pub(super) fn client_keys_of(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>) {
    let (before, after) = (keys(old), keys(new));
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        findings.add(Kind::ClientKeyRemoved, None, Some(old), None, format!("no operation uses {name} any more"));
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        findings.add(Kind::ClientKeyAdded, None, None, Some(new), format!("operations use {name}"));
    }
    let taken = |keys: &BTreeMap<String, bool>| {
        let required = keys.iter().filter(|(_, is_required)| **is_required);
        required.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let (before, after) = (taken(&before), taken(&after));
    if before != after {
        let text = format!("constructors take other keys: {}, no longer {}", said(&after), said(&before));
        findings.add(Kind::ConstructorKeysChanged, None, Some(old), Some(new), text);
    }
}

/// The keys of a client in words, each with whether its constructors take it.
fn keys(root: &Node<'_>) -> BTreeMap<String, bool> {
    let all = operation::all(root).iter().map(|operation| security(&operation.node)).collect::<Vec<_>>();
    let keys = client_keys(&all.iter().collect::<Vec<_>>()).into_iter();
    keys.map(|(it, is_required)| (key(&it.kind, false), is_required)).collect()
}
