//! Faults, jumping clocks, and callers and runtimes that end early, all at the same time, for a configurable time.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::env;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use auth_core::{
    ClientCredentials, Clock, LeanTokenEndpoint, Moment, OldTokens, Rejection, Scope, SharedCredentials, Token,
    TokenCache, TokenEndpoint, TokenError, TokenResponse, lean,
};
use auth_sandbox::{Raw, Reply, Sandbox, Step, TokenReply};
use fastrand::Rng;
use integration_tests::customer;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

const DEADLINE: Duration = Duration::from_secs(2);

/// A call ends by its deadline; one second is added for a busy machine.
const LONGEST_CALL: Duration = Duration::from_secs(2 + 1);

/// More scopes than the limit, and more callers than that, so that more scopes than the limit are in use while the
/// server is slow.
const SCOPES: usize = 400;
const MOST_SCOPES: usize = 32;
const CALLERS: usize = 96;

/// The server is slow for one part of each such period.
const SLOW_EVERY: Duration = Duration::from_secs(8);
const SLOW_FOR: Duration = Duration::from_secs(2);

/// Permitted growth of the process after the warm-up, in bytes.
const MOST_GROWTH: usize = 16 << 20;

/// Milliseconds on the monotonic and on the wall clock.
type Millis = (i64, i64);

thread_local! {
    /// The time on the test's clocks when this thread last read them.
    static LAST: Cell<Millis> = const { Cell::new((0, 0)) };
}

/// The system's clocks with offsets.
#[derive(Clone)]
struct Jumping(Arc<(Instant, AtomicI64, AtomicI64)>);

impl Jumping {
    fn new() -> Self {
        let day = 86_400_000;
        Self(Arc::new((Instant::now(), AtomicI64::new(day), AtomicI64::new(0))))
    }

    fn jump(&self, rng: &mut Rng) {
        let (_, monotonic, wall) = &*self.0;
        let far = if rng.u8(..4) == 0 { 3_600_000 } else { 20_000 };
        let by = rng.i64(-far..far);
        match rng.u8(..3) {
            0 => monotonic.fetch_add(by, SeqCst),
            1 => wall.fetch_add(by, SeqCst),
            _ => wall.fetch_add(by, SeqCst) + monotonic.fetch_add(by, SeqCst),
        };
        // With any offset, it does not go below zero.
        monotonic.fetch_max(0, SeqCst);
    }
}

impl Clock for Jumping {
    fn now(&self) -> Moment {
        let (start, monotonic, wall) = &*self.0;
        let monotonic = i64::try_from(start.elapsed().as_millis()).unwrap() + monotonic.load(SeqCst);
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let wall = i64::try_from(since_epoch).unwrap() + wall.load(SeqCst);
        LAST.set((monotonic, wall));
        let millis = |time: i64| Duration::from_millis(time.unsigned_abs());
        Moment::new(millis(monotonic), UNIX_EPOCH + millis(wall))
    }
}

/// The facts about an issued token.
#[derive(Clone, Copy)]
struct Known {
    requested: Millis,
    /// Lifetime in milliseconds; none if the token is not cached.
    lives: Option<i64>,
    credentials: u64,
}

/// The facts about the most recent tokens.
#[derive(Default)]
struct Ledger {
    known: HashMap<u64, Known>,
    order: VecDeque<u64>,
    /// The rejected tokens, each with the number of its rejection.
    rejected: HashMap<u64, u64>,
}

impl Ledger {
    const MAX_TOKENS: usize = 20_000;

    fn note(&mut self, token: u64, known: Known) {
        self.known.insert(token, known);
        self.order.push_back(token);
        if self.order.len() > Self::MAX_TOKENS {
            let oldest = self.order.pop_front().unwrap();
            self.known.remove(&oldest);
            self.rejected.remove(&oldest);
        }
    }
}

fn fingerprint(token: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    hasher.finish()
}

/// State that all parts of the test share.
#[derive(Default)]
struct Shared {
    ledger: Mutex<Ledger>,
    /// Version of the credentials, and the oldest version whose tokens may be returned.
    credentials: AtomicU64,
    oldest: AtomicU64,
    stop: AtomicBool,
    calls: AtomicU64,
    tokens: AtomicU64,
    errors: AtomicU64,
    dropped: AtomicU64,
    rejections: AtomicU64,
    rotations: AtomicU64,
    jumps: AtomicU64,
    faults: AtomicU64,
    runtimes: AtomicU64,
    checked: AtomicU64,
    longest: AtomicU64,
    most_scopes: AtomicU64,
    /// Number of requests in flight for each scope.
    in_flight: Mutex<HashMap<Scope, usize>>,
    /// When credentials were last replaced.
    rotated: Mutex<Option<Instant>>,
    /// Number of requests that began while another one for the same scope was in flight.
    beside: AtomicU64,
    /// Number of requests for which this would have been detected.
    alone: AtomicU64,
}

