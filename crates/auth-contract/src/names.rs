//! Names that a server chose, shown only if they look like names.

/// Longest name that is shown.
const MAX_NAME_BYTES: usize = 40;

/// The name if it is a plain word, otherwise its length: a server can put anything in place of a name, even a token.
pub(crate) fn redacted(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-' | b'~');
    let number = !name.is_empty() && name.len() <= 4 && name.bytes().all(|byte| byte.is_ascii_digit());
    let word = name.len() <= MAX_NAME_BYTES && name.bytes().all(plain);
    let camel = name.len() <= MAX_NAME_BYTES
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    if number || word || camel { name.to_owned() } else { length(name.len()) }
}

/// The placeholder for a text that is not shown.
pub(crate) fn length(bytes: usize) -> String {
    format!("<{bytes} bytes>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_shown_and_anything_else_is_a_length() {
        for name in ["", "refresh_token", "x-request-id", "workspaceId", "0", "12"] {
            assert_eq!(redacted(name), name);
        }
        for name in ["eyJhbGciOi.J9", "LXT_0a1b", "MARKERsecret", "two words", "12345", "a\u{1b}[31m"] {
            assert_eq!(redacted(name), format!("<{} bytes>", name.len()), "{name}");
        }
    }
}
