//! Whose tokens an endpoint requests.

use std::fmt;

use auth_transport::Secret;

/// Whose tokens a [`TokenEndpoint`](crate::TokenEndpoint) requests: the issuer, the client, its credential, and
/// parameters that select a tenant or an audience.
///
/// Endpoints with equal identities get the same tokens from the same server. It is opaque: a program can only feed it to a
/// message authentication code, to tell identities apart without keeping them. `Debug` shows nothing.
///
/// ```
/// use auth_core::{EndpointIdentity, Secret};
///
/// let credential = Secret::from("s3cret");
/// let identity = EndpointIdentity::new("https://auth.example.com/token", "my-client-id", &credential)
///     .with_parameter("audience", &Secret::from("https://api.example.com"));
/// let mut bytes = Vec::new();
/// identity.feed(|part| bytes.extend_from_slice(part));
/// assert!(!bytes.is_empty());
/// ```
#[derive(Clone)]
pub struct EndpointIdentity {
    fields: Vec<Secret>,
}

impl EndpointIdentity {
    /// The identity of the client `client_id` at the token endpoint `token_url`, with this credential. Another credential
    /// is another identity, so that nobody uses tokens that were issued for a credential that has been replaced.
    #[must_use]
    pub fn new(token_url: &str, client_id: &str, credential: &Secret) -> Self {
        Self { fields: vec![Secret::from(token_url), Secret::from(client_id), credential.clone()] }
    }

    /// Adds a parameter of the request that changes whose tokens or which tokens these are, such as `audience` or
    /// `resource` (RFC 8707). The order of parameters is significant.
    #[must_use]
    pub fn with_parameter(mut self, name: &str, value: &Secret) -> Self {
        self.fields.extend([Secret::from(name), value.clone()]);
        self
    }

    /// Passes the identity in parts to `sink`, for example to the `update` of a message authentication code. The bytes of
    /// different identities differ, and none are the beginning of another's.
    pub fn feed(&self, mut sink: impl FnMut(&[u8])) {
        sink(&length(self.fields.len()));
        for field in &self.fields {
            sink(&length(field.as_ref().len()));
            sink(field.as_ref());
        }
    }
}

/// A length in eight bytes.
fn length(length: usize) -> [u8; 8] {
    (length as u64).to_be_bytes()
}

impl fmt::Debug for EndpointIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EndpointIdentity(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(identity: &EndpointIdentity) -> Vec<u8> {
        let mut bytes = vec![];
        identity.feed(|part| bytes.extend_from_slice(part));
        bytes
    }

    #[test]
    fn identities_differ_in_every_field_and_in_where_fields_end() {
        let identity = |url, client, credential: &str| EndpointIdentity::new(url, client, &Secret::from(credential));
        let plain = || identity("url", "client", "secret");
        let parameter = |name, value: &str| plain().with_parameter(name, &Secret::from(value));
        let all = [
            plain(),
            identity("ur", "lclient", "secret"),
            identity("url", "clients", "ecret"),
            identity("url2", "client", "secret"),
            identity("url", "client2", "secret"),
            identity("url", "client", "secret2"),
            identity("url", "client", ""),
            parameter("audience", "a"),
            parameter("audience", "b"),
            parameter("audiencea", ""),
            parameter("a", "b").with_parameter("c", &Secret::from("d")),
            parameter("c", "d").with_parameter("a", &Secret::from("b")),
        ]
        .map(|identity| bytes(&identity));
        for (index, one) in all.iter().enumerate() {
            for other in &all[..index] {
                assert!(!one.starts_with(other) && !other.starts_with(one));
            }
        }
        assert_eq!(bytes(&plain()), bytes(&plain()));
    }

    #[test]
    fn debug_shows_nothing() {
        let identity = EndpointIdentity::new("https://a.example", "client", &Secret::from("marker"));
        assert_eq!(format!("{identity:?}"), "EndpointIdentity(..)");
    }
}
