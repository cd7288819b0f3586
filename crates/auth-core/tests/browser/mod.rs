//! A real browser, driven over its DevTools protocol: <https://chromedevtools.github.io/devtools-protocol/>.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::env;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

use crate::deadlines::within_blocking;

/// The maximum time of a wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A program that is stopped when the test ends, also after a panic.
pub(crate) struct Process(pub(crate) Child);

/// A browser without a window, with a separate profile and one page.
pub(crate) struct Browser {
    _process: Process,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    /// The session of the page, after it was opened.
    page: Option<String>,
    commands: u64,
    _profile: TempDir,
}

impl Browser {
    /// Starts the program named by the variable `CHROMIUM`, or `chromium`.
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut process = Command::new(env::var_os("CHROMIUM").unwrap_or_else(|| "chromium".into()))
            .args(["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            // Chromium does not start as root without `--no-sandbox`; these tests create everything that it opens.
            .args(["--no-sandbox", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stderr(Stdio::piped())
            .spawn()
            .map(Process)
            .unwrap();
        let mut lines = BufReader::new(process.0.stderr.take().unwrap()).lines().map_while(Result::ok);
        let (address, lines) = within_blocking("the browser prints its address", move || {
            let mut log = String::new();
            let address = lines.find_map(|line| {
                log.push_str(&line);
                Some(line.strip_prefix("DevTools listening on ")?.to_owned())
            });
            (address.unwrap_or_else(|| panic!("the browser did not start: {log}")), lines)
        });
        // If a pipe is not read, it fills up and the browser blocks.
        thread::spawn(|| lines.for_each(drop));
        let (socket, _) = tungstenite::connect(address).unwrap();
        let MaybeTlsStream::Plain(stream) = socket.get_ref() else { panic!("a browser on loopback has no TLS") };
        stream.set_read_timeout(Some(LONGEST_WAIT)).unwrap();
        let mut browser = Self { _process: process, socket, page: None, commands: 0, _profile: profile };
        let target = browser.command("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].take();
        let session = browser.command("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        browser.page = Some(session["sessionId"].as_str().unwrap().to_owned());
        browser
    }

    /// Opens an address, and waits until it is loaded.
    pub(crate) fn open(&mut self, url: &str) {
        self.leave("");
        self.command("Page.navigate", json!({ "url": url }));
        self.arrive();
    }

    /// Runs a script that opens another page, and waits until that is loaded.
    pub(crate) fn follow(&mut self, script: &str) {
        self.leave(script);
        self.arrive();
    }

    /// The result of a script; null if the page was closed in the meantime.
    pub(crate) fn evaluate(&mut self, script: &str) -> Value {
        let parameters = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.answer("Runtime.evaluate", parameters);
        assert!(answer["result"]["exceptionDetails"].is_null(), "{answer}");
        answer["result"]["result"]["value"].take()
    }

    /// The result of a command of the protocol.
    pub(crate) fn command(&mut self, method: &str, parameters: Value) -> Value {
        let mut answer = self.answer(method, parameters);
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].take()
    }

    fn answer(&mut self, method: &str, parameters: Value) -> Value {
        self.commands += 1;
        let mut command = json!({ "id": self.commands, "method": method, "params": parameters });
        if let Some(page) = &self.page {
            command["sessionId"] = json!(page);
        }
        self.socket.send(Message::text(command.to_string())).unwrap();
        loop {
            // Events may arrive before the result.
            let message: Value = serde_json::from_str(self.socket.read().unwrap().to_text().unwrap()).unwrap();
            if message["id"] == self.commands {
                return message;
            }
        }
    }

    /// Marks the page, to distinguish it from the next.
    fn leave(&mut self, script: &str) {
        self.evaluate(&format!("window.isOld = true; {script}"));
    }

    fn arrive(&mut self) {
        self.until("!window.isOld && document.readyState === 'complete'");
    }

    /// Waits until a script returns `true`, for at most a minute.
    pub(crate) fn until(&mut self, script: &str) {
        let deadline = Instant::now() + LONGEST_WAIT;
        while self.evaluate(script) != true {
            assert!(Instant::now() < deadline, "after a minute, it is still not so: {script}");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
