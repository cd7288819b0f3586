//! Redis Sentinel: asks the sentinels for the primary before each connection.

use std::sync::Arc;
use std::time::Duration;

use redis::{RedisConnectionInfo, Value, cmd};
use rustls::ClientConfig;
use tokio::time::timeout;

use super::address::Place;
use super::connection::{Connection, Receiver};
use super::failure::failure;
use super::login::Login;
use crate::store::error::{StoreError, StoreErrorKind};

/// How long a sentinel may take before the next one is asked.
const SENTINEL_TIMEOUT: Duration = Duration::from_millis(400);

/// The sentinels that know the primary of a service.
pub(super) struct Sentinels {
    pub(super) sentinels: Vec<(Place, Login)>,
    pub(super) service: String,
}

impl Sentinels {
    /// Connects to the primary that the first sentinel with an answer names, if it says that it is one.
    pub(super) async fn connect(
        &self,
        number: u64,
        tls: Option<&Arc<ClientConfig>>,
        login: &RedisConnectionInfo,
        is_plain_text_allowed: bool,
        receiver: Receiver,
    ) -> Result<Connection, StoreError> {
        let mut last = StoreError::new(StoreErrorKind::Configuration, "there are no sentinels");
        for (place, own) in &self.sentinels {
            let primary = match timeout(SENTINEL_TIMEOUT, self.ask(place, own, tls)).await {
                Ok(Ok(primary)) => primary,
                Ok(Err(error)) => {
                    last = error;
                    continue;
                }
                Err(_) => {
                    last = StoreError::new(StoreErrorKind::Timeout, "while a sentinel was asked");
                    continue;
                }
            };
            primary.check(is_plain_text_allowed)?;
            match primary_connection(number, &primary, tls, login, &receiver).await {
                Ok(connection) => return Ok(connection),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Asks a sentinel for the primary.
    async fn ask(&self, place: &Place, login: &Login, tls: Option<&Arc<ClientConfig>>) -> Result<Place, StoreError> {
        let mut sentinel = Connection::open(0, place, tls, &login.settings().await?, None).await?;
        let mut command = cmd("SENTINEL");
        command.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.service);
        let answer: Option<(String, u16)> =
            command.query_async(&mut sentinel).await.map_err(|error| failure(&error).error)?;
        let (host, port) = answer.ok_or_else(|| {
            StoreError::new(StoreErrorKind::Configuration, "the sentinels do not know a service of this name")
        })?;
        Ok(Place::Tcp { host, port, tls: matches!(place, Place::Tcp { tls: true, .. }) })
    }
}

/// Connects to a server that a sentinel calls the primary. During a failover, the sentinel may be wrong.
async fn primary_connection(
    number: u64,
    place: &Place,
    tls: Option<&Arc<ClientConfig>>,
    login: &RedisConnectionInfo,
    receiver: &Receiver,
) -> Result<Connection, StoreError> {
    let mut connection = Connection::open(number, place, tls, login, Some(Arc::clone(receiver))).await?;
    let role: Result<Vec<Value>, _> = cmd("ROLE").query_async(&mut connection).await;
    match role.as_ref().map(|role| role.first()) {
        Ok(Some(Value::BulkString(role))) if role != b"master" => {
            Err(StoreError::new(StoreErrorKind::ReadOnly, "the sentinels name a replica, as during a failover"))
        }
        Ok(_) => Ok(connection),
        Err(error) => {
            let failure = failure(error);
            // A user without the right to ask finds out by its first write.
            if failure.error.kind() == StoreErrorKind::Denied { Ok(connection) } else { Err(failure.error) }
        }
    }
}
