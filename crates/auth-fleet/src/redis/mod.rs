//! A store on Redis or Valkey.
//!
//! `address` reads URLs, `tls` makes the settings of TLS, and `target` says what to connect to: a server, the primary that
//! sentinels name (`sentinel`), or a cluster (`cluster`). `login` asks for the password before each connection. `connection` is
//! one connection, `link` the one that is used now. The operations are scripts (`scripts`), so each is atomic. `failure` says
//! what an error means, `signals` and `waiting` wait for notifications.
//!
//! For each name there are two keys with the same hash tag, and a channel with the name of the first: `PREFIX:{NAME}` is the
//! entry, `PREFIX:{NAME}:lease` the lease.
//!
//! A generation is the time of the grant in microseconds by the clock of the server, or one more than the greatest one that is
//! stored. So it is greater than all earlier ones, also after the server has lost them, unless its clock is set back as well.

mod address;
mod builder;
#[cfg(feature = "redis-cluster")]
mod cluster;
mod connection;
mod failure;
mod link;
mod login;
mod scripts;
#[cfg(feature = "redis-sentinel")]
mod sentinel;
mod signals;
mod store;
mod target;
mod tls;
mod waiting;

pub use builder::RedisStoreBuilder;
pub use store::RedisStore;
