//! Searches for known secrets in everything that is shown.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::fmt;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// Number of consecutive bytes of a secret that must not appear in any form: a part of a secret is a leak as well.
pub(crate) const SHORTEST_LEAK_BYTES: usize = 8;

/// Known secrets in all forms in which they could be written: unchanged, percent-encoded, in hexadecimal, in Base64 at
/// any offset, escaped as in JSON, as a list of bytes, and in pieces with any separators. Upper and lower case are
/// equivalent.
#[derive(Clone)]
pub struct Markers {
    search: Search,
    /// For a text of letters and digits only.
    pieces: Search,
}

/// A place that shows a part of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leak {
    /// The name of the secret.
    pub name: &'static str,
    /// The form of the secret in this place.
    pub form: &'static str,
    /// The surrounding text.
    pub context: String,
}

impl Markers {
    /// Secrets with their names.
    ///
    /// # Panics
    /// If one of them is too short to be distinguished from other text.
    #[must_use]
    #[track_caller]
    pub fn new<S: AsRef<[u8]>>(secrets: impl IntoIterator<Item = (&'static str, S)>) -> Self {
        let (mut whole, mut pieces) = (Vec::new(), Vec::new());
        for (name, secret) in secrets {
            let secret = secret.as_ref();
            assert!(secret.len() >= 2 * SHORTEST_LEAK_BYTES, "{name} is too short");
            whole.extend(forms(secret).into_iter().map(|(form, text)| (name, form, text)));
            let letters: Vec<u8> = secret.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
            pieces.extend(letters.windows(SHORTEST_LEAK_BYTES).map(|part| (name, "pieces", part.to_vec())));
        }
        Self { search: Search::new(whole), pieces: Search::new(pieces) }
    }

    /// The first place in a text that shows a part of a secret.
    #[must_use]
    pub fn find_in(&self, text: &str) -> Option<Leak> {
        // Pretty `Debug` writes each byte of a list on a separate line.
        let compact: String = text.split_whitespace().collect();
        let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        self.search.find_in(text).or_else(|| self.search.find_in(&compact)).or_else(|| self.pieces.find_in(&letters))
    }
}

/// One search for many patterns.
#[derive(Clone)]
struct Search {
    automaton: AhoCorasick,
    /// Name and form of each pattern.
    patterns: Vec<(&'static str, &'static str)>,
}

impl Search {
    fn new(patterns: Vec<(&'static str, &'static str, Vec<u8>)>) -> Self {
        let (patterns, texts): (Vec<_>, Vec<_>) =
            patterns.into_iter().map(|(name, form, text)| ((name, form), text)).unzip();
        Self { automaton: AhoCorasick::builder().ascii_case_insensitive(true).build(texts).unwrap(), patterns }
    }

    fn find_in(&self, text: &str) -> Option<Leak> {
        let found = self.automaton.find(text)?;
        let (name, form) = self.patterns[found.pattern().as_usize()];
        let (start, end) = (found.start().saturating_sub(80), (found.end() + 80).min(text.len()));
        let context = String::from_utf8_lossy(&text.as_bytes()[start..end]).into_owned();
        Some(Leak { name, form, context })
    }
}

impl fmt::Debug for Markers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Markers").field("patterns", &self.search.patterns.len()).finish_non_exhaustive()
    }
}

impl fmt::Display for Leak {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} as {} in {:?}", self.name, self.form, self.context)
    }
}

/// Every part of a secret in every form.
fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = Vec::new();
    for part in secret.windows(SHORTEST_LEAK_BYTES) {
        let each = |write: fn(u8) -> String| part.iter().copied().map(write).collect::<Vec<_>>();
        forms.push(("itself", part.to_vec()));
        forms.push(("hexadecimal", each(|byte| format!("{byte:02x}")).concat().into_bytes()));
        forms.push(("hexadecimal with spaces", each(|byte| format!("{byte:02x}")).join(" ").into_bytes()));
        forms.push(("percent-encoding", each(|byte| format!("%{byte:02x}")).concat().into_bytes()));
        forms.push(("escapes of JSON", each(|byte| format!("\\u{byte:04x}")).concat().into_bytes()));
        forms.push(("a list of bytes", each(|byte| byte.to_string()).join(", ").into_bytes()));
        forms.push(("a list of bytes without spaces", each(|byte| byte.to_string()).join(",").into_bytes()));
    }
    // The part of the Base64 form that does not depend on the surrounding bytes.
    for before in 0..3 {
        let padded = [vec![0; before], secret.to_vec()].concat();
        let whole = &padded[..padded.len() / 3 * 3];
        let first = if before == 0 { 0 } else { 4 };
        for (form, encoded) in [("Base64", STANDARD.encode(whole)), ("base64url", URL_SAFE.encode(whole))] {
            forms.extend(
                encoded.as_bytes()[first..].windows(SHORTEST_LEAK_BYTES / 3 * 4 + 4).map(|part| (form, part.to_vec())),
            );
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "MARKER/7q2Zx+V9kLmW4~tB8d";

    fn markers() -> Markers {
        Markers::new([("the secret", SECRET)])
    }

    #[test]
    fn a_secret_is_found_in_every_form() {
        let bytes = SECRET.as_bytes();
        let each = |write: fn(&u8) -> String| bytes.iter().map(write).collect::<String>();
        for (form, text) in [
            ("itself", format!("client_secret={SECRET}&a=b")),
            ("itself", SECRET.to_ascii_lowercase()),
            ("hexadecimal", each(|byte| format!("{byte:02X}"))),
            ("percent-encoding", each(|byte| format!("%{byte:02X}"))),
            ("escapes of JSON", each(|byte| format!("\\u{byte:04x}"))),
            ("a list of bytes", format!("{bytes:?}")),
            ("a list of bytes without spaces", format!("{bytes:#?}")),
            ("pieces", "mar_ker.7q-2z".to_owned()),
            ("pieces", each(|byte| format!("{}-", char::from(*byte)))),
        ] {
            assert_eq!(markers().find_in(&text).unwrap().form, form, "{text}");
        }
        for before in ["", "a", "ab", "abc", "apitoken:"] {
            let text = STANDARD.encode(format!("{before}{SECRET}xyz"));
            assert_eq!(markers().find_in(&text).unwrap().form, "Base64", "{before}");
            let text = URL_SAFE.encode(format!("{before}{SECRET}xyz"));
            assert!(markers().find_in(&text).is_some(), "{before}");
        }
    }

    #[test]
    fn a_part_is_found_and_something_else_is_not() {
        for start in 0..SECRET.len() - SHORTEST_LEAK_BYTES {
            let leak = markers().find_in(&format!("a {} b", &SECRET[start..start + SHORTEST_LEAK_BYTES])).unwrap();
            assert_eq!((leak.name, leak.context.starts_with("a ")), ("the secret", true));
        }
        for text in ["", "client_secret", "MARKER", "Secret(..)", &SECRET[..SHORTEST_LEAK_BYTES - 1], &"4d".repeat(100)]
        {
            assert_eq!(markers().find_in(text), None, "{text}");
        }
    }
}
