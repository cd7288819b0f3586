//! Processes that share a `FileStore`, and are killed and stopped.
#![cfg(all(feature = "file", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod support;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use auth_fleet::{FileStore, Generation, Lease, Name, Published, Seen, Store};
use rustix::process::Signal;
use support::{HOUR, LONGEST, Process, eventually, granted, listen, name, new_folder, open, owner, say, task, tree};

/// A token for this name that is not the one that was seen: from the store, or a new one. Each mint is a line of a file.
async fn token(store: &FileStore, name: &Name, seen: Option<Generation>, mints: &Path) -> (Generation, Vec<u8>) {
    loop {
        let entry = store.get(name).await.unwrap();
        if let Some(entry) = entry
            && Some(entry.generation) != seen
        {
            return (entry.generation, entry.value);
        }
        let owner = owner();
        match store.lease(name, owner, seen.map_or(Seen::Nothing, Seen::Entry), LONGEST).await.unwrap() {
            Lease::Granted(grant) => {
                let mut file = File::options().append(true).create(true).open(mints).unwrap();
                writeln!(file, "{}", std::process::id()).unwrap();
                tokio::time::sleep(Duration::from_millis(100)).await;
                let value = fastrand::u128(..).to_le_bytes();
                assert_eq!(store.publish(name, grant, &value, HOUR).await.unwrap(), Published::Stored);
            }
            Lease::Held(at_most) => store.wait(name, seen, at_most).await.unwrap(),
            _ => {}
        }
    }
}

#[tokio::test]
async fn two_hundred_processes_at_once_cost_one_mint() {
    const PROCESSES: usize = 200;
    const TOKENS: usize = 3;
    if let Some(folder) = task() {
        let store = open(&folder.join("store"));
        let mut seen = None;
        say("ready");
        for _ in 0..TOKENS {
            listen();
            let (generation, value) = token(&store, &name(1), seen, &folder.join("mints")).await;
            seen = Some(generation);
            say(&format!("{generation:?} {value:?}"));
        }
        return;
    }
    let (temporary, _) = new_folder();
    let test = "two_hundred_processes_at_once_cost_one_mint";
    let mut processes: Vec<_> = (0..PROCESSES).map(|_| Process::start(test, temporary.path())).collect();
    for process in &mut processes {
        assert_eq!(process.hear().as_deref(), Some("ready"));
    }
    for round in 1..=TOKENS {
        for process in &mut processes {
            process.tell("now");
        }
        let mut tokens: Vec<_> = processes.iter_mut().map(|process| process.hear().expect("a token")).collect();
        tokens.dedup();
        assert_eq!(tokens.len(), 1, "{tokens:?}");
        let mints = fs::read_to_string(temporary.path().join("mints")).unwrap();
        assert_eq!(mints.lines().count(), round, "a mint for each token");
    }
    processes.into_iter().for_each(Process::end);
}

#[tokio::test]
async fn of_many_processes_one_gets_each_lease() {
    const PROCESSES: usize = 8;
    const LEASES: u32 = 2_000;
    if let Some(folder) = task() {
        let store = open(&folder);
        say("ready");
        listen();
        let mut granted = 0;
        for number in 0..LEASES {
            let lease = store.lease(&name(number), owner(), Seen::Nothing, HOUR).await.unwrap();
            granted += usize::from(matches!(lease, Lease::Granted(_)));
        }
        say(&granted.to_string());
        listen();
        return;
    }
    let (_temporary, folder) = new_folder();
    let start = || Process::start("of_many_processes_one_gets_each_lease", &folder);
    let mut processes: Vec<_> = (0..PROCESSES).map(|_| start()).collect();
    for process in &mut processes {
        assert_eq!(process.hear().as_deref(), Some("ready"));
    }
    for process in &mut processes {
        process.tell("now");
    }
    let granted: Vec<usize> =
        processes.iter_mut().map(|process| process.hear().expect("a number").parse().unwrap()).collect();
    assert_eq!(granted.iter().sum::<usize>(), LEASES as usize, "{granted:?}");
    for process in &mut processes {
        process.tell("end");
    }
    processes.into_iter().for_each(Process::end);
}

#[tokio::test]
async fn a_leader_that_is_killed_costs_no_wait() {
    if let Some(folder) = task() {
        let store = open(&folder);
        let grant = granted(&store, &name(1), Seen::Nothing, HOUR).await;
        say(&grant.generation.0.to_string());
        listen();
        return;
    }
    let (_temporary, folder) = new_folder();
    let store = open(&folder);
    let mut leader = Process::start("a_leader_that_is_killed_costs_no_wait", &folder);
    let generation: u64 = leader.hear().unwrap().parse().unwrap();
    let lease = store.lease(&name(1), owner(), Seen::Nothing, HOUR).await.unwrap();
    assert!(matches!(lease, Lease::Held(left) if left > HOUR / 2), "{lease:?}");
    let waiting = {
        let store = store.clone();
        tokio::spawn(async move { store.wait(&name(1), None, HOUR).await })
    };
    leader.kill();
    tokio::time::timeout(LONGEST, waiting).await.expect("the wait goes on").unwrap().unwrap();
    let grant = granted(&store, &name(1), Seen::Nothing, HOUR).await;
    assert!(grant.generation.0 > generation, "{grant:?} after {generation}");
}

