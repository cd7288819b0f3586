//! The keyring of the desktop: the Secret Service of Linux.

use std::time::Duration;

use auth_core::Secret;
use tokio::time::timeout;

/// The service under which all entries are.
pub(crate) const SERVICE: &str = "access-token";

/// The secret of an entry; `None` if there is no such entry.
pub(crate) async fn read(name: &str, within: Duration) -> Result<Option<Secret>, String> {
    in_time(within, backend::read(name)).await
}

/// Creates or replaces an entry.
pub(crate) async fn write(name: &str, secret: &Secret, within: Duration) -> Result<(), String> {
    in_time(within, backend::write(name, secret)).await
}

/// Removes an entry if there is one.
pub(crate) async fn remove(name: &str, within: Duration) -> Result<(), String> {
    in_time(within, backend::remove(name)).await
}

/// Waits for an operation, which may wait for the user to unlock the keyring.
async fn in_time<T>(within: Duration, operation: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let late = || format!("it did not answer within {} seconds; unlock it", within.as_secs());
    timeout(within, operation).await.unwrap_or_else(|_| Err(late()))
}

#[cfg(all(feature = "keyring", any(target_os = "linux", target_os = "android")))]
mod backend {
    use std::collections::HashMap;

    use auth_core::Secret;
    use secret_service::{EncryptionType, Error, Item, SecretService};
    use zeroize::Zeroizing;

    use super::SERVICE;

    /// The attributes that identify an entry. Other programs with the same interface to keyrings use the same ones.
    fn attributes(name: &str) -> HashMap<&str, &str> {
        HashMap::from([("service", SERVICE), ("username", name)])
    }

    async fn connect() -> Result<SecretService<'static>, String> {
        SecretService::connect(EncryptionType::Dh).await.map_err(|error| problem(&error))
    }

    async fn find<'service>(
        service: &'service SecretService<'static>,
        name: &str,
    ) -> Result<Option<Item<'service>>, Error> {
        let mut found = service.search_items(attributes(name)).await?;
        if let Some(item) = found.unlocked.pop() {
            return Ok(Some(item));
        }
        let Some(item) = found.locked.pop() else { return Ok(None) };
        item.unlock().await?;
        Ok(Some(item))
    }

    pub(super) async fn read(name: &str) -> Result<Option<Secret>, String> {
        let service = connect().await?;
        let Some(item) = find(&service, name).await.map_err(|error| problem(&error))? else { return Ok(None) };
        let secret = Zeroizing::new(item.get_secret().await.map_err(|error| problem(&error))?);
        let text = std::str::from_utf8(&secret).map_err(|_| "the entry is not UTF-8".to_owned())?;
        Ok(Some(Secret::from(text)))
    }

    pub(super) async fn write(name: &str, secret: &Secret) -> Result<(), String> {
        let service = connect().await?;
        let written = async {
            let collection = service.get_default_collection().await?;
            collection.unlock().await?;
            let label = format!("{SERVICE}: {name}");
            let (attributes, content) = (attributes(name), secret.expose().as_bytes());
            collection.create_item(&label, attributes, content, true, "text/plain").await.map(drop)
        };
        written.await.map_err(|error| problem(&error))
    }

    pub(super) async fn remove(name: &str) -> Result<(), String> {
        let service = connect().await?;
        let removed = async {
            match find(&service, name).await? {
                Some(item) => item.delete().await,
                None => Ok(()),
            }
        };
        removed.await.map_err(|error| problem(&error))
    }

    fn problem(error: &Error) -> String {
        match error {
            Error::Unavailable => "there is no Secret Service in this session".to_owned(),
            Error::Locked => "it is locked".to_owned(),
            Error::Prompt | Error::PromptDisconnected => "it was not unlocked".to_owned(),
            Error::NoResult => "it has no default collection".to_owned(),
            error => error.to_string(),
        }
    }
}

#[cfg(not(all(feature = "keyring", any(target_os = "linux", target_os = "android"))))]
mod backend {
    use auth_core::Secret;

    fn none<T>() -> Result<T, String> {
        Err(if cfg!(feature = "keyring") {
            "this program uses keyrings on Linux only".to_owned()
        } else {
            "this program was built without the feature `keyring`".to_owned()
        })
    }

    pub(super) async fn read(_: &str) -> Result<Option<Secret>, String> {
        none()
    }

    pub(super) async fn write(_: &str, _: &Secret) -> Result<(), String> {
        none()
    }

    pub(super) async fn remove(_: &str) -> Result<(), String> {
        none()
    }
}
