//! What came of a run: its row of the table, and what is checked after every run.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::account::Span;
use crate::fleet::Fleet;
use crate::records::{duplicates, duplicates_of_one_process};
use crate::worker::said::Counts;

/// The columns of the table.
const HEAD: &str = "| trouble | mints per scope and lifetime | mints | duplicates | of one process | kills | stops | interrupted \
                    leads | errors | with a living token | longest wait | expired tokens |";

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Outcome {
    mints: usize,
    duplicates: usize,
    duplicates_of_one_process: usize,
    pub(crate) kills: usize,
    pub(crate) stops: usize,
    /// What the killed and stopped processes led for.
    pub(crate) interrupted: usize,
    errors: BTreeMap<(bool, String), usize>,
    longest_wait: Duration,
    /// For how many microseconds tokens had expired that were returned.
    expired: Vec<u64>,
    /// Returned tokens that were for another scope.
    foreign: usize,
    pub(crate) counts: Counts,
    /// Why the store did not work, and for how many processes.
    downs: BTreeMap<String, usize>,
}

impl Outcome {
    /// The outcome of a fleet that has ended, printed as a row of the table.
    pub(crate) fn of(what: &str, fleet: &Fleet) -> Self {
        let (account, mints, closest) = (&fleet.account, fleet.mints(), fleet.scale.closest());
        let mut errors = BTreeMap::new();
        for error in &account.errors {
            *errors.entry(error.clone()).or_default() += 1;
        }
        let outcome = Self {
            mints: mints.len(),
            duplicates: duplicates(&mints, closest),
            duplicates_of_one_process: duplicates_of_one_process(&mints, closest),
            kills: account.kills,
            stops: account.stops.len(),
            interrupted: account.interrupted,
            errors,
            longest_wait: longest_wait(&account.waits, &account.stops),
            expired: account.expired.clone(),
            foreign: account.foreign,
            counts: account.counts(),
            downs: account.reasons.clone(),
        };
        outcome.print(what);
        outcome
    }

    fn print(&self, what: &str) {
        let Self {
            mints, duplicates, duplicates_of_one_process: of_one, kills, stops, interrupted, counts, downs, ..
        } = self;
        #[allow(clippy::cast_precision_loss, reason = "there are not that many")]
        let [all, needed] = [*mints, mints - duplicates].map(|count| count as f64);
        let (per_lifetime, wait, expired) = (all / needed.max(1.0), self.longest_wait.as_millis(), self.expired.len());
        let errors: usize = self.errors.values().sum();
        let with_token: usize =
            self.errors.iter().filter(|((had_token, _), _)| *had_token).map(|(_, count)| count).sum();
        eprintln!(
            "\n{HEAD}\n| {what} | {per_lifetime:.3} | {mints} | {duplicates} | {of_one} | {kills} | {stops} | {interrupted} | {errors} \
             | {with_token} | {wait} ms | {expired} |\n  {counts:?}; down: {downs:?}"
        );
    }

    /// Checks what holds whatever happens, and that there are at most this many duplicates.
    pub(crate) fn check(&self, most: usize) {
        let Counts { calls, hits, led, .. } = self.counts;
        assert!(calls > 0 && hits > 0 && led > 0, "the processes share nothing");
        assert!(self.errors.is_empty(), "callers got errors, with or without a living token: {:?}", self.errors);
        assert!(
            self.expired.is_empty(),
            "callers got tokens that had expired for so many microseconds: {:?}",
            self.expired
        );
        assert_eq!(self.foreign, 0, "callers got tokens for other scopes");
        assert_eq!(self.duplicates_of_one_process, 0, "a process requested a token that it had");
        assert!(self.duplicates <= most, "{} duplicates, at most {most} permitted", self.duplicates);
    }

    /// The same for a run in which processes were without a store, or with wrong keys: each requests its own tokens.
    pub(crate) fn check_each(&self) {
        self.check(self.mints);
    }
}

/// The longest wait, without the time in which its process was stopped.
fn longest_wait(waits: &[Span], stops: &[Span]) -> Duration {
    let waits = waits.iter().map(|wait| {
        let stops = stops.iter().filter(|stop| stop.worker == wait.worker);
        let stopped: u64 = stops.map(|stop| stop.until.min(wait.until).saturating_sub(stop.from.max(wait.from))).sum();
        (wait.until - wait.from).saturating_sub(stopped)
    });
    Duration::from_micros(waits.max().unwrap_or_default())
}

#[test]
fn the_time_in_which_a_process_was_stopped_is_no_wait() {
    let spans = |spans: &[(usize, u64, u64)]| -> Vec<Span> {
        spans.iter().map(|&(worker, from, until)| Span { worker, from, until }).collect()
    };
    for (case, waits, stops, longest) in [
        ("none", &[][..], &[(1, 0, 9)][..], 0),
        ("never stopped", &[(1, 2, 5)], &[(2, 0, 9)], 3),
        ("stopped all the time", &[(1, 2, 5)], &[(1, 0, 9)], 0),
        ("stopped meanwhile", &[(1, 2, 9)], &[(1, 3, 5), (1, 8, 20)], 4),
        ("stopped before and after", &[(1, 2, 5)], &[(1, 0, 2), (1, 5, 7)], 3),
        ("the longest", &[(1, 0, 2), (2, 0, 4), (3, 0, 3)], &[], 4),
    ] {
        assert_eq!(longest_wait(&spans(waits), &spans(stops)), Duration::from_micros(longest), "{case}");
    }
}
