//! The keys with which entries are named and sealed.
//!
//! `error` says what is wrong with a text of keys, `ring` reads such a text and uses the keys.

pub(crate) mod error;
pub(crate) mod ring;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use auth_core::{CredentialError, CredentialSource, Secret};

use crate::keys::error::KeysError;
use crate::keys::ring::KeyRing;

/// The keys of a store, from a source that is asked before each use: a [`Secret`], a
/// [`SecretFile`](auth_core::SecretFile) or a [`SecretVariable`](auth_core::SecretVariable) that
/// [permits line breaks](auth_core::SecretFile::permit_line_breaks), a
/// [`SharedCredentials`](auth_core::SharedCredentials), or a function.
///
/// All processes that share a store need the same keys. The text has one key per line, each 32 random bytes in Base64 (RFC 4648
/// section 4), as `openssl rand -base64 32` writes them. Blank lines and lines that begin with `#` are ignored.
///
/// | line | use |
/// |---|---|
/// | first | names entries; another one makes all processes that have it start anew |
/// | second | seals and opens values |
/// | further ones | open values |
///
/// To rotate the key that seals, append the new one to the keys of all processes. Then move it to the second line of all of them.
/// After a day, when the last values of the old key have expired, remove the old key.
///
/// Clones share the source.
///
/// ```
/// use auth_core::SecretFile;
/// use auth_fleet::Keys;
///
/// let keys = Keys::new(SecretFile::new("/run/secrets/fleet-keys").permit_line_breaks());
/// ```
#[derive(Clone)]
pub struct Keys(Arc<Source>);

struct Source {
    source: Box<dyn AnySource>,
    /// The last text, and the keys that were read from it.
    last: Mutex<Option<(Secret, Arc<KeyRing>)>>,
}

impl Keys {
    /// Keys from this source.
    #[must_use]
    pub fn new(source: impl CredentialSource<Secret>) -> Self {
        Self(Arc::new(Source { source: Box::new(source), last: Mutex::new(None) }))
    }

    /// Checks that the source has usable keys, to find a mistake when the program starts.
    ///
    /// # Errors
    /// [`KeysError`] if the source has no keys, or if they cannot be used.
    pub async fn check(&self) -> Result<(), KeysError> {
        self.ring().await.map(drop)
    }

    /// The keys as the source has them now.
    pub(crate) async fn ring(&self) -> Result<Arc<KeyRing>, KeysError> {
        let text = self.0.source.text().await?;
        let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, ring)) = last.as_ref().filter(|(last, _)| *last == text) {
            return Ok(Arc::clone(ring));
        }
        let ring = Arc::new(KeyRing::read(&text)?);
        *last = Some((text, Arc::clone(&ring)));
        Ok(ring)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys(..)")
    }
}

/// A [`CredentialSource`] as a trait object.
trait AnySource: Send + Sync {
    fn text(&self) -> Pin<Box<dyn Future<Output = Result<Secret, CredentialError>> + Send + '_>>;
}

impl<S: CredentialSource<Secret>> AnySource for S {
    fn text(&self) -> Pin<Box<dyn Future<Output = Result<Secret, CredentialError>> + Send + '_>> {
        Box::pin(self.credentials())
    }
}

#[cfg(test)]
mod tests {
    use auth_core::SharedCredentials;

    use super::*;

    /// Text of keys of these bytes.
    fn text(keys: &[u8]) -> Secret {
        use base64::Engine as _;
        let lines = keys.iter().map(|&byte| base64::engine::general_purpose::STANDARD.encode([byte; 32]));
        Secret::from(lines.collect::<Vec<_>>().join("\n"))
    }

    #[tokio::test]
    async fn keys_are_those_that_their_source_has_now() {
        let source = SharedCredentials::new(text(&[1, 2]));
        let keys = Keys::new(source.clone());
        let before = keys.ring().await.unwrap();
        assert!(Arc::ptr_eq(&before, &keys.ring().await.unwrap()), "they are read once");
        source.replace(text(&[1, 3]));
        assert!(!Arc::ptr_eq(&before, &keys.ring().await.unwrap()));
        source.replace(text(&[1]));
        assert_eq!(keys.check().await, Err(KeysError::TooFew { found: 1 }));
        let none = Keys::new(|| async { Err(CredentialError::unavailable("sealed")) });
        assert_eq!(none.check().await.unwrap_err().to_string(), "no credentials: sealed");
    }

    #[tokio::test]
    async fn debug_shows_no_key() {
        let keys = Keys::new(text(&[0x41, 0x42]));
        let ring = keys.ring().await.unwrap();
        assert_eq!(format!("{keys:?} {ring:?}"), "Keys(..) KeyRing(..)");
    }
}
