//! `access-token init`: writes a profile.
//!
//! `arguments` are its options. `answers` gets what the profile needs from the command line or from the user, whom `terminal` asks. `keep` puts a secret where it
//! stays, `text` writes the profile as TOML, and `file` adds it to the configuration.

mod answers;
pub(crate) mod arguments;
mod file;
mod keep;
mod terminal;
mod text;

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use crate::commands::init::answers::Answers;
use crate::commands::init::arguments::InitArguments;
use crate::commands::runtime::block_on;
use crate::config::file::location;
use crate::failure::Failure;

/// Writes the profile.
pub(crate) fn run(config: Option<&Path>, arguments: &InitArguments) -> Result<ExitCode, Failure> {
    let path = location(config, &|name| std::env::var_os(name))?;
    // Before anything is asked that would be of no use.
    if let Some(profile) = &arguments.profile {
        file::check(&path, profile)?;
    }
    let answers = Answers::of(arguments, &path)?;
    // Before the secret is kept anywhere, since nothing would use it.
    file::check(&path, &answers.profile)?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    file::create_folder(folder)?;
    let reference = block_on(keep::keep(answers.secret, &answers.profile, folder))??;
    let profile = text::profile(&answers.profile, &answers.fields, &reference);
    file::add(&path, &profile)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{} has the profile `{}`", path.display(), answers.profile)?;
    writeln!(out, "check it with: access-token doctor {}", answers.profile)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
