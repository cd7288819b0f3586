//! The parts of a request that may be logged.

use http::Method;
use percent_encoding::percent_decode_str;

/// Longest method that is shown.
const LONGEST_METHOD: usize = 16;
/// Longest segment of a path that is shown: a UUID. Tokens are longer.
const LONGEST_SEGMENT: usize = 36;
/// Longest path that is shown.
const LONGEST_PATH: usize = 200;

/// A method; the parser accepts only ASCII without control characters (RFC 9110 section 9.1).
pub(crate) fn method(method: &Method) -> String {
    if method.as_str().len() > LONGEST_METHOD { "?".to_owned() } else { method.to_string() }
}

/// A path with `...` in place of segments that may be secret and `?` in place of bytes that are not printable ASCII.
pub(crate) fn path(path: &str, secrets: &[&str]) -> String {
    let segments: Vec<&str> =
        path.split('/').map(|segment| if is_harmless(segment, secrets) { segment } else { "..." }).collect();
    let mut redacted: String =
        segments.join("/").bytes().map(|byte| if byte.is_ascii_graphic() { char::from(byte) } else { '?' }).collect();
    if redacted.len() > LONGEST_PATH {
        redacted.truncate(LONGEST_PATH);
        redacted.push_str("...");
    }
    redacted
}

fn is_harmless(segment: &str, secrets: &[&str]) -> bool {
    let decoded = percent_decode_str(segment).decode_utf8_lossy();
    segment.len() <= LONGEST_SEGMENT
        && !secrets.iter().any(|secret| segment.contains(secret) || decoded.contains(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_without_secrets_and_control_characters() {
        let id = "/customers/v1/a1b2c3d4-e5f6-7890-abcd-ef0123456789";
        for (sent, redacted) in [
            ("/", "/"),
            (id, id),
            ("*", "*"),
            ("/a%1b%0d%0a/b", "/a%1b%0d%0a/b"),
            ("/a\u{9b}31m\u{202e}", "/a??31m???"),
            ("/a/pass word/b", "/a/.../b"),
            ("/a/pass%20word/b", "/a/.../b"),
            ("/a/xpass%20wordx", "/a/..."),
        ] {
            assert_eq!(path(sent, &["pass word"]), redacted, "{sent:?}");
        }
        assert_eq!(path(&format!("/{}/b", "e".repeat(37)), &[]), "/.../b");
        let deep = "/abc".repeat(1000);
        assert_eq!(path(&deep, &[]), format!("{}...", &deep[..200]));
    }

    #[test]
    fn a_method_is_shown_unless_it_is_long() {
        assert_eq!(method(&Method::OPTIONS), "OPTIONS");
        assert_eq!(method(&Method::from_bytes(&[b'A'; 17]).unwrap()), "?");
    }
}
