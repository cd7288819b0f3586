//! Tests of the cache in a model checker, which runs threads in many different orders. CONTRIBUTING.md has the command.
//!
//! `one_scope` tests the slot of a scope, `many_scopes` the table of slots and their eviction.
//!
//! No requests are sent: a thread that gets a sender completes the request itself, or drops the sender.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod many_scopes;
mod one_scope;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use auth_transport::{ExpiresIn, Secret};
use shuttle::future::block_on;
use shuttle::scheduler::{DfsScheduler, PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, Runner, thread};
use tokio::runtime::{Builder, Handle};

use crate::cache::in_flight::OutcomeSender;
use crate::cache::policy::{Action, BreakerView, Need, Waited};
use crate::cache::slot::{Rejection, Slot, SlotAction};
use crate::cache::sync::interleave;
use crate::clock::Moment;
use crate::token::access_token::{AccessToken, Token};
use crate::token::error::token_error::TokenError;
use crate::token::lifetime::Lifetime;
use crate::token::scope::Scope;

/// Number of orders for each of two schedulers, unless `MODEL_ORDERS` sets it. One chooses random orders, the other
/// switches threads at a few random places.
const ORDERS: usize = 2_000;

/// Number of thread switches of the second scheduler.
const CHANGES: usize = 3;

/// Lifetime of a token in seconds. It is due for renewal after 70.
const LIFE: i64 = 100;
const FRESH: Moment = Moment::new_const(1_000_000, 1_000_000);
const DUE: Moment = Moment::new_const(1_080_000, 1_080_000);

fn explore(model: impl Fn() + Send + Sync + 'static) {
    let model = Arc::new(model);
    let orders = std::env::var("MODEL_ORDERS").map_or(ORDERS, |orders| orders.parse().unwrap());
    for scheduler in [
        Box::new(RandomScheduler::new(orders)) as Box<dyn Scheduler + Send>,
        Box::new(PctScheduler::new(CHANGES, orders)),
    ] {
        let model = Arc::clone(&model);
        run(scheduler, move || model());
    }
}

/// Runs the model in every possible order, and returns the number of orders.
fn exhaust(model: impl Fn() + Send + Sync + 'static) -> usize {
    run(Box::new(DfsScheduler::new(None, false)), model)
}

fn run(scheduler: Box<dyn Scheduler + Send>, model: impl Fn() + Send + Sync + 'static) -> usize {
    let mut config = Config::new();
    config.silence_warnings = true;
    config.stack_size = 0x2_0000;
    // In-flight requests read Tokio's clock, which is paused here until a model advances it.
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let _context = runtime.enter();
    Runner::new(scheduler, config).run(model)
}

/// Advances the clock until all in-flight requests are overdue.
fn make_overdue() {
    Handle::current().block_on(tokio::time::advance(Duration::from_secs(120)));
}

fn scope(name: &str) -> Scope {
    name.parse().unwrap()
}

/// Decides for a caller that is on a runtime and waits.
fn decide(slot: &Slot, now: Moment) -> SlotAction<()> {
    let breaker = BreakerView { refused: None, asked_to_wait: None, deadline: Duration::from_secs(45) };
    slot.decide(breaker, now, Need { min_validity: 0, runtime: Some(()), waits: 1, waited: Waited::Not }).0
}

/// A slot, and the history of what threads did with it.
#[derive(Clone)]
struct Model {
    slot: triomphe::Arc<Slot>,
    nothing: triomphe::Arc<Token>,
    /// The checker does not see this lock, and therefore switches no threads at it.
    history: Arc<Mutex<History>>,
}

#[derive(Default)]
struct History {
    numbers: HashSet<u32>,
    /// Numbers of in-flight requests, each with the value of `disowned` when it began.
    in_flight: Vec<(u32, u32)>,
    /// Incremented by operations that detach the in-flight request.
    disowned: u32,
    rejected: HashSet<String>,
    completed: Option<AccessToken>,
    /// Number of the latest token that was cached.
    youngest: u32,
    /// Version of the credentials.
    credentials: u32,
    /// Oldest version of the credentials whose tokens may be cached.
    oldest: u32,
}

impl Model {
    fn new() -> Self {
        let nothing = triomphe::Arc::new(Token::none());
        Self { slot: triomphe::Arc::new(Slot::new(scope("a"), &nothing)), nothing, history: Arc::default() }
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap()
    }

    /// Checks the cached token against the history.
    fn look(&self) {
        let (rejected, youngest, oldest) = {
            let history = self.history();
            (history.rejected.clone(), history.youngest, history.oldest)
        };
        let Some(token) = self.slot.living(FRESH, 0) else { return };
        let (number, credentials) = parts(&token);
        assert!(!rejected.contains(token.expose()), "a rejected token is at hand: {}", token.expose());
        assert!(number >= youngest, "token {number} took the place of token {youngest}");
        assert!(credentials >= oldest, "a token of credentials {credentials} is at hand after {oldest} came");
        let mut history = self.history();
        history.youngest = history.youngest.max(number);
    }

