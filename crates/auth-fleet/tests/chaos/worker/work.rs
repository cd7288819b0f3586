//! Callers of a cache.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use auth_core::{
    AccessToken, ClientCredentials, EventContext, OAuth2TokenEndpoint, Scope, SecretFile, TokenCache, TokenError,
    Transport,
};
use auth_fleet::{FileStore, FleetEvent, FleetObserver, FleetStats, Keys, RedisStore, Shared, SharedBuilder, Store};
use tokio::time::sleep;

use crate::boot_clock;
use crate::markers::{self, CLIENT_ID, CLIENT_SECRET};
use crate::worker::clock::OtherClock;
use crate::worker::endpoint::{Announced, Concluded, Leading};
use crate::worker::said::{Counts, Said};
use crate::worker::settings::{Place, Settings};

/// The time from one call to the next, in milliseconds.
const PAUSE: std::ops::RangeInclusive<u64> = 2..=18;

/// Callers that report the same token.
const CALLERS: usize = 3;

/// A call that takes this many microseconds is worth a line.
const LONG: u64 = 50_000;

type Endpoint = Announced<OAuth2TokenEndpoint>;

/// What the callers share.
pub(super) struct Work {
    settings: Settings,
    cache: TokenCache,
    stats: Box<dyn Fn() -> FleetStats + Send + Sync>,
    scopes: Vec<Scope>,
    /// For each scope, when the newest token that the process had was issued.
    issued: Vec<AtomicU64>,
    calls: AtomicU64,
    /// Calls that the end of the process interrupts do not count.
    is_over: AtomicBool,
}

impl Work {
    pub(super) fn new(settings: Settings) -> Self {
        let keys = Keys::new(SecretFile::new(&settings.keys).permit_line_breaks());
        let (cache, stats) = match &settings.store {
            Place::Redis(url) => {
                let url = url.clone();
                cache(&settings, RedisStore::builder(url).keys(keys).build().unwrap())
            }
            Place::Folder(folder) => cache(&settings, FileStore::open(folder, keys).unwrap()),
        };
        let scopes = (0..settings.scale.scopes).map(|number| markers::scope(number).parse().unwrap());
        let (scopes, issued) = scopes.map(|scope| (scope, AtomicU64::new(0))).unzip();
        Self { settings, cache, stats, scopes, issued, calls: AtomicU64::new(0), is_over: AtomicBool::new(false) }
    }

    /// Starts to request tokens. No call waits for another one.
    pub(super) fn start(self: &Arc<Self>) {
        let work = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                let caller = Arc::clone(&work);
                tokio::spawn(async move { caller.call(fastrand::usize(..caller.scopes.len())).await });
                sleep(Duration::from_millis(fastrand::u64(PAUSE))).await;
            }
        });
    }

    /// A token for this scope.
    pub(super) async fn token(&self, scope: usize) -> String {
        self.call(scope).await.map_or_else(|error| error.to_string(), |token| token.expose().to_owned())
    }

    /// Several callers report that their token was rejected, and get another one.
    pub(super) async fn reject(self: &Arc<Self>, scope: usize) -> String {
        let token = self.call(scope).await.unwrap();
        let callers = (0..CALLERS).map(|_| {
            let (work, token) = (Arc::clone(self), token.clone());
            tokio::spawn(async move {
                work.cache.reject(&token);
                work.token(scope).await
            })
        });
        let mut tokens = Vec::new();
        for caller in callers.collect::<Vec<_>>() {
            tokens.push(caller.await.unwrap());
        }
        tokens.dedup();
        tokens.join(", ")
    }

    /// Ends the work, and returns the counters.
    pub(super) fn end(&self) -> Counts {
        self.is_over.store(true, Ordering::SeqCst);
        let FleetStats { hits, led, waited, alone, not_opened, .. } = (self.stats)();
        Counts { calls: self.calls.load(Ordering::Relaxed), hits, led, waited, alone, not_opened }
    }

    async fn call(&self, scope: usize) -> Result<AccessToken, TokenError> {
        let from = boot_clock::now();
        let mut call = pin!(self.cache.access_token(&self.scopes[scope]));
        // The token was chosen in the last poll. This process may be stopped after it.
        let mut polled = from;
        let answer = poll_fn(|context| {
            polled = boot_clock::now();
            call.as_mut().poll(context)
        });
        let answer = answer.await;
        let until = boot_clock::now();
        if self.is_over.load(Ordering::SeqCst) {
            return answer;
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        if until - from >= LONG {
            Said::Waited { from, until }.say();
        }
        let lifetime = u64::from(self.settings.scale.lifetime) * 1_000_000;
        match &answer {
            Ok(token) => {
                let (of, issued) = markers::read_token(token.expose()).expect("a token of the server");
                if of != scope {
                    Said::Foreign.say();
                }
                if let Some(by @ 1..) = polled.checked_sub(issued + lifetime) {
                    Said::Expired { by }.say();
                }
                self.issued[scope].fetch_max(issued, Ordering::Relaxed);
            }
            Err(error) => {
                let had_token = self.issued[scope].load(Ordering::Relaxed) + lifetime > until;
                Said::Failed { had_token, error: error.to_string() }.say();
            }
        }
        answer
    }
}

/// A cache whose tokens are shared through this store, and the counters of what happens.
fn cache<S: Store>(settings: &Settings, store: S) -> (TokenCache, Box<dyn Fn() -> FleetStats + Send + Sync>) {
    let credentials = ClientCredentials::new(CLIENT_ID, CLIENT_SECRET).unwrap();
    // The server records who requests a token.
    let transport = Transport::builder().user_agent(settings.number.to_string()).build().unwrap();
    let endpoint = OAuth2TokenEndpoint::over(&settings.token_url, transport, credentials).unwrap();
    let scale = &settings.scale;
    let leading = Leading::default();
    let shared: SharedBuilder<Endpoint, S> = Shared::builder(Announced(endpoint, leading.clone()), store);
    let shared = shared.store_timeout(scale.store_timeout).request_deadline(scale.request_deadline).observer(Observer);
    let shared = shared.build();
    let clone = shared.clone();
    let cache = TokenCache::builder(Concluded(shared, leading)).max_scopes(scale.scopes);
    let cache = match settings.clock {
        None => cache,
        Some(hours) => cache.clock(OtherClock::ahead(hours)),
    };
    (cache.build(), Box::new(move || clone.stats()))
}

/// Says when the store stops and begins to work.
struct Observer;

impl FleetObserver for Observer {
    fn on_event(&self, _: &EventContext<'_>, event: &FleetEvent<'_>) {
        match event {
            FleetEvent::StoreDown { error, .. } => Said::Down(error.to_string()).say(),
            FleetEvent::StoreUp { .. } => Said::Up.say(),
            _ => {}
        }
    }
}
