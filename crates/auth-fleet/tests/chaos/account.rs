//! What the processes of a fleet have said, and what was done to them.

use std::collections::BTreeMap;

use crate::records::Lead;
use crate::worker::said::{Counts, Said};

/// What has happened.
#[derive(Default)]
pub(crate) struct Account {
    pub(crate) kills: usize,
    pub(crate) stops: Vec<Span>,
    /// Requests of killed and stopped processes that were not concluded. With each of them, the process led for one scope.
    pub(crate) interrupted: usize,
    /// Calls that took long.
    pub(crate) waits: Vec<Span>,
    /// Whether the process had a token for the scope, and the error.
    pub(crate) errors: Vec<(bool, String)>,
    /// For how many microseconds tokens had expired that were returned.
    pub(crate) expired: Vec<u64>,
    /// Returned tokens that were for another scope.
    pub(crate) foreign: usize,
    /// Why the store did not work for a process, and how often.
    pub(crate) reasons: BTreeMap<String, usize>,
    /// How often it did not work for a process that was never stopped.
    slow: usize,
    leads: Vec<Lead>,
    counts: BTreeMap<usize, Counts>,
}

/// A time of a process, on the boot clock in microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) worker: usize,
    pub(crate) from: u64,
    pub(crate) until: u64,
}

impl Account {
    pub(crate) fn note(&mut self, worker: usize, said: &Said) {
        match said {
            Said::Leads { scope, at } => self.leads.push(Lead { scope: *scope, worker, at: *at }),
            Said::Waited { from, until } => self.waits.push(Span { worker, from: *from, until: *until }),
            Said::Failed { had_token, error } => self.errors.push((*had_token, error.clone())),
            Said::Expired { by } => self.expired.push(*by),
            Said::Foreign => self.foreign += 1,
            Said::Down(error) => {
                *self.reasons.entry(error.clone()).or_default() += 1;
                self.slow += usize::from(self.stops.iter().all(|stop| stop.worker != worker));
            }
            Said::Counted(counts) => {
                self.counts.insert(worker, *counts);
            }
            Said::Ready | Said::Led { .. } | Said::Up | Said::Got(_) => {}
        }
    }

    pub(crate) fn leads(&self) -> &[Lead] {
        &self.leads
    }

    /// True if the process has said its counters, which it does at its end.
    pub(crate) fn has_counted(&self, worker: usize) -> bool {
        self.counts.contains_key(&worker)
    }

    /// The counters of all processes together.
    pub(crate) fn counts(&self) -> Counts {
        self.counts.values().fold(Counts::default(), |sum, counts| sum.plus(counts))
    }

    /// How often the store did not work for a process.
    pub(crate) fn downs(&self) -> usize {
        self.reasons.values().sum()
    }

    /// How many duplicates a store may have cost that lives, but was too slow on a busy machine: a process goes on alone for a while,
    /// and the tokens that it was about to share are requested again. A process that was stopped is not excused.
    pub(crate) fn excused(&self, scopes: usize) -> usize {
        self.slow * scopes * 2
    }
}
