//! One access token for many processes: a shared store between the token cache of `auth-core` and the authorization server.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod breaker;
#[cfg(feature = "store-contract")]
pub mod contract;
#[cfg(all(feature = "file", any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod file;
mod guarded;
mod health;
mod keys;
mod observe;
mod policy;
#[cfg(feature = "redis")]
mod redis;
mod shared;
mod store;
mod values;

#[cfg(feature = "redis")]
pub use crate::redis::{RedisStore, RedisStoreBuilder};
#[cfg(all(feature = "file", any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub use file::{FileStore, FileStoreBuilder};
pub use health::Health;
pub use keys::Keys;
pub use keys::error::KeysError;
pub use observe::{FleetEvent, FleetObserver, FleetStats};
pub use shared::Shared;
pub use shared::builder::SharedBuilder;
pub use store::error::{StoreError, StoreErrorKind};
pub use store::name::Name;
pub use store::{Entry, Generation, Grant, Lease, Owner, Published, Seen, Store, StoreTime};
