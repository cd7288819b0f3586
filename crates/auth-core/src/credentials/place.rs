//! Files and environment variables that hold a secret, and what can be wrong with them.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::credentials::invisible::CodePoint;

/// Where a secret is stored outside the program.
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
    /// The file cannot be opened, because the process or the system has reached its limit of open files.
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

/// True if too many files are open; `io::ErrorKind` has no variant for this.
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
