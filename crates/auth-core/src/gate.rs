//! The issuer's gate, which one scope's failure closes for all of them.

use std::time::Duration;

use crate::TokenError;
use crate::clock::Moment;
use crate::decide::{GateView, Pause};
use crate::pauses::growing;
use crate::sync::Lock;

/// How long the server is left alone after the first refusal of the credentials; each further one doubles it.
const FIRST_REFUSAL: Duration = Duration::from_secs(1);

/// One request that tries refused credentials again is given this much time before another may.
const TRIAL: Duration = Duration::from_secs(1);

/// What keeps requests from the server.
#[derive(Default)]
pub(crate) struct Gate(Lock<State>);

#[derive(Default)]
struct State {
    refused: Option<Closed>,
    asked_to_wait: Option<Closed>,
    refusals: u32,
    /// Number of the credentials; goes up when there are others.
    credentials: u32,
    /// The pause after a refusal is over, and one request finds out whether the credentials are accepted by now.
    trial: bool,
}

struct Closed {
    pause: Pause,
    error: TokenError,
}

impl Gate {
    /// What a decision needs to know of it, for requests that wait for `patience` at most.
    pub(crate) fn view(&self, patience: Duration) -> GateView {
        let state = self.0.lock();
        let pause = |closed: &Option<Closed>| closed.as_ref().map(|closed| closed.pause);
        GateView { refused: pause(&state.refused), asked_to_wait: pause(&state.asked_to_wait), patience }
    }

    /// The failure that keeps it closed, and for how long.
    pub(crate) fn obstacle(&self, now: Moment) -> Option<(TokenError, Duration)> {
        let state = self.0.lock();
        let longest = state.closed(now).max_by_key(|closed| closed.pause.remaining(now));
        longest.map(|closed| (closed.error.clone(), closed.pause.remaining(now)))
    }

    /// True if a request may go through. When the pause after a refusal is over, that is one request, so that a thousand
    /// scopes do not each send credentials that are still refused.
    pub(crate) fn enter(&self, now: Moment) -> bool {
        let mut state = self.0.lock();
        if state.closed(now).next().is_some() {
            return false;
        }
        if let Some(refused) = &mut state.refused {
            refused.pause = Pause { from: now, length: TRIAL };
            state.trial = true;
        }
        true
    }

    /// Closes for failures that concern all scopes, and tells for how long. A server that asks for more than `longest`
    /// is asked again after that. The refusal of credentials that have been replaced since concerns nobody.
    pub(crate) fn close_for(
        &self,
        error: &TokenError,
        credentials: u32,
        now: Moment,
        longest: Duration,
    ) -> Option<Duration> {
        let mut state = self.0.lock();
        if std::mem::take(&mut state.trial) {
            state.end_of_trial();
        }
        if let Some(asked) = error.retry_after() {
            let length = asked.min(longest);
            let open_later = |closed: &Closed| closed.pause.remaining(now) >= length;
            if !length.is_zero() && !state.asked_to_wait.as_ref().is_some_and(open_later) {
                state.asked_to_wait = Some(Closed { pause: Pause { from: now, length }, error: error.clone() });
                return Some(length);
            }
        } else if error.refuses_credentials() && state.credentials == credentials && !state.is_refused(now) {
            let length = growing(FIRST_REFUSAL, state.refusals);
            state.refusals = state.refusals.saturating_add(1);
            state.refused = Some(Closed { pause: Pause { from: now, length }, error: error.clone() });
            return Some(length);
        }
        None
    }

    /// The number of the credentials that requests are made with from now on.
    pub(crate) fn credentials(&self) -> u32 {
        self.0.lock().credentials
    }

    /// There are other credentials. What the server asked for still counts.
    pub(crate) fn replace_credentials(&self) {
        let mut state = self.0.lock();
        state.credentials = state.credentials.wrapping_add(1);
        state.accept();
    }

    /// The server accepted the credentials.
    pub(crate) fn accepted(&self) {
        self.0.lock().accept();
    }
}

impl State {
    /// What keeps it closed now.
    fn closed(&self, now: Moment) -> impl Iterator<Item = &Closed> {
        [&self.refused, &self.asked_to_wait].into_iter().flatten().filter(move |closed| closed.pause.is_on(now))
    }

    fn accept(&mut self) {
        self.refused = None;
        self.refusals = 0;
        self.trial = false;
    }

    /// Lets another request try, unless what came of this one closes the gate again.
    fn end_of_trial(&mut self) {
        if let Some(refused) = &mut self.refused {
            refused.pause.length = Duration::ZERO;
        }
    }

    /// Requests that were on their way together are refused together; that counts as once.
    fn is_refused(&self, now: Moment) -> bool {
        self.refused.as_ref().is_some_and(|refused| refused.pause.is_on(now))
    }
}
