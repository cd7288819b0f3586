//! A state machine: any number of processes, with any operations and any outages, in any order.
//!
//! Each case runs in virtual time. Afterwards, what the authorization server has issued and what the calls have returned is compared
//! with what is promised.

use std::collections::{BTreeSet, HashMap};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;

use auth_core::{AccessToken, EndpointIdentity, Replaced, Scope, Secret, TokenEndpoint, TokenError, TokenResponse};
use auth_fleet::{Shared, StoreErrorKind};
use proptest::prelude::*;
use proptest::strategy::Union;
use proptest::test_runner::{Config, TestRunner};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::endpoint::{access_token, response};
use crate::memory::{Defect, Faults, MemoryStore};
use crate::processes::{Stop, text};

const SCOPES: [&str; 2] = ["one", "two"];

/// Seconds that a token lives.
const LIFE: i64 = 20;

/// Age at which a process replaces its token.
const DUE: Duration = Duration::from_secs(14);

/// The longest time that the authorization server takes.
const LATENCY: Duration = Duration::from_millis(500);

/// No call takes longer, unless it is stopped: the longest wait, the longest request, and a second for the rest.
const DEADLINE: Duration = Duration::from_secs(41);

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A process needs a token for a scope. It asks if it has none, or one that is due.
    Ask {
        process: usize,
        scope: usize,
    },
    /// A resource server rejects the token of a process, which asks for another.
    Reject {
        process: usize,
        scope: usize,
    },
    /// The next call of the process is dropped when it has been polled this often.
    Drop {
        process: usize,
        polls: usize,
    },
    /// The same, and the process is killed: it releases nothing, and starts again without tokens.
    Kill {
        process: usize,
        polls: usize,
    },
    /// A process is stopped for a while.
    Stop {
        process: usize,
        millis: u64,
    },
    Pass {
        millis: u64,
    },
    /// The store loses its entries.
    Evict,
    /// The store loses entries and leases.
    Flush,
    /// The store fails until it recovers.
    Fail {
        reads: bool,
        writes: bool,
    },
    Recover,
    /// The store takes this long before and after each operation.
    Slow {
        millis: u64,
    },
    /// The next request to the authorization server fails.
    Refuse,
}

/// What happens in a case besides requests and rejections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Trouble {
    drops: bool,
    kills: bool,
    stops: bool,
    losses: bool,
    outages: bool,
    refusals: bool,
}

/// What the authorization server issued.
#[derive(Clone, Debug)]
struct Mint {
    scope: usize,
    process: usize,
    at: Instant,
    text: String,
}

/// What all processes of a case have in common.
#[derive(Clone)]
struct World(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    mints: Vec<Mint>,
    refusals: usize,
    latency: Duration,
    rejected: BTreeSet<(usize, String)>,
    /// Calls that were dropped, killed, or stopped.
    interruptions: usize,
    /// Calls that returned an error.
    errors: Vec<String>,
    longest: Duration,
    violations: Vec<String>,
}

/// The authorization server, as one process sees it.
struct ModelEndpoint {
    world: World,
    process: usize,
}

/// One process and its tokens.
struct Process {
    shared: Arc<Shared<ModelEndpoint, MemoryStore>>,
    store: MemoryStore,
    stop: Stop,
    tokens: Arc<Mutex<HashMap<usize, Held>>>,
    /// Calls in flight, by scope.
    calls: HashMap<usize, JoinHandle<()>>,
    interruption: Option<Interruption>,
    is_stopped: Arc<Mutex<usize>>,
}

/// How the next call of a process ends.
#[derive(Clone, Copy)]
struct Interruption {
    polls: usize,
    kills: bool,
}

/// A token of a process.
#[derive(Clone)]
struct Held {
    token: AccessToken,
    /// When it ends, as the process knows it.
    ends: Instant,
}

impl World {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Checks a token that a call has returned. `is_stopped` says whether its process was stopped meanwhile.
    fn check(&self, response: &TokenResponse, began: Instant, is_stopped: bool) -> Instant {
        let mut state = self.state();
        let found = text(response);
        let mint = state.mints.iter().find(|mint| mint.text == found).cloned().expect("it was issued");
        let lifetime = response.lifetime().expect("it has a lifetime");
        let claimed = match response.sent_after.to_std() {
            Ok(later) => began + later + lifetime,
            Err(_) => began + lifetime.saturating_sub((-response.sent_after).to_std().unwrap()),
        };
        let (now, ends) = (Instant::now(), mint.at + Duration::from_secs(LIFE.unsigned_abs()));
        if claimed > ends {
            state.violations.push(format!("{found} ends {:?} later than it does", claimed - ends));
        }
        if now >= ends && !is_stopped {
            state.violations.push(format!("{found} had expired for {:?}", now - ends));
        }
        claimed
    }
}

