//! Scopes that the server forbids without saying why.

use std::collections::VecDeque;

use crate::token::scope::Scope;

/// So many scopes are remembered.
const MOST: usize = 64;

/// The scopes for which a request ended with a 403 without a code.
///
/// One alone may be about its scope. A second scope that gets the same while no request succeeds points to the credentials.
#[derive(Default)]
pub(crate) struct Forbidden {
    /// Forbidden since the server accepted the credentials last.
    suspected: Vec<Scope>,
    /// Forbidden while the server accepted the credentials for others, the latest last.
    known: VecDeque<Scope>,
}

impl Forbidden {
    /// Records a 403 for `scope`. True if the credentials are the likely cause and not the scope.
    pub(crate) fn add(&mut self, scope: &Scope) -> bool {
        if self.known.contains(scope) {
            return false;
        }
        if self.suspected.len() < MOST && !self.suspected.contains(scope) {
            self.suspected.push(scope.clone());
        }
        self.suspected.len() > 1
    }

    /// True if a 403 for `scope` was recorded since the server accepted the credentials last.
    pub(crate) fn suspects(&self, scope: &Scope) -> bool {
        self.suspected.contains(scope)
    }

    /// Records that the server accepted the credentials for `scope`: whatever it forbade before was about the scopes.
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
    fn the_second_scope_in_a_row_points_to_the_credentials() {
        /// Scopes in order, a capital letter for one that is forbidden, and what the last says of the credentials.
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
    fn what_is_remembered_is_bounded() {
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
