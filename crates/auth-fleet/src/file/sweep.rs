//! Removes what no one needs any longer, a little with each operation that writes.

use std::os::fd::{AsFd as _, BorrowedFd};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, unlinkat};
use rustix::io::Errno;

use crate::file::files::{LOCK, SHARDS, read, remove, shard_folder};
use crate::file::folder::Folder;
use crate::file::lock::Lock;
use crate::file::process::{NEW, PROCESSES, is_locked};
use crate::file::record::ProcessId;
use crate::file::transitions::is_removable;
use crate::store::error::StoreError;

/// One operation out of this many cleans up.
const ONE_OF: u8 = 16;
/// How many files of a shard are examined then, chosen at random. An operation creates at most one file and examines two on
/// average, unless there are fewer than 32 in a shard.
const EXAMINED: usize = 32;
/// How many names of a folder are read at most.
const LISTED: usize = 4_096;

/// Cleans up, or does not: a draw decides. What cannot be removed now is left for later.
pub(super) fn sweep_sometimes(folder: &Folder) {
    if fastrand::u8(..ONE_OF) == 0 {
        sweep_shard(folder, fastrand::u8(..SHARDS));
        sweep_processes(folder);
    }
}

/// Removes files of a shard that are over.
pub(super) fn sweep_shard(folder: &Folder, shard: u8) {
    let path = shard_folder(shard);
    for name in fastrand::choose_multiple(names(folder.inner(), &path, LISTED), EXAMINED) {
        let _ = examine(folder, shard, &name);
    }
}

fn examine(folder: &Folder, shard: u8, name: &str) -> Result<(), StoreError> {
    let path = format!("{}/{name}", shard_folder(shard));
    if let Some(rest) = name.strip_prefix(NEW) {
        // Only its own process writes it, and only that process or a cleaner removes it.
        let is_left_over = match process_of(rest) {
            Some(id) => !folder.process().is_running(id)?,
            None => false,
        };
        return if is_left_over { remove(folder, &path) } else { Ok(()) };
    }
    if name.len() != 43 {
        return Ok(());
    }
    let (record, now) = read(folder, shard, name)?;
    if !is_removable(&record, now) {
        return Ok(());
    }
    let Some(_lock) = Lock::try_now(folder.inner(), &format!("{}/{LOCK}", shard_folder(shard)))? else {
        return Ok(());
    };
    let (record, now) = read(folder, shard, name)?;
    if is_removable(&record, now) { remove(folder, &path) } else { Ok(()) }
}

/// The process in the name of a file that is not complete.
fn process_of(rest: &str) -> Option<ProcessId> {
    let (id, _) = rest.split_once('-')?;
    u128::from_str_radix(id, 16).ok().map(|id| ProcessId(id.to_be_bytes()))
}

/// Removes the files of processes that have ended.
fn sweep_processes(folder: &Folder) {
    for name in fastrand::choose_multiple(names(folder.inner(), PROCESSES, LISTED), EXAMINED) {
        let path = format!("{PROCESSES}/{name}");
        if matches!(is_locked(folder.inner(), &path), Ok(false)) {
            let _ = remove(folder, &path);
        }
    }
}

/// Removes files of earlier runs of the system, and of time namespaces that no process uses, at most this many.
pub(super) fn sweep_epochs(folder: &Folder, mut at_most: usize) {
    let own = folder.epoch().folder();
    for epoch in names(folder.root(), ".", LISTED) {
        if epoch == own || !epoch.starts_with("boot-") {
            continue;
        }
        let processes = names(folder.root(), &format!("{epoch}/{PROCESSES}"), LISTED);
        let is_used =
            |name: &String| !matches!(is_locked(folder.root(), &format!("{epoch}/{PROCESSES}/{name}")), Ok(false));
        if processes.iter().any(is_used) {
            continue;
        }
        remove_folder(folder.root(), &epoch, &mut at_most);
    }
}

/// Removes a folder and what is in it, until `budget` is used up.
fn remove_folder(parent: BorrowedFd<'_>, path: &str, budget: &mut usize) {
    for name in names(parent, path, *budget) {
        let path = format!("{path}/{name}");
        if *budget == 0 {
            return;
        }
        *budget -= 1;
        // Linux says that it is a folder, others that it is not permitted.
        if let Err(Errno::ISDIR | Errno::PERM) = unlinkat(parent, &path, AtFlags::empty()) {
            remove_folder(parent, &path, budget);
        }
    }
    let _ = unlinkat(parent, path, AtFlags::REMOVEDIR);
}

/// The names in a folder, at most this many; none if it cannot be read.
fn names(parent: BorrowedFd<'_>, path: &str, at_most: usize) -> Vec<String> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(folder) = openat(parent, path, flags, Mode::empty()) else { return Vec::new() };
    let Ok(entries) = Dir::read_from(folder.as_fd()) else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type() != FileType::Symlink)
        .filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned))
        .filter(|name| name != "." && name != "..")
        .take(at_most)
        .collect()
}
