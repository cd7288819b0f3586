//! The limits on open files, which sockets count against as well.

use std::fs::File;
use std::io;

/// Whether an operation failed because this process, or the system, has as many files open as it may have.
pub(crate) fn is_exhaustion(error: &io::Error) -> bool {
    // `io::ErrorKind` has no name for these.
    const CODES: &[i32] = if cfg!(windows) {
        // ERROR_TOO_MANY_OPEN_FILES, WSAEMFILE
        &[4, 10024]
    } else {
        // ENFILE and EMFILE, the same on every Unix.
        &[23, 24]
    };
    error.raw_os_error().is_some_and(|code| CODES.contains(&code))
}

/// Whether no file can be opened at this moment. For errors that do not say why: a resolver that cannot open a socket answers
/// that there is no address, and the files with the root certificates are skipped.
pub(crate) fn are_exhausted() -> bool {
    cfg!(unix) && File::open("/dev/null").is_err_and(|error| is_exhaustion(&error))
}
