//! How many processes and scopes a run has, and how long it lasts.

use std::env;
use std::pin::Pin;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Set for the large run; see CONTRIBUTING.md.
const SECONDS: &str = "FLEET_CHAOS_SECONDS";

/// The size of a run.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Scale {
    pub(crate) processes: usize,
    pub(crate) scopes: usize,
    /// The time with trouble.
    pub(crate) trouble: Duration,
    /// The time from a killed or stopped process to the next one.
    pub(crate) gap: Duration,
    /// The lifetime of tokens in seconds.
    pub(crate) lifetime: u32,
    pub(crate) store_timeout: Duration,
    pub(crate) request_deadline: Duration,
}

impl Scale {
    /// The large run if the environment asks for it, otherwise the small one.
    pub(crate) fn get() -> Self {
        let Some(seconds) = env::var(SECONDS).ok() else { return Self::SMALL };
        Self { trouble: Duration::from_secs(seconds.parse().expect(SECONDS)), ..Self::LARGE }
    }

    /// Part of every test run. A busy machine may be slow, so the limits are generous.
    const SMALL: Self = Self {
        processes: 6,
        scopes: 10,
        trouble: Duration::from_secs(4),
        gap: Duration::from_millis(300),
        lifetime: 3,
        store_timeout: Duration::from_millis(400),
        request_deadline: Duration::from_millis(1_000),
    };

    /// On a machine with two cores, fifty processes wait for each other.
    const LARGE: Self = Self {
        processes: 50,
        scopes: 200,
        trouble: Duration::ZERO,
        gap: Duration::from_millis(1_000),
        lifetime: 5,
        store_timeout: Duration::from_millis(1_000),
        request_deadline: Duration::from_millis(3_000),
    };

    /// The same for a test in which the store works all the time: it may be as slow as it likes.
    pub(crate) fn with_slow_store(self) -> Self {
        Self { store_timeout: Duration::from_secs(10), ..self }
    }

    pub(crate) fn is_large(&self) -> bool {
        self.processes == Self::LARGE.processes
    }

    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_secs(self.lifetime.into())
    }

    /// Two tokens for one scope that are requested closer together than this are duplicates. A cache renews a token after 65 to 70 %
    /// of its lifetime, which is counted from a little before its request: from the grant of the lease. A busy machine makes that
    /// longer.
    pub(crate) fn closest(&self) -> Duration {
        if self.is_large() { self.lifetime() / 2 } else { self.lifetime() / 3 }
    }

    /// Longer than a lease.
    pub(crate) fn beyond_lease(&self) -> Duration {
        self.request_deadline + self.store_timeout * 8 + Duration::from_millis(500)
    }
}

/// Runs the parts of a test: all at once, since they wait most of the time; in a large run one after the other.
pub(crate) async fn run(parts: impl IntoIterator<Item = Part>) {
    if Scale::get().is_large() {
        for part in parts {
            part.await;
        }
        return;
    }
    for part in parts.into_iter().map(tokio::spawn).collect::<Vec<_>>() {
        part.await.unwrap();
    }
}

/// A part of a test.
pub(crate) type Part = Pin<Box<dyn Future<Output = ()> + Send>>;