impl TokenEndpoint for ModelEndpoint {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        let (answer, latency) = {
            let mut state = self.world.state();
            let answer = if state.refusals > 0 {
                state.refusals -= 1;
                Err(TokenError::ExpiredOnArrival)
            } else {
                let token = format!("{scope}-{}", state.mints.len());
                let scope = SCOPES.iter().position(|known| *known == scope.as_str()).unwrap();
                let mint = Mint { scope, process: self.process, at: Instant::now(), text: token.clone() };
                state.mints.push(mint);
                Ok(response(&token, LIFE))
            };
            (answer, state.latency)
        };
        sleep(latency).await;
        answer
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        Ok(EndpointIdentity::new("https://auth.example.com/token", "client", &Secret::from("s3cret")))
    }
}

impl Process {
    fn start(world: &World, store: &MemoryStore, number: usize) -> Self {
        let store = store.for_process();
        let endpoint = ModelEndpoint { world: world.clone(), process: number };
        Self {
            shared: Arc::new(Shared::new(endpoint, store.clone())),
            store,
            stop: Stop::default(),
            tokens: Arc::default(),
            calls: HashMap::new(),
            interruption: None,
            is_stopped: Arc::default(),
        }
    }

    /// True if it is not waiting for a token for this scope.
    fn is_free(&self, scope: usize) -> bool {
        self.calls.get(&scope).is_none_or(JoinHandle::is_finished)
    }

    /// Ends all calls, and returns their number.
    fn abort(&mut self) -> usize {
        let calls = self.calls.drain().filter(|(_, call)| !call.is_finished());
        calls.map(|(_, call)| call.abort()).count()
    }

    fn held(&self, scope: usize) -> Option<Held> {
        self.tokens.lock().unwrap().get(&scope).cloned()
    }

    /// Calls for a token that replaces the one that the process has.
    fn call(&mut self, world: &World, scope: usize, replaced: Option<(AccessToken, bool)>) {
        let (shared, tokens, stop) = (Arc::clone(&self.shared), Arc::clone(&self.tokens), self.stop.clone());
        let (store, world, interruption) = (self.store.clone(), world.clone(), self.interruption.take());
        let stops = Arc::clone(&self.is_stopped);
        let call = async move {
            let (began, stops_before) = (Instant::now(), *stops.lock().unwrap());
            let name: Scope = SCOPES[scope].parse().unwrap();
            let replaced = replaced.as_ref().map(|(token, is_rejected)| Replaced::new(token, *is_rejected));
            let call = async {
                match &replaced {
                    Some(replaced) => shared.replace_token(&name, replaced).await,
                    None => shared.request_token(&name).await,
                }
            };
            let mut call = Box::pin(stop.inside(call));
            let Some(answer) = polled(call.as_mut(), interruption.map(|it| it.polls)).await else {
                world.state().interruptions += 1;
                if interruption.is_some_and(|it| it.kills) {
                    // Nothing of the process goes on.
                    store.kill();
                    stop.stop();
                }
                return;
            };
            let was_stopped = *stops.lock().unwrap() != stops_before;
            match answer {
                Ok(response) => {
                    let ends = world.check(&response, began, was_stopped);
                    let token = access_token(&text(&response)).await;
                    tokens.lock().unwrap().insert(scope, Held { token, ends });
                }
                Err(_) if was_stopped => {}
                Err(error) => world.state().errors.push(error.to_string()),
            }
            let mut state = world.state();
            if !was_stopped {
                state.longest = state.longest.max(began.elapsed());
            }
        };
        self.calls.insert(scope, tokio::spawn(call));
    }
}

