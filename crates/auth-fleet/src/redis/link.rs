//! The connection of a store, which is opened when it is needed and replaced when it broke.
//!
//! Attempts to connect run in tasks of their own, one at a time: a caller that gives up does not end an attempt, and all callers
//! share its outcome. After a failed attempt, the next one waits, so that a store that is down costs little.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use redis::PushKind;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::connection::Connection;
use super::failure::{Failure, cluster_failure, failure};
use super::signals::Signals;
use super::target::Target;
use crate::store::error::{StoreError, StoreErrorKind};

/// How long an attempt to connect may take, with TLS and login.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The shortest time from one attempt to the next.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// The longest time from one attempt to the next.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A connection on which no answer arrives for this long after a command was sent is replaced: the network may lose everything.
const LONGEST_SILENCE: Duration = Duration::from_millis(500);

/// The connection of a store.
pub(super) struct Link {
    target: Target,
    pub(super) signals: Arc<Signals>,
    state: Mutex<State>,
    /// For the tasks that connect.
    own: Weak<Link>,
}

#[derive(Default)]
struct State {
    /// How many connections were begun.
    begun: u64,
    connection: Option<Connection>,
    /// The outcome of the attempt that runs.
    attempt: Option<watch::Receiver<Option<Result<Connection, StoreError>>>>,
    /// Attempts since a command succeeded.
    attempts: u32,
    /// The start of the last attempt.
    started: Option<Instant>,
    /// The earliest time of the next attempt, and why it is not now.
    pause: Option<(Instant, StoreError)>,
    /// When the first command was sent that has not been answered on this connection, nor has any after it.
    silent_since: Option<Instant>,
}

impl Link {
    pub(super) fn new(target: Target) -> Arc<Self> {
        Arc::new_cyclic(|own| Self { target, signals: Arc::default(), state: Mutex::default(), own: Weak::clone(own) })
    }

    /// Runs a command, which may be executed twice. If the connection turns out to be broken, it is repeated once on a new one.
    pub(super) async fn run<T, F>(&self, command: impl Fn(Connection) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, redis::RedisError>>,
    {
        for is_last in [false, true] {
            let connection = self.connection().await?;
            let number = connection.number;
            self.state().silent_since.get_or_insert_with(Instant::now);
            match command(connection).await {
                Ok(answer) => {
                    let mut state = self.state();
                    state.attempts = 0;
                    state.silent_since = None;
                    state.pause = None;
                    return Ok(answer);
                }
                Err(error) => {
                    let is_cluster = self.target.reconnects_itself();
                    let failure = if is_cluster { cluster_failure(&error) } else { failure(&error) };
                    self.note(number, &failure);
                    if is_last || !failure.is_repeatable {
                        return Err(failure.error);
                    }
                }
            }
        }
        Err(StoreError::new(StoreErrorKind::Unreachable, ""))
    }

    /// The connection, which is opened if there is none.
    pub(super) async fn connection(&self) -> Result<Connection, StoreError> {
        let mut attempt = {
            let mut state = self.state();
            if state.silent_since.is_some_and(|since| since.elapsed() > LONGEST_SILENCE) {
                state.connection = None;
                state.silent_since = None;
            }
            // The runtime on which the attempt runs may stand still.
            if state.started.is_some_and(|started| started.elapsed() > CONNECT_TIMEOUT + LONGEST_PAUSE) {
                state.attempt = None;
            }
            match (&state.connection, &state.attempt, &state.pause) {
                (Some(connection), _, _) => return Ok(connection.clone()),
                (None, Some(attempt), _) => attempt.clone(),
                (None, None, Some((until, error))) if Instant::now() < *until => return Err(error.clone()),
                (None, None, _) => self.attempt(&mut state),
            }
        };
        match attempt.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            // The runtime on which the attempt ran has ended.
            _ => {
                let mut state = self.state();
                // Another attempt may have begun since then.
                state.attempt = state.attempt.take().filter(|attempt| attempt.has_changed().is_ok());
                Err(StoreError::new(StoreErrorKind::Unreachable, "the attempt to connect was cancelled"))
            }
        }
    }

