//! Servers in trouble: dead, restarted, blocked, full, read-only, flushed, or with keys of somebody else.

use std::time::Duration;

use auth_fleet::{Lease, Published, RedisStore, Seen, Store, StoreErrorKind};
use redis::Value;

use crate::redis_proxy::Proxy;
use crate::redis_server::Server;
use crate::support::{LONG, keys, name, owner, publish, soon, store, until_ok, value};

/// Row: the server is killed; it restarts empty.
#[tokio::test]
async fn a_killed_server_fails_at_once_and_an_empty_one_serves_again() {
    let Some(mut server) = Server::start() else { return };
    let (store, name) = (store(&server).await, name());
    let before = publish(&store, &name, Seen::Nothing, b"before").await.unwrap();
    server.kill();
    for _ in 0..20 {
        let error = soon(store.get(&name)).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
        let error = soon(store.lease(&name, owner(), Seen::Nothing, LONG)).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
    }
    server.restart();
    let (entry, _) = until_ok(|| store.get(&name)).await;
    assert_eq!(entry, None);
    let after = publish(&store, &name, Seen::Entry(before.generation), b"after").await.unwrap();
    assert!(after.generation > before.generation, "{before:?} {after:?}");
    // What was granted before the restart is too late.
    assert_eq!(store.publish(&name, before, b"late", LONG).await.unwrap(), Published::Superseded);
    assert_eq!(value(&store, &name).await.unwrap().unwrap(), b"after");
}

/// Row: the server restarts while nobody uses it.
#[tokio::test]
async fn a_server_that_restarts_while_nobody_asks_costs_no_error() {
    let Some(mut server) = Server::start() else { return };
    let (store, name) = (store(&server).await, name());
    publish(&store, &name, Seen::Nothing, b"before").await.unwrap();
    server.restart();
    assert_eq!(store.get(&name).await.unwrap(), None);
    publish(&store, &name, Seen::Nothing, b"after").await.unwrap();
}

/// Row: the server is down when the program starts.
#[tokio::test]
async fn a_program_starts_while_the_store_is_down() {
    let Some(mut server) = Server::start() else { return };
    server.kill();
    let error = RedisStore::connect(server.url(), keys()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unreachable);
    assert_eq!(error.to_string(), "the store cannot be reached: nothing listens there");
    let store = RedisStore::builder(server.url()).keys(keys()).build().unwrap();
    let name = name();
    assert_eq!(store.get(&name).await.unwrap_err().kind(), StoreErrorKind::Unreachable);
    server.restart();
    assert_eq!(until_ok(|| store.get(&name)).await.0, None);
}

/// Row: the server is blocked (`DEBUG SLEEP`).
#[tokio::test]
async fn a_blocked_server_is_a_timeout_and_serves_again() {
    let Some(server) = Server::with(&["--enable-debug-command", "yes"]) else { return };
    let (store, name) = (store(&server).await, name());
    publish(&store, &name, Seen::Nothing, b"value").await.unwrap();
    let blocker = std::thread::spawn(move || {
        server.command(&["DEBUG", "SLEEP", "1.5"]);
        server
    });
    // Callers of a store have shorter limits than the store; what they give up is sent or not.
    let mut timeouts = 0;
    while timeouts < 10 {
        if tokio::time::timeout(Duration::from_millis(20), store.get(&name)).await.is_err() {
            timeouts += 1;
        }
    }
    let error = soon(store.get(&name)).await.err();
    assert!(error.as_ref().is_none_or(|error| error.kind() == StoreErrorKind::Timeout), "{error:?}");
    let ((), errors) = until_ok(|| async {
        assert_eq!(value(&store, &name).await?.unwrap(), b"value");
        Ok(())
    })
    .await;
    assert!(errors.iter().all(|error| error.kind() == StoreErrorKind::Timeout), "{errors:?}");
    publish(&store, &name, Seen::Rejected(store.get(&name).await.unwrap().unwrap().generation), b"new").await.unwrap();
    drop(blocker.join().unwrap());
}

