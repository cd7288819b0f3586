//! Processes and the tokens that they get.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use auth_core::{AccessToken, EventContext, Replaced, Scope, TokenEndpoint, TokenError, TokenResponse};
use auth_fleet::{FleetEvent, FleetObserver, Shared};

use crate::endpoint::TestEndpoint;
use crate::memory::MemoryStore;

/// The endpoint of one process.
pub(crate) type Process = Shared<TestEndpoint, MemoryStore>;

/// Processes that share a store; each has its own endpoint, all of them the same issuer.
pub(crate) fn processes<const COUNT: usize>(store: &MemoryStore, endpoint: &TestEndpoint) -> [Process; COUNT] {
    [(); COUNT].map(|()| Shared::new(endpoint.clone(), store.clone()))
}

/// A store, an endpoint and processes.
pub(crate) fn fleet<const COUNT: usize>() -> (MemoryStore, TestEndpoint, [Process; COUNT]) {
    let (store, endpoint) = (MemoryStore::new(), TestEndpoint::default());
    let processes = processes(&store, &endpoint);
    (store, endpoint, processes)
}

pub(crate) fn scope() -> Scope {
    "marker-scope".parse().unwrap()
}

pub(crate) async fn request(process: &Process) -> Result<TokenResponse, TokenError> {
    process.request_token(&scope()).await
}

pub(crate) async fn replace(process: &Process, token: &AccessToken) -> Result<TokenResponse, TokenError> {
    process.replace_token(&scope(), &Replaced::new(token, false)).await
}

pub(crate) async fn reject(process: &Process, token: &AccessToken) -> Result<TokenResponse, TokenError> {
    process.replace_token(&scope(), &Replaced::new(token, true)).await
}

/// The text of the token.
pub(crate) fn text(response: &TokenResponse) -> String {
    response.access_token.expose().to_owned()
}

/// The same, for any number of calls.
pub(crate) fn texts(answers: Vec<Result<TokenResponse, TokenError>>) -> Vec<String> {
    answers.into_iter().map(|answer| text(&answer.unwrap())).collect()
}

/// Runs calls at the same time.
pub(crate) async fn together<F>(calls: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let tasks: Vec<_> = calls.into_iter().map(tokio::spawn).collect();
    let mut outputs = vec![];
    for task in tasks {
        outputs.push(task.await.unwrap());
    }
    outputs
}

/// The remaining lifetime of a token of 100 seconds when its call has ended, `took` after it began.
pub(crate) fn remaining(response: &TokenResponse, took: Duration) -> Duration {
    let age =
        took - response.sent_after.to_std().unwrap_or_default() + (-response.sent_after).to_std().unwrap_or_default();
    response.lifetime().unwrap().saturating_sub(age)
}

/// Notes events in a word each.
#[derive(Clone, Default)]
pub(crate) struct Noting(Arc<Mutex<Vec<String>>>);

impl Noting {
    pub(crate) fn events(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl FleetObserver for Noting {
    fn on_event(&self, context: &EventContext<'_>, event: &FleetEvent<'_>) {
        assert_eq!((context.issuer, context.scope), ("auth.example.com", &scope()));
        let word = format!("{event:?}").split([' ', '{']).next().unwrap().to_owned();
        self.0.lock().unwrap().push(word);
    }
}

/// Stops and continues the calls that run [`inside`](Self::inside) it, as a signal stops a process.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<Mutex<Stopped>>);

#[derive(Default)]
struct Stopped {
    is_stopped: bool,
    wakers: Vec<Waker>,
}

impl Stop {
    pub(crate) fn stop(&self) {
        self.0.lock().unwrap().is_stopped = true;
    }

    pub(crate) fn go_on(&self) {
        let mut state = self.0.lock().unwrap();
        state.is_stopped = false;
        state.wakers.drain(..).for_each(Waker::wake);
    }

    /// Runs a call, except while it is stopped.
    pub(crate) async fn inside<F: Future>(&self, call: F) -> F::Output {
        let mut call = pin!(call);
        std::future::poll_fn(|context| self.poll(call.as_mut(), context)).await
    }

    fn poll<F: Future>(&self, call: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        {
            let mut state = self.0.lock().unwrap();
            if state.is_stopped {
                state.wakers.push(context.waker().clone());
                return Poll::Pending;
            }
        }
        call.poll(context)
    }
}
