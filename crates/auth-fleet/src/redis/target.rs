//! What the store connects to, and how it logs in.

use std::pin::Pin;
use std::sync::Arc;

use auth_core::{CredentialError, CredentialSource, Secret};
use redis::{ProtocolVersion, RedisConnectionInfo};
use rustls::ClientConfig;

use super::address::Place;
use super::connection::{Connection, Receiver};
use crate::store::error::{StoreError, StoreErrorKind};

/// What the store connects to.
pub(super) struct Target {
    pub(super) kind: TargetKind,
    pub(super) login: Login,
    pub(super) tls: Option<Arc<ClientConfig>>,
    #[cfg(any(feature = "redis-cluster", feature = "redis-sentinel"))]
    pub(super) is_plain_text_allowed: bool,
}

pub(super) enum TargetKind {
    /// One server.
    Server(Place),
    /// The primary that the sentinels name.
    #[cfg(feature = "redis-sentinel")]
    Sentinels(super::sentinel::Sentinels),
    /// All nodes of a cluster.
    #[cfg(feature = "redis-cluster")]
    Cluster(super::cluster::Cluster),
}

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
    /// The settings with which a connection begins. The client keeps them as long as the connection lives.
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

impl Target {
    /// True if the connection replaces those of its nodes itself.
    pub(super) fn reconnects_itself(&self) -> bool {
        match &self.kind {
            TargetKind::Server(_) => false,
            #[cfg(feature = "redis-sentinel")]
            TargetKind::Sentinels(_) => false,
            #[cfg(feature = "redis-cluster")]
            TargetKind::Cluster(_) => true,
        }
    }

    /// Opens a connection.
    pub(super) async fn connect(&self, number: u64, receiver: Receiver) -> Result<Connection, StoreError> {
        let login = self.login.settings().await?;
        match &self.kind {
            TargetKind::Server(place) => {
                Connection::open(number, place, self.tls.as_ref(), &login, Some(receiver)).await
            }
            #[cfg(feature = "redis-sentinel")]
            TargetKind::Sentinels(sentinels) => {
                let tls = self.tls.as_ref();
                sentinels.connect(number, tls, &login, self.is_plain_text_allowed, receiver).await
            }
            #[cfg(feature = "redis-cluster")]
            TargetKind::Cluster(cluster) => cluster.connect(number, &login, self.is_plain_text_allowed, receiver).await,
        }
    }
}
