//! One access token for many processes: a shared store between the token cache of `auth-core` and the authorization server.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "store-contract")]
pub mod contract;
mod keys;
#[cfg(feature = "redis")]
mod redis;
mod store;

#[cfg(feature = "redis")]
pub use crate::redis::{RedisStore, RedisStoreBuilder};
pub use keys::Keys;
pub use keys::error::KeysError;
pub use store::error::{StoreError, StoreErrorKind};
pub use store::name::Name;
pub use store::{Entry, Generation, Grant, Lease, Owner, Published, Seen, Store, StoreTime};
