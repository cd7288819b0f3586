//! A connection to a server or to a cluster.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Cmd, Pipeline, RedisConnectionInfo, RedisFuture, RedisResult, Value};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;

use super::address::Place;
use super::failure::{failure, not_connected};
use crate::store::error::{StoreError, StoreErrorKind};

/// How long a command may take. Callers have shorter limits; this one ends what they have given up.
pub(super) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);

/// How many commands wait for an answer at a time. With values of 64 KiB, their answers stay below the 8 MB from which Redis ends
/// connections with subscriptions.
const LONGEST_PIPELINE: usize = 100;

/// What receives notifications and the end of the connection.
pub(super) type Receiver = Arc<dyn Fn(redis::PushInfo) + Send + Sync>;

/// A connection on which all commands are sent. Clones share it.
#[derive(Clone)]
pub(super) struct Connection {
    /// Tells connections apart: every new one has a greater number.
    pub(super) number: u64,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    One(MultiplexedConnection, #[expect(dead_code, reason = "ends the task on drop")] Arc<Task>),
    #[cfg(feature = "redis-cluster")]
    Cluster(redis::cluster_async::ClusterConnection),
}

/// The task that sends and receives. It would outlive the connection until all answers have arrived.
struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Connection {
    /// Connects to a server and logs in.
    pub(super) async fn open(
        number: u64,
        place: &Place,
        tls: Option<&Arc<ClientConfig>>,
        login: &RedisConnectionInfo,
        receiver: Option<Receiver>,
    ) -> Result<Self, StoreError> {
        let kind = match place {
            Place::Tcp { host, port, tls: false } => log_in(tcp(host, *port).await?, login, receiver).await?,
            Place::Tcp { host, port, tls: true } => {
                let unusable = |detail| StoreError::new(StoreErrorKind::Configuration, detail);
                let tls = tls.ok_or_else(|| unusable("there are no TLS settings"))?;
                let name =
                    ServerName::try_from(host.clone()).map_err(|_| unusable("no certificate can be for this host"))?;
                let stream = TlsConnector::from(Arc::clone(tls)).connect(name, tcp(host, *port).await?).await;
                log_in(stream.map_err(|error| not_connected(&error))?, login, receiver).await?
            }
            #[cfg(unix)]
            Place::Unix(path) => {
                let stream = tokio::net::UnixStream::connect(path).await.map_err(|error| not_connected(&error))?;
                log_in(stream, login, receiver).await?
            }
            #[cfg(not(unix))]
            Place::Unix(_) => {
                return Err(StoreError::new(StoreErrorKind::Configuration, "there are no Unix sockets here"));
            }
        };
        Ok(Self { number, kind })
    }

    /// A connection to the nodes of a cluster.
    #[cfg(feature = "redis-cluster")]
    pub(super) fn cluster(number: u64, connection: redis::cluster_async::ClusterConnection) -> Self {
        Self { number, kind: Kind::Cluster(connection) }
    }

    pub(super) async fn subscribe(&mut self, channel: &str) -> RedisResult<()> {
        match &mut self.kind {
            Kind::One(connection, _) => connection.subscribe(channel).await,
            #[cfg(feature = "redis-cluster")]
            Kind::Cluster(connection) => connection.subscribe(channel).await,
        }
    }

    pub(super) async fn unsubscribe(&mut self, channel: &str) -> RedisResult<()> {
        match &mut self.kind {
            Kind::One(connection, _) => connection.unsubscribe(channel).await,
            #[cfg(feature = "redis-cluster")]
            Kind::Cluster(connection) => connection.unsubscribe(channel).await,
        }
    }
}

async fn tcp(host: &str, port: u16) -> Result<TcpStream, StoreError> {
    let connect = async {
        let stream = TcpStream::connect((host, port)).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    };
    connect.await.map_err(|error: io::Error| not_connected(&error))
}

async fn log_in(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    login: &RedisConnectionInfo,
    receiver: Option<Receiver>,
) -> Result<Kind, StoreError> {
    let mut config = AsyncConnectionConfig::new()
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_concurrency_limit(LONGEST_PIPELINE);
    if let Some(receiver) = receiver {
        config = config.set_push_sender(move |push| {
            receiver(push);
            Ok::<(), redis::aio::SendError>(())
        });
    }
    let connection = MultiplexedConnection::new_with_config(login, stream, config).await;
    let (connection, task) = connection.map_err(|error| failure(&error).error)?;
    Ok(Kind::One(connection, Arc::new(Task(tokio::spawn(task).abort_handle()))))
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match &mut self.kind {
            Kind::One(connection, _) => connection.req_packed_command(command),
            #[cfg(feature = "redis-cluster")]
            Kind::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match &mut self.kind {
            Kind::One(connection, _) => connection.req_packed_commands(pipeline, offset, count),
            #[cfg(feature = "redis-cluster")]
            Kind::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match &self.kind {
            Kind::One(connection, _) => connection.get_db(),
            #[cfg(feature = "redis-cluster")]
            Kind::Cluster(connection) => connection.get_db(),
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Connection({})", self.number)
    }
}