/// Runs a future until it is ready, or has been polled so often.
async fn polled<F: Future + Unpin>(mut future: F, polls: Option<usize>) -> Option<F::Output> {
    let mut left = polls.unwrap_or(usize::MAX);
    std::future::poll_fn(move |context| match pin!(&mut future).poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// Runs a case.
async fn run(count: usize, steps: &[Step], latency: Duration, defect: Option<Defect>) -> Result<(), TestCaseError> {
    let (world, store) = (World(Arc::default()), MemoryStore::new());
    world.state().latency = latency;
    let mut faults =
        Faults { delay: Duration::from_millis(1), answer_delay: Duration::from_millis(1), defect, ..Faults::default() };
    store.set_faults(faults);
    let mut processes: Vec<Process> = (0..count).map(|number| Process::start(&world, &store, number)).collect();
    let (mut losses, mut outages, mut stops) = (0, 0, 0);
    for &step in steps {
        match step {
            Step::Ask { process, scope } => {
                let process = &mut processes[process % count];
                let held = process.held(scope);
                let due = Duration::from_secs(LIFE.unsigned_abs()) - DUE;
                let is_due = held.as_ref().is_none_or(|held| held.ends <= Instant::now() + due);
                if is_due && process.is_free(scope) {
                    process.call(&world, scope, held.map(|held| (held.token, false)));
                }
            }
            Step::Reject { process, scope } => {
                let process = &mut processes[process % count];
                if let Some(held) = process.held(scope).filter(|_| process.is_free(scope)) {
                    world.state().rejected.insert((scope, held.token.expose().to_owned()));
                    process.tokens.lock().unwrap().remove(&scope);
                    process.call(&world, scope, Some((held.token, true)));
                }
            }
            Step::Drop { process, polls } => {
                processes[process % count].interruption = Some(Interruption { polls, kills: false });
            }
            Step::Kill { process, polls } => {
                processes[process % count].interruption = Some(Interruption { polls, kills: true });
            }
            Step::Stop { process, millis } => {
                let process = &processes[process % count];
                if process.calls.values().any(|call| !call.is_finished()) {
                    stops += 1;
                    *process.is_stopped.lock().unwrap() += 1;
                    process.stop.stop();
                    let stop = process.stop.clone();
                    tokio::spawn(async move {
                        sleep(Duration::from_millis(millis)).await;
                        stop.go_on();
                    });
                }
            }
            Step::Pass { millis } => sleep(Duration::from_millis(millis)).await,
            Step::Evict => {
                losses += 1;
                store.evict();
            }
            Step::Flush => {
                losses += 1;
                store.flush();
            }
            Step::Fail { reads, writes } => {
                outages += 1;
                let unreachable = Some(StoreErrorKind::Unreachable);
                faults.reads = unreachable.filter(|_| reads);
                faults.writes = unreachable.filter(|_| writes);
                store.set_faults(faults);
            }
            Step::Recover => {
                (faults.reads, faults.writes) = (None, None);
                store.set_faults(faults);
            }
            Step::Slow { millis } => {
                faults.delay = Duration::from_millis(millis);
                faults.answer_delay = faults.delay;
                store.set_faults(faults);
            }
            Step::Refuse => world.state().refusals += 1,
        }
        // Calls start before the next step.
        tokio::task::yield_now().await;
        for (number, process) in processes.iter_mut().enumerate() {
            if process.store.is_killed() {
                world.state().interruptions += process.abort();
                *process = Process::start(&world, &store, number);
            }
        }
    }
    let end = Instant::now() + Duration::from_secs(120);
    for process in &mut processes {
        while process.calls.values().any(|call| !call.is_finished()) && Instant::now() < end {
            sleep(Duration::from_millis(100)).await;
            if process.store.is_killed() {
                world.state().interruptions += process.abort();
            }
        }
        for (_, call) in process.calls.drain() {
            prop_assert!(call.is_finished(), "a call does not end");
            call.await.unwrap();
        }
    }

    let state = world.state();
    prop_assert!(state.violations.is_empty(), "{:?}", state.violations);
    prop_assert!(state.longest <= DEADLINE, "a call took {:?}", state.longest);
    for (replaced, generation) in store.published() {
        // A process that was stopped in the middle of a publication repeats it.
        prop_assert!(replaced <= Some(generation), "{generation:?} replaced {replaced:?}");
    }
    let is_calm = state.interruptions + losses + outages + stops == 0;
    for scope in 0..SCOPES.len() {
        let rejected = state.rejected.iter().filter(|(of, _)| *of == scope).count();
        let mints: Vec<&Mint> = state.mints.iter().filter(|mint| mint.scope == scope).collect();
        if outages == 0 {
            let excess = too_early(&mints);
            let excused = rejected + state.interruptions + losses + stops;
            prop_assert!(excess <= excused, "{excess} requests too many, {excused} excused: {mints:?}");
        }
        for process in 0..count {
            let own: Vec<&Mint> = mints.iter().filter(|mint| mint.process == process).copied().collect();
            let excess = too_early(&own);
            let excused = rejected + state.interruptions + losses + stops;
            prop_assert!(excess <= excused, "{excess} requests of one process too many, {excused} excused: {own:?}");
        }
    }
    let refusals = steps.iter().filter(|step| matches!(step, Step::Refuse)).count();
    if refusals + stops == 0 && state.interruptions < 2 {
        prop_assert!(state.errors.is_empty(), "{:?}", state.errors);
    }
    if is_calm && refusals == 0 {
        prop_assert!(state.longest <= LATENCY * 2, "a call took {:?}", state.longest);
    }
    let drops = steps.iter().filter(|step| matches!(step, Step::Drop { .. })).count();
    let only_drops = !steps.iter().any(|step| matches!(step, Step::Kill { .. })) && losses + outages + stops == 0;
    if only_drops && refusals == 0 {
        let most = LATENCY * 2 * u32::try_from(drops + 1).unwrap();
        prop_assert!(state.longest <= most, "a call took {:?}, with {drops} dropped", state.longest);
    }
    Ok(())
}

/// How many requests were sent before the token of the one before was due. A token of the store may seem older than it is, by what
/// the operations of the store took.
fn too_early(mints: &[&Mint]) -> usize {
    let least = DUE - Duration::from_millis(250);
    mints.windows(2).filter(|pair| pair[1].at - pair[0].at < least).count()
}

fn step(trouble: Trouble) -> impl Strategy<Value = Step> {
    let (process, scope) = (0..8_usize, 0..SCOPES.len());
    let often = |weight: u32, on: bool| if on { weight } else { 0 };
    let polls = 0..24_usize;
    let ask = (process.clone(), scope.clone()).prop_map(|(process, scope)| Step::Ask { process, scope });
    let reject = (process.clone(), scope).prop_map(|(process, scope)| Step::Reject { process, scope });
    let drop = (process.clone(), polls.clone()).prop_map(|(process, polls)| Step::Drop { process, polls });
    let kill = (process.clone(), polls).prop_map(|(process, polls)| Step::Kill { process, polls });
    let stop = (process, 1..30_000_u64).prop_map(|(process, millis)| Step::Stop { process, millis });
    let fail = (any::<bool>(), any::<bool>()).prop_map(|(reads, writes)| Step::Fail { reads, writes });
    let moment = (0..50_u64).prop_map(|millis| Step::Pass { millis });
    let time = (0..16_000_u64).prop_map(|millis| Step::Pass { millis });
    let lose = prop_oneof![Just(Step::Evict), Just(Step::Flush)];
    let steps = [
        (40, ask.boxed()),
        (4, reject.boxed()),
        (12, moment.boxed()),
        (8, time.boxed()),
        (2, (0..20_u64).prop_map(|millis| Step::Slow { millis }).boxed()),
        (often(6, trouble.drops), drop.boxed()),
        (often(6, trouble.kills), kill.boxed()),
        (often(6, trouble.stops), stop.boxed()),
        (often(2, trouble.losses), lose.boxed()),
        (often(2, trouble.outages), fail.boxed()),
        (often(3, trouble.outages), Just(Step::Recover).boxed()),
        (often(4, trouble.refusals), Just(Step::Refuse).boxed()),
    ];
    Union::new_weighted(steps.into_iter().filter(|(weight, _)| *weight > 0).collect())
}

fn any_trouble() -> impl Strategy<Value = Trouble> {
    any::<[bool; 6]>().prop_map(|[drops, kills, stops, losses, outages, refusals]| Trouble {
        drops,
        kills,
        stops,
        losses,
        outages,
        refusals,
    })
}

/// Runs cases in which this trouble occurs.
fn cases(count: u32, trouble: impl Strategy<Value = Trouble>, defect: Option<Defect>) -> Result<(), String> {
    // What a defect leads to is of no interest.
    let max_shrink_iters = if defect.is_some() { 0 } else { 500 };
    let config = Config { cases: count, failure_persistence: None, max_shrink_iters, ..Config::default() };
    let case = trouble.prop_flat_map(|trouble| (1..8_usize, prop::collection::vec(step(trouble), 1..80), 0..=500_u64));
    let outcome = TestRunner::new(config).run(&case, |(count, steps, latency)| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(count, &steps, Duration::from_millis(latency), defect))
    });
    outcome.map_err(|error| error.to_string())
}

