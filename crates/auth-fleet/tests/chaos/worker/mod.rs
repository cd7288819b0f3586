//! What a process of the fleet does: it requests tokens for random scopes all the time, and says what it sees.
//!
//! `settings` is what it is given, `clock` the clock of its cache, `endpoint` says who requests a token, `said` is what the process
//! says, `work` is the work.

mod clock;
mod endpoint;
pub(crate) mod said;
pub(crate) mod settings;
mod work;

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::process::say;
use crate::worker::said::Said;
use crate::worker::settings::Settings;
use crate::worker::work::Work;

/// Does the work of a process if this is one: then the test that started it has nothing else to do.
pub(crate) async fn is_done() -> bool {
    let Some(settings) = Settings::given() else { return false };
    work(settings).await;
    true
}

async fn work(settings: Settings) {
    let work = Arc::new(Work::new(settings));
    let mut orders = orders();
    Said::Ready.say();
    loop {
        let order = orders.recv().await.unwrap_or_default();
        match order.split_once(' ').unwrap_or((&order, "")) {
            ("work", _) => work.start(),
            ("get", scope) => Said::Got(work.token(scope.parse().unwrap()).await).say(),
            ("reject", scope) => Said::Got(work.reject(scope.parse().unwrap()).await).say(),
            ("end", _) => return Said::Counted(work.end()).say(),
            // The test has ended.
            _ => std::process::exit(1),
        }
    }
}

/// What the test says, line by line.
fn orders() -> mpsc::UnboundedReceiver<String> {
    let (sender, orders) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    orders
}

impl Said {
    /// Says it to the test.
    fn say(&self) {
        say(&serde_json::to_string(self).unwrap());
    }
}
