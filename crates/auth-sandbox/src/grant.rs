//! The outcome of a correct token request.

/// Subject and scope of the access token that a correct request is granted.
pub(crate) struct Grant {
    pub(crate) subject: String,
    pub(crate) scope: String,
}
