//! The token endpoints of the vendors, implemented with their generated crates.
//!
//! Each file builds the request of one vendor and converts its response. Only these files name types of generated
//! crates. If a vendor refuses the credentials, `rotation` asks their source once more.
//!
//! The cache does not depend on this folder. To add a vendor, add a file that implements
//! [`TokenEndpoint`](crate::TokenEndpoint).

#[cfg(feature = "lean")]
pub mod lean;
#[cfg(feature = "leanix")]
pub mod leanix;
#[cfg(any(feature = "lean", feature = "leanix"))]
pub(crate) mod rotation;
