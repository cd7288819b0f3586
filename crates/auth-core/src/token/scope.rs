//! The scope of a token, a set of scope tokens.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::{self, FromStr};

use triomphe::ThinArc;

/// A set of scope tokens (RFC 6749 section 3.3).
///
/// Order and repetition do not matter: `a b`, `b a` and `a b a` are equal. Upper and lower case differ. Cloning is
/// cheap.
///
/// ```
/// use auth_core::Scope;
///
/// let scope: Scope = "write read write".parse()?;
/// assert_eq!(scope, "read write".parse()?);
/// assert_eq!(scope.as_str(), "read write");
/// # Ok::<(), auth_core::ScopeError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Scope(ThinArc<(), u8>);

impl Scope {
    /// The scope of a request without one, as for SAP LeanIX.
    #[must_use]
    pub fn empty() -> Self {
        Self::of("")
    }

    /// A scope of one valid token.
    #[cfg(feature = "lean")]
    pub(crate) fn token(token: &str) -> Self {
        Self::of(token)
    }

    fn of(tokens: &str) -> Self {
        Self(ThinArc::from_header_and_slice((), tokens.as_bytes()))
    }

    /// The scope as it is sent: its sorted tokens, separated by single spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The bytes are ASCII.
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0.slice
    }

    /// True if it holds no token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// The scope tokens, sorted.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.as_str().split(' ').filter(|token| !token.is_empty())
    }

    /// True if this scope holds every token of `other`.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.tokens().all(|token| self.tokens().any(|own| own == token))
    }

    /// The tokens that are not in `other`.
    pub(crate) fn without(&self, other: &Self) -> Self {
        let missing: Vec<&str> = self.tokens().filter(|token| !other.tokens().any(|other| other == *token)).collect();
        Self::of(&missing.join(" "))
    }
}

impl Ord for Scope {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl PartialOrd for Scope {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Scope {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl Default for Scope {
    fn default() -> Self {
        Self::empty()
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    /// Parses scope tokens separated by spaces.
    ///
    /// # Errors
    /// [`ScopeError`] for a character that RFC 6749 section 3.3 does not allow.
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let allowed = |byte: u8| matches!(byte, b' ' | 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        if let Some(position) = text.bytes().position(|byte| !allowed(byte)) {
            return Err(ScopeError { position });
        }
        let mut tokens: Vec<&str> = text.split(' ').filter(|token| !token.is_empty()).collect();
        tokens.sort_unstable();
        tokens.dedup();
        Ok(Self::of(&tokens.join(" ")))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Scope").field(&self.as_str()).finish()
    }
}

/// The text is not a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("scope: the character at byte {position} is not allowed by RFC 6749 section 3.3")]
pub struct ScopeError {
    position: usize,
}

impl ScopeError {
    /// Byte offset of the first character that is not allowed, from 0.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_repetition_and_spacing_do_not_make_another_scope() {
        let scope: Scope = "b a".parse().unwrap();
        for text in ["a b", "b a", "a b a", "  a   b "] {
            assert_eq!(text.parse::<Scope>().unwrap(), scope, "{text:?}");
        }
        assert_ne!("A b".parse::<Scope>().unwrap(), scope, "the case of letters counts");
        assert_eq!("".parse::<Scope>().unwrap(), Scope::empty());
        assert_eq!("  ".parse::<Scope>().unwrap(), Scope::empty());
    }

    #[test]
    fn characters_outside_the_grammar_are_refused_by_position() {
        for (text, position) in [("a\"", 1), ("\\", 0), ("a\tb", 1), ("a\n", 1), ("\u{e9}", 0), ("a\u{7f}", 1)] {
            assert_eq!(text.parse::<Scope>(), Err(ScopeError { position }), "{text:?}");
        }
    }

    #[test]
    fn containing_is_by_whole_tokens() {
        let scope: Scope = "read write".parse().unwrap();
        assert!(scope.contains(&Scope::empty()));
        assert!(scope.contains(&"write".parse().unwrap()));
        assert!(!scope.contains(&"writ".parse().unwrap()));
        assert!(!scope.contains(&"read admin".parse().unwrap()));
        assert_eq!(scope.without(&"read admin".parse().unwrap()).as_str(), "write");
    }
}
