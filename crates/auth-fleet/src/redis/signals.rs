//! Notifications of publications and releases: who waits for which channel.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::{PushInfo, PushKind, Value};
use tokio::sync::{Mutex as AsyncMutex, Notify};

/// The channels that tasks of this process listen to.
#[derive(Default)]
pub(super) struct Signals(Mutex<HashMap<String, Arc<Channel>>>);

/// A channel that somebody listens to.
#[derive(Default)]
pub(super) struct Channel {
    listeners: Mutex<usize>,
    changed: Notify,
    /// Whoever holds this lock changes the subscription.
    pub(super) subscription: AsyncMutex<Subscription>,
}

/// The subscription of a channel on the connection with this number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Subscription {
    #[default]
    None,
    /// It was requested. Without an answer, it may or may not exist.
    Requested(u64),
    /// The server has confirmed it.
    Confirmed(u64),
}

impl Signals {
    /// Counts a listener of the channel.
    pub(super) fn join(&self, name: &str) -> Arc<Channel> {
        let mut channels = self.channels();
        let channel = channels.entry(name.to_owned()).or_default();
        *channel.listeners() += 1;
        Arc::clone(channel)
    }

    /// Forgets the channel if nobody listens to it.
    pub(super) fn forget(&self, name: &str) {
        let mut channels = self.channels();
        if channels.get(name).is_some_and(|channel| *channel.listeners() == 0) {
            channels.remove(name);
        }
    }

    /// Receives what a connection reports: messages wake the listeners of their channel, and the end of a connection wakes all.
    pub(super) fn receive(&self, push: &PushInfo) {
        match (&push.kind, &push.data[..]) {
            (PushKind::Message, [Value::BulkString(channel), ..]) => {
                if let Some(channel) = str::from_utf8(channel).ok().and_then(|name| self.channels().get(name).cloned())
                {
                    channel.changed.notify_waiters();
                }
            }
            (PushKind::Disconnection, _) => {
                self.channels().values().for_each(|channel| channel.changed.notify_waiters())
            }
            _ => {}
        }
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<String, Arc<Channel>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Channel {
    /// Completes at the next signal after this call.
    pub(super) fn changed(&self) -> impl Future<Output = ()> + '_ {
        self.changed.notified()
    }

    /// Counts a listener less; true if it was the last one.
    pub(super) fn leave(&self) -> bool {
        let mut listeners = self.listeners();
        *listeners -= 1;
        *listeners == 0
    }

    /// True if nobody listens.
    pub(super) fn is_unused(&self) -> bool {
        *self.listeners() == 0
    }

    fn listeners(&self) -> MutexGuard<'_, usize> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
