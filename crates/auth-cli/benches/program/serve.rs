//! How many requests for tokens the sidecar answers, and how fast.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::support::bare::Bare;
use crate::support::connection::{Connection, request};
use crate::support::home::Home;
use crate::support::percentiles::Percentiles;
use crate::support::report::{Report, ratio, spread};
use crate::support::rounds::{Figures, ROUNDS};

/// Connections that are open at once, each with one request at a time.
const CONNECTIONS: usize = 64;

/// Before anything is counted.
const WARM_UP: Duration = Duration::from_millis(500);

/// While requests are counted, in each round.
const COUNTED: Duration = Duration::from_secs(3);

pub(crate) fn measure() {
    let home = Home::new();
    let sidecar = home.serve();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let wanted = Arc::new(request("profile=lean&scope=api"));
    let first = runtime.block_on(async { Connection::open(&sidecar.socket).await.send(&wanted).await });
    assert!(first.is_success(), "{}", first.head);
    let bare = Bare::start(&home.path(""), &first.body);

    let sockets: [&Path; 2] = [&bare.socket, &sidecar.socket];
    let mut rounds: [[Vec<f64>; ROUNDS]; 2] = Default::default();
    for round in 0..ROUNDS {
        for (socket, rounds) in sockets.into_iter().zip(&mut rounds) {
            rounds[round] = runtime.block_on(load(socket, &wanted));
        }
    }
    assert_eq!(home.sandbox.lean().requests(), 1, "the token is in the cache");

    let title = format!("Tokens over a Unix socket, {CONNECTIONS} connections, answers of {} bytes", first.body.len());
    let header = ["", "requests/s, median of 5", "lowest – highest", "× floor", "50 %, ms", "99 %, ms", "longest, ms"];
    let mut report = Report::new(title, &header);
    let rates = rounds.each_ref().map(rates);
    for ((name, rounds), rates_of) in ["floor: a bare hyper server", "`serve`"].into_iter().zip(&rounds).zip(&rates) {
        let [rate, extremes] = spread(*rates_of, 0);
        let [middle, slow, longest] = Percentiles::of_millis(rounds.concat()).cells();
        let times = format!("{:.2}", ratio(rates_of, &rates[0]));
        report.row([name.to_owned(), rate, extremes, times, middle, slow, longest]);
    }
}

/// Requests per second in each round.
fn rates(rounds: &[Vec<f64>; ROUNDS]) -> Figures {
    rounds.each_ref().map(|millis| millis.len() as f64 / COUNTED.as_secs_f64())
}

/// How long each request took in milliseconds, while it was counted.
async fn load(socket: &Path, wanted: &Arc<Vec<u8>>) -> Vec<f64> {
    let mut tasks = JoinSet::new();
    let began = Instant::now();
    for _ in 0..CONNECTIONS {
        let mut connection = Connection::open(socket).await;
        let wanted = Arc::clone(wanted);
        tasks.spawn(async move {
            let mut millis = Vec::new();
            while began.elapsed() < WARM_UP + COUNTED {
                let sent = Instant::now();
                assert!(connection.send(&wanted).await.is_success());
                let is_counted = sent.duration_since(began) >= WARM_UP && began.elapsed() < WARM_UP + COUNTED;
                if is_counted {
                    millis.push(sent.elapsed().as_secs_f64() * 1e3);
                }
            }
            millis
        });
    }
    tasks.join_all().await.concat()
}
