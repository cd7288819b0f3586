//! Where keys are sent.

use crate::security::Kind;

/// Where a key is sent.
pub(super) struct Place<'a> {
    /// The method that takes it into the call.
    pub(super) with: &'static str,
    /// The name that this method gets first.
    pub(super) key: &'a str,
    /// What has this name.
    pub(super) what: &'static str,
}

/// Where a credential of this kind is sent, if it is a key.
pub(super) fn place(kind: &Kind) -> Option<Place<'_>> {
    let (with, key, what) = match kind {
        Kind::Header(header) => ("with_header", header, "header"),
        Kind::Query(query) => ("with_query", query, "query parameter"),
        Kind::Cookie(cookie) => ("with_cookie", cookie, "cookie"),
        Kind::Scheme(scheme) => ("with_scheme", scheme, "`Authorization` header after the scheme"),
        _ => return None,
    };
    Some(Place { with, key, what })
}
