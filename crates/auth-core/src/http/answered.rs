//! Tells whether an answer belongs to the request that carried a token.

use url::{Position, Url};

/// True if the address that answered is the one that was asked, that is, if no redirect to another address was followed.
///
/// HTTP clients drop the token on a redirect to another origin, keep it off when the next redirect leads back, and report neither.
/// So only an answer to the request itself says something about its token. A redirect that leads back to the very same address
/// cannot be recognized.
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
