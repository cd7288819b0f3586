//! Changes of `oneOf` and `anyOf`.

use super::kinds::Kind;
use super::node::Node;
use super::schema::{self, Pair, Role};

/// Compares the alternatives of two schemas, and how they are told apart.
pub(super) fn compare(pair: &mut Pair<'_, '_>) {
    if pair.old.union != pair.new.union {
        let text = match (pair.old.union, pair.new.union) {
            (None, Some(new)) => format!("{{}} is a choice now (`{new}`)"),
            (Some(old), None) => format!("{{}} is no longer a choice (`{old}`)"),
            (old, new) => {
                format!("{{}} chooses by `{}`, no longer by `{}`", new.unwrap_or_default(), old.unwrap_or_default())
            }
        };
        if pair.old.union.is_none() || pair.new.union.is_none() {
            return pair.add(Kind::UnionKindChanged, &text);
        }
        pair.add(Kind::UnionRuleChanged, &text);
    }
    variants(pair);
    if pair.old.rest.get("discriminator") != pair.new.rest.get("discriminator") {
        pair.add(Kind::DiscriminatorChanged, "the alternatives of {} are told apart in another way");
    }
}

/// What an alternative is called: its component, its title, its one type, or its text.
fn key(node: &Node<'_>) -> String {
    let target = node.resolved();
    let title = || target.text("title").map(str::to_owned);
    let only = || target.text("type").filter(|name| *name != "object" && *name != "array").map(str::to_owned);
    target.component().or_else(title).or_else(only).unwrap_or_else(|| target.value.to_string())
}

fn variants(pair: &mut Pair<'_, '_>) {
    let mut old: Vec<(String, Node<'_>)> = pair.old.variants.iter().map(|node| (key(node), node.clone())).collect();
    let mut new: Vec<(String, Node<'_>)> = pair.new.variants.iter().map(|node| (key(node), node.clone())).collect();
    let mut both = Vec::new();
    new.retain(|(name, node)| {
        let found = old.iter().position(|(other, _)| other == name).map(|index| old.remove(index));
        let unmatched = found.is_none();
        both.extend(found.map(|(_, before)| (name.clone(), before, node.clone())));
        unmatched
    });
    // What stands inline and was edited has another text; in the same number it is taken for the same alternatives.
    let inline = |list: &[(String, Node<'_>)]| list.iter().all(|(_, node)| node.resolved().component().is_none());
    if old.len() == new.len() && inline(&old) && inline(&new) {
        both.extend(old.drain(..).zip(new.drain(..)).map(|((_, before), (_, after))| (String::new(), before, after)));
    }
    for (name, node) in &new {
        let text = format!("`{}` has the alternative {} more", pair.subject, shown(name));
        pair.findings.add(Kind::VariantAdded, Some(pair.direction), None, Some(node), text);
    }
    for (name, node) in &old {
        let text = format!("`{}` has no alternative {} any more", pair.subject, shown(name));
        pair.findings.add(Kind::VariantRemoved, Some(pair.direction), Some(node), None, text);
    }
    for (name, before, after) in both {
        let name = if name.is_empty() || name.starts_with('{') { "alternative" } else { &name };
        let subject = format!("{}({name})", pair.subject);
        schema::compare(pair.findings, &before, &after, pair.direction, Role::Other, &subject);
    }
}

fn shown(name: &str) -> String {
    if name.starts_with('{') { "that stands inline".to_owned() } else { format!("`{name}`") }
}
