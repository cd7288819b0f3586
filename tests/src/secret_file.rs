//! Files with secrets.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::fs;
use std::path::Path;

/// Writes a file that only its owner may read and write, where the system has such permissions.
///
/// # Panics
/// If the file cannot be written.
pub fn write_secret(path: &Path, content: &str) {
    fs::write(path, content).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}
