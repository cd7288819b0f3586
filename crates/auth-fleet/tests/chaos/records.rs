//! What the authorization server has issued, and which of it was too much.

use std::collections::HashMap;
use std::time::Duration;

/// A token that was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mint {
    pub(crate) scope: usize,
    /// The process that requested it.
    pub(crate) worker: usize,
    /// On the boot clock, in microseconds.
    pub(crate) at: u64,
}

/// Tokens for the same scope that were issued less than `closest` after another.
pub(crate) fn duplicates(mints: &[Mint], closest: Duration) -> usize {
    too_close(mints, closest, |mint| mint.scope)
}

/// Tokens for the same scope that were issued to the same process less than `closest` after another.
pub(crate) fn duplicates_of_one_process(mints: &[Mint], closest: Duration) -> usize {
    too_close(mints, closest, |mint| (mint.scope, mint.worker))
}

fn too_close<K: Eq + std::hash::Hash>(mints: &[Mint], closest: Duration, group: impl Fn(&Mint) -> K) -> usize {
    let closest = u64::try_from(closest.as_micros()).unwrap();
    let mut mints = mints.to_vec();
    mints.sort_by_key(|mint| mint.at);
    let mut last: HashMap<K, u64> = HashMap::new();
    let is_duplicate = |mint: &&Mint| last.insert(group(mint), mint.at).is_some_and(|last| mint.at - last < closest);
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
        ("a chain", vec![mint(1, 1, 1), mint(1, 1, 2), mint(1, 1, 3)], 2, 2),
    ] {
        assert_eq!(duplicates(&mints, Duration::from_secs(2)), of_all, "{case}");
        assert_eq!(duplicates_of_one_process(&mints, Duration::from_secs(2)), of_one, "{case}");
    }
}
