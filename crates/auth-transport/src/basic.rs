//! Credentials of the HTTP Basic scheme.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use zeroize::Zeroizing;

use crate::Secret;

/// All characters except the unreserved ones of RFC 3986 section 2.3.
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// User and password of the HTTP Basic scheme (RFC 7617).
///
/// OAuth 2.0 requires both to be percent-encoded before they are joined (RFC 6749 section 2.3.1), which
/// [`BasicCredentials::new`] does; a space becomes `%20`. The encoding does not change letters, digits and `-._~`. For
/// servers that do not decode credentials, see [`BasicCredentials::raw`].
#[derive(Clone)]
pub struct BasicCredentials {
    user: String,
    password: Secret,
    encoded: bool,
}

impl BasicCredentials {
    /// Credentials that are percent-encoded as RFC 6749 section 2.3.1 requires.
    #[must_use]
    pub fn new(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self { user: user.into(), password: password.into(), encoded: true }
    }

    /// The same credentials without percent-encoding, for servers that follow RFC 7617 alone. The user name must not
    /// contain a colon.
    #[must_use]
    pub fn raw(mut self) -> Self {
        self.encoded = false;
        self
    }

    /// The value of the `Authorization` header, marked sensitive.
    pub(crate) fn header(&self) -> HeaderValue {
        // The full capacity is reserved, since growing would leave unwiped copies behind. An encoded byte takes three
        // characters.
        let mut joined = Zeroizing::new(Vec::with_capacity(3 * (self.user.len() + self.password.expose().len()) + 1));
        self.append(&self.user, &mut joined);
        joined.push(b':');
        self.append(self.password.expose(), &mut joined);
        let mut value = String::with_capacity("Basic ".len() + joined.len().div_ceil(3) * 4);
        value.push_str("Basic ");
        STANDARD.encode_string(&joined, &mut value);
        Secret::from(value).into_header().expect("the Base64 alphabet is printable ASCII")
    }

    fn append(&self, text: &str, joined: &mut Vec<u8>) {
        if self.encoded {
            percent_encode(text.as_bytes(), RESERVED).for_each(|part| joined.extend_from_slice(part.as_bytes()));
        } else {
            joined.extend_from_slice(text.as_bytes());
        }
    }
}

impl fmt::Debug for BasicCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BasicCredentials").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(credentials: &BasicCredentials) -> String {
        let header = credentials.header();
        assert!(header.is_sensitive());
        let base64 = header.to_str().unwrap().strip_prefix("Basic ").unwrap().to_owned();
        String::from_utf8(STANDARD.decode(base64).unwrap()).unwrap()
    }

    #[test]
    fn the_vendors_example_is_encoded_as_the_vendor_shows_it() {
        let credentials = BasicCredentials::new("apitoken", "JqcSfeB7sO3Bd9dEDcSOXfjs6G6ORCsT6G9fBHCc");
        assert_eq!(
            credentials.header().to_str().unwrap(),
            "Basic YXBpdG9rZW46SnFjU2ZlQjdzTzNCZDlkRURjU09YZmpzNkc2T1JDc1Q2RzlmQkhDYw=="
        );
    }

    #[test]
    fn reserved_characters_are_encoded_unless_raw_is_called() {
        let credentials = BasicCredentials::new("a:b", "p w+%/\u{e9}~");
        assert_eq!(decoded(&credentials), "a%3Ab:p%20w%2B%25%2F%C3%A9~");
        assert_eq!(decoded(&BasicCredentials::new("ab", "p w+%").raw()), "ab:p w+%");
    }

    #[test]
    fn debug_shows_the_user_alone() {
        let debug = format!("{:?}", BasicCredentials::new("apitoken", "marker"));
        assert!(debug.contains("apitoken") && !debug.contains("marker"), "{debug}");
    }
}
