//! The secret in the content of a file or of an environment variable.

use auth_transport::Secret;

use crate::credentials::error::CredentialError;
use crate::credentials::invisible::first_invisible;
use crate::credentials::place::SecretProblem;
use crate::credentials::values::check;

/// Size in bytes of the largest content that is read.
pub(crate) const LONGEST: usize = 64 * 1024;

/// The byte order mark that some editors write at the beginning of UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Which characters the content may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// One line of visible characters and spaces.
    Line,
    /// Several lines of them.
    Lines,
}

/// Extracts the secret from the content of a file or variable.
pub(crate) fn secret(content: &[u8], kind: Content) -> Result<Secret, SecretProblem> {
    if content.len() > LONGEST {
        return Err(SecretProblem::TooLong);
    }
    let text = std::str::from_utf8(content).map_err(|_| SecretProblem::NotUtf8)?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if kind == Content::Lines {
        return lines(line);
    }
    match check("secret", line) {
        Ok(()) => Ok(Secret::from(line)),
        Err(CredentialError::Character { character, position, .. }) => {
            Err(SecretProblem::Character { character, position })
        }
        Err(_) => Err(SecretProblem::Empty),
    }
}

/// Accepts a secret that may hold line breaks, which programs write as LF or as CR LF.
fn lines(text: &str) -> Result<Secret, SecretProblem> {
    let mut before = 0;
    for line in text.split('\n') {
        let shown = line.strip_suffix('\r').unwrap_or(line);
        if let Some((character, position)) = first_invisible(shown) {
            return Err(SecretProblem::Character { character, position: before + position });
        }
        before += line.chars().count() + 1;
    }
    if text.trim().is_empty() { Err(SecretProblem::Empty) } else { Ok(Secret::from(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_and_one_line_break_are_not_part_of_a_secret() {
        for content in ["secret", "secret\n", "secret\r\n", "\u{feff}secret", "\u{feff}secret\r\n"] {
            assert_eq!(secret(content.as_bytes(), Content::Line).unwrap().expose(), "secret", "{content:?}");
        }
        let longest = "s".repeat(LONGEST);
        assert_eq!(secret(longest.as_bytes(), Content::Line).unwrap().expose(), longest);
    }

    #[test]
    fn spaces_are_part_of_a_secret_wherever_they_are() {
        for content in ["two words", " secret", "secret ", " se  cret \n"] {
            let wanted = content.trim_end_matches('\n');
            assert_eq!(secret(content.as_bytes(), Content::Line).unwrap().expose(), wanted, "{content:?}");
        }
    }

    #[test]
    fn content_that_is_not_a_secret_is_refused_by_kind() {
        let too_long = "s".repeat(LONGEST + 1);
        let character = |character, position| SecretProblem::Character { character, position };
        for (content, problem) in [
            (&b""[..], SecretProblem::Empty),
            (b"\n", SecretProblem::Empty),
            (b"\r\n", SecretProblem::Empty),
            (b"  \n", SecretProblem::Empty),
            ("\u{feff}\n".as_bytes(), SecretProblem::Empty),
            (b"\n\n", character('\n', 1)),
            (b"secret\n\n", character('\n', 7)),
            (b"secret\r", character('\r', 7)),
            (b"two\tparts", character('\t', 4)),
            (b"secret\0", character('\0', 7)),
            ("\u{feff}\u{feff}secret".as_bytes(), character('\u{feff}', 1)),
            ("s\u{e9}c\u{200b}ret".as_bytes(), character('\u{200b}', 4)),
            (b"\xff\xfes\0", SecretProblem::NotUtf8),
            (too_long.as_bytes(), SecretProblem::TooLong),
        ] {
            assert_eq!(secret(content, Content::Line).unwrap_err(), problem, "{:?}", content.get(..8));
        }
    }

    #[test]
    fn a_secret_of_several_lines_is_kept_as_it_is() {
        for (content, wanted) in [("a\nb\n", "a\nb"), ("a\r\n\r\nb\r\n", "a\r\n\r\nb"), ("\u{feff}a", "a")] {
            assert_eq!(secret(content.as_bytes(), Content::Lines).unwrap().expose(), wanted, "{content:?}");
        }
        let character = |character, position| SecretProblem::Character { character, position };
        for (content, problem) in [
            ("", SecretProblem::Empty),
            ("\n \r\n", SecretProblem::Empty),
            ("a\rb", character('\r', 2)),
            ("a\r\nb\tc", character('\t', 5)),
        ] {
            assert_eq!(secret(content.as_bytes(), Content::Lines).unwrap_err(), problem, "{content:?}");
        }
    }
}
