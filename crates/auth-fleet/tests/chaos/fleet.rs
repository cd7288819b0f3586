//! The processes: starts, kills, stops and hears them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout_at};

use crate::boot_clock;
use crate::issuer::Issuer;
use crate::scale::Scale;
use crate::process::{LONGEST, Process};
use crate::worker::said::{Counts, Said};
use crate::worker::settings::{Place, Settings};

/// The keys of the fleet, unless a test writes others.
pub(crate) const KEYS: [u8; 2] = [1, 2];

/// Processes that share a store.
pub(crate) struct Fleet {
    pub(crate) scale: Scale,
    pub(crate) issuer: Issuer,
    pub(crate) account: Account,
    test: &'static str,
    store: Place,
    folder: TempDir,
    workers: BTreeMap<usize, Worker>,
    next: usize,
    /// `None` when a process has ended.
    said: UnboundedReceiver<(usize, Option<Said>)>,
    sender: UnboundedSender<(usize, Option<Said>)>,
}

struct Worker {
    process: Process,
    is_down: bool,
    /// Since when it has been stopped, on the boot clock, and when it is to continue.
    stopped: Option<(u64, Instant)>,
}

/// What has happened.
#[derive(Default)]
pub(crate) struct Account {
    pub(crate) kills: usize,
    pub(crate) stops: Vec<(usize, u64, u64)>,
    pub(crate) waits: Vec<(usize, u64, u64)>,
    /// Whether the process had a token for the scope, and the error.
    pub(crate) errors: Vec<(bool, String)>,
    pub(crate) expired: Vec<u64>,
    pub(crate) foreign: usize,
    pub(crate) downs: BTreeMap<String, usize>,
    /// The counters of each process.
    pub(crate) counts: BTreeMap<usize, Counts>,
}

impl Fleet {
    /// A fleet without processes yet. Its store is Redis at this URL, or files.
    pub(crate) async fn new(test: &'static str, scale: Scale, store: Option<String>) -> Self {
        let issuer = Issuer::start(scale.lifetime).await;
        let (sender, said) = unbounded_channel();
        // In memory if possible, so that no process waits for a disk.
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
        let store = store.map_or_else(|| Place::Folder(folder.path().join("store")), Place::Redis);
        let (workers, account) = (BTreeMap::new(), Account::default());
        let fleet = Self { scale, issuer, account, test, store, folder, workers, next: 0, said, sender };
        fleet.write_keys("keys", &KEYS);
        fleet
    }

    /// A fleet of as many processes as the scale says, which have begun to work.
    pub(crate) async fn working(test: &'static str, scale: Scale, store: Option<String>) -> Self {
        let mut fleet = Self::new(test, scale, store).await;
        for _ in 0..scale.processes {
            fleet.start();
        }
        fleet
    }

    /// Starts a process that begins to work.
    pub(crate) fn start(&mut self) -> usize {
        self.start_with("keys")
    }

    /// Starts a process with the keys of this file, which begins to work.
    pub(crate) fn start_with(&mut self, keys: &str) -> usize {
        let number = self.add(keys);
        self.tell(number, "work");
        number
    }

    /// Starts a process that waits for orders. Every second one has a clock that is wrong.
    pub(crate) fn add(&mut self, keys: &str) -> usize {
        let number = self.next;
        self.next += 1;
        let settings = Settings {
            number,
            store: self.store.clone(),
            keys: self.keys(keys),
            token_url: self.issuer.url.clone(),
            scale: self.scale,
            clock: [None, Some(2), None, Some(-2)][number % 4],
        };
        let mut process = Process::start_with(settings.command(), self.test, self.folder.path());
        let (mut speech, sender) = (process.take_speech(), self.sender.clone());
        std::thread::spawn(move || {
            while let Some(line) = speech.hear() {
                // A line may be cut short by `kill -9`.
                let Ok(said) = serde_json::from_str(&line) else { continue };
                if sender.send((number, Some(said))).is_err() {
                    return;
                }
            }
            let _ = sender.send((number, None));
        });
        self.workers.insert(number, Worker { process, is_down: false, stopped: None });
        number
    }