    /// The connection, if there is one.
    pub(super) fn present(&self) -> Option<Connection> {
        self.state().connection.clone()
    }

    /// Starts an attempt to connect.
    fn attempt(&self, state: &mut State) -> watch::Receiver<Option<Result<Connection, StoreError>>> {
        let (sender, receiver) = watch::channel(None);
        state.attempt = Some(receiver.clone());
        state.begun += 1;
        state.attempts = state.attempts.saturating_add(1);
        let (number, attempts, started) = (state.begun, state.attempts, Instant::now());
        state.started = Some(started);
        let link = Weak::clone(&self.own);
        tokio::spawn(async move {
            let Some(link) = link.upgrade() else { return };
            let receiver = link.receiver(number);
            let outcome = timeout(CONNECT_TIMEOUT, link.target.connect(number, receiver)).await;
            let outcome = outcome.unwrap_or_else(|_| Err(StoreError::new(StoreErrorKind::Timeout, "while connecting")));
            let mut state = link.state();
            if state.begun != number {
                // It was given up, and another one has begun.
                return;
            }
            state.attempt = None;
            state.silent_since = None;
            state.connection = outcome.as_ref().ok().cloned();
            let until = started + pause(attempts, fastrand::f64());
            state.pause = match &outcome {
                Err(error) => Some((until, error.clone())),
                // The first connection after one that served may be lost, too.
                Ok(_) if attempts == 1 => None,
                Ok(_) => Some((until, StoreError::new(StoreErrorKind::Unreachable, "connections are lost at once"))),
            };
            drop(state);
            sender.send_replace(Some(outcome));
        });
        receiver
    }

    /// What receives the notifications of a connection and its end.
    fn receiver(&self, number: u64) -> super::connection::Receiver {
        let link = Weak::clone(&self.own);
        let is_server = !self.target.reconnects_itself();
        Arc::new(move |push| {
            let Some(link) = link.upgrade() else { return };
            if push.kind == PushKind::Disconnection && is_server {
                link.drop_connection(number);
            }
            link.signals.receive(&push);
        })
    }

    fn note(&self, number: u64, failure: &Failure) {
        let mut state = self.state();
        if failure.error.kind() != StoreErrorKind::Timeout {
            state.silent_since = None;
        }
        if failure.needs_connection && state.connection.as_ref().is_some_and(|current| current.number == number) {
            state.connection = None;
            // A server that refuses the work is not asked again and again.
            let shortest = state.started.filter(|_| failure.error.kind() != StoreErrorKind::Unreachable);
            let shortest = shortest.map(|started| started + SHORTEST_PAUSE);
            let until = shortest.max(state.pause.take().map(|(until, _)| until));
            state.pause = until.map(|until| (until, failure.error.clone()));
        }
    }

    fn drop_connection(&self, number: u64) {
        let mut state = self.state();
        if state.connection.as_ref().is_some_and(|current| current.number == number) {
            state.connection = None;
            state.silent_since = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The time from an attempt to the next one after so many in a row; `random` is from 0 to 1.
fn pause(attempts: u32, random: f64) -> Duration {
    let longest = SHORTEST_PAUSE.saturating_mul(1 << attempts.min(10)).min(LONGEST_PAUSE);
    SHORTEST_PAUSE + (longest - SHORTEST_PAUSE).mul_f64(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_after_a_second_at_most() {
        for (attempts, random, milliseconds) in [
            (0, 1.0, 100),
            (1, 0.0, 100),
            (1, 1.0, 200),
            (2, 0.5, 250),
            (3, 1.0, 800),
            (4, 1.0, 1000),
            (u32::MAX, 1.0, 1000),
        ] {
            assert_eq!(pause(attempts, random), Duration::from_millis(milliseconds), "{attempts} {random}");
        }
    }
}
