//! Whether an answer is one to the request that carried a token.

use url::{Position, Url};

/// True if `answered` is the address that was asked, so that no redirect was followed to another.
///
/// HTTP clients drop a token on the way to another origin and do not say whether they did, not even when the next redirect leads
/// back. Only an answer to the request itself is therefore about its token.
pub(crate) fn is_to(asked: &Url, answered: &Url) -> bool {
    asked[..Position::AfterQuery] == answered[..Position::AfterQuery]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_shows_in_the_address_that_answered() {
        let asked = Url::parse("https://api.example.com/a?b#c").unwrap();
        for (answered, is_same) in [
            ("https://API.example.com:443/a?b", true),
            ("https://api.example.com/a?b#d", true),
            ("https://api.example.com/a", false),
            ("https://api.example.com/a?b=", false),
            ("https://api.example.com/a/?b", false),
            ("https://api.example.com:8443/a?b", false),
            ("https://evil.com/a?b", false),
        ] {
            assert_eq!(is_to(&asked, &Url::parse(answered).unwrap()), is_same, "{answered}");
        }
    }
}
