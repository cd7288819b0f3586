//! Waiting for publications and releases: notifications, and polling behind them.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};

use super::link::Link;
use super::signals::{Channel, Subscription};
use crate::store::error::StoreError;

/// The first time after which a waiting task asks without a notification.
const FIRST_POLL: Duration = Duration::from_millis(50);

/// The longest time after which it asks again.
const LONGEST_POLL: Duration = Duration::from_secs(1);

/// Waits on this channel until `is_over`, for `at_most` this long. The condition is checked after listening has begun, after each
/// notification, and from time to time, since a notification may be lost with the connection.
pub(super) async fn wait<F>(
    link: &Arc<Link>,
    channel: &str,
    at_most: Duration,
    is_over: impl Fn() -> F,
) -> Result<(), StoreError>
where
    F: Future<Output = Result<bool, StoreError>>,
{
    let waiting = async {
        let listener = Listener::new(link, channel);
        let started = Instant::now();
        for turn in 0.. {
            let changed = listener.channel.changed();
            // Without a subscription, there is polling.
            listener.subscribe().await;
            if is_over().await? {
                return Ok(());
            }
            let poll = poll(turn, fastrand::f64()).min(at_most.saturating_sub(started.elapsed()));
            let _ = timeout(poll, changed).await;
        }
        Ok(())
    };
    timeout(at_most, waiting).await.unwrap_or(Ok(()))
}

/// How long to wait for a notification before asking; `random` is from 0 to 1.
fn poll(turn: u32, random: f64) -> Duration {
    FIRST_POLL.saturating_mul(1 << turn.min(10)).min(LONGEST_POLL).mul_f64(0.75 + random / 2.0)
}

/// A task that listens to a channel.
struct Listener<'a> {
    link: &'a Arc<Link>,
    name: &'a str,
    channel: Arc<Channel>,
}

impl<'a> Listener<'a> {
    fn new(link: &'a Arc<Link>, name: &'a str) -> Self {
        Self { link, name, channel: link.signals.join(name) }
    }

    /// Subscribes the connection to the channel, unless it is.
    async fn subscribe(&self) {
        let mut subscription = self.channel.subscription.lock().await;
        let Ok(mut connection) = self.link.connection().await else { return };
        let confirmed = Subscription::Confirmed(connection.number);
        if *subscription != confirmed {
            // This task may be dropped before the answer arrives.
            *subscription = Subscription::Requested(connection.number);
            if connection.subscribe(self.name).await.is_ok() {
                *subscription = confirmed;
            }
        }
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        if !self.channel.leave() {
            return;
        }
        // Without a runtime, the next listener finds the channel as it is.
        let Ok(runtime) = Handle::try_current() else { return };
        let (link, name, channel) = (Arc::clone(self.link), self.name.to_owned(), Arc::clone(&self.channel));
        runtime.spawn(async move {
            let mut subscription = channel.subscription.lock().await;
            // A listener that has come since then waits for the lock, or keeps the subscription.
            if !channel.is_unused() {
                return;
            }
            if let (Subscription::Requested(number) | Subscription::Confirmed(number), Some(mut connection)) =
                (std::mem::take(&mut *subscription), link.present())
                && connection.number == number
            {
                let _ = connection.unsubscribe(&name).await;
            }
            link.signals.forget(&name);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polling_gets_rarer_and_is_spread() {
        for (turn, random, milliseconds) in
            [(0, 0.5, 50), (1, 0.5, 100), (2, 0.0, 150), (2, 1.0, 250), (5, 0.5, 1000), (u32::MAX, 1.0, 1250)]
        {
            assert_eq!(poll(turn, random), Duration::from_millis(milliseconds), "{turn} {random}");
        }
    }
}
