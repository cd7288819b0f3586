//! Changes of servers, which are constructors of the generated crate.

use super::finding::{Findings, pairs};
use super::kinds::Kind;
use super::node::Node;

/// What a server is called, for people.
fn name(server: &Node<'_>) -> String {
    let description = server.text("description").unwrap_or_default().trim();
    if description.is_empty() { url(server).to_owned() } else { description.to_owned() }
}

fn url<'a>(server: &Node<'a>) -> &'a str {
    server.text("url").unwrap_or_default().trim_end_matches('/')
}

/// Compares the servers of two documents, paths or operations.
pub(super) fn compare(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>, holder: &str) {
    let (mut gone, mut fresh) = (old.items("servers"), new.items("servers"));
    let same: [fn(&Node<'_>, &Node<'_>) -> bool; 3] = [
        |one, other| url(one) == url(other) && name(one) == name(other),
        |one, other| url(one) == url(other),
        |one, other| one.text("description").is_some() && name(one) == name(other),
    ];
    for is_same in same {
        fresh.retain(|after| {
            let found = gone.iter().position(|before| is_same(before, after));
            let is_new = found.is_none();
            if let Some(index) = found {
                one(findings, &gone.remove(index), after, holder);
            }
            is_new
        });
    }
    for server in &fresh {
        let text = format!("the server `{}` of {holder} was added", name(server));
        findings.used(Kind::ServerAdded, None, Some(server), text, holder);
    }
    for server in &gone {
        let text = format!("the server `{}` of {holder} was removed", name(server));
        findings.used(Kind::ServerRemoved, Some(server), None, text, holder);
    }
}

fn one(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>, holder: &str) {
    let server = format!("the server `{}` of {holder}", name(new));
    if name(old) != name(new) && old.text("description") != new.text("description") {
        let text = format!("{server} was called `{}`", name(old));
        let places = [old, new].map(|node| node.get("description"));
        findings.used(Kind::ServerRenamed, places[0].as_ref(), places[1].as_ref(), text, holder);
    }
    if url(old) != url(new) {
        let text = format!("{server} is at `{}`, no longer at `{}`", url(new), url(old));
        let places = [old, new].map(|node| node.get("url"));
        findings.used(Kind::ServerUrlChanged, places[0].as_ref(), places[1].as_ref(), text, holder);
    }
    for (variable, before, after) in pairs(&old.named("variables"), &new.named("variables")) {
        let variable = format!("the variable `{variable}` of {server}");
        let mut add = |kind: Kind, what: &str| {
            findings.used(kind, before.as_ref(), after.as_ref(), format!("{variable} {what}"), holder);
        };
        let (old, new) = match (&before, &after) {
            (None, _) => {
                add(Kind::ServerVariableAdded, "was added");
                continue;
            }
            (_, None) => {
                add(Kind::ServerVariableRemoved, "was removed");
                continue;
            }
            (Some(old), Some(new)) => (old, new),
        };
        if let (Some(before), Some(after)) = (old.text("default"), new.text("default"))
            && before != after
        {
            add(Kind::ServerVariableDefaultChanged, &format!("is `{after}` by default, no longer `{before}`"));
        }
        let values = |node: &Node<'_>| -> Vec<String> {
            node.items("enum").iter().filter_map(|it| it.value.as_str()).map(str::to_owned).collect()
        };
        let (old_values, new_values) = (values(old), values(new));
        for value in new_values.iter().filter(|value| !old_values.contains(value)) {
            add(Kind::ServerVariableValueAdded, &format!("may also be `{value}`"));
        }
        for value in old_values.iter().filter(|value| !new_values.contains(value)) {
            add(Kind::ServerVariableValueRemoved, &format!("may no longer be `{value}`"));
        }
    }
}
