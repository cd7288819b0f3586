//! Redis Sentinel, with a real failover.

use auth_fleet::{Lease, RedisStore, Seen, Store, StoreErrorKind};

use crate::certificates::Certificates;
use crate::redis_server::{Server, free_port};
use crate::support::{LONG, keys, name, owner, publish, soon, until_ok, value};

/// A primary, its replica, and a sentinel that declares the primary dead after 300 ms.
fn group() -> Option<(Server, Server, Server)> {
    let primary = Server::with(&["--repl-diskless-sync-delay", "0"])?;
    let replica = Server::with(&["--replicaof", &format!("127.0.0.1 {}", primary.port)])?;
    let settings = format!(
        "port PORT\nbind 127.0.0.1\ndir FOLDER\n\
         sentinel monitor fleet 127.0.0.1 {} 1\n\
         sentinel down-after-milliseconds fleet 300\n\
         sentinel failover-timeout fleet 2000\n",
        primary.port
    );
    let sentinel = Server::with_file(&settings, &["--sentinel"])?;
    Some((primary, replica, sentinel))
}

/// Row: failover by Sentinel.
#[tokio::test]
async fn after_a_failover_the_store_is_the_new_primary() {
    let Some((mut primary, replica, sentinel)) = group() else { return };
    // The first sentinel is dead, and that costs only a moment.
    let urls = [format!("redis://127.0.0.1:{}", free_port()), sentinel.url()];
    let store = RedisStore::sentinel(urls, "fleet").keys(keys()).connect().await.unwrap();
    let name = name();
    let before = publish(&store, &name, Seen::Nothing, b"before").await.unwrap();
    assert_eq!(primary.keys().len(), 1);
    soon(async {
        // The replica has the entry, and the sentinel knows the replica.
        while replica.keys().is_empty()
            || !format!("{:?}", sentinel.command(&["SENTINEL", "REPLICAS", "fleet"])).contains("slave")
        {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    primary.kill();
    let (lease, errors) = until_ok(|| store.lease(&name, owner(), Seen::Entry(before.generation), LONG)).await;
    let Lease::Granted(grant) = lease else { panic!("{lease:?}") };
    assert!(grant.generation > before.generation);
    assert!(!errors.is_empty(), "the primary was dead for a moment");
    for error in errors {
        assert!(
            matches!(error.kind(), StoreErrorKind::Unreachable | StoreErrorKind::ReadOnly | StoreErrorKind::Timeout),
            "{error}"
        );
    }
    store.publish(&name, grant, b"after", LONG).await.unwrap();
    assert_eq!(value(&store, &name).await.unwrap().unwrap(), b"after");
    assert_eq!(replica.keys().len(), 1);
}

#[tokio::test]
async fn sentinels_and_primary_are_reached_over_tls() {
    let certificates = Certificates::for_hosts(&["127.0.0.1"]);
    let [primary_port, sentinel_port] = [(); 2].map(|()| free_port().to_string());
    let options = [&["--tls-port", &primary_port], &certificates.options()[..]].concat();
    let Some(primary) = Server::with(&options) else { return };
    let settings = format!(
        "port PORT\nbind 127.0.0.1\ndir FOLDER\ntls-port {sentinel_port}\ntls-replication yes\n{}\
         sentinel monitor fleet 127.0.0.1 {primary_port} 1\n",
        certificates.lines()
    );
    let Some(_sentinel) = Server::with_file(&settings, &["--sentinel"]) else { return };
    let urls = [format!("rediss://127.0.0.1:{sentinel_port}")];
    let builder = RedisStore::sentinel(urls.clone(), "fleet").keys(keys());
    let store = builder.root_certificates(certificates.root.clone()).connect().await.unwrap();
    publish(&store, &name(), Seen::Nothing, b"value").await.unwrap();
    assert_eq!(primary.keys().len(), 1);
    let error = RedisStore::sentinel(urls, "fleet").keys(keys()).connect().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
}

#[tokio::test]
async fn sentinels_that_do_not_know_the_service_or_are_none_are_told() {
    let Some((primary, _replica, sentinel)) = group() else { return };
    let error = RedisStore::sentinel([sentinel.url()], "another").keys(keys()).connect().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Configuration, "{error}");
    assert!(error.to_string().ends_with("the sentinels do not know a service of this name"), "{error}");
    let error = RedisStore::sentinel([primary.url()], "fleet").keys(keys()).connect().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Configuration, "{error}");
    let error = RedisStore::sentinel([""; 0], "fleet").keys(keys()).build().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Configuration, "{error}");
    let urls = ["redis://127.0.0.1:1", "rediss://127.0.0.1:2"];
    let error = RedisStore::sentinel(urls, "fleet").keys(keys()).build().unwrap_err();
    assert!(error.to_string().ends_with("some of the URLs use TLS and others do not"), "{error}");
    // The URLs are those of sentinels; the primary has its own database.
    let store = RedisStore::sentinel([sentinel.url()], "fleet").database(2).keys(keys()).connect().await.unwrap();
    publish(&store, &name(), Seen::Nothing, b"value").await.unwrap();
    assert_eq!(primary.keys().len(), 0);
}
