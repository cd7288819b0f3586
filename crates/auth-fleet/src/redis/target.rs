//! What the store connects to.

use std::sync::Arc;

use rustls::ClientConfig;

use super::address::Place;
use super::connection::{Connection, Receiver};
use super::login::Login;
use crate::store::error::StoreError;

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
