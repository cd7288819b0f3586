//! What a process is given.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::scale::Scale;

const VARIABLE: &str = "AUTH_FLEET_TEST_WORKER";

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Settings {
    /// Tells the processes apart.
    pub(crate) number: usize,
    pub(crate) store: Place,
    /// The file with the keys.
    pub(crate) keys: PathBuf,
    pub(crate) token_url: String,
    pub(crate) scale: Scale,
    /// How far its clock is ahead of that of the machine, in hours. `None` if it is the same.
    pub(crate) clock: Option<i64>,
}

/// Where the store is.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum Place {
    Redis(String),
    Folder(PathBuf),
}

impl Settings {
    /// Those of this process, if it was started with some.
    pub(crate) fn given() -> Option<Self> {
        let text = env::var(VARIABLE).ok()?;
        Some(serde_json::from_str(&text).unwrap())
    }

    /// A command with these settings that starts this program again.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env::current_exe().unwrap());
        command.env(VARIABLE, serde_json::to_string(self).unwrap());
        command
    }
}
