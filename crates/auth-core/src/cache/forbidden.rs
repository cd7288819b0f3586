//! Scopes for which the server answered with a 403 that states no reason.

use std::collections::VecDeque;

use crate::token::scope::Scope;

/// Maximum number of scopes in each list.
const MOST: usize = 64;

/// Decides whether an unexplained 403 concerns its scope or the credentials.
///
/// A single one may concern its scope. If a second scope gets one and no request has succeeded in between, the likely
/// cause is the credentials.
#[derive(Default)]
pub(crate) struct Forbidden {
    /// Scopes with a 403 since the server last accepted the credentials.
    suspected: Vec<Scope>,
    /// Scopes with a 403 before that, which therefore did not concern the credentials; the most recent is last.
    known: VecDeque<Scope>,
}

impl Forbidden {
    /// Records a 403 for `scope`. Returns true if the likely cause is the credentials and not the scope.
    pub(crate) fn add(&mut self, scope: &Scope) -> bool {
        if self.known.contains(scope) {
            return false;
        }
        if self.suspected.len() < MOST && !self.suspected.contains(scope) {
            self.suspected.push(scope.clone());
        }
        self.suspected.len() > 1
    }

    /// True if a 403 for `scope` was recorded since the server last accepted the credentials.
    pub(crate) fn suspects(&self, scope: &Scope) -> bool {
        self.suspected.contains(scope)
    }

    /// Records that the server accepted the credentials for `scope`, so that every earlier 403 concerned its scope.
    pub(crate) fn accept(&mut self, scope: &Scope) {
        self.known.extend(self.suspected.drain(..));
        self.known.retain(|known| known != scope);
        self.known.drain(..self.known.len().saturating_sub(MOST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_consecutive_scope_indicates_the_credentials() {
        /// Scopes in the order of their responses, in upper case for a 403, and whether the last one indicates the
        /// credentials.
        const CASES: [(&str, bool); 13] = [
            ("A", false),
            ("AA", false),
            ("AB", true),
            ("ABA", true),
            ("ABC", true),
            ("AcB", false),
            ("AcBA", false),
            ("AcBD", true),
            ("ABcA", false),
            ("ABcAB", false),
            ("ABcD", false),
            ("AcaAB", true),
            ("AcaBcaA", false),
        ];
        for (scopes, wanted) in CASES {
            let mut forbidden = Forbidden::default();
            let mut last = false;
            for name in scopes.chars() {
                let scope: Scope = name.to_ascii_lowercase().to_string().parse().unwrap();
                if name.is_ascii_uppercase() {
                    last = forbidden.add(&scope);
                } else {
                    forbidden.accept(&scope);
                }
            }
            assert_eq!(last, wanted, "{scopes}");
        }
    }

    #[test]
    fn the_number_of_recorded_scopes_is_limited() {
        let mut forbidden = Forbidden::default();
        for number in 0..1_000 {
            forbidden.add(&format!("a{number}").parse().unwrap());
            if number % 100 == 0 {
                forbidden.accept(&Scope::empty());
            }
        }
        assert!(forbidden.suspected.len() <= MOST && forbidden.known.len() <= MOST);
    }
}
