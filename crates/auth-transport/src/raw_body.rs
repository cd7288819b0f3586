//! The bytes of a response, for programs that need them.

use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::Secret;

/// Number of bytes of a body that are kept for an error.
const MAX_KEPT_BYTES: usize = 64 * 1024;

/// The bytes of a body as received, at most the first 64 KiB. They are never shown, and are overwritten when the last
/// owner drops them.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct RawBody(Bytes);

impl RawBody {
    /// Keeps this body. Its memory is shared if all of it is kept.
    pub(crate) fn of(body: &Bytes) -> Self {
        if body.len() <= MAX_KEPT_BYTES {
            return Self(body.clone());
        }
        Self(Bytes::from_owner(Zeroizing::new(body[..MAX_KEPT_BYTES].to_vec())))
    }

    /// True if it contains eight consecutive characters of `text`, or all of a shorter text.
    pub(crate) fn shares_a_part_with(&self, text: &str) -> bool {
        let size = text.len().clamp(1, 8);
        text.as_bytes().windows(size).any(|part| self.0.windows(size).any(|window| window == part))
    }

    /// The member `error`, if the body is an object with such a string (RFC 6749 section 5.2).
    pub(crate) fn oauth_error(&self) -> Option<Secret> {
        #[derive(Deserialize)]
        struct Answer {
            error: Secret,
        }
        // A derived type would also accept a list, which is not an object.
        let is_object = self.0.trim_ascii_start().starts_with(b"{");
        is_object.then(|| serde_json::from_slice(&self.0).ok()).flatten().map(|Answer { error }| error)
    }

    /// The bytes, if there are any.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        (!self.0.is_empty()).then_some(&*self.0)
    }
}

impl fmt::Debug for RawBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RawBody(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_kept_up_to_a_limit_and_never_shown() {
        assert_eq!(RawBody::of(&Bytes::new()).bytes(), None);
        assert_eq!(RawBody::of(&Bytes::from_static(b"abc")).bytes(), Some(&b"abc"[..]));
        let long = RawBody::of(&Bytes::from(vec![b'x'; MAX_KEPT_BYTES + 1]));
        assert_eq!(long.bytes().map(<[u8]>::len), Some(MAX_KEPT_BYTES));
        assert_eq!(format!("{long:?}"), "RawBody(..)");
        let body = RawBody::of(&Bytes::from_static(b"{\"a\":\"0123456789\"}"));
        for (text, shares) in [("x-12345678", true), ("x-1234567-8", false), ("123", true), ("124", false), ("", false)]
        {
            assert_eq!(body.shares_a_part_with(text), shares, "{text}");
        }
    }
}
