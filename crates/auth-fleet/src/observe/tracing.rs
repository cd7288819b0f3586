//! Events and calls for `tracing`.

use auth_core::{EventContext, Scope, TracingObserver};
use tracing::{Instrument, Span, debug, debug_span, info, trace, warn};

use crate::observe::event::{FleetEvent, FleetObserver};

/// Logs events with `tracing`, including issuer and scope.
///
/// A store that stops working and an entry that cannot be opened are logged at WARN, a store that works again at INFO, requests without
/// the store at DEBUG, everything else at TRACE.
///
/// With or without this observer, each call runs in a span `shared_token` at DEBUG, with `issuer`, `scope` and `outcome`: `hit`, `led`,
/// `waited` or `alone`.
impl FleetObserver for TracingObserver {
    fn on_event(&self, context: &EventContext<'_>, event: &FleetEvent<'_>) {
        let EventContext { issuer, scope, .. } = *context;
        match event {
            FleetEvent::Hit { remaining } => trace!(issuer, %scope, ?remaining, "access token of the store taken"),
            FleetEvent::Led { took, error } => {
                let reason = error.map(|error| error.reason().as_str());
                trace!(issuer, %scope, ?took, reason, "access token requested for all processes");
            }
            FleetEvent::Waited { took } => trace!(issuer, %scope, ?took, "waited for the request of another process"),
            FleetEvent::Alone { took, error } => {
                let reason = error.map(|error| error.reason().as_str());
                debug!(issuer, %scope, ?took, reason, "access token requested without the store");
            }
            FleetEvent::StoreDown { error, retry_after } => {
                let reason = error.kind().as_str();
                warn!(issuer, %scope, reason, ?retry_after, %error, "store down, this process requests its own access tokens");
            }
            FleetEvent::StoreUp { after } => info!(issuer, %scope, ?after, "store up again"),
            FleetEvent::NotOpened => warn!(issuer, %scope, "entry of the store not opened, check the keys"),
        }
    }
}

/// Runs a call in its own span.
pub(crate) fn in_span<F: Future>(issuer: &str, scope: &Scope, call: F) -> impl Future<Output = F::Output> {
    let outcome = tracing::field::Empty;
    call.instrument(debug_span!("shared_token", issuer, %scope, outcome))
}

/// Adds the outcome of the call to its span.
pub(crate) fn mark_span(event: &FleetEvent<'_>) {
    let outcome = match event {
        FleetEvent::Hit { .. } => "hit",
        FleetEvent::Led { .. } => "led",
        FleetEvent::Waited { .. } => "waited",
        FleetEvent::Alone { .. } => "alone",
        FleetEvent::StoreDown { .. } | FleetEvent::StoreUp { .. } | FleetEvent::NotOpened => return,
    };
    Span::current().record("outcome", outcome);
}
