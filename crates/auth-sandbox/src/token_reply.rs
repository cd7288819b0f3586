use std::{fmt, time::Duration};

use serde::{Serialize, Serializer};
use serde_json::Value;

/// The provider's normal response with changes: a genuine, signed token in an unusual JSON object.
///
/// The request is checked as usual; a request that breaks a rule is refused without these changes.
#[derive(Clone, Default)]
pub struct TokenReply {
    pub(crate) lifetime: Option<Duration>,
    pub(crate) repeats: bool,
    members: Vec<(String, Option<Value>)>,
}

impl TokenReply {
    /// The normal response, without changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the lifetime of this token, in whole seconds, in `expires_in` and in the signed claims.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Returns the token that was last issued for the scope, if there is one, even if it has been revoked.
    #[must_use]
    pub fn repeat_last(mut self) -> Self {
        self.repeats = true;
        self
    }

    /// Sets a member of the JSON response; the token and its claims are unchanged.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.push((name.to_owned(), Some(value.into())));
        self
    }

    /// Omits a member of the JSON response.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.members.push((name.to_owned(), None));
        self
    }

    /// The names of the members that are set.
    pub(crate) fn set_members(&self) -> impl Iterator<Item = &str> {
        self.members.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name.as_str())
    }

    /// The names of the members that are omitted.
    pub(crate) fn omitted_members(&self) -> impl Iterator<Item = &str> {
        self.members.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name.as_str())
    }

    /// Applies the changes to a response.
    pub(crate) fn apply(&self, answer: &mut Members) {
        for (name, value) in &self.members {
            answer.set(name, value.clone());
        }
    }
}

impl fmt::Debug for TokenReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members: Vec<&str> = self.members.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("TokenReply")
            .field("lifetime", &self.lifetime)
            .field("repeats", &self.repeats)
            .field("members", &members)
            .finish()
    }
}

/// The members of a JSON object in the order in which the vendor documents them.
pub(crate) struct Members(Vec<(String, Value)>);

impl Members {
    pub(crate) fn new<const N: usize>(members: [(&str, Value); N]) -> Self {
        Self(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Sets a member, or removes it.
    pub(crate) fn set(&mut self, name: &str, value: Option<Value>) {
        let place = self.0.iter().position(|(member, _)| member == name);
        match (place, value) {
            (Some(at), Some(value)) => self.0[at].1 = value,
            (Some(at), None) => drop(self.0.remove(at)),
            (None, Some(value)) => self.0.push((name.to_owned(), value)),
            (None, None) => {}
        }
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
