//! A finding, and the list that collects them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use diagnostics::plural;
use openapi::sha256;

use super::clean::clean;
use super::kinds::Kind;
use super::level::{Direction, Level, Levels};
use super::node::Node;
use super::waiting::Waiting;

/// Digits of a finding's key.
pub(crate) const KEY: usize = 16;

/// Where a change was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The operation, as `POST /path`.
    pub operation: Option<String>,
    /// JSON pointer into the old document; none for what was added.
    pub old: Option<String>,
    /// JSON pointer into the new document; none for what was removed.
    pub new: Option<String>,
}

/// One change of a document, in all the places that it has the same cause in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of change it is.
    pub kind: Kind,
    /// The direction of the value, for kinds that distinguish directions.
    pub direction: Option<Direction>,
    /// The first operation it was found in, as `POST /path`.
    pub operation: Option<String>,
    /// JSON pointer into the old document; none for what was added.
    pub old: Option<String>,
    /// JSON pointer into the new document; none for what was removed.
    pub new: Option<String>,
    /// One sentence without its full stop, Markdown; it speaks of the first place.
    pub text: String,
    /// Further places with the same change, or all places that use what changed.
    pub places: Vec<Place>,
    /// Whether the places are uses of a changed component.
    pub uses: bool,
    /// Whether the code that it may touch is generated as before.
    pub unchanged: bool,
    /// The reason of its approval, if it is approved.
    pub approved: Option<String>,
    /// What the change is, without the place that the text names: the same cause is the same finding.
    pub cause: String,
}

impl Finding {
    /// Its stable name, with the direction in front.
    pub fn id(&self) -> String {
        match self.direction {
            Some(direction) => format!("{direction}-{}", self.kind.name()),
            None => self.kind.name().to_owned(),
        }
    }

    /// The level for programs that are compiled against the new crate.
    pub fn api(&self) -> Level {
        if self.unchanged {
            return Level::Documentation;
        }
        self.kind.levels().of(self.direction)[0]
    }

    /// The level for programs that run with the old crate.
    pub fn wire(&self) -> Level {
        self.kind.levels().of(self.direction)[1]
    }

    /// The key, which stays the same from one comparison to the next and in every place of the document.
    pub fn key(&self) -> String {
        let mut key = sha256(format!("{}\n{}", self.id(), self.cause).as_bytes());
        key.truncate(KEY);
        key
    }

    /// Whether it breaks something and is not approved.
    pub fn fails(&self) -> bool {
        self.level() == Level::Breaking && self.approved.is_none()
    }

    /// The worse of the two.
    pub fn level(&self) -> Level {
        self.api().max(self.wire())
    }

    /// The text with the number of places, without its full stop.
    pub fn summary(&self) -> String {
        match (self.uses, self.places.len()) {
            (_, 0) => self.text.clone(),
            (true, 1) => format!("{}; it is used in 1 place", self.text),
            (true, count) => format!("{}; it is used in {count} places", self.text),
            (false, count) => format!("{}, and the same in {count} more place{}", self.text, plural(count)),
        }
    }

    /// The sentence with the direction.
    pub fn sentence(&self) -> String {
        match self.direction {
            Some(Direction::Request) => format!("{} (requests)", self.summary()),
            Some(Direction::Response) => format!("{} (responses)", self.summary()),
            None => self.summary(),
        }
    }

    /// All places that it was found in, or those of its uses.
    pub fn all_places(&self) -> Vec<Place> {
        let own = Place { operation: self.operation.clone(), old: self.old.clone(), new: self.new.clone() };
        let own = (!self.uses || self.places.is_empty()).then_some(own);
        own.into_iter().chain(self.places.iter().cloned()).collect()
    }
}

/// Kind, direction, cause, and the places where they are the cause as well.
type Known = (Kind, Option<Direction>, String, [Option<String>; 2]);

/// Collects findings, one for each cause.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    /// Where the finding of a kind, a direction and a cause is in the list; places that are the cause count as well.
    known: HashMap<Known, usize>,
    /// Pairs of schemas that have been compared.
    pub compared: HashSet<(String, String, Direction)>,
    /// How deep the current comparison of schemas is nested.
    pub depth: usize,
    /// Comparisons that were postponed.
    pub waiting: Vec<Waiting>,
    /// The operation that is being compared.
    pub operation: Option<String>,
}

