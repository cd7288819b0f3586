//! Who may have which token.

use std::collections::BTreeMap;

use auth_core::Scope;

/// What a caller may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rights {
    /// Every profile, every scope. For the user of this process, if no callers are configured.
    All,
    /// These profiles, each with its default scope and these scopes besides.
    Profiles(BTreeMap<String, Vec<ScopePattern>>),
}

/// A scope token that a caller may have, or all that begin with a text: `customer.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ScopePattern {
    text: String,
    is_prefix: bool,
}

impl ScopePattern {
    /// Reads a pattern. `None` if it is not one scope token, perhaps followed by `*`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (prefix, is_prefix) = text.strip_suffix('*').map_or((text, false), |prefix| (prefix, true));
        let scope = prefix.parse::<Scope>().ok()?;
        let is_token = scope.as_str() == prefix && scope.tokens().count() == 1 && !prefix.contains('*');
        let is_pattern = is_token || (is_prefix && prefix.is_empty());
        is_pattern.then(|| Self { text: prefix.to_owned(), is_prefix })
    }

    fn matches(&self, token: &str) -> bool {
        if self.is_prefix { token.starts_with(&self.text) } else { token == self.text }
    }
}

impl Rights {
    /// True if the caller may use this profile at all.
    pub(super) fn include(&self, profile: &str) -> bool {
        match self {
            Self::All => true,
            Self::Profiles(profiles) => profiles.contains_key(profile),
        }
    }

    /// True if the caller may have this scope of a profile, whose default scope everybody may have who may use it.
    pub(super) fn permit(&self, profile: &str, default: &Scope, scope: &Scope) -> bool {
        match self {
            Self::All => true,
            Self::Profiles(profiles) => profiles.get(profile).is_some_and(|patterns| {
                scope == default
                    || !scope.is_empty()
                        && scope.tokens().all(|token| {
                            default.tokens().any(|own| own == token)
                                || patterns.iter().any(|pattern| pattern.matches(token))
                        })
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_one_scope_token_or_the_beginning_of_one() {
        for (text, is_pattern) in [
            ("api", true),
            ("customer.*", true),
            ("*", true),
            ("https://graph.example/.default", true),
            ("", false),
            ("a b", false),
            ("a*b", false),
            ("**", false),
            (" api", false),
            ("a\"", false),
        ] {
            assert_eq!(ScopePattern::parse(text).is_some(), is_pattern, "{text:?}");
        }
    }

    #[test]
    fn a_caller_gets_the_default_scope_and_what_its_patterns_match() {
        let scope = |text: &str| text.parse::<Scope>().unwrap();
        let rights = |patterns: &[&str]| {
            let patterns = patterns.iter().map(|text| ScopePattern::parse(text).unwrap()).collect();
            Rights::Profiles(BTreeMap::from([("lean".to_owned(), patterns)]))
        };
        for (patterns, requested, permitted) in [
            (&[][..], "api", true),
            (&[], "", false),
            (&[], "customer.1", false),
            (&[], "api customer.1", false),
            (&["customer.*"], "customer.1", true),
            (&["customer.*"], "customer.1 api", true),
            (&["customer.*"], "customer", false),
            (&["customer.*"], "customer.1 admin", false),
            (&["read"], "read", true),
            (&["read"], "reader", false),
            (&["read"], "Read", false),
            (&["*"], "admin anything", true),
            (&["*"], "", false),
        ] {
            let permit = rights(patterns).permit("lean", &scope("api"), &scope(requested));
            assert_eq!(permit, permitted, "{patterns:?} {requested:?}");
        }
        assert!(rights(&[]).permit("lean", &Scope::empty(), &Scope::empty()), "an empty default scope");
        assert!(!rights(&["*"]).permit("leanix", &Scope::empty(), &Scope::empty()), "another profile");
        assert!(Rights::All.permit("leanix", &Scope::empty(), &scope("anything")));
        assert!(rights(&[]).include("lean") && !rights(&["*"]).include("leanix") && Rights::All.include("leanix"));
    }
}
