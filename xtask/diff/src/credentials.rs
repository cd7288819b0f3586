//! Changes of credentials in the API: arguments of methods, and the source of tokens of a client.

use codegen::{Kind as CredentialKind, Requirement, Security};
use serde_json::Value;

use super::finding::Findings;
use super::kinds::Kind;
use super::node::Node;
use super::operation;

/// The Rust type that a program provides for a scheme: name and secret, a secret, a source of tokens, or none.
pub(super) fn given(scheme: &Node<'_>) -> Option<&'static str> {
    type_of(&CredentialKind::of(scheme.value))
}

fn type_of(kind: &CredentialKind) -> Option<&'static str> {
    match kind {
        CredentialKind::Basic => Some("&BasicCredentials"),
        CredentialKind::Header(_) | CredentialKind::Query(_) | CredentialKind::Cookie(_) => Some("&Secret"),
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
    let none = Value::Null;
    let kind = |name: &str| {
        let schemes = Node::root(operation.root).get("components").map(|it| it.named("securitySchemes"));
        let scheme = schemes.into_iter().flatten().find(|(other, _)| *other == name);
        scheme.map(|(_, node)| node.resolved().value).unwrap_or(&none).clone()
    };
    let alternatives = place(operation).items("security").into_iter().filter_map(|item| {
        let names = item.value.as_object().into_iter().flatten().map(|(name, _)| name);
        let all = names.map(|name| (name, kind(name))).collect::<Vec<_>>();
        // Lowering drops what 3.0 does not know, and an alternative that asks for nothing else.
        let is_mutual = |scheme: &Value| scheme.get("type").is_some_and(|kind| kind == "mutualTLS");
        let is_gone = !all.is_empty() && all.iter().all(|(_, scheme)| is_mutual(scheme));
        let kept = all.iter().filter(|(_, scheme)| !is_mutual(scheme)).map(|(name, scheme)| Requirement {
            scheme: (*name).clone(),
            kind: CredentialKind::of(scheme),
            scopes: vec![],
            description: None,
        });
        (!is_gone).then(|| kept.collect())
    });
    Security { alternatives: alternatives.collect() }
}

/// Compares the arguments of two methods that are credentials.
pub(super) fn arguments(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>, name: &str) {
    let taken = |operation: &Node<'_>| {
        let security = security(operation);
        let (arguments, optional) = security.arguments();
        arguments.into_iter().map(|it| (type_of(&it.kind), optional)).collect::<Vec<_>>()
    };
    let (before, after) = (taken(old), taken(new));
    if before != after {
        let places = [old, new].map(|operation| place(operation).get("security").unwrap_or_else(|| operation.clone()));
        let text = format!(
            "the method of `{name}` takes its credentials as other arguments: {}, no longer {}",
            said(&after),
            said(&before)
        );
        let subject = format!("`{name}`");
        findings.used(Kind::CredentialArgumentsChanged, Some(&places[0]), Some(&places[1]), text, &subject);
    }
}

/// The types of arguments, in words.
fn said(arguments: &[(Option<&str>, bool)]) -> String {
    let kinds = arguments.iter().map(|(kind, optional)| match (kind.unwrap_or("nothing"), optional) {
        (kind, true) => format!("`Option<{kind}>`"),
        (kind, false) => format!("`{kind}`"),
    });
    if arguments.is_empty() { "none".to_owned() } else { kinds.collect::<Vec<_>>().join(" and ") }
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
