//! Resource servers reject a token: it is rejected for all.

use crate::fleet::Fleet;
use crate::redis_server::Server;
use crate::scale::{Part, Scale, run};
use crate::worker;
use crate::worker::said::Said;

/// Tokens do not expire during the test.
const HOUR: u32 = 3_600;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_that_all_processes_reject_at_once_is_replaced_once() {
    if !worker::is_done().await {
        run([Box::pin(with_redis()) as Part, Box::pin(reject(None))]).await;
    }
}

const TEST: &str = "rejections::a_token_that_all_processes_reject_at_once_is_replaced_once";

async fn with_redis() {
    let Some(server) = Server::start() else { return };
    reject(Some(server.url())).await;
}

async fn reject(store: Option<String>) {
    let scale = Scale { lifetime: HOUR, ..Scale::get().with_slow_store() };
    let mut fleet = Fleet::new(TEST, scale, store).await;
    let numbers: Vec<usize> = (0..scale.processes).map(|_| fleet.add("keys")).collect();
    for scope in 0..scale.scopes {
        let first = all(&mut fleet, &numbers, &format!("get {scope}")).await;
        assert_eq!(fleet.issuer.mints().len(), 2 * scope + 1, "they share the first token");
        let second = all(&mut fleet, &numbers, &format!("reject {scope}")).await;
        assert_ne!(first, second, "the rejected token was returned");
        let mints = fleet.issuer.mints();
        assert_eq!(mints.len(), 2 * scope + 2, "scope {scope}, rejected by {} processes: {mints:?}", numbers.len());
    }
    fleet.end().await;
    assert!(fleet.account.errors.is_empty(), "{:?}", fleet.account.errors);
}

/// Gives all processes an order, and returns the token that all have then.
async fn all(fleet: &mut Fleet, numbers: &[usize], order: &str) -> String {
    for &number in numbers {
        fleet.tell(number, order);
    }
    let deadline = tokio::time::Instant::now() + crate::process::LONGEST;
    let mut tokens = Vec::new();
    while tokens.len() < numbers.len() {
        if let (_, Some(Said::Got(token))) = fleet.hear(deadline).await.expect("a process has no token") {
            tokens.push(token);
        }
    }
    tokens.sort_unstable();
    tokens.dedup();
    let [token] = &tokens[..] else { panic!("processes have different tokens: {tokens:?}") };
    token.clone()
}
