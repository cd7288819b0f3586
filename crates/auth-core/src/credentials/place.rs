//! Files and environment variables that hold a secret, and what can be wrong with them.

use std::fmt;
use std::io;
use std::path::PathBuf;

use auth_transport::Secret;

use crate::credentials::invisible::CodePoint;
use crate::credentials::values::CredentialError;
use crate::credentials::values::check;

/// Size in bytes of the largest content that is read.
pub(crate) const LONGEST: usize = 64 * 1024;

/// The byte order mark that some editors write at the beginning of UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The secret in the content of a place.
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

/// The place of a secret outside the program.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretPlace {
    /// The file at this path.
    File(PathBuf),
    /// The environment variable of this name.
    Variable(String),
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "file {path:?}"),
            Self::Variable(name) => write!(formatter, "environment variable {name:?}"),
        }
    }
}

/// Why a file or an environment variable does not provide a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretProblem {
    /// The file does not exist, or the variable is not set.
    Missing,
    /// The path names a directory.
    Directory,
    /// The path names neither a regular file nor a directory.
    NotAFile,
    /// The file cannot be read.
    Unreadable(io::ErrorKind),
    /// The file cannot be opened, because the process, or the system, has as many files open as it may have.
    TooManyOpenFiles,
    /// The group of the file or every user of the system may write to it (Unix).
    WritableByOthers {
        /// The permissions of the file.
        mode: u32,
    },
    /// Every user of the system may read the file (Unix), and
    /// [`SecretFile::permit_readable_by_others`](crate::SecretFile::permit_readable_by_others) does not permit it.
    ReadableByOthers {
        /// The permissions of the file.
        mode: u32,
    },
    /// The content is larger than 64 KiB.
    TooLong,
    /// The content is not UTF-8.
    NotUtf8,
    /// The content is empty or consists of spaces only.
    Empty,
    /// The content holds an invisible character other than a space and a line break at the end.
    Character {
        /// The first such character.
        character: char,
        /// Its position in characters, from 1. A byte order mark at the beginning does not count.
        position: usize,
    },
}

impl From<io::Error> for SecretProblem {
    fn from(error: io::Error) -> Self {
        if is_exhaustion(&error) {
            return Self::TooManyOpenFiles;
        }
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::IsADirectory => Self::Directory,
            kind => Self::Unreadable(kind),
        }
    }
}

/// Whether there are too many open files, which `io::ErrorKind` has no name for.
fn is_exhaustion(error: &io::Error) -> bool {
    #[cfg(unix)]
    let codes = [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE].map(rustix::io::Errno::raw_os_error);
    // ERROR_TOO_MANY_OPEN_FILES
    #[cfg(not(unix))]
    let codes = [4];
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

impl fmt::Display for SecretProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("is missing"),
            Self::Directory => formatter.write_str("is a directory"),
            Self::NotAFile => formatter.write_str("is not a regular file"),
            Self::Unreadable(kind) => write!(formatter, "cannot be read: {kind}"),
            Self::TooManyOpenFiles => formatter.write_str(
                "cannot be opened: too many open files; raise the limit of the process (`ulimit -n`), or close files and \
                 connections that are no longer needed",
            ),
            Self::WritableByOthers { mode } => {
                write!(formatter, "is writable by other users (mode {mode:04o}); run `chmod go-w` on it")
            }
            Self::ReadableByOthers { mode } => write!(
                formatter,
                "is readable by every user (mode {mode:04o}); run `chmod o-r` on it, or call `permit_readable_by_others`"
            ),
            Self::TooLong => formatter.write_str("is larger than 64 KiB"),
            Self::NotUtf8 => formatter.write_str("is not UTF-8"),
            Self::Empty => formatter.write_str("is empty or holds spaces only"),
            Self::Character { character, position } => {
                write!(formatter, "holds {} at position {position}; remove it", CodePoint(*character))
            }
        }
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
