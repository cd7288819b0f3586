//! Waiting: notifications, and polling where they are lost.

use std::time::Duration;

use auth_fleet::{Lease, RedisStore, Seen, Store};
use redis::Value;

use crate::redis_proxy::Proxy;
use crate::redis_server::Server;
use crate::support::{LONG, keys, name, owner, soon, store};

fn channels(server: &Server) -> usize {
    let Value::Array(channels) = server.command(&["PUBSUB", "CHANNELS"]) else { panic!("no list") };
    channels.len()
}

/// Waits until the server has this many channels.
async fn until_channels(server: &Server, count: usize) {
    soon(async {
        while channels(server) != count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tasks_share_one_subscription_that_ends_with_the_last_of_them() {
    let Some(server) = Server::start() else { return };
    let (leader, follower, name) = (store(&server).await, store(&server).await, name());
    for round in 0..3 {
        let seen = leader.get(&name).await.unwrap().map(|entry| entry.generation);
        let lease = leader.lease(&name, owner(), seen.map_or(Seen::Nothing, Seen::Entry), LONG).await.unwrap();
        let Lease::Granted(grant) = lease else { panic!("{lease:?}") };
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..30 {
            let follower = follower.clone();
            tasks.spawn(async move { follower.wait(&name, seen, LONG).await });
        }
        until_channels(&server, 1).await;
        let Value::Array(counted) = server.command(&["PUBSUB", "NUMSUB", &format!("auth-fleet:{{{name}}}")]) else {
            panic!("no list")
        };
        assert_eq!(counted[1], Value::Int(1), "round {round}");
        // One that gives up leaves the others alone.
        tasks.spawn({
            let follower = follower.clone();
            async move { follower.wait(&name, seen, Duration::from_millis(5)).await }
        });
        soon(tasks.join_next()).await.unwrap().unwrap().unwrap();
        assert_eq!(channels(&server), 1);
        leader.publish(&name, grant, b"value", LONG).await.unwrap();
        for outcome in soon(tasks.join_all()).await {
            outcome.unwrap();
        }
        until_channels(&server, 0).await;
    }
}

#[tokio::test]
async fn a_notification_makes_a_task_ask_before_it_would_poll() {
    let Some(server) = Server::start() else { return };
    let (leader, follower, name) = (store(&server).await, store(&server).await, name());
    let Lease::Granted(grant) = leader.lease(&name, owner(), Seen::Nothing, LONG).await.unwrap() else {
        panic!("it is free")
    };
    let waiting = tokio::spawn(async move { follower.wait(&name, None, LONG).await });
    until_channels(&server, 1).await;
    let scripts = || {
        let stats: String = redis::from_redis_value(server.command(&["INFO", "commandstats"])).unwrap();
        let line = stats.lines().find_map(|line| line.strip_prefix("cmdstat_evalsha:calls=")).unwrap();
        line.split(',').next().unwrap().parse::<u64>().unwrap()
    };
    // Polling would take half a minute for this.
    soon(async {
        for _ in 0..30 {
            let before = scripts();
            server.command(&["PUBLISH", &format!("auth-fleet:{{{name}}}"), ""]);
            while scripts() == before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    })
    .await;
    assert!(!waiting.is_finished());
    leader.publish(&name, grant, b"value", LONG).await.unwrap();
    soon(waiting).await.unwrap().unwrap();
}

#[tokio::test]
async fn publications_and_releases_are_announced_without_any_content() {
    let Some(server) = Server::start() else { return };
    let (store, name, releasing) = (store(&server).await, name(), owner());
    let channel = format!("auth-fleet:{{{name}}}");
    let mut connection = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
    let mut subscription = connection.as_pubsub();
    subscription.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    subscription.subscribe(&channel).unwrap();
    store.lease(&name, releasing, Seen::Nothing, LONG).await.unwrap();
    store.release(&name, owner()).await.unwrap();
    store.release(&name, releasing).await.unwrap();
    crate::support::publish(&store, &name, Seen::Nothing, b"value").await.unwrap();
    server.command(&["PUBLISH", &channel, "the end"]);
    let messages = [(); 3].map(|()| subscription.get_message().unwrap().get_payload_bytes().to_vec());
    assert_eq!(messages, [b"".to_vec(), b"".to_vec(), b"the end".to_vec()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waits_that_are_given_up_at_any_moment_leave_no_subscription() {
    let Some(server) = Server::start() else { return };
    let (leader, follower) = (store(&server).await, store(&server).await);
    let names: Vec<_> = (0..100).map(|_| name()).collect();
    for (round, name) in names.iter().enumerate() {
        leader.lease(name, owner(), Seen::Nothing, LONG).await.unwrap();
        tokio::select! {
            biased;
            outcome = follower.wait(name, None, LONG) => panic!("{outcome:?}"),
            () = async {
                for _ in 0..round {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
    }
    until_channels(&server, 0).await;
    // Nor do they leave one out.
    for name in names {
        let follower = follower.clone();
        let waiting = tokio::spawn(async move { follower.wait(&name, None, LONG).await });
        until_channels(&server, 1).await;
        waiting.abort();
        until_channels(&server, 0).await;
    }
}

/// Row: the connection is cut while a process waits.
#[tokio::test]
async fn a_task_that_waits_survives_the_loss_of_its_connection() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::start(server.port).await;
    let leader = store(&server).await;
    let follower = RedisStore::connect(proxy.url(), keys()).await.unwrap();
    let name = name();
    let Lease::Granted(grant) = leader.lease(&name, owner(), Seen::Nothing, LONG).await.unwrap() else {
        panic!("it is free")
    };
    let waiting = tokio::spawn(async move { follower.wait(&name, None, LONG).await });
    until_channels(&server, 1).await;
    tokio::time::sleep(Duration::from_millis(120)).await;
    proxy.cut();
    // It subscribes again on the next connection.
    soon(async {
        while proxy.accepted() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    until_channels(&server, 1).await;
    leader.publish(&name, grant, b"value", LONG).await.unwrap();
    soon(waiting).await.unwrap().unwrap();
}

/// Row: no right to subscribe or to publish.
#[tokio::test]
async fn without_the_right_to_subscribe_or_to_publish_a_task_polls() {
    let Some(server) = Server::start() else { return };
    server.command(&["ACL", "SETUSER", "quiet", "on", ">s3cret", "~*", "resetchannels", "+@all"]);
    let url = format!("redis://quiet:s3cret@127.0.0.1:{}", server.port);
    let (leader, follower) =
        (RedisStore::connect(url.clone(), keys()).await.unwrap(), RedisStore::connect(url, keys()).await.unwrap());
    let name = name();
    let Lease::Granted(grant) = leader.lease(&name, owner(), Seen::Nothing, LONG).await.unwrap() else {
        panic!("it is free")
    };
    let waiting = tokio::spawn(async move { follower.wait(&name, None, LONG).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waiting.is_finished());
    assert_eq!(channels(&server), 0);
    leader.publish(&name, grant, b"value", LONG).await.unwrap();
    soon(waiting).await.unwrap().unwrap();
}
