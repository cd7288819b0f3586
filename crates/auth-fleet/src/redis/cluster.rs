//! Redis Cluster.

use std::time::Duration;

use auth_core::Secret;
use redis::cluster::ClusterClientBuilder;
use redis::io::AsyncDNSResolver;
use redis::{ConnectionAddr, ProtocolVersion, RedisConnectionInfo, RedisFuture, TlsCertificates};

use super::address::Place;
use super::connection::{Connection, RESPONSE_TIMEOUT, Receiver};
use super::failure::failure;
use crate::store::error::{StoreError, StoreErrorKind};

/// How long a connection to one node may take.
const NODE_TIMEOUT: Duration = Duration::from_millis(800);

/// The nodes that are asked for all others.
pub(super) struct Cluster {
    pub(super) nodes: Vec<Place>,
    /// Root certificates in PEM format.
    pub(super) roots: Option<Secret>,
}

impl Cluster {
    pub(super) async fn connect(
        &self,
        number: u64,
        login: &RedisConnectionInfo,
        is_plain_text_allowed: bool,
        receiver: Receiver,
    ) -> Result<Connection, StoreError> {
        let is_protected = self.nodes.iter().all(|node| matches!(node, Place::Tcp { tls: true, .. }));
        if is_protected {
            // The client uses the provider of the process, and panics if it has to choose between two.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        }
        let nodes = self.nodes.iter().map(address).collect::<Result<Vec<_>, _>>()?;
        let mut client = ClusterClientBuilder::new(nodes)
            .use_protocol(ProtocolVersion::RESP3)
            .connection_timeout(NODE_TIMEOUT)
            .response_timeout(RESPONSE_TIMEOUT)
            .overall_response_timeout(Some(RESPONSE_TIMEOUT))
            .retries(2)
            .min_retry_wait(10)
            .max_retry_wait(200)
            .push_sender(move |push| {
                receiver(push);
                Ok::<(), redis::aio::SendError>(())
            });
        if !is_protected && !is_plain_text_allowed {
            client = client.async_dns_resolver(OnlyLoopback);
        }
        if let Some(roots) = &self.roots {
            let root_cert = Some(roots.expose().as_bytes().to_vec());
            client = client.certs(TlsCertificates { client_tls: None, root_cert });
        }
        if let Some(user) = login.username() {
            client = client.username(user);
        }
        if let Some(password) = login.password() {
            client = client.password(password);
        }
        let client = client.build().map_err(|error| failure(&error).error)?;
        let connection = client.get_async_connection().await.map_err(|error| failure(&error).error)?;
        Ok(Connection::cluster(number, connection))
    }
}

fn address(place: &Place) -> Result<ConnectionAddr, StoreError> {
    match place {
        Place::Tcp { host, port, tls: false } => Ok(ConnectionAddr::Tcp(host.clone(), *port)),
        Place::Tcp { host, port, tls: true } => {
            Ok(ConnectionAddr::TcpTls { host: host.clone(), port: *port, insecure: false, tls_params: None })
        }
        Place::Unix(_) => {
            Err(StoreError::new(StoreErrorKind::Configuration, "a cluster cannot be reached by a Unix socket"))
        }
    }
}

/// Finds no address outside of loopback. The nodes of a cluster name each other, so their addresses are not known before.
struct OnlyLoopback;

impl AsyncDNSResolver for OnlyLoopback {
    fn resolve<'a, 'b: 'a>(
        &'a self,
        host: &'b str,
        port: u16,
    ) -> RedisFuture<'a, Box<dyn Iterator<Item = std::net::SocketAddr> + Send + 'a>> {
        Box::pin(async move {
            let place = Place::Tcp { host: host.to_owned(), port, tls: false };
            let refused = "a node of the cluster is not on loopback, and the connection has no TLS";
            place.check(false).map_err(|_| (redis::ErrorKind::InvalidClientConfig, refused))?;
            let found: Vec<_> = tokio::net::lookup_host((host, port)).await?.collect();
            Ok(Box::new(found.into_iter()) as Box<dyn Iterator<Item = _> + Send>)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_tls_only_nodes_on_loopback_are_found() {
        for (host, is_found) in
            [("127.0.0.1", true), ("localhost", true), ("192.0.2.1", false), ("node.example.com", false)]
        {
            assert_eq!(OnlyLoopback.resolve(host, 6379).await.is_ok(), is_found, "{host}");
        }
    }
}
