//! Any authorization server with the client credentials grant (RFC 6749 section 4.4).
//!
//! `endpoint` has the token endpoint. `client` says what a client presents there; each kind of client is a file: a client
//! id with a secret (`client_secret`), a private key (`private_key_jwt`), and a certificate (`client_certificate`). `request` sends the form and reads the
//! response, `address` says where it is sent: to a token URL, or to the one that the metadata of an issuer names. `discovery`
//! reads and keeps the metadata, `well_known` has its URLs, and `metadata` checks the document.

pub(crate) mod address;
pub(crate) mod authentication;
pub(crate) mod client;
pub(crate) mod client_certificate;
pub(crate) mod client_secret;
pub(crate) mod discovery;
pub(crate) mod endpoint;
pub(crate) mod metadata;
pub(crate) mod private_key_jwt;
pub(crate) mod request;
pub(crate) mod well_known;
