//! `RedisStore` on a real `redis-server`.

mod access;
mod contract;
mod support;
mod trouble;

#[path = "../support/redis_server.rs"]
mod redis_server;