/// Row: no memory, `noeviction` (`OOM`).
#[tokio::test]
async fn a_server_without_memory_is_full_and_still_answers_and_releases() {
    let Some(server) = Server::with(&["--maxmemory-policy", "noeviction"]) else { return };
    let (store, name, owner) = (store(&server).await, name(), owner());
    let before = publish(&store, &name, Seen::Nothing, b"before").await.unwrap();
    let Lease::Granted(grant) = store.lease(&name, owner, Seen::Entry(before.generation), LONG).await.unwrap() else {
        panic!("nobody has it")
    };
    server.command(&["CONFIG", "SET", "maxmemory", "1mb"]);
    let other = crate::support::name();
    for error in [
        store.lease(&other, crate::support::owner(), Seen::Nothing, LONG).await.unwrap_err(),
        store.publish(&name, grant, b"after", LONG).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), StoreErrorKind::Full, "{error}");
        assert_eq!(error.to_string(), "the store is full; give it more memory or disk space: OOM");
    }
    assert_eq!(value(&store, &name).await.unwrap().unwrap(), b"before");
    store.release(&name, owner).await.unwrap();
    server.command(&["CONFIG", "SET", "maxmemory", "0"]);
    publish(&store, &name, Seen::Entry(before.generation), b"after").await.unwrap();
}

/// Row: no memory, entries are evicted.
#[tokio::test]
async fn a_full_server_evicts_entries_and_that_is_a_miss() {
    let Some(server) = Server::with(&["--maxmemory-policy", "volatile-lru"]) else { return };
    let store = store(&server).await;
    let names: Vec<_> = (0..40).map(|_| name()).collect();
    server.command(&["CONFIG", "SET", "maxmemory", &(server.info("used_memory") + 1_000_000).to_string()]);
    for name in &names {
        publish(&store, name, Seen::Nothing, &[7; 64 * 1024]).await.unwrap();
    }
    let mut present = 0;
    for name in &names {
        present += usize::from(store.get(name).await.unwrap().is_some());
    }
    assert!((1..40).contains(&present), "{present}");
    assert!(server.info("evicted_keys") > 0);
}

/// Row: a read-only replica; a name that leads to another server.
#[tokio::test]
async fn a_replica_is_read_only_until_it_is_a_primary() {
    let primary = Server::with(&["--repl-diskless-sync-delay", "0"]);
    let (Some(primary), Some(replica)) = (primary, Server::start()) else { return };
    replica.command(&["REPLICAOF", "127.0.0.1", &primary.port.to_string()]);
    let (one, other, name) = (store(&primary).await, store(&replica).await, name());
    let following = Proxy::start(replica.port).await;
    let follower = RedisStore::connect(following.url(), keys()).await.unwrap();
    let before = publish(&one, &name, Seen::Nothing, b"value").await.unwrap();
    let ((), _) = until_ok(|| async {
        let found = value(&other, &name).await?;
        if found.is_some() { Ok(()) } else { Err(auth_fleet::StoreError::new(StoreErrorKind::Protocol, "")) }
    })
    .await;
    for _ in 0..3 {
        let error = other.lease(&name, owner(), Seen::Entry(before.generation), LONG).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::ReadOnly, "{error}");
    }
    let error = other.publish(&name, before, b"value", LONG).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::ReadOnly, "{error}");
    let error = follower.lease(&name, owner(), Seen::Entry(before.generation), LONG).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::ReadOnly, "{error}");
    // The name leads to the primary now; the old connection would stay at the replica.
    following.lead_to(primary.port);
    let own = owner();
    let (lease, _) = until_ok(|| follower.lease(&name, own, Seen::Entry(before.generation), LONG)).await;
    assert!(matches!(lease, Lease::Granted(_)), "{lease:?}");
    follower.release(&name, own).await.unwrap();
    // A failover.
    replica.command(&["REPLICAOF", "NO", "ONE"]);
    let (lease, _) = until_ok(|| other.lease(&name, owner(), Seen::Entry(before.generation), LONG)).await;
    let Lease::Granted(grant) = lease else { panic!("{lease:?}") };
    assert!(grant.generation > before.generation);
}

