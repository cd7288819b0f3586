//! What `serve` and `proxy` do from start to end, apart from their answers.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use listenfd::ListenFd;
use metrics::counter;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::failure::{Failure, Kind};
use crate::sidecar::connections::{self, Handler};
use crate::sidecar::current::{Current, Fixed, Load, Shared};
use crate::sidecar::listeners::Listeners;
use crate::sidecar::log;
use crate::sidecar::manager;
use crate::sidecar::metrics::Metrics;
use crate::sidecar::refusals;
use crate::sidecar::settings::Places;

/// How a command differs from the other.
pub(super) struct Plan {
    /// The one profile that is opened; without it, all are.
    pub(super) only: Option<String>,
    /// Where to listen, by what the configuration says.
    pub(super) places: Box<dyn Fn(Places) -> Result<Places, Failure>>,
}

/// Runs a command until the process is asked to end.
///
/// # Errors
/// If the configuration is wrong, nothing can be listened on, or requests were not answered in time at the end.
pub(super) fn run<H: Handler>(
    plan: Plan,
    load: Load,
    handler: impl FnOnce(Arc<Shared>) -> Result<H, Failure>,
) -> Result<(), Failure> {
    log::start();
    raise_open_files();
    // Changes the environment, so there must be no other thread yet.
    let passed = ListenFd::from_env();
    let runtime = Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::other(format!("cannot start: {error}")))?;
    let result = runtime.block_on(until_the_end(plan, passed, load, handler));
    // A thread may still read a file or wait for a command; the process does not wait for it.
    runtime.shutdown_background();
    result
}

/// Raises the number of files that may be open, of which each connection is one, as far as the system permits.
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!("the limit of open files stays {:?}: {error}", limit.current);
    }
}

async fn until_the_end<H: Handler>(
    Plan { only, places }: Plan,
    mut passed: ListenFd,
    load: Load,
    handler: impl FnOnce(Arc<Shared>) -> Result<H, Failure>,
) -> Result<(), Failure> {
    let mut signals = Signals::new().map_err(|error| Failure::other(format!("cannot wait for signals: {error}")))?;
    let metrics = Metrics::install().map_err(|error| Failure::other(format!("cannot record metrics: {error}")))?;
    let (current, fixed) = Current::read(load()?, only.as_deref(), None)?;
    let limits = fixed.limits;
    let shared = Arc::new(Shared { current: ArcSwap::from_pointee(current), limits, metrics });
    let handler = Arc::new(handler(Arc::clone(&shared))?);
    let listeners = match Listeners::passed(&mut passed)? {
        Some(passed) => passed,
        None => Listeners::open(&places(fixed.places.clone())?)?,
    };
    check_tokens(&listeners, &shared.current.load()).await?;
    tracing::info!(addresses = ?listeners.addresses(), "listening");
    let (stop, stopped) = watch::channel(false);
    let mut serving = tokio::spawn(connections::serve(listeners, handler, limits, stopped));
    manager::ready();
    let mut upkeep = interval(Duration::from_secs(5));
    upkeep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            served = &mut serving => return ended(served.unwrap_or(false)),
            _ = signals.terminate.recv() => break,
            _ = signals.interrupt.recv() => break,
            _ = signals.hang_up.recv() => {
                manager::reloading();
                reload(&shared, only.clone(), Arc::clone(&load), &fixed).await;
                manager::ready();
            }
            _ = upkeep.tick() => {
                shared.metrics.run_upkeep();
                refusals::report();
            }
        }
    }
    refusals::report();
    manager::stopping();
    tracing::info!("ending when the requests in progress are answered");
    let _ = stop.send(true);
    ended(serving.await.unwrap_or(false))
}

/// Over TCP, callers need tokens.
async fn check_tokens(listeners: &Listeners, current: &Current) -> Result<(), Failure> {
    if !listeners.are_any_tcp() {
        return Ok(());
    }
    let Some(tokens) = current.callers.tokens() else {
        return Err(Failure::usage(
            "over TCP, `[serve]` needs `callers`, and `caller_tokens`, the file with their tokens",
        ));
    };
    tokens.check().await.map_err(Failure::usage)
}

fn ended(are_all_answered: bool) -> Result<(), Failure> {
    if are_all_answered {
        return Ok(());
    }
    Err(Failure::new(
        Kind::Other,
        "requests were still in progress at the end of the time for them, see `limits.drain`",
    ))
}

/// Reads the configuration again. One with a mistake is reported, and the one before stays.
async fn reload(shared: &Shared, only: Option<String>, load: Load, fixed: &Fixed) {
    let previous = shared.current.load_full();
    // Reads files.
    let read = spawn_blocking(move || Current::read(load()?, only.as_deref(), Some(&previous))).await;
    let outcome = match read {
        Ok(Ok((current, new))) => {
            shared.current.store(Arc::new(current));
            tracing::info!("configuration read again");
            if new != *fixed {
                tracing::warn!("changed addresses and limits take effect with the next start");
            }
            "ok"
        }
        Ok(Err(failure)) => {
            tracing::error!("the configuration is not used, the one before stays: {failure}");
            failure.kind.name()
        }
        // The task panicked.
        Err(_) => Kind::Other.name(),
    };
    counter!("access_token_configuration_reads_total", "outcome" => outcome).increment(1);
}

/// The signals of this process.
struct Signals {
    hang_up: Signal,
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }
}
