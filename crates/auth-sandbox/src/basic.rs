//! HTTP Basic in the form that RFC 6749 §2.3.1 requires of OAuth clients.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::form;

/// User and password of an `Authorization` value: base64, split at the first colon, each part form-urldecoded.
///
/// `None` for any other scheme or form.
pub(crate) fn decode(authorization: &[u8]) -> Option<(String, String)> {
    let text = std::str::from_utf8(authorization).ok()?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = STANDARD.decode(encoded).ok()?;
    let colon = pair.iter().position(|&byte| byte == b':')?;
    Some((form::decode(&pair[..colon])?, form::decode(&pair[colon + 1..])?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(pair: &str) -> Vec<u8> {
        format!("Basic {}", STANDARD.encode(pair)).into_bytes()
    }

    #[test]
    fn each_half_is_form_urldecoded() {
        let expected = Some(("a:b".to_owned(), "c d:+%".to_owned()));
        assert_eq!(decode(&header("a%3Ab:c%20d:%2B%25")), expected);
        assert_eq!(decode(&header("a%3ab:c+d%3A%2b%25")), expected);
    }

    #[test]
    fn the_scheme_is_case_insensitive() {
        assert_eq!(decode(b"bAsIc YTpi"), Some(("a".to_owned(), "b".to_owned())));
    }

    #[test]
    fn anything_else_is_refused() {
        for value in ["", "Basic", "Basic ", "Basic  YTpi", "Bearer YTpi", "Basic YTpi=", "Basic YTpiYw", "Basic YWI="]
        {
            assert_eq!(decode(value.as_bytes()), None, "{value}");
        }
        assert_eq!(decode(&header("a:50% off")), None);
    }
}
