//! One change, and the list that changes are gathered in.

use std::collections::HashSet;

use super::kinds::Kind;
use super::level::{Direction, Level, Levels};
use super::node::Node;

/// One change of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What kind of change it is.
    pub(crate) kind: Kind,
    /// Which way the value goes, for kinds that tell the two ways apart.
    pub(crate) direction: Option<Direction>,
    /// The first operation it was found in, as `POST /path`.
    pub(crate) operation: Option<String>,
    /// JSON pointer into the old document; none for what is new.
    pub(crate) old: Option<String>,
    /// JSON pointer into the new document; none for what is gone.
    pub(crate) new: Option<String>,
    /// One sentence without its full stop, Markdown.
    pub(crate) text: String,
}

impl Finding {
    /// Its stable name, with the direction in front.
    pub(crate) fn id(&self) -> String {
        match self.direction {
            Some(direction) => format!("{direction}-{}", self.kind.name()),
            None => self.kind.name().to_owned(),
        }
    }

    /// What it means for programs that are compiled against the new crate.
    pub(crate) fn api(&self) -> Level {
        self.kind.levels().of(self.direction)[0]
    }

    /// What it means for programs that run with the old crate.
    pub(crate) fn wire(&self) -> Level {
        self.kind.levels().of(self.direction)[1]
    }

    /// The worse of the two.
    pub(crate) fn level(&self) -> Level {
        self.api().max(self.wire())
    }

    /// The sentence with the direction, without its full stop.
    pub(crate) fn sentence(&self) -> String {
        match self.direction {
            Some(Direction::Request) => format!("{} (requests)", self.text),
            Some(Direction::Response) => format!("{} (answers)", self.text),
            None => self.text.clone(),
        }
    }
}

/// Kind, direction, both places and text: what makes two findings one.
type Known = (Kind, Option<Direction>, Option<String>, Option<String>, String);

/// Gathers findings, each once.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    known: HashSet<Known>,
    /// Pairs of schemas that have been compared.
    pub(super) compared: HashSet<(String, String, Direction)>,
    /// The operation that is being compared.
    pub(super) operation: Option<String>,
}

impl Findings {
    /// Adds a change between two places.
    pub(super) fn add(
        &mut self,
        kind: Kind,
        direction: Option<Direction>,
        old: Option<&Node<'_>>,
        new: Option<&Node<'_>>,
        text: impl Into<String>,
    ) {
        let pointer = |node: Option<&Node<'_>>| node.map(|node| node.pointer.clone());
        self.at(kind, direction, pointer(old), pointer(new), text.into());
    }

    /// Adds a change between two pointers.
    pub(super) fn at(
        &mut self,
        kind: Kind,
        direction: Option<Direction>,
        old: Option<String>,
        new: Option<String>,
        text: String,
    ) {
        let direction = direction.filter(|_| matches!(kind.levels(), Levels::Both { .. }));
        if self.known.insert((kind, direction, old.clone(), new.clone(), text.clone())) {
            self.list.push(Finding { kind, direction, operation: self.operation.clone(), old, new, text });
        }
    }

    /// Adds a change of a text or another member that both sides may lack.
    pub(super) fn member(&mut self, kind: Kind, old: &Node<'_>, new: &Node<'_>, keys: &[&str], text: &str) {
        for key in keys {
            if old.value.get(*key) != new.value.get(*key) {
                self.add(kind, None, old.get(key).as_ref(), new.get(key).as_ref(), text);
            }
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The findings, worst first, otherwise in the order they were found in.
    pub(super) fn sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| std::cmp::Reverse(finding.level()));
        self.list
    }
}

/// Pairs the members of two maps by name: first those of the new one in their order, then what is gone.
pub(super) fn pairs<K: PartialEq + Clone, T: Clone>(old: &[(K, T)], new: &[(K, T)]) -> Vec<(K, Option<T>, Option<T>)> {
    let find = |list: &[(K, T)], key: &K| list.iter().find(|(other, _)| other == key).map(|(_, it)| it.clone());
    let mut all: Vec<_> = new.iter().map(|(key, node)| (key.clone(), find(old, key), Some(node.clone()))).collect();
    for (key, node) in old {
        if find(new, key).is_none() {
            all.push((key.clone(), Some(node.clone()), None));
        }
    }
    all
}
