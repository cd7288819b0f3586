//! The cache under a model checker, which tries orders in which threads may go on. See CONTRIBUTING.md for the command.
//!
//! Requests are not made here: a thread that gets a sender completes the request by hand, or drops the sender.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use auth_transport::{ExpiresIn, Secret};
use shuttle::future::block_on;
use shuttle::scheduler::{DfsScheduler, PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, Runner, thread};
use tokio::runtime::{Builder, Handle};

use crate::cache::in_flight::OutcomeSender;
use crate::cache::policy::BreakerView;
use crate::cache::scopes::Scopes;
use crate::cache::slot::Rejection;
use crate::cache::slot::{Slot, Step};
use crate::cache::sync::interleave;
use crate::clock::Moment;
use crate::token::access_token::AccessToken;
use crate::token::access_token::Token;
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

/// A scope and what has been seen of it.
#[derive(Clone)]
struct Model {
    slot: triomphe::Arc<Slot>,
    nothing: triomphe::Arc<Token>,
    /// Looked at without giving way.
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
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
        Self { slot: triomphe::Arc::new(Slot::new(scope("a"), &nothing)), nothing, seen: Arc::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// Looks at the token at hand.
    fn look(&self) {
        let (rejected, youngest, oldest) = {
            let seen = self.seen();
            (seen.rejected.clone(), seen.youngest, seen.oldest)
        };
        let Some(token) = self.slot.living(FRESH, 0) else { return };
        let (number, credentials) = parts(&token);
        assert!(!rejected.contains(token.expose()), "a rejected token is at hand: {}", token.expose());
        assert!(number >= youngest, "token {number} took the place of token {youngest}");
        assert!(credentials >= oldest, "a token of credentials {credentials} is at hand after {oldest} came");
        let mut seen = self.seen();
        seen.youngest = seen.youngest.max(number);
    }

    /// Asks once, and notes the request if one began.
    fn step(&self, now: Moment) -> Step {
        let disowned = self.seen().disowned;
        let breaker = BreakerView { deadline: Duration::from_secs(45), ..BreakerView::default() };
        let (step, _) = self.slot.step(breaker, now, 0, true);
        if let Step::Stale(_, Some(sender)) | Step::Wait(_, Some(sender)) = &step {
            let mut seen = self.seen();
            assert!(seen.numbers.insert(sender.number), "number {} was given twice", sender.number);
            if seen.disowned == disowned {
                let others = seen.in_flight.iter().filter(|(_, when)| *when == disowned).count();
                assert_eq!(others, 0, "request {} began beside another", sender.number);
                seen.in_flight.push((sender.number, disowned));
            }
        }
        step
    }

    /// Completes a request with a token, made with the credentials of this moment.
    fn complete(&self, sender: OutcomeSender) -> Option<Duration> {
        let token = self.token(&sender);
        let cooldown = self.end(sender, Ok(token.clone()));
        let mut seen = self.seen();
        let is_younger = seen.completed.as_ref().is_none_or(|completed| parts(completed) < parts(&token));
        if is_younger {
            seen.completed = Some(token);
        }
        cooldown
    }

    fn token(&self, sender: &OutcomeSender) -> AccessToken {
        interleave();
        let text = format!("{}.{}", sender.number, self.seen().credentials);
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
        self.seen().in_flight.retain(|(number, _)| *number != sender.number);
    }

    /// Asks until there is an answer, as a caller does, and completes what it begins.
    fn ask(&self, now: Moment) -> Result<AccessToken, TokenError> {
        for _ in 0..3 {
            let in_flight = match self.step(now) {
                Step::Ready(token) => return Ok(token.into_access_token()),
                Step::Stale(token, sender) => {
                    sender.map(|sender| self.complete(sender));
                    return Ok(token.into_access_token());
                }
                Step::Wait(in_flight, sender) => {
                    sender.map(|sender| self.complete(sender));
                    in_flight
                }
                Step::Failed(error) => return Err(error),
                Step::Suspended | Step::Short(_) => unreachable!(),
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
            let is_first = self.seen().rejected.insert(token.expose().to_owned());
            assert!(is_first, "{} was dropped twice", token.expose());
        }
    }

    /// Asserts that no rejection has cost another token than its own.
    fn lacks_nothing_but_what_was_rejected(&self) {
        let completed = self.seen().completed.clone().unwrap();
        let at_hand = self.slot.living(FRESH, 0);
        let is_rejected = self.seen().rejected.contains(completed.expose());
        assert_eq!(at_hand.map(|token| parts(&token)), (!is_rejected).then(|| parts(&completed)), "the youngest token");
    }

    /// Other credentials; the tokens of the old ones go.
    fn rotate(&self) {
        self.seen().disowned += 1;
        self.seen().credentials += 1;
        let credentials = self.seen().credentials;
        self.slot.rotate(true, &self.nothing);
        let mut seen = self.seen();
        seen.disowned += 1;
        seen.oldest = seen.oldest.max(credentials);
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

/// A caller whose token is not accepted.
fn reject_what_is_at_hand(model: &Model) {
    if let Some(token) = model.slot.living(FRESH, 0) {
        model.reject(&token);
    }
}

#[test]
fn a_rejected_token_never_comes_back_in_any_order_at_all() {
    let orders = exhaust(|| {
        let model = Model::new();
        model.ask(FRESH).unwrap();
        let Step::Stale(_, Some(renewal)) = model.step(DUE) else { panic!("it is due") };
        let completion = model.spawn(|model| {
            model.complete(renewal);
        });
        reject_what_is_at_hand(&model);
        completion.join().unwrap();
        model.look();
        model.lacks_nothing_but_what_was_rejected();
    });
    eprintln!("{orders} orders");
    assert!(orders > 100);
}

#[test]
fn a_rejected_token_never_comes_back_when_many_reject_and_renew() {
    explore(|| {
        let model = Model::new();
        model.ask(FRESH).unwrap();
        let renew: fn(&Model) = |model| drop(model.ask(DUE));
        model.side_by_side([renew, renew, reject_what_is_at_hand, reject_what_is_at_hand]);
        model.lacks_nothing_but_what_was_rejected();
    });
}

#[test]
fn callers_are_released_wherever_a_request_is_lost() {
    explore(|| {
        let model = Model::new();
        // The runtime of the first goes away with its request, at any point.
        let lost: fn(&Model) = |model| {
            if let Step::Wait(in_flight, sender) = model.step(FRESH) {
                sender.into_iter().for_each(|sender| model.lose(sender));
                drop(in_flight);
            }
        };
        let ask: fn(&Model) = |model| drop(model.ask(FRESH));
        model.side_by_side([lost, ask, ask, lost]);
        // One lost request or two are no reason for a cooldown.
        assert!(model.ask(FRESH).is_ok());
    });
}

#[test]
fn a_request_may_be_lost_beside_everything_else() {
    explore(|| {
        let model = Model::new();
        model.ask(FRESH).unwrap();
        let lose: fn(&Model) = |model| {
            if let Step::Stale(_, Some(sender)) | Step::Wait(_, Some(sender)) = model.step(DUE) {
                model.lose(sender);
            }
        };
        let ask: fn(&Model) = |model| drop(model.ask(DUE));
        model.side_by_side([lose, ask, reject_what_is_at_hand, Model::rotate]);
        assert!(model.ask(FRESH).is_ok());
    });
}

#[test]
fn callers_are_released_when_a_request_fails() {
    explore(|| {
        let model = Model::new();
        let fail: fn(&Model) = |model| {
            if let Step::Wait(_, Some(sender)) = model.step(FRESH) {
                model.end(sender, Err(TokenError::ExpiredOnArrival));
            }
        };
        let ask: fn(&Model) = |model| drop(model.ask(FRESH));
        model.side_by_side([fail, ask, ask]);
    });
}

#[test]
fn no_token_of_old_credentials_stays_after_they_were_dropped() {
    explore(|| {
        let model = Model::new();
        let ask: fn(&Model) = |model| drop(model.ask(FRESH));
        model.side_by_side([ask, Model::rotate, ask, Model::rotate]);
    });
}

#[test]
fn an_old_request_that_ends_late_changes_nothing_that_is_younger() {
    explore(|| {
        let model = Model::new();
        let late: fn(&Model) = |model| {
            if let Step::Wait(_, Some(sender)) = model.step(FRESH) {
                model.seen().disowned += 1;
                make_overdue();
                thread::yield_now();
                model.complete(sender);
            }
        };
        let fail: fn(&Model) = |model| {
            if let Step::Wait(_, Some(sender)) = model.step(FRESH) {
                model.end(sender, Err(TokenError::Interrupted));
            }
        };
        model.side_by_side([late, late, late, fail, Model::rotate]);
        drop(model.ask(DUE));
    });
}

/// A cache with room for one scope, in which `a` is idle.
fn scopes_with_a() -> (Arc<Scopes>, triomphe::Arc<Token>) {
    let (scopes, nothing) = (Arc::new(Scopes::new(1)), triomphe::Arc::new(Token::none()));
    drop(scopes.slot(&scope("a"), FRESH, &nothing));
    (scopes, nothing)
}

/// Asks for this scope while a request for `a` is about to begin, and gives back what was evicted.
fn ask_for(
    name: &str,
    scopes: &Arc<Scopes>,
    nothing: &triomphe::Arc<Token>,
) -> thread::JoinHandle<Vec<triomphe::Arc<Slot>>> {
    let (scope, scopes, nothing) = (scope(name), Arc::clone(scopes), nothing.clone());
    thread::spawn(move || {
        let (_held, evicted) = scopes.slot(&scope, FRESH, &nothing);
        evicted
    })
}

#[test]
fn what_somebody_holds_is_not_evicted() {
    explore(|| {
        let (scopes, nothing) = scopes_with_a();
        let others = ["b", "c"].map(|name| ask_for(name, &scopes, &nothing));
        let (held, _) = scopes.slot(&scope("a"), FRESH, &nothing);
        let evicted: Vec<_> = others.into_iter().flat_map(|other| other.join().unwrap()).collect();
        assert!(!evicted.iter().any(|slot| triomphe::Arc::ptr_eq(slot, &held)), "evicted while it was held");
    });
}

#[test]
fn a_scope_with_a_request_in_flight_is_not_evicted() {
    explore(|| {
        let (scopes, nothing) = scopes_with_a();
        let others = ["b", "c"].map(|name| ask_for(name, &scopes, &nothing));
        let requesting = scopes.held(&b"a"[..]).map(|slot| {
            let (step, _) = slot.step(BreakerView::default(), FRESH, 0, true);
            (slot, step)
        });
        let evicted: Vec<_> = others.into_iter().flat_map(|other| other.join().unwrap()).collect();
        let Some((slot, Step::Wait(_, Some(sender)))) = requesting else { return };
        assert!(!evicted.iter().any(|evicted| triomphe::Arc::ptr_eq(evicted, &slot)), "evicted with its request");
        slot.complete(sender, Err(TokenError::Interrupted), FRESH, 0.0);
        assert!(scopes.with(&b"a"[..], |now| triomphe::Arc::ptr_eq(now, &slot)).unwrap());
    });
}

#[test]
fn callers_who_hold_one_scope_at_the_same_time_share_its_slot() {
    explore(|| {
        let (scopes, nothing) = scopes_with_a();
        let others = ["b", "c"].map(|name| ask_for(name, &scopes, &nothing));
        let callers = [(); 2].map(|()| {
            let (scopes, nothing) = (Arc::clone(&scopes), nothing.clone());
            thread::spawn(move || scopes.slot(&scope("a"), FRESH, &nothing).0)
        });
        let [one, other] = callers.map(|caller| caller.join().unwrap());
        assert!(triomphe::Arc::ptr_eq(&one, &other), "two slots of one scope");
        others.into_iter().for_each(|other| drop(other.join().unwrap()));
        assert!(scopes.with(&b"a"[..], |now| triomphe::Arc::ptr_eq(now, &one)).unwrap(), "it is the one that is found");
    });
}

#[test]
fn a_cache_that_grew_beyond_its_bound_shrinks_when_its_scopes_are_idle() {
    explore(|| {
        let (scopes, nothing) = scopes_with_a();
        // Each holds its scope and lets it go, as a handle does.
        let callers = ["b", "c", "d"].map(|name| {
            let (scope, scopes, nothing) = (scope(name), Arc::clone(&scopes), nothing.clone());
            thread::spawn(move || {
                drop(scopes.slot(&scope, FRESH, &nothing));
                scopes.trim(FRESH, &nothing);
            })
        });
        callers.into_iter().for_each(|caller| caller.join().unwrap());
        assert_eq!(scopes.len(), 1);
    });
}
