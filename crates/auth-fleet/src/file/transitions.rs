//! What each operation makes of a record: pure functions.
//!
//! They are given a settled record: one whose entry and lease are over neither by time nor by the end of a process.

use std::time::Duration;

use crate::file::clock::{Epoch, Stamp};
use crate::file::record::{ProcessId, Record, StoredEntry, StoredLease};
use crate::store::{Generation, Grant, Lease, Owner, Published, Seen};

/// An answer, and whether the record was changed.
pub(super) type Outcome<T> = (T, bool);

/// Removes what is over by time, and a lease whose process has ended.
pub(super) fn settle<E>(
    record: &mut Record,
    epoch: &Epoch,
    now: Stamp,
    is_running: impl FnOnce(ProcessId) -> Result<bool, E>,
) -> Result<(), E> {
    record.entry = record.entry.take().filter(|entry| epoch.until(entry.end, now).is_some());
    record.lease = record.lease.filter(|lease| epoch.until(lease.end, now).is_some());
    if let Some(lease) = record.lease
        && !is_running(lease.process)?
    {
        record.lease = None;
    }
    Ok(())
}

/// A request for a lease.
pub(super) struct Request {
    pub(super) owner: Owner,
    pub(super) process: ProcessId,
    pub(super) seen: Seen,
    pub(super) duration: Duration,
}

/// An entry for publication.
pub(super) struct Publication {
    pub(super) grant: Grant,
    pub(super) value: Vec<u8>,
    /// Counted from the grant.
    pub(super) lifetime: Duration,
}

pub(super) fn lease(record: &mut Record, request: &Request, epoch: &Epoch, now: Stamp) -> Outcome<Lease> {
    let stored = record.entry.as_ref().map(|entry| entry.generation);
    let mut changed = false;
    match (request.seen, stored) {
        (Seen::Nothing, Some(_)) => return (Lease::Changed, false),
        (Seen::Entry(seen) | Seen::Rejected(seen), Some(stored)) if stored > seen => return (Lease::Changed, false),
        (Seen::Rejected(seen), Some(stored)) if stored == seen => {
            record.entry = None;
            changed = true;
        }
        _ => {}
    }
    if let Some(lease) = record.lease {
        if lease.owner == request.owner {
            return (Lease::Granted(grant_of(&lease)), changed);
        }
        return (Lease::Held(epoch.until(lease.end, now).unwrap_or_default()), changed);
    }
    // The clock, so that a generation is greater than all earlier ones even if the record was lost.
    let generation = Generation(record.newest.saturating_add(1).max(now.running));
    record.newest = generation.0;
    let end = now.after(request.duration);
    let lease = StoredLease { owner: request.owner, process: request.process, generation, end };
    record.lease = Some(lease);
    (Lease::Granted(grant_of(&lease)), true)
}

fn grant_of(lease: &StoredLease) -> Grant {
    Grant { owner: lease.owner, generation: lease.generation, at: lease.end.set.to_time() }
}

pub(super) fn publish(record: &mut Record, publication: &Publication, epoch: &Epoch, now: Stamp) -> Outcome<Published> {
    let Publication { grant, value, lifetime } = publication;
    let ended = release(record, grant.owner);
    if record.entry.as_ref().is_some_and(|entry| entry.generation > grant.generation) {
        return (Published::Superseded, ended);
    }
    let end = now.after_time(grant.at, *lifetime);
    if epoch.until(end, now).is_none() {
        return (Published::Stored, ended);
    }
    record.newest = record.newest.max(grant.generation.0);
    record.entry = Some(StoredEntry { generation: grant.generation, end, value: value.clone() });
    (Published::Stored, true)
}

/// Whether there was a lease of this owner.
pub(super) fn release(record: &mut Record, owner: Owner) -> bool {
    record.lease.take_if(|lease| lease.owner == owner).is_some()
}

/// Whether nobody need wait: there is another entry than the one that was seen, or no lease.
pub(super) fn is_over(record: &Record, seen: Option<Generation>) -> bool {
    record.lease.is_none() || record.entry.as_ref().is_some_and(|entry| Some(entry.generation) != seen)
}

