//! The outcome of a correct token request.

/// Subject and scope of the access token that a correct request is granted.
pub(crate) struct Grant {
    pub(crate) subject: String,
    pub(crate) scope: String,
    /// Further claims of the token, as an object.
    pub(crate) claims: serde_json::Value,
}
