//! Path parameters that stay within their segment.

use percent_encoding::utf8_percent_encode;

use crate::basic::RESERVED;
use crate::refusal::NO_SEGMENT;

/// Encodes a text as one segment of a path: everything except the unreserved characters of RFC 3986 is percent-encoded.
///
/// Generated methods call it for each path parameter.
///
/// # Errors
/// An invalid request if the text is empty, `.` or `..`: URL parsers or the server would resolve it as a path step, and the
/// request would reach another resource.
#[allow(clippy::result_large_err, reason = "generated methods return the generator's own error")]
pub fn path_segment<E>(text: &str) -> Result<String, progenitor_client::Error<E>> {
    if matches!(text, "" | "." | "..") {
        return Err(progenitor_client::Error::InvalidRequest(NO_SEGMENT.to_owned()));
    }
    Ok(utf8_percent_encode(text, RESERVED).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_inside_of_its_segment() {
        for (text, segment) in [
            ("a-1._~", "a-1._~"),
            ("../accounts", "..%2Faccounts"),
            ("a/b?c#d", "a%2Fb%3Fc%23d"),
            ("..\\x", "..%5Cx"),
            ("%2e%2e", "%252e%252e"),
            ("ä b", "%C3%A4%20b"),
            ("...", "..."),
        ] {
            assert_eq!(path_segment::<()>(text).unwrap(), segment);
            let url = url::Url::parse(&format!("https://a.example/v1/{segment}/x")).unwrap();
            assert_eq!(url.path(), format!("/v1/{segment}/x"));
        }
    }

    #[test]
    fn a_text_that_no_segment_can_be_is_refused() {
        for text in ["", ".", ".."] {
            assert!(path_segment::<()>(text).is_err(), "{text:?}");
        }
    }
}
