//! Redis Cluster with three nodes.

use std::process::Command;
use std::sync::Arc;

use auth_core::Secret;
use auth_fleet::contract::StoreContract;
use auth_fleet::{RedisStore, Seen, Store, StoreErrorKind};
use redis::Value;

use crate::access::{PERMISSIONS, use_it};
use crate::certificates::Certificates;
use crate::redis_server::{Server, free_port, is_installed};
use crate::support::{keys, name, publish, soon, store, until_ok, value};

/// Three nodes that share all slots.
async fn cluster() -> Option<Vec<Server>> {
    if !is_installed("redis-cli") {
        return None;
    }
    let options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--enable-debug-command", "yes"];
    let nodes: Vec<Server> = (0..3).map(|_| Server::with(&options)).collect::<Option<_>>()?;
    let places = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port));
    let mut create = Command::new("redis-cli");
    create.args(["--cluster", "create"]).args(places).arg("--cluster-yes");
    let output = create.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    soon(async {
        while !nodes.iter().all(is_ok) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    Some(nodes)
}

fn is_ok(node: &Server) -> bool {
    let state = match node.command(&["CLUSTER", "INFO"]) {
        Value::BulkString(text) => String::from_utf8(text).unwrap(),
        Value::VerbatimString { text, .. } => text,
        other => panic!("{other:?}"),
    };
    state.contains("cluster_state:ok")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_keeps_the_contract_on_all_its_nodes() {
    let Some(nodes) = cluster().await else { return };
    // One URL is enough, and one that does not answer does no harm.
    let urls = [nodes[0].url(), format!("redis://127.0.0.1:{}", free_port())];
    let open = move || {
        let urls = urls.clone();
        async move { RedisStore::cluster(urls).keys(keys()).connect().await.unwrap() }
    };
    let nodes = Arc::new(nodes);
    let flushed = Arc::clone(&nodes);
    let lose = move || {
        let nodes = Arc::clone(&flushed);
        async move {
            for node in &*nodes {
                node.command(&["FLUSHALL"]);
            }
        }
    };
    let contract = StoreContract::new(open.clone());
    contract.losing_everything(lose).check().await.unwrap();
    let store = open().await;
    for _ in 0..30 {
        publish(&store, &name(), Seen::Nothing, b"value").await.unwrap();
    }
    for node in &*nodes {
        assert!(!node.keys().is_empty(), "entries are spread over the nodes");
    }
}

/// Row: a node of a cluster is killed; it restarts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_restarts_is_used_again() {
    let Some(mut nodes) = cluster().await else { return };
    let store = RedisStore::cluster([nodes[1].url()]).keys(keys()).connect().await.unwrap();
    let names: Vec<_> = (0..20).map(|_| name()).collect();
    for name in &names {
        publish(&store, name, Seen::Nothing, b"value").await.unwrap();
    }
    let lost = nodes[0].keys().len();
    assert!(lost > 0);
    nodes[0].kill();
    let mut failed = 0;
    for name in &names {
        match soon(value(&store, name)).await {
            Ok(found) => assert_eq!(found.unwrap(), b"value"),
            Err(error) => {
                assert!(matches!(error.kind(), StoreErrorKind::Unreachable | StoreErrorKind::Timeout), "{error}");
                failed += 1;
            }
        }
    }
    assert!(failed > 0);
    nodes[0].restart();
    let mut found = 0;
    for name in &names {
        found += usize::from(until_ok(|| store.get(name)).await.0.is_some());
    }
    assert_eq!(found, names.len() - lost);
}

#[tokio::test]
async fn a_cluster_with_tls_is_used_with_the_documented_permissions() {
    let documented = std::fs::read_to_string("../../docs/fleet.md").unwrap();
    assert!(documented.contains("+cluster|slots +ping"), "docs/fleet.md does not name the permission");
    let certificates = Certificates::for_hosts(&["127.0.0.1"]);
    let port = free_port().to_string();
    let options = ["--tls-port", &port, "--tls-cluster", "yes", "--cluster-enabled", "yes"];
    let Some(node) = Server::with(&[&options, &certificates.options()[..]].concat()) else { return };
    node.command(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    soon(async {
        while !is_ok(&node) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    let permissions: Vec<&str> = PERMISSIONS.split_whitespace().chain(["+cluster|slots", "+ping"]).collect();
    node.command(&[&["ACL", "SETUSER", "fleet", "reset", "on", ">s3cret"], &permissions[..]].concat());
    let builder = RedisStore::cluster([format!("rediss://127.0.0.1:{port}")]).keys(keys());
    let builder = builder.user("fleet").password(Secret::from("s3cret")).root_certificates(certificates.root.clone());
    let store = builder.connect().await.unwrap();
    use_it(&store).await.unwrap();
    assert_eq!(node.command(&["ACL", "LOG"]), Value::Array(vec![]), "something was denied");
}

/// Row: a node of a cluster without `RedisStore::cluster`.
#[tokio::test]
async fn a_node_of_a_cluster_is_not_used_as_a_single_server() {
    let Some(nodes) = cluster().await else { return };
    let store = store(&nodes[0]).await;
    let mut refused = 0;
    for _ in 0..30 {
        if let Err(error) = store.get(&name()).await {
            assert_eq!(error.kind(), StoreErrorKind::Configuration, "{error}");
            assert!(error.to_string().contains("RedisStore::cluster"), "{error}");
            refused += 1;
        }
    }
    assert!(refused > 0);
    let error = RedisStore::cluster(["unix:///run/redis.sock"]).keys(keys()).connect().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Configuration, "{error}");
    let error = RedisStore::cluster([format!("{}/1", nodes[0].url())]).keys(keys()).build().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Configuration, "{error}");
}
