//! The parts of a request that may be logged.

use http::Method;
use percent_encoding::percent_decode_str;

/// Longest method that is shown.
const LONGEST_METHOD: usize = 16;
/// Longest segment of a path that is shown: a UUID. Tokens are longer.
const LONGEST_SEGMENT: usize = 36;
/// Longest path that is shown.
const LONGEST_PATH: usize = 200;
/// Longest word of a value that is shown: a scope that is a URL. Tokens are longer.
const LONGEST_WORD: usize = 100;
/// Longest value that is shown.
const LONGEST_VALUE: usize = 300;
/// Longest name of a parameter that is shown.
const LONGEST_NAME: usize = 32;

/// A method; the parser accepts only ASCII without control characters (RFC 9110 section 9.1).
pub(crate) fn method(method: &Method) -> String {
    if method.as_str().len() > LONGEST_METHOD { "?".to_owned() } else { method.to_string() }
}

/// A path with `...` in place of segments that may be secret and `?` in place of bytes that are not printable ASCII.
pub(crate) fn path(path: &str, secrets: &[&str]) -> String {
    let segments: Vec<&str> =
        path.split('/').map(|segment| if is_harmless(segment, secrets) { segment } else { "..." }).collect();
    let joined = segments.join("/");
    let shown = joined.bytes().map(|byte| if byte.is_ascii_graphic() { char::from(byte) } else { '?' });
    shortened(shown.collect(), LONGEST_PATH)
}

/// The value of a parameter that holds no secret, such as a scope, with `...` in place of words that may be secret after
/// all, and `?` in place of characters that are not printable ASCII.
pub(crate) fn value(value: &str, secrets: &[&str]) -> String {
    if secrets.iter().any(|secret| value.contains(secret)) {
        return "...".to_owned();
    }
    let words: Vec<&str> = value.split(' ').map(|word| if word.len() > LONGEST_WORD { "..." } else { word }).collect();
    let shown = words.join(" ").chars().map(|char| if matches!(char, ' '..='~') { char } else { '?' }).collect();
    shortened(shown, LONGEST_VALUE)
}

/// The name of a parameter; `...` unless it consists of lower-case letters and `_`, as secrets do not.
pub(crate) fn name(name: &str) -> String {
    let harmless = name.len() <= LONGEST_NAME && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if harmless { name.to_owned() } else { "...".to_owned() }
}

/// At most the first `limit` characters of a text in ASCII.
fn shortened(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        text.truncate(limit);
        text.push_str("...");
    }
    text
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
    fn a_value_is_shown_without_secrets_and_control_characters() {
        for (sent, redacted) in [
            ("", ""),
            ("api customer.a1b2c3d4-e5f6-7890-abcd-ef0123456789", "api customer.a1b2c3d4-e5f6-7890-abcd-ef0123456789"),
            ("https://graph.example/.default", "https://graph.example/.default"),
            ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
            ("a\u{1b}[31m\u{202e}\u{e4}\n", "a?[31m???"),
            ("api pass word", "..."),
        ] {
            assert_eq!(value(sent, &["pass word"]), redacted, "{sent:?}");
        }
        assert_eq!(value(&format!("api {} b", "e".repeat(101)), &[]), "api ... b");
        let long = "api ".repeat(100);
        assert_eq!(value(&long, &[]), format!("{}...", &long[..300]));
    }

    #[test]
    fn a_name_is_shown_if_no_secret_could_be_like_it() {
        for (sent, redacted) in [
            ("grant_type", "grant_type"),
            ("audience", "audience"),
            ("", ""),
            ("Secret", "..."),
            ("s3cret", "..."),
            ("a b", "..."),
            ("\u{e4}", "..."),
        ] {
            assert_eq!(name(sent), redacted, "{sent}");
        }
        assert_eq!(name(&"e".repeat(33)), "...");
    }

    #[test]
    fn a_method_is_shown_unless_it_is_long() {
        assert_eq!(method(&Method::OPTIONS), "OPTIONS");
        assert_eq!(method(&Method::from_bytes(&[b'A'; 17]).unwrap()), "?");
    }
}