/// A request of a scope, until it ends or is dropped.
struct InFlight<'shared>(&'shared Shared, &'shared Scope);

impl<'shared> InFlight<'shared> {
    fn begin(shared: &'shared Shared, scope: &'shared Scope) -> Self {
        let mut in_flight = shared.in_flight.lock().unwrap();
        let others = in_flight.entry(scope.clone()).or_default();
        // A request with replaced credentials continues in parallel with its successor until its deadline.
        if shared.rotated.lock().unwrap().is_none_or(|rotated| rotated.elapsed() > 2 * DEADLINE) {
            count(if *others == 0 { &shared.alone } else { &shared.beside });
        }
        *others += 1;
        Self(shared, scope)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        *self.0.in_flight.lock().unwrap().get_mut(self.1).unwrap() -= 1;
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, SeqCst);
}

/// Lean's endpoint. It records issued tokens with the time from which the cache counts.
struct Noting(LeanTokenEndpoint<SharedCredentials<ClientCredentials>>, Arc<Shared>);

impl TokenEndpoint for Noting {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        let (requested, credentials) = (LAST.get(), self.1.credentials.load(SeqCst));
        let _in_flight = InFlight::begin(&self.1, scope);
        let response = self.0.request_token(scope).await?;
        let lives = response.expires_in.map_or(300, |seconds| seconds.as_secs().clamp(0, 86_400)) * 1_000;
        let known = Known { requested, lives: (lives > 0).then_some(lives), credentials };
        self.1.ledger.lock().unwrap().note(fingerprint(response.access_token.expose()), known);
        Ok(response)
    }
}

#[derive(Clone)]
struct World {
    tokens: TokenCache,
    shared: Arc<Shared>,
}

/// The state when a call began.
struct Before {
    rejections: u64,
    oldest: u64,
}

impl World {
    fn before(&self) -> Before {
        Before { rejections: self.shared.rejections.load(SeqCst), oldest: self.shared.oldest.load(SeqCst) }
    }

    /// Asserts that a token may be returned at the time at which the cache last read its clock.
    fn check(&self, token: &Token, before: &Before) {
        let (fingerprint, now) = (fingerprint(token.expose()), LAST.get());
        let (known, rejected) = {
            let ledger = self.shared.ledger.lock().unwrap();
            (ledger.known.get(&fingerprint).copied(), ledger.rejected.get(&fingerprint).copied())
        };
        let Some(known) = known else { return };
        assert!(rejected.is_none_or(|rejection| rejection > before.rejections), "a rejected token is handed out");
        assert!(known.credentials >= before.oldest, "a token of dropped credentials is handed out");
        let Some(lives) = known.lives else { return };
        let age = (now.0 - known.requested.0).max(now.1 - known.requested.1);
        assert!(age < lives, "a token with a lifetime of {lives} ms is returned after {age} ms");
        count(&self.shared.checked);
    }

    /// One call of a random kind.
    async fn call(&self, rng: &mut Rng) {
        let scope = customer((rng.f64().powi(3) * SCOPES as f64) as usize);
        let (before, began) = (self.before(), Instant::now());
        count(&self.shared.calls);
        let kind = rng.u8(..20);
        let (needed, patience) = (Duration::from_millis(rng.u64(..40_000)), Duration::from_millis(rng.u64(..30)));
        let asked = async {
            let token = match kind {
                0..=3 => return self.tokens.cached(&scope).iter().for_each(|token| self.check(token, &before)),
                4 => self.tokens.access_token_for(&scope, needed).await,
                5 | 6 => self.tokens.handle(&scope).access_token().await,
                _ => self.tokens.access_token(&scope).await,
            };
            let Ok(token) = token else { return count(&self.shared.errors) };
            self.check(&token, &before);
            count(&self.shared.tokens);
            if kind == 7 && self.tokens.reject(&token) == Rejection::Dropped {
                let mut ledger = self.shared.ledger.lock().unwrap();
                let number = self.shared.rejections.fetch_add(1, SeqCst) + 1;
                ledger.rejected.insert(fingerprint(token.expose()), number);
            }
        };
        if kind >= 16 {
            // A caller that gives up.
            if timeout(patience, asked).await.is_err() {
                count(&self.shared.dropped);
            }
        } else {
            timeout(LONGEST_CALL, asked).await.expect("a caller is stuck");
        }
        self.shared.longest.fetch_max(began.elapsed().as_millis().try_into().unwrap(), SeqCst);
        self.shared.most_scopes.fetch_max(self.tokens.stats().scopes as u64, SeqCst);
    }