/// Row: `FLUSHALL` and `SCRIPT FLUSH` between lease and publication.
#[tokio::test]
async fn a_flush_in_the_middle_costs_the_entries_and_no_error() {
    let Some(server) = Server::start() else { return };
    let (store, name) = (store(&server).await, name());
    for round in 0..3 {
        let lease = store.lease(&name, owner(), Seen::Nothing, LONG).await.unwrap();
        let Lease::Granted(grant) = lease else { panic!("{lease:?}") };
        // The scripts are loaded again, too.
        server.command(&["FLUSHALL"]);
        server.command(&["SCRIPT", "FLUSH"]);
        assert_eq!(store.get(&name).await.unwrap(), None, "round {round}");
        server.command(&["SCRIPT", "FLUSH"]);
        let next = publish(&store, &name, Seen::Nothing, b"value").await.unwrap();
        assert!(next.generation > grant.generation);
        assert_eq!(store.publish(&name, grant, b"late", LONG).await.unwrap(), Published::Superseded);
        server.command(&["FLUSHALL"]);
    }
}

/// Row: keys of somebody else: another type or format, no lifetime, a far generation.
#[tokio::test]
async fn keys_of_somebody_else_are_absent_and_overwritten() {
    let Some(server) = Server::start() else { return };
    let store = store(&server).await;
    let far = u64::MAX.to_string() + ":value";
    let next_year = 40_000_000_000_000_000_u64.to_string() + ":value";
    for foreign in ["LIST", "", "text", ":", "12", "-1:value", &far, &next_year] {
        let (name, owner) = (name(), owner());
        let (entry, lease) = (format!("auth-fleet:{{{name}}}"), format!("auth-fleet:{{{name}}}:lease"));
        for key in [&entry, &lease] {
            if foreign == "LIST" {
                server.command(&["RPUSH", key, "a"]);
            } else {
                server.command(&["SET", key, foreign, "EX", "60"]);
            }
        }
        assert_eq!(store.get(&name).await.unwrap(), None, "{foreign}");
        soon(store.wait(&name, None, LONG)).await.unwrap();
        store.release(&name, owner).await.unwrap();
        let granted = store.lease(&name, owner, Seen::Nothing, LONG).await.unwrap();
        assert!(matches!(granted, Lease::Granted(_)), "{foreign}: {granted:?}");
        let Lease::Granted(grant) = granted else { return };
        assert_eq!(store.publish(&name, grant, b"own", LONG).await.unwrap(), Published::Stored, "{foreign}");
        assert_eq!(value(&store, &name).await.unwrap().unwrap(), b"own", "{foreign}");
    }
    // An entry without a lifetime would stay forever.
    let (name, owner) = (name(), owner());
    let grant = publish(&store, &name, Seen::Nothing, b"value").await.unwrap();
    server.command(&["PERSIST", &format!("auth-fleet:{{{name}}}")]);
    assert_eq!(store.get(&name).await.unwrap(), None);
    let lease = store.lease(&name, owner, Seen::Entry(grant.generation), LONG).await.unwrap();
    assert!(matches!(lease, Lease::Granted(_)), "{lease:?}");
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_no_generation_smaller_while_the_entry_lives() {
    let Some(server) = Server::start() else { return };
    let (store, name) = (store(&server).await, name());
    let grant = publish(&store, &name, Seen::Nothing, b"value").await.unwrap();
    // As if the clock were set back by an hour now.
    let ahead = grant.generation.0 + 3_600_000_000;
    server.command(&["SET", &format!("auth-fleet:{{{name}}}"), &format!("{ahead}:value"), "PX", "60000"]);
    let seen = store.get(&name).await.unwrap().unwrap().generation;
    assert_eq!(seen.0, ahead);
    for seen in [Seen::Entry(seen), Seen::Rejected(seen)] {
        let owner = owner();
        let Lease::Granted(grant) = store.lease(&name, owner, seen, LONG).await.unwrap() else { panic!("it is free") };
        assert_eq!(grant.generation.0, ahead + 1);
        store.release(&name, owner).await.unwrap();
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_extend_a_lifetime() {
    let Some(server) = Server::start() else { return };
    let (store, name) = (store(&server).await, name());
    let lease = store.lease(&name, owner(), Seen::Nothing, LONG).await.unwrap();
    let Lease::Granted(mut grant) = lease else { panic!("{lease:?}") };
    // As if the clock were set back by an hour now.
    grant.at.0 += 3_600_000;
    store.publish(&name, grant, b"value", LONG).await.unwrap();
    let remaining = store.get(&name).await.unwrap().unwrap().remaining;
    assert!(remaining <= LONG, "{remaining:?}");
}

#[tokio::test]
async fn the_remaining_time_is_less_than_the_server_says() {
    let Some(server) = Server::start() else { return };
    let (store, name) = (store(&server).await, name());
    publish(&store, &name, Seen::Nothing, b"value").await.unwrap();
    for _ in 0..20 {
        let Value::Int(milliseconds) = server.command(&["PTTL", &format!("auth-fleet:{{{name}}}")]) else {
            panic!("no number")
        };
        // The server counts milliseconds that have begun.
        let remaining = store.get(&name).await.unwrap().unwrap().remaining;
        assert!(remaining < Duration::from_millis(milliseconds.try_into().unwrap()), "{remaining:?} {milliseconds}");
    }
}

#[tokio::test]
async fn an_entry_that_is_absent_for_a_reader_is_absent_for_a_lease() {
    let Some(server) = Server::start() else { return };
    let (store, name) = (store(&server).await, name());
    for _ in 0..100 {
        let leader = owner();
        let lease = store.lease(&name, leader, Seen::Nothing, LONG).await.unwrap();
        let Lease::Granted(grant) = lease else { panic!("{lease:?}") };
        store.publish(&name, grant, b"value", Duration::from_millis(3)).await.unwrap();
        while store.get(&name).await.unwrap().is_some() {}
    }
}

#[tokio::test]
async fn everything_in_the_server_has_a_lifetime() {
    let Some(server) = Server::start() else { return };
    let (store, first, other) = (store(&server).await, name(), name());
    publish(&store, &first, Seen::Nothing, b"value").await.unwrap();
    store.lease(&other, owner(), Seen::Nothing, Duration::from_millis(1500)).await.unwrap();
    let keys = server.keys();
    assert_eq!(keys.len(), 2, "{keys:?}");
    for key in keys {
        let Value::Int(left) = server.command(&["PTTL", &key]) else { panic!("{key}") };
        assert!((0..=60_000).contains(&left), "{key} {left}");
    }
}

/// Row: too many clients.
#[tokio::test]
async fn a_server_that_does_not_take_more_clients_cannot_be_reached() {
    let Some(server) = Server::with(&["--maxclients", "1"]) else { return };
    let (one, name) = (store(&server).await, name());
    let other = RedisStore::builder(server.url()).keys(keys()).build().unwrap();
    let error = other.get(&name).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
    assert_eq!(one.get(&name).await.unwrap(), None);
    drop(one);
    until_ok(|| other.get(&name)).await;
}

#[tokio::test]
async fn a_store_moves_to_the_runtime_that_uses_it() {
    let Some(server) = Server::start() else { return };
    let name = name();
    let url = server.url();
    let store = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = RedisStore::connect(url, keys()).await.unwrap();
            publish(&store, &name, Seen::Nothing, b"value").await.unwrap();
            store
        })
    })
    .join()
    .unwrap();
    assert_eq!(value(&store, &name).await.unwrap().unwrap(), b"value");
}

#[tokio::test]
async fn an_attempt_to_connect_on_a_runtime_that_stands_still_is_given_up() {
    let Some(server) = Server::start() else { return };
    let name = name();
    let url = server.url();
    let (store, idle) = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let store = RedisStore::builder(url).keys(keys()).build().unwrap();
        runtime.block_on(async {
            tokio::select! {
                biased;
                found = store.get(&name) => panic!("{found:?}"),
                () = std::future::ready(()) => {}
            }
        });
        // It lives, and nobody drives its tasks any more.
        (store, runtime)
    })
    .join()
    .unwrap();
    let (entry, _) = until_ok(|| async {
        let limit = Duration::from_millis(200);
        let late = |_| auth_fleet::StoreError::new(StoreErrorKind::Timeout, "");
        tokio::time::timeout(limit, store.get(&name)).await.map_err(late)?
    })
    .await;
    assert_eq!(entry, None);
    std::thread::spawn(move || drop(idle)).join().unwrap();
}
