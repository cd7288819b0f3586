//! The access tokens that a provider has issued.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::jwt::Period;

/// Number of issued tokens that are remembered for reports.
const REMEMBERED: usize = 1000;

#[derive(Default)]
pub(crate) struct Tokens {
    /// Ids of the tokens that are not revoked.
    live: HashSet<String>,
    /// The last token of each scope.
    last: HashMap<String, String>,
    /// The last issued tokens, the oldest first.
    issued: VecDeque<Issued>,
}

/// An issued token, without the token itself.
#[derive(Clone)]
pub(crate) struct Issued {
    /// Its claim `jti`.
    pub(crate) id: String,
    pub(crate) scope: String,
    pub(crate) period: Period,
    /// Its lifetime in seconds, as announced by `expires_in`.
    pub(crate) lifetime: u64,
}

impl Tokens {
    pub(crate) fn keep(&mut self, issued: Issued, token: &str) {
        self.live.insert(issued.id.clone());
        self.last.insert(issued.scope.clone(), token.to_owned());
        if self.issued.len() == REMEMBERED {
            self.issued.pop_front();
        }
        self.issued.push_back(issued);
    }

    /// The last token of a scope, revoked or not.
    pub(crate) fn last(&self, scope: &str) -> Option<String> {
        self.last.get(scope).cloned()
    }

    pub(crate) fn is_live(&self, id: &str) -> bool {
        self.live.contains(id)
    }

    /// True if a token with this id was issued, unless it is too long ago.
    pub(crate) fn is_known(&self, id: &str) -> bool {
        self.is_live(id) || self.issued.iter().any(|issued| issued.id == id)
    }

    /// Revokes a token; false if it was revoked already or is unknown.
    pub(crate) fn revoke(&mut self, id: &str) -> bool {
        self.live.remove(id)
    }

    pub(crate) fn revoke_all(&mut self) {
        self.live.clear();
    }

    /// The last issued tokens, the oldest first; true if a token is not revoked.
    pub(crate) fn issued(&self) -> Vec<(Issued, bool)> {
        self.issued.iter().map(|issued| (issued.clone(), self.is_live(&issued.id))).collect()
    }
}