    async fn calls(self, mut rng: Rng) {
        while !self.shared.stop.load(SeqCst) {
            self.call(&mut rng).await;
            sleep(Duration::from_micros(rng.u64(..5_000))).await;
        }
    }

    /// Runtimes with callers, which are dropped while their callers wait.
    fn runtimes(&self, mut rng: Rng) {
        while !self.shared.stop.load(SeqCst) {
            let mut builder = if rng.bool() { Builder::new_current_thread() } else { Builder::new_multi_thread() };
            let runtime = builder.worker_threads(1).enable_all().build().unwrap();
            let callers: Vec<_> = (0..4).map(|_| runtime.spawn(self.clone().calls(rng.fork()))).collect();
            let life = Duration::from_millis(rng.u64(1..300));
            runtime.block_on(async { sleep(life).await });
            for caller in callers.into_iter().filter(tokio::task::JoinHandle::is_finished) {
                runtime.block_on(caller).unwrap();
            }
            if rng.bool() {
                runtime.shutdown_background()
            } else {
                drop(runtime)
            }
            count(&self.shared.runtimes);
        }
    }
}

/// A response to a request, and whether it is a fault.
fn step(rng: &mut Rng, slow: Duration) -> (Step, bool) {
    let lifetime = TokenReply::new().lifetime(Duration::from_secs(rng.u64(1..30)));
    let cut = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{\"access_token\":\"cu";
    let wait = ["0", "1", "-1", "soon", "Fri, 31 Dec 1999 23:59:59 GMT", "99999999999"];
    let fault: Step = match rng.u8(..120) {
        0 => Step::status(rng.choice([400, 404, 408, 500, 502, 503, 504, 599]).unwrap()),
        1 => Reply::new(rng.choice([429, 503]).unwrap()).header("retry-after", rng.choice(wait).unwrap()).into(),
        2 => Reply::oauth_error(401, rng.choice(["invalid_client", "invalid_scope", "odd"]).unwrap()).into(),
        3 => Step::close(),
        4 => Raw::nothing().then_reset().into(),
        5 => Raw::new(cut).into(),
        6 => Raw::new(cut).then_reset().into(),
        7 => Raw::new("HTTP/1.1 200 OK\r\n").then_silence().into(),
        8 => {
            Reply::new(200).body(rng.choice(["", "null", "[]", "<html>", "{\"access_token\":\"a b\"}"]).unwrap()).into()
        }
        9 => lifetime
            .member("expires_in", rng.choice([json!(0), json!(-1), json!("5"), json!(1e18), json!(null)]))
            .into(),
        10 => Step::from(lifetime).after(Duration::from_millis(rng.u64(..3_000))),
        11 => Step::redirect(307, "http://127.0.0.1:1/"),
        _ => return (Step::from(lifetime).after(slow + Duration::from_millis(rng.u64(..20))), false),
    };
    (fault, true)
}

/// Faults, clock jumps and rotations until the end.
async fn trouble(
    world: World,
    sandbox: Sandbox,
    credentials: SharedCredentials<ClientCredentials>,
    clock: Jumping,
    mut rng: Rng,
) {
    let (shared, begin) = (&world.shared, Instant::now());
    while !shared.stop.load(SeqCst) {
        let is_slow = begin.elapsed().as_millis() % SLOW_EVERY.as_millis() > (SLOW_EVERY - SLOW_FOR).as_millis();
        let slow = if is_slow { Duration::from_millis(1_000) } else { Duration::ZERO };
        while sandbox.lean().script().remaining() < 16 {
            let (step, is_fault) = step(&mut rng, slow);
            sandbox.lean().script().push(step);
            if is_fault {
                count(&shared.faults);
            }
        }
        if rng.u8(..50) == 0 {
            clock.jump(&mut rng);
            count(&shared.jumps);
        }
        if rng.u16(..4_000) == 0 {
            let secret = format!("secret-{}", rng.u64(..));
            sandbox.set_lean_client_secret(secret.clone());
            sandbox.revoke_all();
            credentials.replace(ClientCredentials::new(sandbox.lean_client_id(), secret).unwrap());
            let version = shared.credentials.fetch_add(1, SeqCst) + 1;
            let drops = rng.bool();
            *shared.rotated.lock().unwrap() = Some(Instant::now());
            world.tokens.rotate(if drops { OldTokens::Drop } else { OldTokens::Keep });
            *shared.rotated.lock().unwrap() = Some(Instant::now());
            count(&shared.rotations);
            if drops {
                shared.oldest.store(version, SeqCst);
            }
        }
        sleep(Duration::from_millis(2)).await;
    }
}

/// The resident memory of this process in bytes, if the system reports it.
fn resident() -> Option<usize> {
    let pages: usize = std::fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4_096)
}

