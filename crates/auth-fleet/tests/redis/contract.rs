//! The contract of stores.

use std::sync::Arc;

use auth_fleet::RedisStore;
use auth_fleet::contract::StoreContract;

use crate::redis_server::Server;
use crate::support::keys;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_on_redis_keeps_the_contract() {
    let Some(server) = Server::start() else { return };
    let (url, server) = (server.url(), Arc::new(server));
    let lose = move || {
        let server = Arc::clone(&server);
        async move {
            server.command(&["FLUSHALL"]);
        }
    };
    let open = move || {
        let url = url.clone();
        async move { RedisStore::connect(url, keys()).await.unwrap() }
    };
    StoreContract::new(open).losing_everything(lose).check().await.unwrap();
}
