//! A network that cuts, refuses and loses.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth_fleet::{RedisStore, Seen, Store, StoreErrorKind};

use crate::redis_proxy::Proxy;
use crate::redis_server::Server;
use crate::support::{keys, name, publish, soon, until_ok, value};

async fn behind(proxy: &Proxy) -> RedisStore {
    RedisStore::connect(proxy.url(), keys()).await.unwrap()
}

/// Row: a proxy cuts the connection.
#[tokio::test]
async fn a_connection_that_was_cut_is_replaced_without_an_error() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::start(server.port).await;
    let (store, name) = (behind(&proxy).await, name());
    publish(&store, &name, Seen::Nothing, b"value").await.unwrap();
    for _ in 0..3 {
        // Connections begin at least 100 ms after each other.
        tokio::time::sleep(Duration::from_millis(120)).await;
        proxy.cut();
        assert_eq!(value(&store, &name).await.unwrap().unwrap(), b"value");
    }
    assert_eq!(proxy.accepted(), 4);
}

#[tokio::test]
async fn a_hundred_callers_share_one_attempt_to_connect() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::start(server.port).await;
    let (store, name) = (behind(&proxy).await, name());
    tokio::time::sleep(Duration::from_millis(120)).await;
    proxy.cut();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let store = store.clone();
        tasks.spawn(async move { store.get(&name).await });
    }
    for outcome in soon(tasks.join_all()).await {
        assert_eq!(outcome.unwrap(), None);
    }
    assert_eq!(proxy.accepted(), 2);
}

/// Row: a proxy refuses connections.
#[tokio::test]
async fn a_server_that_refuses_connections_is_asked_a_few_times_a_second() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::start(server.port).await;
    let (store, name) = (behind(&proxy).await, name());
    proxy.refuse(true);
    proxy.cut();
    let (started, mut asked) = (tokio::time::Instant::now(), 0);
    while started.elapsed() < Duration::from_millis(1500) {
        assert_eq!(store.get(&name).await.unwrap_err().kind(), StoreErrorKind::Unreachable);
        asked += 1;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(asked > 50, "{asked} callers were told at once");
    // At least 100 ms apart, and each may be repeated once.
    let attempts = proxy.accepted() - 1;
    assert!((1..=30).contains(&attempts), "{attempts}");
    proxy.refuse(false);
    until_ok(|| store.get(&name)).await;
}

/// Row: a network that delays everything.
#[tokio::test]
async fn a_slow_network_is_slow_and_nothing_else() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::start(server.port).await;
    let (store, first) = (behind(&proxy).await, name());
    proxy.delay(50);
    publish(&store, &first, Seen::Nothing, b"value").await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        tasks.spawn(async move { value(&store, &first).await });
    }
    for outcome in soon(tasks.join_all()).await {
        assert_eq!(outcome.unwrap().unwrap(), b"value");
    }
    assert_eq!(proxy.accepted(), 1);
}

/// Row: a network that loses everything.
#[tokio::test]
async fn a_connection_that_loses_everything_is_replaced() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::start(server.port).await;
    let (store, name) = (behind(&proxy).await, name());
    publish(&store, &name, Seen::Nothing, b"value").await.unwrap();
    proxy.silence();
    // Callers give up early, as with the limit of `Shared`.
    let timeouts = AtomicUsize::new(0);
    let read = async {
        loop {
            match tokio::time::timeout(Duration::from_millis(50), value(&store, &name)).await {
                Ok(found) => return found.unwrap(),
                Err(_) => timeouts.fetch_add(1, Ordering::Relaxed),
            };
        }
    };
    assert_eq!(soon(read).await.unwrap(), b"value");
    assert!(timeouts.load(Ordering::Relaxed) > 0);
    assert_eq!(proxy.accepted(), 2);
}
