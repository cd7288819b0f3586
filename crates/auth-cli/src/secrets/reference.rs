//! A secret of the configuration.

use std::path::PathBuf;
use std::time::Duration;

use auth_core::{CredentialError, CredentialSource, Secret, SecretFile, SecretVariable};

use crate::secrets::command::SecretCommand;
use crate::secrets::keyring;

/// How long the keyring may take. Unlocking it may need the user, who has to type a password.
const KEYRING_TIMEOUT: Duration = Duration::from_secs(60);

/// A secret of the configuration, or where it is kept. It is read again before each use.
#[derive(Clone, Debug)]
pub(crate) enum SecretReference {
    /// In the configuration itself.
    Text(Secret),
    File {
        path: PathBuf,
        file: SecretFile,
    },
    Variable {
        name: String,
        variable: SecretVariable,
    },
    Command(SecretCommand, Lines),
    /// The entry of this name in the keyring of the desktop.
    Keyring(String, Lines),
}

/// Whether a secret may have several lines, as keys do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    One,
    Many,
}

impl SecretReference {
    pub(crate) fn file(path: PathBuf, lines: Lines, readable_by_others: bool) -> Self {
        let mut file = SecretFile::new(&path);
        if lines == Lines::Many {
            file = file.permit_line_breaks();
        }
        if readable_by_others {
            file = file.permit_readable_by_others();
        }
        Self::File { path, file }
    }

    pub(crate) fn variable(name: String, lines: Lines) -> Self {
        let variable = SecretVariable::new(&name);
        let variable = if lines == Lines::Many { variable.permit_line_breaks() } else { variable };
        Self::Variable { name, variable }
    }

    /// The name of the variable that has the secret.
    pub(crate) fn variable_name(&self) -> Option<&str> {
        match self {
            Self::Variable { name, .. } => Some(name),
            _ => None,
        }
    }

    /// What stands for the secret where it need not be known, only told apart from others.
    pub(crate) fn stand_in(&self) -> Option<Secret> {
        match self {
            Self::Command(command, _) => Some(Secret::from(format!("command\0{}", command.words().join("\0")))),
            Self::Keyring(name, _) => Some(Secret::from(format!("keyring\0{name}"))),
            Self::Text(_) | Self::File { .. } | Self::Variable { .. } => None,
        }
    }
}

impl CredentialSource<Secret> for SecretReference {
    async fn credentials(&self) -> Result<Secret, CredentialError> {
        match self {
            Self::Text(secret) => Ok(secret.clone()),
            Self::File { file, .. } => text(file).await,
            Self::Variable { variable, .. } => text(variable).await,
            Self::Command(command, lines) => {
                let secret = command.output().await?;
                check(&secret, *lines)
                    .map_err(|problem| command.unavailable(&format!("printed {problem}")))
                    .map(|()| secret)
            }
            Self::Keyring(name, lines) => match keyring::read(name, KEYRING_TIMEOUT).await {
                Ok(Some(secret)) => check(&secret, *lines)
                    .map_err(|problem| {
                        let text = format!("the entry {name:?} of the keyring holds {problem}; replace it");
                        CredentialError::unavailable(text)
                    })
                    .map(|()| secret),
                Ok(None) => Err(CredentialError::unavailable(format!(
                    "the keyring has no entry {name:?} of the service {:?}; add it with `access-token init` or with the tools \
                     of your desktop, or name a file, a variable or a command instead",
                    keyring::SERVICE
                ))),
                Err(problem) => Err(CredentialError::unavailable(format!(
                    "the keyring cannot be used: {problem}; name a file, a variable or a command instead"
                ))),
            },
        }
    }
}

/// Refuses a secret of one line with characters that are in no line. Files and variables are checked by the library.
fn check(secret: &Secret, lines: Lines) -> Result<(), String> {
    let text = secret.expose();
    if lines == Lines::Many {
        return Ok(());
    }
    if text.contains('\n') {
        return Err("several lines, and the secret is one; take the first one only, for example with \
                    [\"sh\", \"-c\", \"pass show NAME | head -n 1\"]"
            .to_owned());
    }
    match text.chars().enumerate().find(|(_, character)| character.is_control()) {
        Some((at, character)) => Err(format!("U+{:04X} at position {}", u32::from(character), at + 1)),
        None => Ok(()),
    }
}

/// The secret as a text: sources of the library provide it in several types.
pub(crate) async fn text(source: &impl CredentialSource<Secret>) -> Result<Secret, CredentialError> {
    source.credentials().await
}
