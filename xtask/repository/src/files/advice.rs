//! Remedies for files that cannot be read or written.

use std::fs;
use std::io::{self, ErrorKind, Read as _, Write};
use std::path::Path;

use diagnostics::{Problem, Result};

/// The largest document that is read; the largest known one has 12 MB.
pub const MAX_DOCUMENT_BYTES: u64 = 64 << 20;

/// The attempted access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading a file or a folder.
    Read,
    /// Creating, replacing or removing a file or a folder.
    Write,
}

/// Creates the problem for a file that cannot be read; `what` describes the file, `name` is its name in the message.
pub fn cannot_read(what: &str, name: impl Into<String>, error: &io::Error) -> Problem {
    Problem::new(format!("cannot read {what}: {error}")).file(name).remedy(advice(Access::Read, error))
}

/// Creates the problem for a file that cannot be written; the arguments are those of [`cannot_read`].
pub fn cannot_write(what: &str, name: impl Into<String>, error: &io::Error) -> Problem {
    Problem::new(format!("cannot write {what}: {error}")).file(name).remedy(advice(Access::Write, error))
}

/// Prints a text.
///
/// # Errors
///
/// Fails if the text cannot be written to standard output.
pub fn print(out: &mut dyn Write, text: &str) -> Result<()> {
    Ok(out.write_all(text.as_bytes()).map_err(|error| cannot_print(&error))?)
}

/// Creates the problem for a text that cannot be written to standard output.
pub fn cannot_print(error: &io::Error) -> Problem {
    let remedy = match error.kind() {
        ErrorKind::BrokenPipe => "make the program that reads the output read all of it",
        _ => advice(Access::Write, error),
    };
    Problem::new(format!("cannot write to standard output: {error}")).remedy(remedy)
}

/// Reads a text.
///
/// # Errors
///
/// Fails if the file cannot be read or is not UTF-8 text.
pub fn read_text(path: &Path, what: &str, name: &str) -> Result<String> {
    let bytes = fs::read(path).map_err(|error| cannot_read(what, name, &error))?;
    Ok(decode(bytes, what, name)?)
}

/// Reads the bytes of a document up to a limit: the file that a user names may be endless.
///
/// # Errors
///
/// Fails if they cannot be read or exceed [`MAX_DOCUMENT_BYTES`].
pub fn read_limited(from: impl io::Read, what: &str, name: &str) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    from.take(MAX_DOCUMENT_BYTES + 1).read_to_end(&mut bytes).map_err(|error| cannot_read(what, name, &error))?;
    if bytes.len() as u64 > MAX_DOCUMENT_BYTES {
        let message = format!("cannot read {what}: it is larger than {} MiB", MAX_DOCUMENT_BYTES >> 20);
        return Err(Problem::new(message)
            .file(name)
            .remedy("name another file if this is not a document, or split the document"));
    }
    Ok(bytes)
}

/// Decodes bytes as UTF-8.
///
/// # Errors
///
/// Fails if the bytes are not UTF-8; names the format if it is known.
pub fn decode(bytes: Vec<u8>, what: &str, name: &str) -> Result<String, Problem> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let (is, remedy) = match bytes.as_slice() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                ("UTF-16 text", "convert it to UTF-8, for example with `iconv -f UTF-16 -t UTF-8 OLD > NEW`")
            }
            [0x1f, 0x8b, ..] => ("a gzip archive", "unpack it with `gunzip`, and name the unpacked file"),
            [b'P', b'K', 3, 4, ..] => ("a zip archive", "unpack it with `unzip`, and name the unpacked file"),
            _ => {
                let line = bytes[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
                return Problem::new(format!("cannot read {what}: it is not UTF-8 text"))
                    .file(name)
                    .line(Some(line))
                    .remedy("save it as UTF-8, or name another file if it is not a text file");
            }
        };
        Problem::new(format!("cannot read {what}: it is {is}, not UTF-8 text")).file(name).remedy(remedy)
    })
}

