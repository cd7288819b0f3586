//! Decides what a call does with what it read from the store: one pure function, [`decide`].

use std::time::Duration;

use crate::store::Seen;
use crate::store::generation::Generation;

/// An entry, as one call sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryView {
    pub(crate) generation: Generation,
    /// Whether it was opened and is a token for the scope.
    pub(crate) is_token: bool,
    /// What it has to do with the token that the call replaces.
    pub(crate) relation: Relation,
    /// Whether it was published while the call was waiting.
    pub(crate) is_new: bool,
    /// The remaining lifetime of its token.
    pub(crate) remaining: Duration,
    /// The last part of that lifetime, in which it is used only if there is no other token.
    pub(crate) margin: Duration,
}

/// What the token of an entry has to do with the token that a call replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// They are different, or the call replaces none.
    Different,
    /// They are the same, and the token is due for renewal or not valid for long enough.
    Replaced,
    /// They are the same, and a resource server rejected the token.
    Rejected,
}

/// What is known about other processes that failed to get a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing yet.
    Unknown,
    /// There is none.
    None,
    /// Requests are suspended, or the request that the call waited for failed.
    Known,
}

/// What a call does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Return the token of the entry.
    Take,
    /// Read whether requests are suspended or have failed, and decide again.
    AskForTrouble,
    /// Request the lease, to replace what was seen.
    Lease(Seen),
    /// Return the error that another process published, or the token of the entry if it is usable in need.
    Fail,
}

impl EntryView {
    /// True if the token may be returned although it is in its margin, because there is no other.
    pub(crate) fn is_usable_in_need(&self) -> bool {
        let is_wanted = self.relation == Relation::Different || self.is_new;
        self.is_token && is_wanted && !self.remaining.is_zero()
    }

    fn is_usable(&self) -> bool {
        self.is_usable_in_need() && self.remaining > self.margin
    }

    /// The entry as a lease is requested for it.
    pub(crate) fn seen(&self) -> Seen {
        match self.relation {
            // What nobody can use must not be in the way of what replaces it.
            _ if !self.is_token => Seen::Rejected(self.generation),
            Relation::Rejected => Seen::Rejected(self.generation),
            Relation::Different | Relation::Replaced => Seen::Entry(self.generation),
        }
    }
}

/// Decides what a call does that has read this entry.
///
/// If the server issues the same token again, its entry is new, and is taken: the server would issue it to all who wait.
pub(crate) fn decide(entry: Option<&EntryView>, trouble: Trouble) -> Action {
    match (entry, trouble) {
        (Some(entry), _) if entry.is_usable() => Action::Take,
        (_, Trouble::Unknown) => Action::AskForTrouble,
        (_, Trouble::Known) => Action::Fail,
        (Some(entry), Trouble::None) => Action::Lease(entry.seen()),
        (None, Trouble::None) => Action::Lease(Seen::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry with a hundred seconds left, of which ten are its margin.
    const ENTRY: EntryView = EntryView {
        generation: Generation(7),
        is_token: true,
        relation: Relation::Different,
        is_new: false,
        remaining: Duration::from_secs(100),
        margin: Duration::from_secs(10),
    };

    #[test]
    fn every_situation_has_one_action() {
        const REMOVE: Action = Action::Lease(Seen::Rejected(Generation(7)));
        const REPLACE: Action = Action::Lease(Seen::Entry(Generation(7)));

        let replaced = EntryView { relation: Relation::Replaced, ..ENTRY };
        let rejected = EntryView { relation: Relation::Rejected, ..ENTRY };
        let left = |seconds| EntryView { remaining: Duration::from_secs(seconds), ..ENTRY };
        let new = |entry| EntryView { is_new: true, ..entry };
        // The action without trouble, and whether the entry is of use if there is trouble.
        for (case, entry, action, in_need) in [
            ("nothing", None, Action::Lease(Seen::Nothing), false),
            ("a token", Some(ENTRY), Action::Take, true),
            ("a new token", Some(new(ENTRY)), Action::Take, true),
            ("just outside its margin", Some(left(11)), Action::Take, true),
            ("at its margin", Some(left(10)), REPLACE, true),
            ("in its margin", Some(left(1)), REPLACE, true),
            ("expired", Some(left(0)), REPLACE, false),
            ("the token to replace", Some(replaced), REPLACE, false),
            ("the rejected token", Some(rejected), REMOVE, false),
            ("the token to replace, issued again", Some(new(replaced)), Action::Take, true),
            ("the rejected token, issued again", Some(new(rejected)), Action::Take, true),
            ("no token", Some(EntryView { is_token: false, ..ENTRY }), REMOVE, false),
            ("nothing that opens, new", Some(EntryView { is_token: false, ..new(ENTRY) }), REMOVE, false),
        ] {
            let entry = entry.as_ref();
            assert_eq!(decide(entry, Trouble::None), action, "{case}");
            let is_taken = action == Action::Take;
            for (trouble, otherwise) in [(Trouble::Unknown, Action::AskForTrouble), (Trouble::Known, Action::Fail)] {
                assert_eq!(decide(entry, trouble), if is_taken { Action::Take } else { otherwise }, "{case}");
            }
            assert_eq!(entry.is_some_and(EntryView::is_usable_in_need), in_need, "{case}");
        }
    }
}
