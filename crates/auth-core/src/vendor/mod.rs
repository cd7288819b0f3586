//! The token endpoints: those of the vendors, implemented with their generated crates, and one for any server that follows
//! RFC 6749.
//!
//! Each file builds the request of one server and converts its response. Only the files of vendors name types of generated
//! crates. If a server refuses the credentials, `rotation` asks their source once more.
//!
//! The cache does not depend on this folder. To add a vendor, add a file that implements
//! [`TokenEndpoint`](crate::TokenEndpoint).

#[cfg(feature = "lean")]
pub mod lean;
#[cfg(feature = "leanix")]
pub mod leanix;
#[cfg(feature = "oauth2")]
pub(crate) mod oauth2;
#[cfg(any(feature = "lean", feature = "leanix", feature = "oauth2"))]
pub(crate) mod rotation;