    /// Decides once, and records the request if one begins.
    fn decide(&self, now: Moment) -> SlotAction<()> {
        let disowned = self.history().disowned;
        let action = decide(&self.slot, now);
        if let Action::ServeAndRenew(_, ((), sender)) | Action::SendAndWait(((), sender), _) = &action {
            let mut history = self.history();
            assert!(history.numbers.insert(sender.number), "number {} was given twice", sender.number);
            if history.disowned == disowned {
                let others = history.in_flight.iter().filter(|(_, when)| *when == disowned).count();
                assert_eq!(others, 0, "request {} began beside another", sender.number);
                history.in_flight.push((sender.number, disowned));
            }
        }
        action
    }

    /// Completes a request with a token for the current credentials.
    fn complete(&self, sender: OutcomeSender) -> Option<Duration> {
        let token = self.token(&sender);
        let cooldown = self.end(sender, Ok(token.clone()));
        let mut history = self.history();
        let is_younger = history.completed.as_ref().is_none_or(|completed| parts(completed) < parts(&token));
        if is_younger {
            history.completed = Some(token);
        }
        cooldown
    }

    fn token(&self, sender: &OutcomeSender) -> AccessToken {
        interleave();
        let text = format!("{}.{}", sender.number, self.history().credentials);
        let lifetime = Lifetime::plan(Some(ExpiresIn::from_secs(LIFE)), None, 0.0);
        AccessToken::new(&Secret::from(text), scope("a"), FRESH, lifetime).unwrap()
    }

    fn end(&self, sender: OutcomeSender, result: Result<AccessToken, TokenError>) -> Option<Duration> {
        self.forget(&sender);
        self.slot.complete(sender, result, FRESH, 0.0)
    }

    fn lose(&self, sender: OutcomeSender) {
        self.forget(&sender);
        drop(sender);
    }

    fn forget(&self, sender: &OutcomeSender) {
        // Lets other threads run while the request is in flight.
        interleave();
        self.history().in_flight.retain(|(number, _)| *number != sender.number);
    }

    /// Decides and waits until there is a result, as a caller does, and completes the requests that it begins.
    fn ask(&self, now: Moment) -> Result<AccessToken, TokenError> {
        for _ in 0..3 {
            let in_flight = match self.decide(now) {
                Action::Serve(token) | Action::ServeStale(token) => return Ok(token.into_access_token()),
                Action::ServeAndRenew(token, ((), sender)) => {
                    self.complete(sender);
                    return Ok(token.into_access_token());
                }
                Action::Wait(in_flight, _) => in_flight,
                Action::SendAndWait(((), sender), _) => {
                    let in_flight = sender.in_flight.clone();
                    self.complete(sender);
                    in_flight
                }
                Action::Fail(error) => return Err(error),
                Action::Renew(_) | Action::Nothing => unreachable!(),
            };
            let end = tokio::time::Instant::now() + Duration::from_secs(600);
            if let Ok(Some(result)) = block_on(in_flight.wait(end)) {
                return result;
            }
        }
        Err(TokenError::Interrupted)
    }

    fn reject(&self, token: &AccessToken) {
        if self.slot.reject(token, &self.nothing, FRESH).0 == Rejection::Dropped {
            let is_first = self.history().rejected.insert(token.expose().to_owned());
            assert!(is_first, "{} was dropped twice", token.expose());
        }
    }

    /// Asserts that the latest token is cached unless it was rejected itself.
    fn assert_only_rejected_tokens_were_dropped(&self) {
        let completed = self.history().completed.clone().unwrap();
        let at_hand = self.slot.living(FRESH, 0);
        let is_rejected = self.history().rejected.contains(completed.expose());
        assert_eq!(at_hand.map(|token| parts(&token)), (!is_rejected).then(|| parts(&completed)), "the youngest token");
    }

    /// Replaces the credentials and drops the tokens of the old ones.
    fn rotate(&self) {
        self.history().disowned += 1;
        self.history().credentials += 1;
        let credentials = self.history().credentials;
        self.slot.rotate(true, &self.nothing);
        let mut history = self.history();
        history.disowned += 1;
        history.oldest = history.oldest.max(credentials);
    }

    fn spawn(&self, work: impl FnOnce(&Self) + Send + 'static) -> thread::JoinHandle<()> {
        let model = self.clone();
        thread::spawn(move || {
            work(&model);
            model.look();
        })
    }

    /// Runs these functions in parallel and waits for all of them.
    fn side_by_side(&self, work: impl IntoIterator<Item = fn(&Self)>) {
        let threads: Vec<_> = work.into_iter().map(|work| self.spawn(work)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        self.look();
    }
}

/// The number and the version of the credentials that a token holds.
fn parts(token: &AccessToken) -> (u32, u32) {
    let (number, credentials) = token.expose().split_once('.').unwrap();
    (number.parse().unwrap(), credentials.parse().unwrap())
}