#[test]
fn without_trouble_there_is_one_request_for_each_lifetime_and_rejection() {
    cases(256, Just(Trouble::default()), None).unwrap();
}

#[test]
fn calls_that_are_dropped_cost_one_request_each_and_no_lease() {
    cases(256, Just(Trouble { drops: true, ..Trouble::default() }), None).unwrap();
}

#[test]
fn processes_that_are_killed_cost_one_request_each() {
    cases(256, Just(Trouble { kills: true, ..Trouble::default() }), None).unwrap();
}

#[test]
fn processes_that_are_stopped_cost_one_request_each_and_overwrite_nothing() {
    cases(256, Just(Trouble { stops: true, ..Trouble::default() }), None).unwrap();
}

#[test]
fn any_trouble_costs_no_more_than_it_must() {
    cases(512, any_trouble(), None).unwrap();
}

#[test]
fn the_model_notices_a_store_that_does_not_keep_its_contract() {
    let (calm, stops) = (Trouble::default(), Trouble { stops: true, ..Trouble::default() });
    for (defect, trouble) in [
        (Defect::NoFence, stops),
        (Defect::IgnoresSeen, calm),
        (Defect::NoLease, calm),
        (Defect::CountsFromPublication, stops),
    ] {
        let found = cases(1_024, Just(trouble), Some(defect));
        assert!(found.is_err(), "{defect:?} is not noticed");
    }
}
