//! Processes that share a `FileStore`, and are killed and stopped.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use auth_core::lean::{Client, Scope};
use auth_core::{LeanTokenEndpoint, SecretFile, TokenCache};
use auth_fleet::{FileStore, Generation, Keys, Lease, Published, Seen, Shared, Store};
use auth_sandbox::Sandbox;
use rustix::process::Signal;

use crate::support::{
    HOUR, LONGEST, Process, eventually, granted, listen, name, new_folder, open, owner, say, task, tree,
};

/// The token cache of a process, on the store in this folder, with the client secret and the keys that are there.
fn cache(folder: &Path) -> TokenCache {
    let keys = Keys::new(SecretFile::new(folder.join("keys")).permit_line_breaks());
    let url = fs::read_to_string(folder.join("url")).unwrap();
    let credentials = SecretFile::new(folder.join("secret")).for_client(CLIENT);
    let endpoint = LeanTokenEndpoint::new(Client::new(&url).unwrap(), credentials);
    let store = FileStore::open(folder.join("store"), keys).unwrap();
    // Two hundred processes on a small machine wait longer for a processor than for the store.
    TokenCache::new(Shared::builder(endpoint, store).store_timeout(LONGEST).build())
}

const CLIENT: &str = "marker-of-the-client";

fn write_private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_processes_at_once_cost_one_mint() {
    const PROCESSES: usize = 200;
    if let Some(folder) = task() {
        let tokens = cache(&folder);
        let scope = Scope::Api.into();
        say("ready");
        for _ in 0..2 {
            listen();
            let token = tokens.access_token(&scope).await.unwrap();
            say(token.expose());
            tokens.reject(&token);
        }
        return;
    }
    let sandbox = Sandbox::builder().lean_client_id(CLIENT).start().await.unwrap();
    let (temporary, _) = new_folder();
    let folder = temporary.path();
    let keys = ["bWFya2VyIG9mIGEga2V5OiB0aGlydHktdHdvIGJ5dGU=", "bWFya2VyIG9mIGEga2V5OiBhcyBtYW55IG9mIHRoZW0="];
    write_private(&folder.join("keys"), &keys.join("\n"));
    write_private(&folder.join("secret"), &sandbox.lean_client_secret());
    write_private(&folder.join("url"), sandbox.base_url());

    let test = "processes::two_hundred_processes_at_once_cost_one_mint";
    let mut processes: Vec<_> = (0..PROCESSES).map(|_| Process::start(test, folder)).collect();
    for process in &mut processes {
        assert_eq!(process.hear().as_deref(), Some("ready"));
    }
    let mut markers = vec![CLIENT.to_owned(), sandbox.lean_client_secret(), "marker of a key".to_owned()];
    markers.extend(keys.map(str::to_owned));
    // All of them reject the first token, which costs one more.
    for requests in 1..=2 {
        for process in &mut processes {
            process.tell("now");
        }
        let mut tokens: Vec<_> = processes.iter_mut().map(|process| process.hear().expect("a token")).collect();
        tokens.dedup();
        assert_eq!(tokens.len(), 1, "they share a token");
        assert_eq!(sandbox.lean().requests(), requests);
        markers.append(&mut tokens);
    }
    assert_ne!(markers.last(), markers.iter().rev().nth(1), "the rejected token was replaced");
    processes.into_iter().for_each(Process::end);

    markers.extend(["Bearer", "access_token"].map(str::to_owned));
    let files: Vec<_> = tree(&folder.join("store")).into_iter().filter(|path| path.is_file()).collect();
    assert!(files.iter().any(|file| fs::metadata(file).unwrap().len() > 200), "there is an entry");
    for file in files {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned() + &file.display().to_string();
        let found = markers.iter().find(|marker| text.contains(marker.as_str()));
        assert!(found.is_none(), "clear text in {}", file.display());
    }
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
    let start = || Process::start("processes::of_many_processes_one_gets_each_lease", &folder);
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
    let mut leader = Process::start("processes::a_leader_that_is_killed_costs_no_wait", &folder);
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
    let mut leader =
        Process::start("processes::a_leader_that_is_stopped_for_longer_than_its_lease_cannot_overwrite", &folder);
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
    let test = "processes::a_thousand_kills_leave_no_unreadable_file_and_no_lock_that_anybody_waits_for";
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
    // Neither a lock nor a lease is held, although all leases are for an hour.
    for number in 0..NAMES {
        let entry = store.get(&name(number)).await.unwrap().expect("an entry cannot be read");
        granted(&store, &name(number), Seen::Entry(entry.generation), HOUR).await;
    }

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
