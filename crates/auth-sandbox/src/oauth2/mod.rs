//! An authorization server that follows RFC 6749 and no vendor, with every client authentication for the client credentials
//! grant.
//!
//! `registration` has what the server knows of its client; `client` is the handle with which tests change it. `check` finds
//! out how a request authenticates and applies the rules; `assertion` verifies signed assertions (RFC 7523), `certificate`
//! client certificates (RFC 8705). `metadata` is the document of RFC 8414, and `issue` the response.

pub(crate) mod assertion;
pub(crate) mod certificate;
pub(crate) mod check;
pub(crate) mod client;
pub(crate) mod issue;
pub(crate) mod metadata;
pub(crate) mod registration;
