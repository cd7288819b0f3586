//! Tells the service manager what this process does. Does nothing if none has asked (`NOTIFY_SOCKET`).

use sd_notify::NotifyState;

/// Requests are answered.
pub(super) fn ready() {
    notify(&[NotifyState::Ready]);
}

/// The configuration is being read again.
pub(super) fn reloading() {
    let now = NotifyState::monotonic_usec_now();
    notify(&now.map_or_else(|_| vec![NotifyState::Reloading], |now| vec![NotifyState::Reloading, now]));
}

/// The process is ending.
pub(super) fn stopping() {
    notify(&[NotifyState::Stopping]);
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!("the service manager is not told: {error}");
    }
}
