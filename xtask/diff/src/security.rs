//! Changes of security schemes, and of what each operation asks for.

use std::collections::{BTreeMap, BTreeSet};

use super::credentials;
use super::finding::{Findings, pairs};
use super::kinds::Kind;
use super::node::Node;

/// Compares the security schemes.
pub(super) fn schemes(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>) {
    for (name, before, after) in pairs(&named(old), &named(new)) {
        let (old, new) = match (&before, &after) {
            (None, _) => {
                let text = format!("the security scheme `{name}` was added");
                findings.add(Kind::SecuritySchemeAdded, None, None, after.as_ref(), text);
                continue;
            }
            (_, None) => {
                let text = format!("the security scheme `{name}` was removed");
                findings.add(Kind::SecuritySchemeRemoved, None, before.as_ref(), None, text);
                continue;
            }
            (Some(old), Some(new)) => (old, new),
        };
        let text = format!("the security scheme `{name}` takes its credential in another way");
        let scheme = |node: &Node<'_>| node.text("scheme").map(str::to_ascii_lowercase);
        let keys = ["type", "in", "name", "openIdConnectUrl"];
        if keys.iter().any(|key| old.value.get(*key) != new.value.get(*key)) || scheme(old) != scheme(new) {
            let same = credentials::given(old) == credentials::given(new);
            let kind = if same { Kind::SecuritySchemeChanged } else { Kind::CredentialTypeChanged };
            findings.add(kind, None, Some(old), Some(new), text);
        }
        let (old_flows, new_flows) = (old.members("flows"), new.members("flows"));
        for (flow, before, after) in pairs(&old_flows, &new_flows) {
            flows(
                findings,
                before.as_ref(),
                after.as_ref(),
                &format!("the flow `{flow}` of the security scheme `{name}`"),
            );
        }
    }
}

fn named<'a>(root: &Node<'a>) -> Vec<(&'a str, Node<'a>)> {
    let schemes = root.get("components").map(|it| it.named("securitySchemes")).unwrap_or_default();
    schemes.into_iter().map(|(name, node)| (name, node.resolved())).collect()
}

fn flows(findings: &mut Findings, old: Option<&Node<'_>>, new: Option<&Node<'_>>, flow: &str) {
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (None, _) => return findings.add(Kind::OauthFlowAdded, None, old, new, format!("{flow} was added")),
        (_, None) => return findings.add(Kind::OauthFlowRemoved, None, old, new, format!("{flow} was removed")),
    };
    let keys = ["tokenUrl", "authorizationUrl", "refreshUrl"];
    findings.member(Kind::OauthUrlChanged, old, new, &keys, &format!("{flow} has another URL"));
    for (scope, before, after) in pairs(&old.named("scopes"), &new.named("scopes")) {
        let (kind, text) = match (&before, &after) {
            (None, _) => (Kind::OauthScopeAdded, format!("{flow} offers the new scope `{scope}`")),
            (_, None) => (Kind::OauthScopeRemoved, format!("{flow} no longer offers the scope `{scope}`")),
            _ => continue,
        };
        findings.add(kind, None, before.as_ref(), after.as_ref(), text);
    }
}

/// One alternative: schemes with their scopes; empty for requests without credentials.
type Alternative<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// The requirement of an operation, and its place.
struct Asked<'a> {
    place: Node<'a>,
    /// Whether requests without credentials are taken.
    open: bool,
    alternatives: Vec<Alternative<'a>>,
}

fn asked<'a>(operation: &Node<'a>) -> Asked<'a> {
    let holder = credentials::place(operation);
    let mut alternatives = Vec::new();
    for item in holder.items("security") {
        let schemes = item.value.as_object().into_iter().flatten();
        let scopes = schemes.map(|(name, list)| {
            (name.as_str(), list.as_array().into_iter().flatten().filter_map(|it| it.as_str()).collect())
        });
        alternatives.push(scopes.collect::<Alternative<'a>>());
    }
    let open = alternatives.is_empty() || alternatives.iter().any(BTreeMap::is_empty);
    alternatives.retain(|alternative| !alternative.is_empty());
    let place = holder.get("security").unwrap_or_else(|| operation.clone());
    Asked { place, open, alternatives }
}

/// Compares what two operations ask for.
pub(super) fn operation(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>, name: &str) {
    credentials::arguments(findings, old, new, name);
    let (old, new) = (asked(old), asked(new));
    let said = |alternative: &Alternative<'_>| {
        alternative.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" with ")
    };
    let all = |asked: &Asked<'_>| asked.alternatives.iter().map(said).collect::<Vec<_>>().join(" or ");
    let subject = format!("`{name}`");
    let mut add = |kind: Kind, text: String| findings.used(kind, Some(&old.place), Some(&new.place), text, &subject);
    match (old.open, new.open) {
        (true, false) => add(Kind::CredentialRequired, format!("`{name}` needs a credential now: {}", all(&new))),
        (false, true) if new.alternatives.is_empty() => {
            return add(Kind::CredentialDropped, format!("`{name}` needs no credential any more, not {}", all(&old)));
        }
        (false, true) => add(Kind::CredentialOptional, format!("`{name}` also accepts requests without a credential")),
        _ => {}
    }
    if old.open && !new.open && old.alternatives.is_empty() {
        return;
    }
    let same = |one: &Alternative<'_>, other: &Alternative<'_>| one.keys().eq(other.keys());
    for alternative in &new.alternatives {
        let Some(before) = old.alternatives.iter().find(|other| same(other, alternative)) else {
            add(Kind::SecurityAlternativeAdded, format!("`{name}` also accepts {}", said(alternative)));
            continue;
        };
        for (scheme, scopes) in alternative {
            let old_scopes = before.get(scheme).cloned().unwrap_or_default();
            for scope in scopes.difference(&old_scopes) {
                add(Kind::ScopeRequired, format!("`{name}` needs the scope `{scope}` of `{scheme}` now"));
            }
            for scope in old_scopes.difference(scopes) {
                add(Kind::ScopeDropped, format!("`{name}` no longer needs the scope `{scope}` of `{scheme}`"));
            }
        }
    }
    for alternative in old.alternatives.iter().filter(|one| !new.alternatives.iter().any(|other| same(one, other))) {
        add(Kind::SecurityAlternativeRemoved, format!("`{name}` no longer accepts {}", said(alternative)));
    }
}
