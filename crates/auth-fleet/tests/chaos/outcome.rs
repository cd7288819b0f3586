//! What came of a run: its row of the table, and what is checked after every run.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::fleet::Fleet;
use crate::records::{Mint, duplicates, duplicates_of_one_process};

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) mints: usize,
    pub(crate) duplicates: usize,
    pub(crate) duplicates_of_one_process: usize,
    pub(crate) kills: usize,
    pub(crate) stops: usize,
    pub(crate) errors: usize,
    pub(crate) errors_with_token: usize,
    pub(crate) longest_wait: Duration,
    pub(crate) expired: usize,
    pub(crate) foreign: usize,
    pub(crate) calls: u64,
    pub(crate) hits: u64,
    pub(crate) led: u64,
    pub(crate) waited: u64,
    pub(crate) alone: u64,
    pub(crate) not_opened: u64,
    pub(crate) downs: BTreeMap<String, usize>,
}

impl Outcome {
    /// The outcome of a fleet that has ended, printed as a row of the table.
    pub(crate) fn of(what: &str, fleet: &Fleet) -> Self {
        let (account, closest) = (&fleet.account, fleet.scale.closest());
        let mints = fleet.issuer.mints();
        let sum = |count: fn(&crate::worker::said::Counts) -> u64| account.counts.values().map(count).sum();
        let outcome = Self {
            mints: mints.len(),
            duplicates: duplicates(&mints, closest),
            duplicates_of_one_process: duplicates_of_one_process(&mints, closest),
            kills: account.kills,
            stops: account.stops.len(),
            errors: account.errors.len(),
            errors_with_token: account.errors.iter().filter(|(had_token, _)| *had_token).count(),
            longest_wait: longest_wait(&account.waits, &account.stops),
            expired: account.expired.len(),
            foreign: account.foreign,
            calls: sum(|counts| counts.calls),
            hits: sum(|counts| counts.hits),
            led: sum(|counts| counts.led),
            waited: sum(|counts| counts.waited),
            alone: sum(|counts| counts.alone),
            not_opened: sum(|counts| counts.not_opened),
            downs: account.downs.clone(),
        };
        outcome.print(what, fleet);
        outcome
    }

    /// How many tokens a scope costs for each lifetime.
    fn mints_per_lifetime(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "there are not that many")]
        let [all, needed] = [self.mints, self.mints - self.duplicates].map(|count| count as f64);
        all / needed.max(1.0)
    }

    fn print(&self, what: &str, fleet: &Fleet) {
        let Self { mints, duplicates, kills, stops, errors, errors_with_token, expired, calls, .. } = self;
        eprintln!(
            "| {what} | {:.3} | {mints} | {duplicates} | {} | {kills} | {stops} | {errors} | {errors_with_token} | {} ms | {expired} |",
            self.mints_per_lifetime(),
            self.duplicates_of_one_process,
            self.longest_wait.as_millis(),
        );
        let Self { hits, led, waited, alone, not_opened, downs, .. } = self;
        eprintln!("  {calls} calls, {hits} hits, {led} led, {waited} waited, {alone} alone, {not_opened} not opened, down: {downs:?}");
        let mut errors = BTreeMap::new();
        for (had_token, error) in &fleet.account.errors {
            *errors.entry((*had_token, error.as_str())).or_insert(0) += 1;
        }
        if !errors.is_empty() || *expired > 0 {
            eprintln!("  errors (had a token): {errors:?}, expired by (µs): {:?}", fleet.account.expired);
        }
    }

    /// Checks what holds whatever happens.
    pub(crate) fn check(&self) {
        assert!(self.calls > 0 && self.hits > 0 && self.led > 0, "the processes share nothing");
        assert_eq!(self.errors, 0, "callers got errors");
        assert_eq!(self.expired, 0, "callers got expired tokens");
        assert_eq!(self.foreign, 0, "callers got tokens for other scopes");
        assert_eq!(self.duplicates_of_one_process, 0, "a process requested a token that it had");
    }
}

/// The head of the table.
pub(crate) fn print_head() {
    eprintln!(
        "\n| trouble | mints per scope and lifetime | mints | duplicates | of one process | kills | stops | errors | with a token | longest wait | expired |"
    );
}

/// The mints since this moment of the boot clock.
pub(crate) fn since(mints: &[Mint], at: u64) -> Vec<Mint> {
    mints.iter().copied().filter(|mint| mint.at >= at).collect()
}

/// The longest wait, without the time in which its process was stopped.
fn longest_wait(waits: &[(usize, u64, u64)], stops: &[(usize, u64, u64)]) -> Duration {
    let waits = waits.iter().map(|&(number, from, until)| {
        let stopped = stops.iter().filter(|stop| stop.0 == number);
        let stopped: u64 = stopped.map(|&(_, since, end)| end.min(until).saturating_sub(since.max(from))).sum();
        (until - from).saturating_sub(stopped)
    });
    Duration::from_micros(waits.max().unwrap_or_default())
}

#[test]
fn the_time_in_which_a_process_was_stopped_is_no_wait() {
    for (case, waits, stops, longest) in [
        ("none", vec![], vec![(1, 0, 9)], 0),
        ("never stopped", vec![(1, 2, 5)], vec![(2, 0, 9)], 3),
        ("stopped all the time", vec![(1, 2, 5)], vec![(1, 0, 9)], 0),
        ("stopped meanwhile", vec![(1, 2, 9)], vec![(1, 3, 5), (1, 8, 20)], 4),
        ("stopped before and after", vec![(1, 2, 5)], vec![(1, 0, 2), (1, 5, 7)], 3),
        ("the longest", vec![(1, 0, 2), (2, 0, 4), (3, 0, 3)], vec![], 4),
    ] {
        assert_eq!(longest_wait(&waits, &stops), Duration::from_micros(longest), "{case}");
    }
}
