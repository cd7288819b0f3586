//! Checks whether a response belongs to the request that carried a token.

use url::{Position, Url};

/// True if the response comes from the requested address, so that no redirect to another address was followed.
///
/// HTTP clients remove the token on a redirect to another origin, do not add it again if the next redirect leads back,
/// and report neither. Therefore only a response to the request itself is evidence about its token. A redirect to the
/// same address cannot be detected.
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
