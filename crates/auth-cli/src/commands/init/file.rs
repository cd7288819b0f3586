//! Adds a profile to the configuration, of which nothing is changed.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::config::Config;
use crate::config::file::File;
use crate::failure::Failure;

/// Checks that the configuration can be read, if there is one, and has no profile of this name.
pub(super) fn check(path: &Path, profile: &str) -> Result<(), Failure> {
    if !path.try_exists().map_err(|error| failed(path, &error))? {
        return Ok(());
    }
    if Config::of(File::read(path)?)?.profiles.contains_key(profile) {
        return Err(Failure::usage(format!(
            "{} has a profile `{profile}`, which is not overwritten; choose another name, or edit the file",
            path.display()
        )));
    }
    Ok(())
}

/// Creates the folder of the configuration if it does not exist.
pub(super) fn create_folder(folder: &Path) -> Result<(), Failure> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| failed(folder, &error))
}

/// Adds the text of a profile at the end of the configuration, or creates it.
pub(super) fn add(path: &Path, profile: &str) -> Result<(), Failure> {
    let failed = |error: io::Error| failed(path, &error);
    // Through a link, the file that it names is replaced.
    let target =
        if path.try_exists().map_err(failed)? { fs::canonicalize(path).map_err(failed)? } else { path.to_owned() };
    let (mut text, mode) = match File::read(&target) {
        Ok(File { text, mode, .. }) => (text, mode),
        Err(_) if !target.exists() => (Zeroizing::new(String::new()), 0o600),
        Err(failure) => return Err(failure),
    };
    if !text.is_empty() {
        let gap = if text.ends_with('\n') { "\n" } else { "\n\n" };
        text.push_str(gap);
    }
    text.push_str(profile);
    // Nothing that cannot be read is written.
    Config::of(File { path: target.clone(), text: text.clone(), mode })?;
    let new = target.with_extension(format!("new-{}", std::process::id()));
    let written = OpenOptions::new().create_new(true).write(true).mode(mode).open(&new).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &target)
    });
    written.map_err(|error| {
        let _ = fs::remove_file(&new);
        failed(error)
    })
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::other(format!("{} cannot be written: {error}", path.display()))
}
