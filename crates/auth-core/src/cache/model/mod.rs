//! The cache under a model checker, which tries orders in which threads may go on. See CONTRIBUTING.md for the command.
//!
//! `one_scope` tries the slot of a scope, `many_scopes` the table of slots and their eviction.
//!
//! Requests are not made here: a thread that gets a sender completes the request by hand, or drops the sender.
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

/// Orders that are tried at random unless `MODEL_ORDERS` says how many; and as many again with few changes of thread at
/// random places.
const ORDERS: usize = 2_000;

/// Those few changes.
const CHANGES: usize = 3;

/// Tokens live for a hundred seconds here and are due after 72.
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

/// Tries every order there is, and tells how many.
fn exhaust(model: impl Fn() + Send + Sync + 'static) -> usize {
    run(Box::new(DfsScheduler::new(None, false)), model)
}

fn run(scheduler: Box<dyn Scheduler + Send>, model: impl Fn() + Send + Sync + 'static) -> usize {
    let mut config = Config::new();
    config.silence_warnings = true;
    config.stack_size = 0x2_0000;
    // Requests in flight look at Tokio's clock, which stands still here unless a model moves it.
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let _context = runtime.enter();
    Runner::new(scheduler, config).run(model)
}

/// All requests in flight are overdue from now on.
fn make_overdue() {
    Handle::current().block_on(tokio::time::advance(Duration::from_secs(120)));
}

fn scope(name: &str) -> Scope {
    name.parse().unwrap()
}

/// Decides for a caller on a runtime who waits.
fn decide(slot: &Slot, now: Moment) -> SlotAction<()> {
    let breaker = BreakerView { refused: None, asked_to_wait: None, deadline: Duration::from_secs(45) };
    slot.decide(breaker, now, Need { min_validity: 0, runtime: Some(()), waits: 1, waited: Waited::Not }).0
}

/// A scope and what has been seen of it.
#[derive(Clone)]
struct Model {
    slot: triomphe::Arc<Slot>,
    nothing: triomphe::Arc<Token>,
    /// Looked at without giving way.
    history: Arc<Mutex<History>>,
}

#[derive(Default)]
struct History {
    numbers: HashSet<u32>,
    /// Numbers of requests in flight, with the count of what disowned requests when they began.
    in_flight: Vec<(u32, u32)>,
    disowned: u32,
    rejected: HashSet<String>,
    completed: Option<AccessToken>,
    /// Number of the youngest token that was current.
    youngest: u32,
    /// Version of the credentials, and the oldest whose tokens may be current.
    credentials: u32,
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

    /// Looks at the token at hand.
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

    /// Asks once, and notes the request if one began.
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

    /// Completes a request with a token, made with the credentials of this moment.
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
        // The request takes a while.
        interleave();
        self.history().in_flight.retain(|(number, _)| *number != sender.number);
    }

    /// Asks until there is an answer, as a caller does, and completes what it begins.
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

    /// Asserts that no rejection has cost another token than its own.
    fn lacks_nothing_but_what_was_rejected(&self) {
        let completed = self.history().completed.clone().unwrap();
        let at_hand = self.slot.living(FRESH, 0);
        let is_rejected = self.history().rejected.contains(completed.expose());
        assert_eq!(at_hand.map(|token| parts(&token)), (!is_rejected).then(|| parts(&completed)), "the youngest token");
    }

    /// Other credentials; the tokens of the old ones go.
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

    /// Runs these side by side to their end.
    fn side_by_side(&self, work: impl IntoIterator<Item = fn(&Self)>) {
        let threads: Vec<_> = work.into_iter().map(|work| self.spawn(work)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        self.look();
    }
}

/// Number and credentials of a token.
fn parts(token: &AccessToken) -> (u32, u32) {
    let (number, credentials) = token.expose().split_once('.').unwrap();
    (number.parse().unwrap(), credentials.parse().unwrap())
}