fn runtime(threads: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(threads).enable_all().build().unwrap()
}

fn stress(length: Duration, seed: u64) {
    eprintln!("seed {seed}, {} s", length.as_secs());
    let mut rng = Rng::with_seed(seed);
    let (server, client, shared) = (runtime(1), runtime(2), Arc::new(Shared::default()));
    let sandbox = server.block_on(Sandbox::start()).unwrap();
    let provider = sandbox.lean();
    let first = ClientCredentials::new(sandbox.lean_client_id(), sandbox.lean_client_secret()).unwrap();
    let (credentials, clock) = (SharedCredentials::new(first), Jumping::new());
    let endpoint = LeanTokenEndpoint::new(lean::Client::new(sandbox.base_url()).unwrap(), credentials.clone());
    let tokens = TokenCache::builder(Noting(endpoint, Arc::clone(&shared)))
        .clock(clock.clone())
        .request_deadline(DEADLINE)
        .longest_retry_after(Duration::from_millis(200))
        .max_scopes(MOST_SCOPES)
        .build();
    let world = World { tokens, shared: Arc::clone(&shared) };

    let mut all: Vec<_> = (0..CALLERS).map(|_| client.spawn(world.clone().calls(rng.fork()))).collect();
    all.push(server.spawn(trouble(world.clone(), sandbox, credentials, clock.clone(), rng.fork())));
    let (transient, others) = (world.clone(), rng.fork());
    let others = std::thread::spawn(move || transient.runtimes(others));
    let (begin, warm_up) = (Instant::now(), length / 4);
    // Real time is the subject: memory that grows as time passes.
    std::thread::sleep(warm_up);
    let warm = resident();
    while begin.elapsed() < length && !all.iter().any(tokio::task::JoinHandle::is_finished) && !others.is_finished() {
        std::thread::sleep(Duration::from_millis(100));
    }
    let growth = warm.zip(resident()).map(|(warm, end)| end.saturating_sub(warm));
    shared.stop.store(true, SeqCst);
    all.into_iter().for_each(|task| client.block_on(task).unwrap());
    others.join().unwrap();
    eprintln!("{:?}", world.tokens.stats());
    let alive = || client.metrics().num_alive_tasks();
    let patience = Instant::now() + LONGEST_CALL;
    while alive() > 0 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(20));
    }
    // When no scope is in use or in a cooldown, all are within the limit.
    clock.0.1.fetch_add(30 * 86_400_000, SeqCst);
    (0..SCOPES).for_each(|number| drop(world.tokens.handle(&customer(number))));
    let scopes = world.tokens.stats().scopes;
    drop(world);

    let of = |counter: &AtomicU64| counter.load(SeqCst);
    eprintln!(
        "{} calls: {} tokens ({} checked), {} errors, {} given up, longest {} ms; {} requests, {} faults queued",
        of(&shared.calls),
        of(&shared.tokens),
        of(&shared.checked),
        of(&shared.errors),
        of(&shared.dropped),
        of(&shared.longest),
        provider.requests(),
        of(&shared.faults),
    );
    eprintln!(
        "{} scopes at once, {} requests checked, {} jumps, {} rejections, {} rotations, {} runtimes; {:?} -> +{:?} bytes; {} tasks left",
        of(&shared.most_scopes),
        of(&shared.alone),
        of(&shared.jumps),
        of(&shared.rejections),
        of(&shared.rotations),
        of(&shared.runtimes),
        warm,
        growth,
        alive(),
    );
    assert_eq!(of(&shared.beside), 0, "a scope had two requests in flight at once");
    assert!(of(&shared.alone) > 0);
    assert_eq!(alive(), 0, "tasks are left");
    assert!(scopes <= MOST_SCOPES, "{scopes} scopes");
    assert!(growth.is_none_or(|growth| growth <= MOST_GROWTH), "the process grew");
    assert!(of(&shared.checked) > 0 && of(&shared.faults) > 0);
}

#[test]
fn all_rules_hold_in_a_few_seconds_of_stress() {
    // The server is slow at the end of this time.
    stress(SLOW_EVERY, 1);
}

#[test]
#[ignore = "takes ten minutes; see CONTRIBUTING.md"]
fn all_rules_hold_in_ten_minutes_of_stress() {
    let number = |name: &str| env::var(name).ok().map(|number| number.parse().unwrap());
    stress(
        Duration::from_secs(number("STRESS_SECONDS").unwrap_or(600)),
        number("STRESS_SEED").unwrap_or_else(|| fastrand::u64(..)),
    );
}
