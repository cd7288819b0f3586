//! The store fails: it dies, loses everything, is blocked, is full, or the network before it is bad.

use tokio::task::block_in_place;

use crate::fleet::Fleet;
use crate::outcome::Outcome;
use crate::redis_proxy::Proxy;
use crate::redis_server::Server;
use crate::scale::{Part, Scale, run};
use crate::worker;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_its_store_a_process_has_its_own_tokens_and_no_error() {
    if !worker::is_done().await {
        run([Box::pin(dead()) as Part, Box::pin(blocked()), Box::pin(full()), Box::pin(cut())]).await;
    }
}

const TEST: &str = "failing_store::without_its_store_a_process_has_its_own_tokens_and_no_error";

async fn dead() {
    let Some(mut server) = Server::start() else { return };
    let mut fleet = behind_a_proxy(&server).await.1;
    for _ in 0..turns(&fleet) {
        server.kill();
        fleet.until_down().await;
        fleet.listen(fleet.scale.gap).await;
        block_in_place(|| server.restart());
        fleet.check_calm("the store was killed and is empty").await;
    }
    conclude(&mut fleet, "redis: killed, restarted empty").await;
}

async fn blocked() {
    let Some(server) = Server::with(&["--enable-debug-command", "local"]) else { return };
    let mut fleet = behind_a_proxy(&server).await.1;
    for _ in 0..turns(&fleet) {
        let (seconds, before) = ((fleet.scale.store_timeout * 3).as_secs_f64().to_string(), fleet.account.downs());
        // Those who have their tokens do not notice.
        while fleet.account.downs() == before {
            block_in_place(|| server.command(&["DEBUG", "SLEEP", &seconds]));
            fleet.listen(fleet.scale.gap).await;
        }
        fleet.check_calm("the store was blocked").await;
    }
    conclude(&mut fleet, "redis: blocked").await;
}

async fn full() {
    let Some(server) = Server::start() else { return };
    let mut fleet = behind_a_proxy(&server).await.1;
    for _ in 0..turns(&fleet) {
        server.command(&["CONFIG", "SET", "maxmemory", "1"]);
        fleet.until_down().await;
        fleet.listen(fleet.scale.gap).await;
        server.command(&["CONFIG", "SET", "maxmemory", "0"]);
        fleet.check_calm("the store was full").await;
    }
    conclude(&mut fleet, "redis: out of memory").await;
}

async fn cut() {
    let Some(server) = Server::start() else { return };
    let (proxy, mut fleet) = behind_a_proxy(&server).await;
    for _ in 0..turns(&fleet) {
        for _ in 0..5 {
            proxy.delay(fastrand::u64(50..=200));
            fleet.listen(fleet.scale.gap * 2).await;
            proxy.cut();
        }
        proxy.delay(0);
        fleet.check_calm("the network was bad").await;
    }
    conclude(&mut fleet, "redis: connections cut and delayed").await;
}

/// A fleet whose store is behind a proxy, after every process has had tokens.
async fn behind_a_proxy(server: &Server) -> (Proxy, Fleet) {
    let proxy = Proxy::start(server.port).await;
    let scale = Scale::get();
    // Four such fleets run at once.
    let scale = if scale.is_large() { scale } else { Scale { processes: 4, ..scale } };
    let mut fleet = Fleet::working(TEST, scale, Some(proxy.url())).await;
    fleet.listen(fleet.scale.gap * 3).await;
    (proxy, fleet)
}

/// How often each trouble comes.
fn turns(fleet: &Fleet) -> usize {
    if fleet.scale.is_large() { 2 } else { 1 }
}

async fn conclude(fleet: &mut Fleet, what: &str) {
    fleet.end().await;
    let outcome = Outcome::of(what, fleet);
    assert!(fleet.account.downs() > 0, "there was no trouble");
    outcome.check_each();
}
