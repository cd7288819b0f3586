//! Who logs in, with a password that may change.

use std::pin::Pin;
use std::sync::Arc;

use auth_core::{CredentialError, CredentialSource, Secret};
use redis::{ProtocolVersion, RedisConnectionInfo};

use crate::store::error::{StoreError, StoreErrorKind};

/// Who logs in to which database.
#[derive(Clone, Default)]
pub(super) struct Login {
    pub(super) database: i64,
    pub(super) user: Option<String>,
    pub(super) password: Option<Password>,
}

/// A source of a password, which is asked before each connection.
pub(super) type Password =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Secret, CredentialError>> + Send>> + Send + Sync>;

/// The source as a function.
pub(super) fn password(source: impl CredentialSource<Secret>) -> Password {
    let source = Arc::new(source);
    Arc::new(move || {
        let source = Arc::clone(&source);
        Box::pin(async move { source.credentials().await })
    })
}

impl Login {
    /// The settings with which a connection begins, with the password that the source has now.
    pub(super) async fn settings(&self) -> Result<RedisConnectionInfo, StoreError> {
        let mut settings = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP3)
            .set_db(self.database)
            .set_lib_name("auth-fleet", env!("CARGO_PKG_VERSION"));
        if let Some(user) = &self.user {
            settings = settings.set_username(user);
        }
        if let Some(password) = &self.password {
            let password = password().await;
            // The error names the place of the password, never the password.
            let password = password.map_err(|error| StoreError::new(StoreErrorKind::Denied, error.to_string()))?;
            settings = settings.set_password(password.expose());
        }
        Ok(settings)
    }
}
