//! The secret in the content of a file or of an environment variable.

use auth_transport::Secret;

use crate::credentials::error::CredentialError;
use crate::credentials::place::SecretProblem;
use crate::credentials::values::check;

/// Size in bytes of the largest content that is read.
pub(crate) const LONGEST: usize = 64 * 1024;

/// The byte order mark that some editors write at the beginning of UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Extracts the secret from the content of a file or variable.
pub(crate) fn secret(content: &[u8]) -> Result<Secret, SecretProblem> {
    if content.len() > LONGEST {
        return Err(SecretProblem::TooLong);
    }
    let text = std::str::from_utf8(content).map_err(|_| SecretProblem::NotUtf8)?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    match check("secret", line) {
        Ok(()) => Ok(Secret::from(line)),
        Err(CredentialError::Character { character, position, .. }) => {
            Err(SecretProblem::Character { character, position })
        }
        Err(_) => Err(SecretProblem::Empty),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_and_one_line_break_are_not_part_of_a_secret() {
        for content in ["secret", "secret\n", "secret\r\n", "\u{feff}secret", "\u{feff}secret\r\n"] {
            assert_eq!(secret(content.as_bytes()).unwrap().expose(), "secret", "{content:?}");
        }
        let longest = "s".repeat(LONGEST);
        assert_eq!(secret(longest.as_bytes()).unwrap().expose(), longest);
    }

    #[test]
    fn spaces_are_part_of_a_secret_wherever_they_are() {
        for content in ["two words", " secret", "secret ", " se  cret \n"] {
            let wanted = content.trim_end_matches('\n');
            assert_eq!(secret(content.as_bytes()).unwrap().expose(), wanted, "{content:?}");
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
            assert_eq!(secret(content).unwrap_err(), problem, "{:?}", content.get(..8));
        }
    }
}