/// Whether the file of a record can be removed without a later generation being smaller than one of this record.
pub(super) fn is_removable(record: &Record, now: Stamp) -> bool {
    record.entry.is_none() && record.lease.is_none() && record.newest < now.running
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::store::StoreTime;

    const NOW: Stamp = Stamp { running: 1_500, wall: 0 };
    /// Leases and entries begin now; a grant has the time in whole milliseconds.
    const AT: StoreTime = StoreTime(1);
    const ME: Owner = Owner([1; 16]);
    const OTHER: Owner = Owner([2; 16]);
    const PROCESS: ProcessId = ProcessId([3; 16]);

    fn known() -> Epoch {
        Epoch::Known(String::new())
    }

    fn record(newest: u64, entry: Option<u64>, lease: Option<(Owner, u64)>) -> Record {
        let end = NOW.after(Duration::from_micros(500));
        Record {
            newest,
            entry: entry.map(|number| StoredEntry { generation: Generation(number), end, value: b"old".to_vec() }),
            lease: lease.map(|(owner, number)| StoredLease {
                owner,
                process: PROCESS,
                generation: Generation(number),
                end,
            }),
        }
    }

    fn granted(generation: u64) -> Lease {
        Lease::Granted(Grant { owner: ME, generation: Generation(generation), at: AT })
    }

    #[test]
    fn a_lease_is_granted_to_one_owner_who_has_seen_the_entry() {
        let held = Lease::Held(Duration::from_micros(500));
        let (nothing, entry, rejected) =
            (Seen::Nothing, |number| Seen::Entry(Generation(number)), |number| Seen::Rejected(Generation(number)));
        // The record before, what was seen, the answer, the entry after, whether the record was changed.
        for (case, before, seen, answer, entry_after, changed) in [
            ("nothing there", record(0, None, None), nothing, granted(1_500), None, true),
            ("an older generation was lost", record(40, None, None), nothing, granted(1_500), None, true),
            ("ahead of the clock", record(2_000, None, None), nothing, granted(2_001), None, true),
            ("an entry not seen", record(5, Some(5), None), nothing, Lease::Changed, Some(5), false),
            ("the seen entry", record(5, Some(5), None), entry(5), granted(1_500), Some(5), true),
            ("a newer entry", record(6, Some(6), None), entry(5), Lease::Changed, Some(6), false),
            ("an older entry", record(4, Some(4), None), entry(5), granted(1_500), Some(4), true),
            ("the seen entry is gone", record(5, None, None), entry(5), granted(1_500), None, true),
            ("rejected", record(5, Some(5), None), rejected(5), granted(1_500), None, true),
            ("rejected, and replaced", record(6, Some(6), None), rejected(5), Lease::Changed, Some(6), false),
            ("held", record(9, None, Some((OTHER, 9))), nothing, held, None, false),
            ("held, with the seen entry", record(9, Some(5), Some((OTHER, 9))), entry(5), held, Some(5), false),
            ("held, and rejected", record(9, Some(5), Some((OTHER, 9))), rejected(5), held, None, true),
            ("held, and replaced", record(9, Some(6), Some((OTHER, 9))), entry(5), Lease::Changed, Some(6), false),
            ("the own lease", record(9, None, Some((ME, 9))), nothing, granted(9), None, false),
            ("the own lease, and rejected", record(9, Some(5), Some((ME, 9))), rejected(5), granted(9), None, true),
        ] {
            let mut after = before.clone();
            let request = Request { owner: ME, process: PROCESS, seen, duration: Duration::from_secs(1) };
            assert_eq!(lease(&mut after, &request, &known(), NOW), (answer, changed), "{case}");
            assert_eq!(after.entry.as_ref().map(|entry| entry.generation.0), entry_after, "{case}");
            assert_eq!(after != before, changed, "{case}");
            if let Lease::Granted(grant) = answer {
                assert_eq!(after.lease.map(|lease| lease.generation), Some(grant.generation), "{case}");
                assert_eq!(after.newest, grant.generation.0, "{case}");
            }
        }
    }

    #[test]
    fn an_entry_is_published_unless_there_is_a_newer_one() {
        let (stored, superseded) = (Published::Stored, Published::Superseded);
        let (long, over) = (501, 500);
        // The record before, the lifetime, the answer, the entry and the owner of the lease after, whether the record was changed.
        for (case, before, lifetime, answer, entry_after, lease_after, changed) in [
            ("with the lease", record(9, None, Some((ME, 9))), long, stored, Some(9), None, true),
            ("without a lease", record(9, None, None), long, stored, Some(9), None, true),
            ("another leads", record(10, None, Some((OTHER, 10))), long, stored, Some(9), Some(OTHER), true),
            ("over an older entry", record(9, Some(5), Some((ME, 9))), long, stored, Some(9), None, true),
            ("again", record(9, Some(9), None), long, stored, Some(9), None, true),
            ("behind a newer entry", record(10, Some(10), None), long, superseded, Some(10), None, false),
            (
                "with a lease, behind a newer entry",
                record(10, Some(10), Some((ME, 9))),
                long,
                superseded,
                Some(10),
                None,
                true,
            ),
            ("the store has lost all", record(0, None, None), long, stored, Some(9), None, true),
            ("over since the grant", record(9, Some(5), Some((ME, 9))), over, stored, Some(5), None, true),
            ("over, without a lease", record(9, None, None), over, stored, None, None, false),
        ] {
            let mut after = before;
            let grant = Grant { owner: ME, generation: Generation(9), at: AT };
            let publication = Publication { grant, value: b"new".to_vec(), lifetime: Duration::from_micros(lifetime) };
            assert_eq!(publish(&mut after, &publication, &known(), NOW), (answer, changed), "{case}");
            assert_eq!(after.entry.as_ref().map(|entry| entry.generation.0), entry_after, "{case}");
            assert_eq!(after.lease.map(|lease| lease.owner), lease_after, "{case}");
            assert!(Some(after.newest) >= entry_after, "{case}");
        }
    }

    #[test]
    fn only_the_owner_ends_a_lease() {
        for (case, lease, ended) in
            [("own", Some((ME, 9)), true), ("of another", Some((OTHER, 9)), false), ("none", None, false)]
        {
            let mut after = record(9, None, lease);
            assert_eq!(release(&mut after, ME), ended, "{case}");
            assert_eq!(after.lease.is_some(), lease.is_some() && !ended, "{case}");
        }
    }

    #[test]
    fn waiting_is_over_with_another_entry_or_without_a_lease() {
        for (case, entry, lease, seen, over) in [
            ("nothing yet", None, true, None, false),
            ("published", Some(9), true, None, true),
            ("the old entry", Some(5), true, Some(5), false),
            ("the old entry was removed", None, true, Some(5), false),
            ("replaced", Some(9), true, Some(5), true),
            ("released", Some(5), false, Some(5), true),
            ("released, nothing there", None, false, None, true),
        ] {
            let record = record(9, entry, lease.then_some((OTHER, 9)));
            assert_eq!(is_over(&record, seen.map(Generation)), over, "{case}");
        }
    }

    #[test]
    fn what_is_over_is_removed_and_nothing_else() {
        for (case, running, is_running, entry, lease) in [
            ("both live", 1_999, true, true, true),
            ("over by time", 2_000, true, false, false),
            ("the process has ended", 1_999, false, true, false),
        ] {
            let mut after = record(9, Some(9), Some((OTHER, 9)));
            let now = Stamp { running, wall: 0 };
            settle(&mut after, &known(), now, |_| Ok::<_, Infallible>(is_running)).unwrap();
            assert_eq!((after.entry.is_some(), after.lease.is_some()), (entry, lease), "{case}");
            assert_eq!(after.newest, 9, "{case}");
        }
    }

    #[test]
    fn a_file_is_removed_only_if_the_clock_is_past_its_generations() {
        for (case, record, removable) in [
            ("past", record(1_499, None, None), true),
            ("not past", record(1_500, None, None), false),
            ("with an entry", record(9, Some(9), None), false),
            ("with a lease", record(9, None, Some((ME, 9))), false),
        ] {
            assert_eq!(is_removable(&record, NOW), removable, "{case}");
        }
    }
}
