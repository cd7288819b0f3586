//! What one file of the store holds: the entry and the lease of one name.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

use crate::file::clock::{End, Stamp};
use crate::store::{Generation, Owner};

/// Values that are longer are refused.
pub(super) const LONGEST_VALUE: usize = 1 << 20;
/// No file of the store is longer.
pub(super) const LONGEST_FILE: usize = LONGEST_VALUE + 256;

const MAGIC: [u8; 4] = *b"AFS1";

/// Identifies a process that uses the store: a random number, new each time that it opens the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProcessId(pub(super) [u8; 16]);

impl fmt::Display for ProcessId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// The state of one name. The default is that of a name that has no file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// The greatest generation of any grant and any entry so far.
    pub(super) newest: u64,
    pub(super) entry: Option<StoredEntry>,
    pub(super) lease: Option<StoredLease>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredEntry {
    pub(super) generation: Generation,
    pub(super) end: End,
    pub(super) value: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StoredLease {
    pub(super) owner: Owner,
    pub(super) process: ProcessId,
    pub(super) generation: Generation,
    pub(super) end: End,
}

impl Record {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(160 + self.entry.as_ref().map_or(0, |entry| entry.value.len()));
        put(&mut body, self.newest);
        body.push(u8::from(self.lease.is_some()));
        if let Some(lease) = &self.lease {
            body.extend_from_slice(&lease.owner.0);
            body.extend_from_slice(&lease.process.0);
            put(&mut body, lease.generation.0);
            put_end(&mut body, lease.end);
        }
        body.push(u8::from(self.entry.is_some()));
        if let Some(entry) = &self.entry {
            put(&mut body, entry.generation.0);
            put_end(&mut body, entry.end);
            body.extend_from_slice(&entry.value);
        }
        [MAGIC.as_slice(), &checksum(&body), &body].concat()
    }

    /// The record in these bytes; nothing if they are not a whole record.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut bytes = bytes;
        (take(&mut bytes)? == MAGIC).then_some(())?;
        (take(&mut bytes)? == checksum(bytes)).then_some(())?;
        let newest = take_number(&mut bytes)?;
        let lease = match take(&mut bytes)? {
            [0] => None,
            [1] => Some(StoredLease {
                owner: Owner(take(&mut bytes)?),
                process: ProcessId(take(&mut bytes)?),
                generation: Generation(take_number(&mut bytes)?),
                end: take_end(&mut bytes)?,
            }),
            _ => return None,
        };
        let entry = match take(&mut bytes)? {
            [0] => bytes.is_empty().then_some(None)?,
            [1] => Some(StoredEntry {
                generation: Generation(take_number(&mut bytes)?),
                end: take_end(&mut bytes)?,
                value: bytes.to_vec(),
            }),
            _ => return None,
        };
        Some(Self { newest, entry, lease })
    }
}

/// Detects bytes that were changed by accident. Values are sealed, and need no protection.
fn checksum(bytes: &[u8]) -> [u8; 8] {
    let mut checksum = [0; 8];
    checksum.copy_from_slice(&digest(&SHA256, bytes).as_ref()[..8]);
    checksum
}

fn put(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_be_bytes());
}

fn put_end(bytes: &mut Vec<u8>, end: End) {
    for number in [end.set.running, end.set.wall, end.at] {
        put(bytes, number);
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    take(bytes).map(u64::from_be_bytes)
}

fn take_end(bytes: &mut &[u8]) -> Option<End> {
    let set = Stamp { running: take_number(bytes)?, wall: take_number(bytes)? };
    Some(End { set, at: take_number(bytes)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(seed: u64) -> End {
        End { set: Stamp { running: seed, wall: seed + 1 }, at: seed + 2 }
    }

    fn records() -> [Record; 4] {
        let entry = StoredEntry { generation: Generation(7), end: end(10), value: b"sealed".to_vec() };
        let lease =
            StoredLease { owner: Owner([1; 16]), process: ProcessId([2; 16]), generation: Generation(8), end: end(20) };
        [
            Record::default(),
            Record { newest: 7, entry: Some(entry.clone()), lease: None },
            Record { newest: 8, entry: None, lease: Some(lease) },
            Record { newest: 8, entry: Some(entry), lease: Some(lease) },
        ]
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        for record in records() {
            assert_eq!(Record::from_bytes(&record.to_bytes()), Some(record));
        }
    }

    #[test]
    fn bytes_that_are_not_a_whole_record_are_none() {
        for record in records() {
            let whole = record.to_bytes();
            for length in 0..whole.len() {
                assert_eq!(Record::from_bytes(&whole[..length]), None, "{length} bytes");
            }
            for place in 0..whole.len() {
                let mut changed = whole.clone();
                changed[place] ^= 1;
                assert_eq!(Record::from_bytes(&changed), None, "byte {place}");
            }
        }
        assert_eq!(Record::from_bytes(&[0; 4_096]), None);
    }
}
