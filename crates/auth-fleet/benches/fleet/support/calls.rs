//! Measures each call of a shared endpoint.

use std::cell::Cell;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use auth_core::{EndpointIdentity, EventContext, Replaced, Scope, TokenEndpoint, TokenError, TokenResponse};
use auth_fleet::{FleetEvent, FleetObserver, Shared, Store};

tokio::task_local! {
    static CALL: Cell<Events>;
}

/// What happened within a call.
#[derive(Clone, Copy, Default)]
struct Events {
    kind: Option<Kind>,
    issuer: Duration,
    answered: Option<Instant>,
}

/// What a call did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Took a token of the store without waiting.
    Took,
    /// Waited for the request of another process.
    Waited,
    /// Requested a token for all.
    Led,
    /// Requested a token without the store.
    Alone,
}

/// A call that has ended.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) kind: Kind,
    pub(crate) took: Duration,
    /// The part of it that was the request to the issuer.
    pub(crate) issuer: Duration,
    /// When the issuer had answered.
    pub(crate) answered: Option<Instant>,
    pub(crate) ended: Instant,
}

/// A shared endpoint that records its calls. Clones share the record.
pub(crate) struct Measured<E, S> {
    shared: Shared<E, S>,
    calls: Arc<Mutex<Vec<Call>>>,
}

struct Watch;

impl FleetObserver for Watch {
    fn on_event(&self, _: &EventContext<'_>, event: &FleetEvent<'_>) {
        // Fails outside of a measured call.
        let _ = CALL.try_with(|call| {
            let mut events = call.get();
            match event {
                FleetEvent::Hit { .. } => events.kind = Some(Kind::Took),
                FleetEvent::Led { took, .. } | FleetEvent::Alone { took, .. } => {
                    let led = matches!(event, FleetEvent::Led { .. });
                    events.kind = Some(if led { Kind::Led } else { Kind::Alone });
                    events.issuer = *took;
                    events.answered = Some(Instant::now());
                }
                FleetEvent::Waited { .. } => events.kind = events.kind.or(Some(Kind::Waited)),
                _ => {}
            }
            call.set(events);
        });
    }
}

impl<E: TokenEndpoint, S: Store> Measured<E, S> {
    /// Shares the tokens of the endpoint, with default settings.
    pub(crate) fn new(endpoint: E, store: S) -> Self {
        Self { shared: Shared::builder(endpoint, store).observer(Watch).build(), calls: Arc::default() }
    }

    /// The calls since this was asked before.
    pub(crate) fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    pub(crate) fn shared(&self) -> &Shared<E, S> {
        &self.shared
    }

    async fn measure(
        &self,
        call: impl Future<Output = Result<TokenResponse, TokenError>>,
    ) -> Result<TokenResponse, TokenError> {
        let began = Instant::now();
        let measured = async {
            let answer = call.await;
            (answer, CALL.with(Cell::get))
        };
        let (answer, events) = CALL.scope(Cell::default(), measured).await;
        let ended = Instant::now();
        if let (Ok(_), Some(kind)) = (&answer, events.kind) {
            let Events { issuer, answered, .. } = events;
            self.calls.lock().unwrap().push(Call { kind, took: ended - began, issuer, answered, ended });
        }
        answer
    }
}

impl<E: TokenEndpoint, S: Store> TokenEndpoint for Measured<E, S> {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        self.measure(self.shared.request_token(scope)).await
    }

    async fn replace_token(&self, scope: &Scope, replaced: &Replaced<'_>) -> Result<TokenResponse, TokenError> {
        self.measure(self.shared.replace_token(scope, replaced)).await
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        self.shared.identity().await
    }
}

impl<E, S> Clone for Measured<E, S> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), calls: Arc::clone(&self.calls) }
    }
}