    /// Writes a file of keys for the processes; each key is 32 times the same byte.
    pub(crate) fn write_keys(&self, name: &str, keys: &[u8]) {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;

        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;

        let text: String = keys.iter().map(|&byte| STANDARD.encode([byte; 32]) + "\n").collect();
        let new = self.folder.path().join("new");
        let mut file = std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&new).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        std::fs::rename(new, self.keys(name)).unwrap();
    }

    fn keys(&self, name: &str) -> PathBuf {
        Path::new(self.folder.path()).join(name)
    }

    /// Gives an order.
    pub(crate) fn tell(&mut self, number: usize, order: &str) {
        self.workers.get_mut(&number).unwrap().process.tell(order);
    }

    /// The processes.
    pub(crate) fn numbers(&self) -> Vec<usize> {
        self.workers.keys().copied().collect()
    }

    /// Kills a process with -9.
    pub(crate) fn kill(&mut self, number: usize) {
        self.workers.remove(&number).unwrap().process.kill();
        self.account.kills += 1;
    }

    /// Stops a process for this long.
    pub(crate) fn stop(&mut self, number: usize, length: Duration) {
        let worker = self.workers.get_mut(&number).unwrap();
        worker.stopped = Some((boot_clock::now(), Instant::now() + length));
        worker.process.signal(Signal::STOP);
    }

    /// How many processes are stopped.
    pub(crate) fn stopped(&self) -> usize {
        self.workers.values().filter(|worker| worker.stopped.is_some()).count()
    }

    /// Hears what a process says, before this moment; continues those that have been stopped for long enough.
    pub(crate) async fn hear(&mut self, before: Instant) -> Option<(usize, Said)> {
        loop {
            let now = Instant::now();
            for (&number, worker) in &mut self.workers {
                if let Some((since, _)) = worker.stopped.take_if(|(_, until)| *until <= now) {
                    worker.process.signal(Signal::CONT);
                    self.account.stops.push((number, since, boot_clock::now()));
                }
            }
            let next = self.workers.values().filter_map(|worker| Some(worker.stopped?.1)).min();
            match timeout_at(next.map_or(before, |next| next.min(before)), self.said.recv()).await {
                Ok(said) => {
                    let (number, said) = said.unwrap();
                    if let Some(said) = self.note(number, said) {
                        return Some((number, said));
                    }
                }
                Err(_) if Instant::now() >= before => return None,
                Err(_) => {}
            }
        }
    }

    /// Hears the processes for this long.
    pub(crate) async fn listen(&mut self, length: Duration) {
        let end = Instant::now() + length;
        while self.hear(end).await.is_some() {}
    }

    /// Hears the processes until it is so.
    pub(crate) async fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + LONGEST;
        while !is_so(self) {
            self.hear(deadline).await.unwrap_or_else(|| panic!("{what}"));
        }
    }

    /// Hears the processes until one requests a token.
    pub(crate) async fn leader(&mut self) -> usize {
        // Those that were heard late have their token by now.
        let deadline = Instant::now() + LONGEST;
        loop {
            let (number, said) = self.hear(deadline).await.expect("nobody requests a token");
            let is_here = self.workers.get(&number).is_some_and(|worker| worker.stopped.is_none());
            if let Said::Leads { at, .. } = said
                && is_here
                && boot_clock::now() - at < 10_000
            {
                return number;
            }
        }
    }

    /// Hears the processes until the store works for all of them.
    pub(crate) async fn until_up(&mut self) {
        // What they have said up to now.
        self.listen(self.scale.gap).await;
        self.until("the store stays down", |fleet| fleet.workers.values().all(|worker| !worker.is_down)).await;
    }

    /// Hears the processes until the store works for none of them.
    pub(crate) async fn until_down(&mut self) {
        self.until("the store stays up", |fleet| fleet.workers.values().all(|worker| worker.is_down)).await;
    }

    /// Ends all processes.
    pub(crate) async fn end(&mut self) {
        self.until("a process stays stopped", |fleet| fleet.stopped() == 0).await;
        for number in self.numbers() {
            self.tell(number, "end");
        }
        self.until("a process does not end", |fleet| fleet.workers.is_empty()).await;
    }

    fn note(&mut self, number: usize, said: Option<Said>) -> Option<Said> {
        let account = &mut self.account;
        let Some(said) = said else {
            if let Some(worker) = self.workers.remove(&number) {
                assert!(account.counts.contains_key(&number), "process {number} has ended by itself");
                worker.process.end();
            }
            return Some(Said::Ready);
        };
        match &said {
            Said::Waited { from, until } => account.waits.push((number, *from, *until)),
            Said::Failed { had_token, error, .. } => account.errors.push((*had_token, error.clone())),
            Said::Expired { by, .. } => account.expired.push(*by),
            Said::Foreign { .. } => account.foreign += 1,
            Said::Counted(counts) => {
                account.counts.insert(number, *counts);
            }
            Said::Down(error) => *account.downs.entry(error.clone()).or_default() += 1,
            Said::Ready | Said::Leads { .. } | Said::Up | Said::Got(_) => {}
        }
        if std::env::var_os("CHAOS_DEBUG").is_some() && matches!(said, Said::Down(_) | Said::Up | Said::Failed { .. }) {
            eprintln!("{} {number} {said:?}", boot_clock::now() / 1000);
        }
        if let (Some(worker), Said::Down(_) | Said::Up) = (self.workers.get_mut(&number), &said) {
            worker.is_down = matches!(said, Said::Down(_));
        }
        Some(said)
    }
}
