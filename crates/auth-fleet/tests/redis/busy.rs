//! Processes that have more to do than their runtime can do at once.

use std::time::Duration;

use auth_core::{Scope, TokenEndpoint as _};
use auth_fleet::Shared;
use tokio::task::{JoinHandle, yield_now};

use crate::endpoint::TestEndpoint;
use crate::redis_server::Server;
use crate::support::{soon, store};

/// Does other work that blocks the runtime for so long again and again. Sockets, timers and other tasks have their turn in between.
fn work(length: Duration) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            std::thread::sleep(length);
            yield_now().await;
        }
    })
}

#[tokio::test]
async fn a_busy_process_does_not_take_its_store_for_slow() {
    const SCOPES: u64 = 10;

    let Some(server) = Server::start() else { return };
    let endpoint = TestEndpoint::default();
    let fleet = [
        Shared::new(endpoint.clone(), store(&server).await),
        // Has all tokens to take.
        Shared::new(endpoint.clone(), store(&server).await),
    ];
    // Longer than an operation may take.
    let work = work(Duration::from_millis(70));
    for (shared, led) in fleet.iter().zip([SCOPES, 0]) {
        let calls = (0..SCOPES).map(|number| {
            let (shared, scope) = (shared.clone(), format!("scope{number}").parse::<Scope>().unwrap());
            tokio::spawn(async move { shared.request_token(&scope).await })
        });
        for call in calls.collect::<Vec<_>>() {
            soon(call).await.unwrap().unwrap();
        }
        let stats = shared.stats();
        assert_eq!((stats.led, stats.alone, stats.store_down), (led, 0, 0), "{stats:?}");
    }
    work.abort();
}
