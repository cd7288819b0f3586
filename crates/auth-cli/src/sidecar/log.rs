//! The log of the sidecar, on standard error.

use std::env;
use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The variable with the least severe level that is logged: `error`, `warn`, `info` (the default), `debug` or `trace`.
const VARIABLE: &str = "ACCESS_TOKEN_LOG";

/// Starts the log. Only events of this project are logged: those of libraries may hold what they send and receive.
pub(super) fn start() {
    let level =
        env::var(VARIABLE).ok().and_then(|level| level.parse::<LevelFilter>().ok()).unwrap_or(LevelFilter::INFO);
    let own = ["access_token", "auth_core", "auth_fleet", "auth_transport"].map(|crate_name| (crate_name, level));
    // The journal adds the time itself.
    let is_journal = env::var_os("JOURNAL_STREAM").is_some();
    let lines = || fmt::layer().with_writer(io::stderr).with_ansi(false).with_target(false);
    let registry = tracing_subscriber::registry().with(Targets::new().with_targets(own));
    // It fails if there is a log already, which is then used.
    let _ =
        if is_journal { registry.with(lines().without_time()).try_init() } else { registry.with(lines()).try_init() };
}
