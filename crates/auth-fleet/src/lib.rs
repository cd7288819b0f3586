//! One access token for many processes: a shared store between the token cache of `auth-core` and the authorization server.
//!
//! [`Shared`] is a [`TokenEndpoint`](auth_core::TokenEndpoint) that shares the tokens of another one. The cache asks it only where it
//! would otherwise send a request:
//!
//! ```
//! use auth_core::{TokenCache, TokenEndpoint};
//! use auth_fleet::{Shared, Store};
//!
//! fn shared_cache(endpoint: impl TokenEndpoint, store: impl Store) -> TokenCache {
//!     TokenCache::new(Shared::new(endpoint, store))
//! }
//! ```
//!
//! - [`Shared`] is the endpoint, [`SharedBuilder`] its settings, [`Health`] what it tells a health check.
//! - [`Store`] is the interface to a store, and its contract. Each store has [`Keys`], with which entries are named and sealed.
//! - [`FleetObserver`] receives each [`FleetEvent`], and [`FleetStats`] counts them.
//!
//! The crate reads no file and no environment variable that the program has not named.
//!
//! # Features
//!
//! | feature | adds | default |
//! |---|---|---|
//! | `redis` | `RedisStore`, for Redis and Valkey | yes |
//! | `file` | `FileStore`, for processes of one host (Linux, Android and Apple's systems) | yes |
//! | `tracing` | `FleetObserver` for `TracingObserver` of `auth-core`, and spans | yes |
//! | `redis-sentinel` | `RedisStore::sentinel` | no |
//! | `redis-cluster` | `RedisStore::cluster` | no |
//! | `metrics` | `FleetObserver` for `MetricsObserver` of `auth-core` | no |
//! | `store-contract` | `StoreContract`, which tests a store | no |

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
mod running_time;
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
pub use observe::event::{FleetEvent, FleetObserver};
pub use observe::observers::FleetStats;
pub use shared::Shared;
pub use shared::builder::SharedBuilder;
pub use store::error::{StoreError, StoreErrorKind};
pub use store::name::Name;
pub use store::{Entry, Generation, Grant, Lease, Owner, Published, Seen, Store, StoreTime};
