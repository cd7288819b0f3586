//! What the authorization server has issued, and which of it was too much.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// A token that was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mint {
    pub(crate) scope: usize,
    /// The process that requested it.
    pub(crate) worker: usize,
    /// When it was issued, on the boot clock, in microseconds.
    pub(crate) at: u64,
}

/// A request, as the process announced it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lead {
    pub(crate) scope: usize,
    pub(crate) worker: usize,
    /// When it was sent.
    pub(crate) at: u64,
}

/// The tokens with the time when each was requested instead of the one when it was issued: on a busy machine, requests wait for the
/// server. If a request has not been heard of yet, the token keeps its time.
pub(crate) fn as_requested(mints: &[Mint], leads: &[Lead]) -> Vec<Mint> {
    let mut times: HashMap<(usize, usize), BTreeSet<u64>> = HashMap::new();
    for lead in leads {
        times.entry((lead.scope, lead.worker)).or_default().insert(lead.at);
    }
    let mut mints = mints.to_vec();
    mints.sort_by_key(|mint| mint.at);
    for mint in &mut mints {
        let Some(times) = times.get_mut(&(mint.scope, mint.worker)) else { continue };
        if let Some(at) = times.range(..=mint.at).next_back().copied() {
            times.remove(&at);
            mint.at = at;
        }
    }
    mints
}

/// Tokens for the same scope that were issued less than `closest` after one that was needed.
pub(crate) fn duplicates(mints: &[Mint], closest: Duration) -> usize {
    too_close(mints, closest, |mint| mint.scope)
}

/// Tokens for the same scope that were issued to the same process less than `closest` after one that it needed.
pub(crate) fn duplicates_of_one_process(mints: &[Mint], closest: Duration) -> usize {
    too_close(mints, closest, |mint| (mint.scope, mint.worker))
}

fn too_close<K: Eq + std::hash::Hash>(mints: &[Mint], closest: Duration, group: impl Fn(&Mint) -> K) -> usize {
    let closest = u64::try_from(closest.as_micros()).unwrap();
    let mut mints = mints.to_vec();
    mints.sort_by_key(|mint| mint.at);
    let mut needed: HashMap<K, u64> = HashMap::new();
    let is_duplicate = |mint: &&Mint| {
        let is_needed = needed.get(&group(mint)).is_none_or(|last| mint.at - last >= closest);
        if is_needed {
            needed.insert(group(mint), mint.at);
        }
        !is_needed
    };
    mints.iter().filter(is_duplicate).count()
}

#[test]
fn a_token_soon_after_another_for_the_same_scope_is_a_duplicate() {
    let mint = |scope, worker, seconds: u64| Mint { scope, worker, at: seconds * 1_000_000 };
    for (case, mints, of_all, of_one) in [
        ("none", vec![], 0, 0),
        ("one", vec![mint(1, 1, 1)], 0, 0),
        ("at once, other scopes", vec![mint(1, 1, 1), mint(2, 1, 1)], 0, 0),
        ("a renewal", vec![mint(1, 1, 1), mint(1, 2, 3)], 0, 0),
        ("at once", vec![mint(1, 1, 1), mint(1, 2, 1), mint(1, 3, 1)], 2, 0),
        ("at once, one process", vec![mint(1, 1, 1), mint(1, 2, 1), mint(1, 1, 2)], 2, 1),
        ("not in order", vec![mint(1, 2, 2), mint(1, 1, 5), mint(1, 1, 1)], 1, 0),
        ("one between two that are needed", vec![mint(1, 1, 1), mint(1, 1, 2), mint(1, 1, 3)], 1, 1),
    ] {
        assert_eq!(duplicates(&mints, Duration::from_secs(2)), of_all, "{case}");
        assert_eq!(duplicates_of_one_process(&mints, Duration::from_secs(2)), of_one, "{case}");
    }
}

#[test]
fn a_token_was_requested_by_the_last_request_before_it() {
    let lead = |scope, worker, at| Lead { scope, worker, at };
    let leads = [lead(1, 1, 10), lead(1, 1, 20), lead(1, 2, 14), lead(2, 1, 14), lead(1, 1, 16)];
    let mints = |times: &[u64]| times.iter().map(|&at| Mint { scope: 1, worker: 1, at }).collect::<Vec<_>>();
    for (issued, requested) in [
        (&[10][..], &[10][..]),
        (&[15], &[10]),
        (&[19], &[16]),
        (&[25], &[20]),
        (&[11, 17, 21], &[10, 16, 20]),
        (&[21, 22, 23, 24], &[20, 16, 10, 24]),
        (&[9], &[9]),
    ] {
        assert_eq!(as_requested(&mints(issued), &leads), mints(requested));
    }
}
