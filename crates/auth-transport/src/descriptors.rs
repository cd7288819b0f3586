//! The limits on open files, which include sockets.

use std::fs::File;
use std::io;

/// True if an operation failed because the process or the system has reached its limit of open files.
pub(crate) fn is_exhaustion(error: &io::Error) -> bool {
    // `io::ErrorKind` has no variant for these.
    const CODES: &[i32] = if cfg!(windows) {
        // ERROR_TOO_MANY_OPEN_FILES, WSAEMFILE
        &[4, 10024]
    } else {
        // ENFILE and EMFILE, with the same values on every Unix.
        &[23, 24]
    };
    error.raw_os_error().is_some_and(|code| CODES.contains(&code))
}

/// True if no file can be opened at this moment. Used for errors that do not name the cause: a resolver that cannot
/// open a socket reports that there is no address, and certificate files that cannot be opened are skipped.
pub(crate) fn are_exhausted() -> bool {
    cfg!(unix) && File::open("/dev/null").is_err_and(|error| is_exhaustion(&error))
}
