//! The processes: starts, kills, stops and hears them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout_at};

use crate::account::{Account, Span};
use crate::boot_clock;
use crate::issuer::Issuer;
use crate::process::{LONGEST, Process};
use crate::records::{Mint, as_requested, duplicates};
use crate::scale::Scale;
use crate::worker::said::Said;
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
    /// The scopes whose leaders were killed or stopped last.
    interrupted: VecDeque<usize>,
    /// `None` when a process has ended.
    said: UnboundedReceiver<(usize, Option<Said>)>,
    sender: UnboundedSender<(usize, Option<Said>)>,
}

struct Worker {
    process: Process,
    /// The scopes for which it requests a token.
    leads: BTreeSet<usize>,
    is_ready: bool,
    is_down: bool,
    /// Since when it has been stopped, on the boot clock, and when it is to continue.
    stopped: Option<(u64, Instant)>,
}

impl Fleet {
    /// A fleet without processes yet. Its store is Redis at this URL, or files.
    pub(crate) async fn new(test: &'static str, scale: Scale, store: Option<String>) -> Self {
        let issuer = Issuer::start(scale.lifetime).await;
        let (sender, said) = unbounded_channel();
        // In memory if possible, so that no process waits for a disk.
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
        let store = store.map_or_else(|| Place::Folder(folder.path().join("store")), Place::Redis);
        let (workers, account, interrupted) = (BTreeMap::new(), Account::default(), VecDeque::new());
        let fleet = Self { scale, issuer, account, test, store, folder, workers, next: 0, interrupted, said, sender };
        fleet.write_keys("keys", &KEYS);
        fleet
    }

    /// A fleet of as many processes as the scale says, which have begun to work.
    pub(crate) async fn working(test: &'static str, scale: Scale, store: Option<String>) -> Self {
        let mut fleet = Self::new(test, scale, store).await;
        let numbers: Vec<usize> = (0..scale.processes).map(|_| fleet.add("keys")).collect();
        fleet.work(&numbers).await;
        fleet
    }

    /// Makes processes begin to work when all of them are ready.
    pub(crate) async fn work(&mut self, numbers: &[usize]) {
        self.until("a process is not ready", |fleet| numbers.iter().all(|number| fleet.workers[number].is_ready)).await;
        for &number in numbers {
            self.tell(number, "work");
        }
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
        self.workers
            .insert(number, Worker { process, leads: BTreeSet::new(), is_ready: false, is_down: false, stopped: None });
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
        let worker = self.workers.remove(&number).unwrap();
        worker.process.kill();
        self.account.kills += 1;
        self.account.interrupted += worker.leads.len();
        self.interrupted.extend(worker.leads);
    }

    /// Stops a process for this long.
    pub(crate) fn stop(&mut self, number: usize, length: Duration) {
        let worker = self.workers.get_mut(&number).unwrap();
        worker.stopped = Some((boot_clock::now(), Instant::now() + length));
        worker.process.signal(Signal::STOP);
        self.account.interrupted += worker.leads.len();
        self.interrupted.extend(&worker.leads);
    }

    /// How many processes are stopped.
    pub(crate) fn stopped(&self) -> usize {
        self.workers.values().filter(|worker| worker.stopped.is_some()).count()
    }

