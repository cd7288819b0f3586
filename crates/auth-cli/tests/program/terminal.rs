//! A terminal in front of the program.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long the program may take to ask.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal, as both of its ends.
pub(crate) fn terminal() -> (OwnedFd, OwnedFd) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let mine = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::io::fcntl_setfd(&mine, rustix::io::FdFlags::CLOEXEC).unwrap();
    grantpt(&mine).unwrap();
    unlockpt(&mine).unwrap();
    let name = ptsname(&mine, Vec::new()).unwrap();
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
    let terminal = rustix::fs::open(name, flags, rustix::fs::Mode::empty()).unwrap();
    (mine, terminal)
}

/// A user at a terminal.
pub(crate) struct User {
    typing: File,
    shown: Receiver<Vec<u8>>,
    text: String,
}

impl User {
    /// The user at this end of a terminal.
    pub(crate) fn new(mine: OwnedFd) -> Self {
        let mut reading = File::from(mine.try_clone().unwrap());
        let (sender, shown) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4_096];
            // Without a program at the other end, reading is an error.
            while let Ok(count @ 1..) = reading.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { typing: File::from(mine), shown, text: String::new() }
    }

    /// Waits until the terminal shows this, and types an answer.
    pub(crate) fn answer(&mut self, question: &str, answer: &str) {
        let before = self.text.len();
        let deadline = Instant::now() + PATIENCE;
        while !self.text[before..].contains(question) {
            match self.shown.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(shown) => self.text.push_str(&String::from_utf8_lossy(&shown)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("no {question:?} in {:?}", self.text)
                }
            }
        }
        self.typing.write_all(format!("{answer}\n").as_bytes()).unwrap();
    }

    /// All that the terminal has shown when the program has ended.
    pub(crate) fn shown(mut self) -> String {
        while let Ok(shown) = self.shown.recv_timeout(Duration::from_secs(10)) {
            self.text.push_str(&String::from_utf8_lossy(&shown));
        }
        self.text
    }
}