/// The remedy for an error. It fits every cause of an error of this kind.
pub fn advice(access: Access, error: &io::Error) -> &'static str {
    use Access::{Read, Write};
    if let Some(advice) = error.raw_os_error().and_then(nameless) {
        return advice;
    }
    match (error.kind(), access) {
        (ErrorKind::NotFound, Read) => "check the name and the folder",
        (ErrorKind::NotFound, Write) => "check the path: one of its folders does not exist and cannot be created",
        (ErrorKind::PermissionDenied, Read) => "make the file and its folders readable",
        (ErrorKind::PermissionDenied, Write) => "make the file and its folder writable, and run the command again",
        (ErrorKind::ReadOnlyFilesystem, _) => "work on a writable copy: the file system is mounted read-only",
        (ErrorKind::StorageFull, _) => "free some space on the disk, and run the command again",
        (ErrorKind::QuotaExceeded, _) => "delete some files, or have your quota raised, and run the command again",
        (ErrorKind::FileTooLarge, _) => "raise the limit on the size of files (`ulimit -f`), and run the command again",
        (ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy, _) => {
            "close the program that has the file open, and run the command again"
        }
        (ErrorKind::NotADirectory, Read) => "check the path: a part of it is a file and not a folder",
        (ErrorKind::IsADirectory, Read) => "name a file: this is a folder",
        (
            ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::AlreadyExists
            | ErrorKind::DirectoryNotEmpty,
            _,
        ) => "move away the file or folder of this name, and run the command again",
        (ErrorKind::InvalidFilename, _) => "choose a shorter name, without characters that the system does not allow",
        (ErrorKind::CrossesDevices, Write) => "keep the folder and its contents on one file system",
        (ErrorKind::StaleNetworkFileHandle | ErrorKind::TimedOut | ErrorKind::HostUnreachable, _) => {
            "mount the network file system again, and run the command again"
        }
        (ErrorKind::OutOfMemory, _) => "close programs that need much memory, and run the command again",
        (ErrorKind::InvalidData, _) => "save the file as UTF-8 text",
        _ => "correct the cause in the message, and run the command again",
    }
}

/// Remedies for errors without a variant in `io::ErrorKind`.
fn nameless(code: i32) -> Option<&'static str> {
    const OPEN_FILES: &str = "raise the limit on open files (`ulimit -n`), or close programs that have many open";
    match code {
        // ENFILE and EMFILE.
        23 | 24 if cfg!(unix) => Some(OPEN_FILES),
        // ERROR_TOO_MANY_OPEN_FILES.
        4 if cfg!(windows) => Some(OPEN_FILES),
        // EIO.
        5 if cfg!(unix) => Some("check the disk or the file server: it reports a failure"),
        // ELOOP.
        40 if cfg!(target_os = "linux") => Some(LOOP),
        62 if cfg!(all(unix, not(target_os = "linux"))) => Some(LOOP),
        _ => None,
    }
}

const LOOP: &str = "replace the symbolic link, which points to itself, with the file that it should point to";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_depends_on_the_cause_and_on_the_access() {
        let mut visited = std::collections::BTreeMap::new();
        for (kind, access, words) in [
            (ErrorKind::NotFound, Access::Read, "check the name"),
            (ErrorKind::NotFound, Access::Write, "one of its folders"),
            (ErrorKind::PermissionDenied, Access::Read, "readable"),
            (ErrorKind::PermissionDenied, Access::Write, "writable"),
            (ErrorKind::StorageFull, Access::Write, "free some space"),
            (ErrorKind::QuotaExceeded, Access::Write, "quota"),
            (ErrorKind::FileTooLarge, Access::Write, "`ulimit -f`"),
            (ErrorKind::ReadOnlyFilesystem, Access::Write, "read-only"),
            (ErrorKind::IsADirectory, Access::Read, "this is a folder"),
            (ErrorKind::IsADirectory, Access::Write, "move away"),
            (ErrorKind::NotADirectory, Access::Read, "a part of it is a file"),
            (ErrorKind::Other, Access::Read, "the cause in the message"),
        ] {
            let advice = advice(access, &kind.into());
            assert!(advice.contains(words), "{kind:?}, {access:?}: {advice}");
            assert_eq!(visited.insert(advice, kind), None, "{kind:?}, {access:?}: {advice}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn errors_without_a_kind_have_advice() {
        for (code, words) in [(24, "`ulimit -n`"), (23, "`ulimit -n`"), (5, "check the disk or the file server")] {
            let error = io::Error::from_raw_os_error(code);
            assert!(advice(Access::Read, &error).contains(words), "{error}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&link, &link).expect("a link to itself");
        let error = fs::read(&link).expect_err("it leads nowhere");
        assert_eq!(advice(Access::Read, &error), LOOP, "{error}");
    }

    #[test]
    fn the_error_names_the_format_of_bytes_that_are_not_text() {
        for (bytes, words) in [
            (&b"\xff\xfea\0"[..], ["it is UTF-16 text", "`iconv -f UTF-16 -t UTF-8"]),
            (b"\xfe\xff\0a", ["it is UTF-16 text", "`iconv"]),
            (b"\x1f\x8b\x08", ["it is a gzip archive", "`gunzip`"]),
            (b"PK\x03\x04\xff", ["it is a zip archive", "`unzip`"]),
            (b"a: 1\nb: \xe9\n", ["it is not UTF-8 text\n  --> x.yaml:2\n", "save it as UTF-8"]),
        ] {
            let text = decode(bytes.to_vec(), "the document", "x.yaml").expect_err("no text").to_string();
            for word in words {
                assert!(text.contains(word) && text.contains("cannot read the document: "), "no {word:?} in {text}");
            }
        }
        assert_eq!(decode(b"a: \xc3\xa9".to_vec(), "it", "x"), Ok("a: \u{e9}".to_owned()));
    }
}
