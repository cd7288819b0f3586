//! Files of records: where they are, how they are read, replaced and removed.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, openat, renameat, unlinkat};
use rustix::io::Errno;

use crate::file::clock::Stamp;
use crate::file::failure::failure;
use crate::file::folder::Folder;
use crate::file::lock::Lock;
use crate::file::process::NEW;
use crate::file::record::{LONGEST_FILE, Record};
use crate::file::transitions::{Outcome, is_removable, settle};
use crate::store::Entry;
use crate::store::error::{StoreError, StoreErrorKind};
use crate::store::name::Name;

/// The files are spread over this many folders, each with a lock.
pub(super) const SHARDS: u8 = 64;
/// The name of the lock in each of these folders.
pub(super) const LOCK: &str = "lock";

/// The number of the shard of a name.
pub(super) fn shard_of(name: &Name) -> u8 {
    name.as_bytes()[0] % SHARDS
}

/// The folder of a shard.
pub(super) fn shard_folder(shard: u8) -> String {
    format!("{shard:02x}")
}

/// The settled record of a name, and the moment at which it was.
pub(super) fn read(folder: &Folder, shard: u8, name: &str) -> Result<(Record, Stamp), StoreError> {
    let mut record = read_file(folder, shard, name).map_err(|errno| failure("cannot read an entry", errno))?;
    let now = Stamp::now();
    settle(&mut record, folder.epoch(), now, |id| folder.process().is_running(id))?;
    Ok((record, now))
}

/// The entry of a name, if its lifetime is not over.
pub(super) fn read_entry(folder: &Folder, name: &Name) -> Result<Option<Entry>, StoreError> {
    let record = read_file(folder, shard_of(name), &name.to_string());
    let record = record.map_err(|errno| failure("cannot read an entry", errno))?;
    Ok(record.entry.and_then(|entry| {
        let remaining = folder.epoch().until(entry.end, Stamp::now())?;
        Some(Entry::new(entry.generation, entry.value, remaining))
    }))
}

/// What is not a record counts as none: the next one replaces it.
fn read_file(folder: &Folder, shard: u8, name: &str) -> Result<Record, Errno> {
    let path = format!("{}/{name}", shard_folder(shard));
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = match openat(folder.inner(), path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT | Errno::LOOP) => return Ok(Record::default()),
        Err(errno) => return Err(errno),
    };
    let mut bytes = Vec::new();
    match file.take(LONGEST_FILE as u64 + 1).read_to_end(&mut bytes) {
        Ok(_) => Ok(Record::from_bytes(&bytes).unwrap_or_default()),
        Err(error) => match Errno::from_io_error(&error) {
            Some(Errno::ISDIR) => Ok(Record::default()),
            Some(errno) => Err(errno),
            None => Err(Errno::IO),
        },
    }
}

/// Changes the record of a name as `step` says. Without a change, no lock is taken: a file is always one whole record.
pub(super) fn update<T>(
    folder: &Folder,
    name: &Name,
    is_wanted: impl Fn() -> bool,
    step: impl Fn(&mut Record, Stamp) -> Outcome<T>,
) -> Result<T, StoreError> {
    let (shard, name) = (shard_of(name), name.to_string());
    let (mut record, now) = read(folder, shard, &name)?;
    if let (answer, false) = step(&mut record, now) {
        return Ok(answer);
    }
    let _lock = lock(folder, shard, is_wanted)?;
    let (mut record, now) = read(folder, shard, &name)?;
    let (answer, is_changed) = step(&mut record, now);
    if is_changed {
        let path = format!("{}/{name}", shard_folder(shard));
        if is_removable(&record, now) { remove(folder, &path)? } else { replace(folder, shard, &path, &record)? }
    }
    Ok(answer)
}

fn lock(folder: &Folder, shard: u8, is_wanted: impl Fn() -> bool) -> Result<Lock, StoreError> {
    let shard = shard_folder(shard);
    let path = format!("{shard}/{LOCK}");
    match Lock::wait(folder.inner(), &path, &is_wanted) {
        Err(error) if error.kind() == StoreErrorKind::Unreachable => {
            match mkdirat(folder.inner(), &shard, Mode::RWXU) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(failure("cannot create a folder of the store", errno)),
            }
            Lock::wait(folder.inner(), &path, is_wanted)
        }
        other => other,
    }
}

/// Replaces the file of a record. The caller has the lock of its shard.
fn replace(folder: &Folder, shard: u8, path: &str, record: &Record) -> Result<(), StoreError> {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);

    let failed = |errno| failure("cannot write an entry", errno);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let new = format!("{}/{NEW}{}-{number}", shard_folder(shard), folder.process().id());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(folder.inner(), &new, flags, Mode::RUSR | Mode::WUSR).map_err(failed)?);
    // Not synchronized with the disk: a restart of the system ends all records.
    let written = file
        .write_all(&record.to_bytes())
        .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
        .and_then(|()| renameat(folder.inner(), &new, folder.inner(), path));
    written.map_err(|errno| {
        let _ = unlinkat(folder.inner(), &new, AtFlags::empty());
        failed(errno)
    })
}

/// Removes a file, if it exists.
pub(super) fn remove(folder: &Folder, path: &str) -> Result<(), StoreError> {
    match unlinkat(folder.inner(), path, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(failure("cannot remove an entry", errno)),
    }
}
