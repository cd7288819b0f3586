//! The file of the configuration: where it is, and who may write it.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The variable that names the file.
pub(crate) const VARIABLE: &str = "ACCESS_TOKEN_CONFIG";

/// Size in bytes of the largest file that is read.
const LONGEST: usize = 1024 * 1024;

/// The content of the file, with its permissions.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) text: Zeroizing<String>,
    pub(crate) mode: u32,
}

/// The path of the file: the one that is `named`, or that the environment names, or the usual one.
pub(crate) fn location(
    named: Option<&Path>,
    environment: &dyn Fn(&str) -> Option<OsString>,
) -> Result<PathBuf, Failure> {
    let variable = environment(VARIABLE).filter(|path| !path.is_empty());
    if let Some(path) = named.map(Path::to_owned).or(variable.map(PathBuf::from)) {
        let absolute = std::path::absolute(&path);
        return absolute.map_err(|error| Failure::usage(format!("the path {} is not usable: {error}", path.display())));
    }
    let folder = folder("XDG_CONFIG_HOME", ".config", environment).ok_or_else(|| {
        Failure::usage(format!(
            "no configuration is named, and the variables XDG_CONFIG_HOME and HOME, which say where it usually is, hold no \
             absolute path; name it with `--config` or the variable {VARIABLE}"
        ))
    })?;
    Ok(folder.join("access-token/config.toml"))
}

/// False if no configuration is named, and there is none at the usual place.
pub(crate) fn is_expected(named: Option<&Path>) -> bool {
    let environment = |name: &str| std::env::var_os(name);
    if named.is_some() || environment(VARIABLE).is_some_and(|path| !path.is_empty()) {
        return true;
    }
    let Ok(usual) = location(None, &environment) else { return false };
    !fs::symlink_metadata(usual).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// A folder of the XDG base directory specification: the one that `variable` names, or `below` in the home folder. Paths that are
/// not absolute are ignored, as the specification says.
pub(crate) fn folder(variable: &str, below: &str, environment: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name: &str| environment(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute(variable).or_else(|| absolute("HOME").map(|home| home.join(below)))
}

impl File {
    /// Reads the file, unless another user could have written it.
    ///
    /// Who may change the configuration chooses where secrets are sent and which programs are started.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
        let file = match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(file) => fs::File::from(file),
            Err(rustix::io::Errno::NOENT) => {
                return Err(Failure::usage(format!(
                    "there is no configuration {shown}; write it with `access-token init`, or name another one with `--config`"
                )));
            }
            Err(error) => return Err(Failure::usage(format!("the configuration {shown} cannot be opened: {error}"))),
        };
        let metadata =
            file.metadata().map_err(|error| Failure::usage(format!("{shown} cannot be examined: {error}")))?;
        if !metadata.is_file() {
            return Err(Failure::usage(format!("the configuration {shown} is not a regular file")));
        }
        let mode = metadata.mode() & 0o7777;
        check_owner(metadata.uid(), rustix::process::geteuid().as_raw(), mode)
            .map_err(|problem| Failure::usage(format!("the configuration {shown} {problem}")))?;
        let mut text =
            Zeroizing::new(String::with_capacity(usize::try_from(metadata.len()).unwrap_or(0).min(LONGEST) + 1));
        let read = file.take(LONGEST as u64 + 1).read_to_string(&mut text);
        read.map_err(|error| Failure::usage(format!("the configuration {shown} cannot be read: {error}")))?;
        if text.len() > LONGEST {
            return Err(Failure::usage(format!("the configuration {shown} is larger than 1 MiB")));
        }
        Ok(Self { path: path.to_owned(), text, mode })
    }
}

/// Refuses a file that another user may write.
fn check_owner(owner: u32, user: u32, mode: u32) -> Result<(), String> {
    if owner != user && owner != 0 {
        return Err(format!(
            "belongs to user {owner}, who could send the secrets of user {user} anywhere; run the program as user {owner}, or copy the \
             file"
        ));
    }
    if mode & 0o022 != 0 {
        return Err(format!("is writable by other users (mode {mode:04o}); run `chmod go-w` on it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_the_named_one_or_that_of_the_environment_or_the_usual_one() {
        for (named, variables, wanted) in [
            (Some("/n"), &[(VARIABLE, "/v"), ("HOME", "/h")][..], Some("/n")),
            (None, &[(VARIABLE, "/v"), ("HOME", "/h")], Some("/v")),
            (None, &[(VARIABLE, ""), ("HOME", "/h")], Some("/h/.config/access-token/config.toml")),
            (None, &[("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")], Some("/x/access-token/config.toml")),
            (None, &[("XDG_CONFIG_HOME", "x"), ("HOME", "/h")], Some("/h/.config/access-token/config.toml")),
            (None, &[("HOME", "")], None),
            (None, &[], None),
        ] {
            let environment =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
            let found = location(named.map(Path::new), &environment).ok();
            assert_eq!(found.as_deref(), wanted.map(Path::new), "{named:?} {variables:?}");
        }
    }

    #[test]
    fn only_the_user_and_root_may_be_able_to_write_the_file() {
        for (owner, user, mode, accepted) in [
            (1_000, 1_000, 0o600, true),
            (1_000, 1_000, 0o644, true),
            (0, 1_000, 0o644, true),
            (1_000, 1_000, 0o664, false),
            (0, 1_000, 0o646, false),
            (1_001, 1_000, 0o600, false),
            (1_000, 0, 0o600, false),
        ] {
            assert_eq!(check_owner(owner, user, mode).is_ok(), accepted, "{owner} {user} {mode:o}");
        }
    }
}