impl Findings {
    /// Adds a change between two places.
    pub(crate) fn add(
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

    /// Adds a change between two pointers. It is the same in another operation if it is at the same two.
    pub(crate) fn at(
        &mut self,
        kind: Kind,
        direction: Option<Direction>,
        old: Option<String>,
        new: Option<String>,
        text: String,
    ) {
        let subject = self.operation.as_deref().map(|name| format!("`{name}`")).unwrap_or_default();
        self.of(kind, direction, [old, new], text, &subject);
    }

    /// Adds a change between two pointers; `subject` is what the text calls them, and other texts something else.
    pub(crate) fn of(
        &mut self,
        kind: Kind,
        direction: Option<Direction>,
        places: [Option<String>; 2],
        text: String,
        subject: &str,
    ) {
        let cause = without(&text, subject);
        let direction = direction.filter(|_| matches!(kind.levels(), Levels::Both { .. }));
        self.push(kind, direction, places, text, (cause, true));
    }

    /// Adds a change of something that many places use in the same way; `subject` is what the text calls this one.
    pub(crate) fn used(
        &mut self,
        kind: Kind,
        old: Option<&Node<'_>>,
        new: Option<&Node<'_>>,
        text: impl Into<String>,
        subject: &str,
    ) {
        let text = text.into();
        let cause = without(&text, subject);
        let pointer = |node: Option<&Node<'_>>| node.map(|node| node.pointer.clone());
        self.push(kind, None, [pointer(old), pointer(new)], text, (cause, false));
    }

    fn push(
        &mut self,
        kind: Kind,
        direction: Option<Direction>,
        [old, new]: [Option<String>; 2],
        text: String,
        (cause, is_here): (String, bool),
    ) {
        let (text, cause) = (clean(&text), clean(&cause));
        let here = if is_here { [old.clone(), new.clone()] } else { [None, None] };
        let place = Place { operation: self.operation.clone(), old, new };
        match self.known.entry((kind, direction, cause.clone(), here)) {
            Entry::Occupied(entry) => {
                let known = &mut self.list[*entry.get()];
                let is_first = (&known.operation, &known.old, &known.new) == (&place.operation, &place.old, &place.new);
                if !is_first && known.places.last() != Some(&place) {
                    known.places.push(place);
                }
            }
            Entry::Vacant(entry) => {
                entry.insert(self.list.len());
                let Place { operation, old, new } = place;
                // The component distinguishes a cause that many operations share.
                let shared = new.as_deref().or(old.as_deref()).filter(|it| it.starts_with("/components/"));
                let cause = match (is_here, shared) {
                    (false, _) => cause,
                    (true, Some(pointer)) => format!("{cause} {pointer}"),
                    (true, None) => text.clone(),
                };
                self.list.push(Finding {
                    kind,
                    direction,
                    operation,
                    old,
                    new,
                    text,
                    places: vec![],
                    uses: false,
                    unchanged: false,
                    approved: None,
                    cause,
                });
            }
        }
    }

    /// Adds what was renamed, with the places that use it.
    pub(crate) fn renamed(&mut self, kind: Kind, [old, new]: [String; 2], text: String, places: Vec<Place>) {
        let text = clean(&text);
        let (old, new, cause) = (Some(old), Some(new), text.clone());
        self.list.push(Finding {
            kind,
            direction: None,
            operation: None,
            old,
            new,
            text,
            places,
            uses: true,
            unchanged: false,
            approved: None,
            cause,
        });
    }

    /// Adds a change of a text or another member that both sides may lack.
    pub(crate) fn member(&mut self, kind: Kind, old: &Node<'_>, new: &Node<'_>, keys: &[&str], text: &str) {
        for key in keys {
            if old.value.get(*key) != new.value.get(*key) {
                self.add(kind, None, old.get(key).as_ref(), new.get(key).as_ref(), text);
            }
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The findings, worst first, otherwise in the order they were found in.
    pub(crate) fn sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| std::cmp::Reverse(finding.level()));
        self.list
    }
}

/// A text without what is different from place to place.
fn without(text: &str, subject: &str) -> String {
    if subject.is_empty() { text.to_owned() } else { text.replace(subject, "") }
}

/// Pairs the members of two maps by name: first those of the new one in their order, then what was removed.
pub(crate) fn pairs<K: PartialEq + Clone, T: Clone>(old: &[(K, T)], new: &[(K, T)]) -> Vec<(K, Option<T>, Option<T>)> {
    let find = |list: &[(K, T)], key: &K| list.iter().find(|(other, _)| other == key).map(|(_, it)| it.clone());
    let mut all: Vec<_> = new.iter().map(|(key, node)| (key.clone(), find(old, key), Some(node.clone()))).collect();
    for (key, node) in old {
        if find(new, key).is_none() {
            all.push((key.clone(), Some(node.clone()), None));
        }
    }
    all
}
