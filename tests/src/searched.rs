//! The search of the memory of this process for secrets that it has dropped.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;

/// A test keeps all secrets combined with this value, so that it does not find its own copies.
pub const KEY: u8 = 0xA5;
/// This many consecutive bytes are a part of a secret.
const SHORTEST_LEAK_BYTES: usize = 12;

/// Memory is read in blocks of this many bytes.
const BLOCK: usize = 1024 * 1024;

/// Combines a text with [`KEY`].
#[must_use]
pub fn hide(text: &[u8]) -> Vec<u8> {
    text.iter().map(|byte| byte ^ KEY).collect()
}

/// The hidden text in clear, in a separate allocation that never grew.
#[must_use]
pub fn revealed(hidden: &[u8]) -> String {
    let mut secret = String::with_capacity(hidden.len());
    secret.extend(hidden.iter().map(|byte| char::from(byte ^ KEY)));
    secret
}

/// The writable memory of this process.
fn writable() -> Vec<Range<u64>> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let writable = maps.lines().filter_map(|line| {
        let (range, rest) = line.split_once(' ').unwrap();
        let (start, end) = range.split_once('-').unwrap();
        let address = |text| u64::from_str_radix(text, 16).unwrap();
        rest.starts_with("rw").then(|| address(start)..address(end))
    });
    writable.collect()
}

/// The number of bytes of each hidden text that are in the memory of this process, in parts of at least twelve bytes.
///
/// # Panics
/// If the memory cannot be read.
#[must_use]
pub fn remains<const TEXTS: usize>(hidden: &[Vec<u8>; TEXTS]) -> [u64; TEXTS] {
    let parts = hidden
        .iter()
        .enumerate()
        .flat_map(|(text, hidden)| hidden.windows(SHORTEST_LEAK_BYTES).map(move |part| (part, text)));
    let parts: HashMap<&[u8], usize> = parts.collect();
    let mut begins = vec![false; 1 << 16];
    for part in parts.keys() {
        begins[usize::from(u16::from_be_bytes([part[0], part[1]]))] = true;
    }
    let mut block = vec![0; BLOCK];
    let own = block.as_ptr() as u64..block.as_ptr() as u64 + BLOCK as u64;
    let (mut memory, mut counts, mut counted) = (File::open("/proc/self/mem").unwrap(), [0; TEXTS], 0);
    for range in writable() {
        let mut start = range.start;
        while start + (SHORTEST_LEAK_BYTES as u64) < range.end {
            let length = usize::try_from(range.end - start).unwrap().min(BLOCK);
            memory.seek(SeekFrom::Start(start)).unwrap();
            // Not all of it can be read, since some belongs to the kernel.
            if memory.read_exact(&mut block[..length]).is_err() {
                break;
            }
            for (at, first) in block[..length].windows(2).enumerate().take(length - SHORTEST_LEAK_BYTES + 1) {
                let address = start + at as u64;
                let first = u16::from_be_bytes([first[0], first[1]]) ^ u16::from_be_bytes([KEY; 2]);
                if !begins[usize::from(first)] || own.contains(&address) {
                    continue;
                }
                let part: [u8; SHORTEST_LEAK_BYTES] = std::array::from_fn(|index| block[at + index] ^ KEY);
                if let Some(text) = parts.get(&part[..]) {
                    let end = address + SHORTEST_LEAK_BYTES as u64;
                    counts[*text] += end - address.max(counted);
                    counted = end;
                }
            }
            start += (length - SHORTEST_LEAK_BYTES + 1) as u64;
        }
    }
    counts
}