    /// Hears what a process says before this moment, or its end; continues those that have been stopped for long enough.
    pub(crate) async fn hear(&mut self, before: Instant) -> Option<(usize, Option<Said>)> {
        loop {
            let now = Instant::now();
            for (&number, worker) in &mut self.workers {
                if let Some((since, _)) = worker.stopped.take_if(|(_, until)| *until <= now) {
                    worker.process.signal(Signal::CONT);
                    self.account.stops.push(Span { worker: number, from: since, until: boot_clock::now() });
                }
            }
            let next = self.workers.values().filter_map(|worker| Some(worker.stopped?.1)).min();
            match timeout_at(next.map_or(before, |next| next.min(before)), self.said.recv()).await {
                Ok(said) => {
                    let (number, said) = said.unwrap();
                    return Some((number, self.note(number, said)));
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

    /// Hears the processes until one requests a token, for a scope whose leaders were left alone for a while: the tokens of a scope
    /// that lost its leader are renewed at another time than all others, so that it would lose the next ones too.
    pub(crate) async fn leader(&mut self) -> usize {
        let began = Instant::now();
        while self.interrupted.len() > self.scale.scopes / 2 {
            self.interrupted.pop_front();
        }
        loop {
            let (number, said) = self.hear(began + LONGEST).await.expect("nobody requests a token");
            let is_here = self.workers.get(&number).is_some_and(|worker| worker.stopped.is_none());
            let Some(Said::Leads { scope, at }) = said else { continue };
            if self.interrupted.contains(&scope) {
                continue;
            }
            // One that was heard late has its token by now. On a busy machine, all may be late.
            if is_here && (boot_clock::now() - at < 10_000 || began.elapsed() > LONGEST / 10) {
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

    /// Hears the processes for the lifetime of a token, in which each is renewed at least once. None of them is requested twice.
    pub(crate) async fn check_calm(&mut self, after: &str) {
        // A busy machine may be too slow for the store.
        for _ in 0..10 {
            self.until_up().await;
            let downs = self.account.downs();
            // Requests that were sent before have arrived: without the store, or by leaders that had been stopped.
            self.listen(self.scale.request_deadline).await;
            let began = boot_clock::now();
            self.listen(self.scale.lifetime()).await;
            let mints = self.issuer.mints();
            // The requests for them have been announced.
            self.listen(self.scale.gap).await;
            let mut mints = as_requested(&mints, self.account.leads());
            mints.retain(|mint| mint.at >= began);
            if self.account.downs() == downs {
                assert!(mints.len() >= self.scale.scopes / 2, "no token was renewed after {after}");
                assert_eq!(duplicates(&mints, self.scale.closest()), 0, "after {after}: {mints:?}");
                return;
            }
        }
        panic!("the store is never up for the lifetime of a token");
    }

    /// What was issued so far, with the times of the requests.
    pub(crate) fn mints(&self) -> Vec<Mint> {
        as_requested(&self.issuer.mints(), self.account.leads())
    }

    /// Ends processes, as a program does.
    pub(crate) async fn dismiss(&mut self, numbers: &[usize]) {
        for &number in numbers {
            self.tell(number, "end");
        }
        let is_over = |fleet: &Self| numbers.iter().all(|number| !fleet.workers.contains_key(number));
        self.until("a process does not end", is_over).await;
    }

    /// Ends all processes.
    pub(crate) async fn end(&mut self) {
        self.until_continued().await;
        self.dismiss(&self.numbers()).await;
    }

    /// Hears the processes until none is stopped.
    pub(crate) async fn until_continued(&mut self) {
        self.until("a process stays stopped", |fleet| fleet.stopped() == 0).await;
    }

    /// Notes what a process has said, or its end.
    fn note(&mut self, number: usize, said: Option<Said>) -> Option<Said> {
        let Some(said) = said else {
            if let Some(worker) = self.workers.remove(&number) {
                assert!(self.account.has_counted(number), "process {number} has ended by itself");
                worker.process.end();
            }
            return None;
        };
        self.account.note(number, &said);
        match (self.workers.get_mut(&number), &said) {
            (Some(worker), Said::Leads { scope, .. }) if worker.stopped.is_none() => {
                worker.leads.insert(*scope);
            }
            // It was just killed or stopped, and has said it before.
            (_, Said::Leads { .. }) => self.account.interrupted += 1,
            (Some(worker), Said::Led { scope }) => {
                worker.leads.remove(scope);
            }
            (Some(worker), Said::Ready) => worker.is_ready = true,
            (Some(worker), Said::Down(_)) => worker.is_down = true,
            (Some(worker), Said::Up) => worker.is_down = false,
            _ => {}
        }
        Some(said)
    }
}
