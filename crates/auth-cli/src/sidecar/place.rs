//! Where the socket of the sidecar is.

use std::env;
use std::path::PathBuf;

use crate::failure::Failure;

/// The variable that names the socket for the commands.
pub(crate) const VARIABLE: &str = "ACCESS_TOKEN_SOCKET";

/// The path of the socket if neither the configuration nor the variable names one: `access-token/socket` in `$XDG_RUNTIME_DIR`, which
/// only the user may enter.
///
/// # Errors
/// If the variable is not set: no other folder is known to belong to the user.
pub(super) fn default_socket() -> Result<PathBuf, Failure> {
    in_runtime_folder().ok_or_else(|| {
        Failure::usage(
            "there is no place for the socket, because XDG_RUNTIME_DIR is not set; name one as `socket` in `[serve]`",
        )
    })
}

/// The default path of the socket, if there is one.
pub(super) fn in_runtime_folder() -> Option<PathBuf> {
    let folder = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_absolute())?;
    Some(folder.join("access-token/socket"))
}

/// The path of the socket in the variable, if it is set and not empty.
pub(super) fn in_variable() -> Option<PathBuf> {
    env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from)
}
