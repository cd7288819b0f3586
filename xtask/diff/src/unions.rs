//! Changes of `oneOf` and `anyOf`.

use super::kinds::Kind;
use super::node::Node;
use super::pair::Pair;

/// Two versions of an alternative, and what to call it.
pub(super) type Variant<'a> = (Node<'a>, Node<'a>, String);

/// Compares which alternatives two schemas have and how they differ in kind; returns the alternatives that both have.
pub(super) fn compare<'a>(pair: &mut Pair<'a, '_>) -> Vec<Variant<'a>> {
    if pair.old.union != pair.new.union {
        let text = match (pair.old.union, pair.new.union) {
            (None, Some(new)) => format!("{{}} is a choice now (`{new}`)"),
            (Some(old), None) => format!("{{}} is no longer a choice (`{old}`)"),
            (old, new) => {
                format!("{{}} chooses by `{}`, no longer by `{}`", new.unwrap_or_default(), old.unwrap_or_default())
            }
        };
        if pair.old.union.is_none() || pair.new.union.is_none() {
            pair.add(Kind::UnionKindChanged, &text);
            return Vec::new();
        }
        pair.add(Kind::UnionRuleChanged, &text);
    }
    variants(pair)
}

/// Compares the discriminators of two schemas.
pub(super) fn discriminator(pair: &mut Pair<'_, '_>) {
    let are_both = pair.old.union.is_some() == pair.new.union.is_some();
    if are_both && pair.old.rest.get("discriminator") != pair.new.rest.get("discriminator") {
        pair.add(Kind::DiscriminatorChanged, "the discriminator of {} changed");
    }
}

/// What an alternative is called: its component, its title, its one type, or its text.
fn key(node: &Node<'_>) -> String {
    let target = node.resolved();
    let title = || target.text("title").map(str::to_owned);
    let only = || target.text("type").filter(|name| *name != "object" && *name != "array").map(str::to_owned);
    target.component().or_else(title).or_else(only).unwrap_or_else(|| target.value.to_string())
}

fn variants<'a>(pair: &mut Pair<'a, '_>) -> Vec<Variant<'a>> {
    let mut old: Vec<(String, Node<'a>)> = pair.old.variants.iter().map(|node| (key(node), node.clone())).collect();
    let mut new: Vec<(String, Node<'a>)> = pair.new.variants.iter().map(|node| (key(node), node.clone())).collect();
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
        let text = format!("`{}` has the new alternative {}", pair.subject, shown(name));
        pair.findings.add(Kind::VariantAdded, Some(pair.direction), None, Some(node), text);
    }
    for (name, node) in &old {
        let text = format!("`{}` no longer has the alternative {}", pair.subject, shown(name));
        pair.findings.add(Kind::VariantRemoved, Some(pair.direction), Some(node), None, text);
    }
    let subject = |name: &str| {
        let name = if name.is_empty() || name.starts_with('{') { "alternative" } else { name };
        format!("{}({name})", pair.subject)
    };
    both.into_iter().map(|(name, before, after)| (before, after, subject(&name))).collect()
}

fn shown(name: &str) -> String {
    if name.starts_with('{') { "that is inline".to_owned() } else { format!("`{name}`") }
}