#[tokio::test]
async fn a_leader_that_is_stopped_for_longer_than_its_lease_cannot_overwrite() {
    if let Some(folder) = task() {
        let store = open(&folder);
        let grant = granted(&store, &name(1), Seen::Nothing, Duration::from_millis(200)).await;
        say("granted");
        listen();
        say(&format!("{:?}", store.publish(&name(1), grant, b"late", HOUR).await.unwrap()));
        // What it did not lead for, it does not end either.
        store.release(&name(1), grant.owner).await.unwrap();
        return say("released");
    }
    let (_temporary, folder) = new_folder();
    let store = open(&folder);
    let mut leader = Process::start("a_leader_that_is_stopped_for_longer_than_its_lease_cannot_overwrite", &folder);
    assert_eq!(leader.hear().as_deref(), Some("granted"));
    leader.signal(Signal::STOP);
    let start = Instant::now();
    let next = loop {
        assert!(start.elapsed() < LONGEST, "the lease does not end");
        match store.lease(&name(1), owner(), Seen::Nothing, HOUR).await.unwrap() {
            Lease::Granted(grant) => break grant,
            Lease::Held(at_most) => store.wait(&name(1), None, at_most).await.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(store.publish(&name(1), next, b"new", HOUR).await.unwrap(), Published::Stored);
    let third = granted(&store, &name(1), Seen::Entry(next.generation), HOUR).await;
    leader.tell("publish");
    leader.signal(Signal::CONT);
    assert_eq!(leader.hear().as_deref(), Some("Superseded"));
    assert_eq!(leader.hear().as_deref(), Some("released"));
    assert_eq!(store.get(&name(1)).await.unwrap().unwrap().value, b"new");
    let lease = store.lease(&name(1), owner(), Seen::Entry(next.generation), HOUR).await.unwrap();
    assert!(matches!(lease, Lease::Held(_)), "the lease of {third:?} was ended: {lease:?}");
    leader.end();
}

/// Names that all workers use. There is an entry for each, all the time.
const NAMES: u32 = 12;

/// Does everything that a store can do, until it is killed.
async fn work(store: &FileStore) {
    let mut generations = HashMap::new();
    loop {
        let name = name(fastrand::u32(..NAMES));
        let entry = store.get(&name).await.unwrap().expect("an entry cannot be read");
        assert_eq!(entry.value, value(entry.generation), "an entry is not what was published");
        let last = generations.insert(name, entry.generation);
        assert!(last.is_none_or(|last| last <= entry.generation), "{last:?} was replaced by {:?}", entry.generation);
        if let Lease::Granted(grant) = store.lease(&name, owner(), Seen::Entry(entry.generation), HOUR).await.unwrap() {
            if fastrand::bool() {
                store.publish(&name, grant, &value(grant.generation), HOUR).await.unwrap();
            } else {
                store.release(&name, grant.owner).await.unwrap();
            }
        }
    }
}

/// A value as long as a large token.
fn value(generation: Generation) -> Vec<u8> {
    generation.0.to_le_bytes().repeat(500)
}

#[tokio::test]
async fn a_thousand_kills_leave_no_unreadable_file_and_no_lock_that_anybody_waits_for() {
    const KILLS: usize = 1_000;
    const WORKERS: usize = 4;
    let test = "a_thousand_kills_leave_no_unreadable_file_and_no_lock_that_anybody_waits_for";
    if let Some(folder) = task() {
        let store = open(&folder);
        say("working");
        return work(&store).await;
    }
    let (_temporary, folder) = new_folder();
    let store = open(&folder);
    for number in 0..NAMES {
        let grant = granted(&store, &name(number), Seen::Nothing, HOUR).await;
        store.publish(&name(number), grant, &value(grant.generation), HOUR).await.unwrap();
    }
    let mut workers: Vec<_> = (0..WORKERS).map(|_| Process::start(test, &folder)).collect();
    for kill in 0..KILLS {
        // One of them is killed at any moment since its start, all others while they work.
        let worker = &mut workers[kill % WORKERS];
        if kill % WORKERS != 0 {
            assert_eq!(worker.hear().as_deref(), Some("working"), "a worker has failed");
        }
        tokio::time::sleep(Duration::from_micros(fastrand::u64(..3_000))).await;
        std::mem::replace(worker, Process::start(test, &folder)).kill();
        let name = name(fastrand::u32(..NAMES));
        let entry = store.get(&name).await.unwrap().expect("an entry cannot be read");
        assert_eq!(entry.value, value(entry.generation));
    }
    workers.into_iter().for_each(Process::kill);
    let start = Instant::now();
    for number in 0..NAMES {
        let entry = store.get(&name(number)).await.unwrap().expect("an entry cannot be read");
        granted(&store, &name(number), Seen::Entry(entry.generation), HOUR).await;
    }
    assert!(start.elapsed() < Duration::from_secs(5), "somebody waited {:?}", start.elapsed());

    // What they left behind is removed by and by.
    let left_over = || {
        let paths = tree(&folder);
        let is_new = |path: &&std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("new-");
        let processes = paths.iter().filter(|path| path.parent().unwrap().ends_with("processes")).count();
        paths.iter().filter(is_new).count() + processes - 1
    };
    eprintln!("{} files are left over", left_over());
    assert!(left_over() < KILLS / 2, "they removed what others left");
    eventually("leftovers remain", async || {
        for number in 0..64 {
            let grant = granted(&store, &name(1_000 + number), Seen::Nothing, HOUR).await;
            store.release(&name(1_000 + number), grant.owner).await.unwrap();
        }
        left_over() == 0
    })
    .await;
}
