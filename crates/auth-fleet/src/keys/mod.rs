//! The keys with which entries are named and sealed.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use auth_core::{CredentialError, CredentialSource, Secret};

/// The source of the keys of a store: a [`Secret`], a [`SecretFile`](auth_core::SecretFile), a
/// [`SecretVariable`](auth_core::SecretVariable), or any other source of a [`Secret`].
///
/// Clones share the source.
#[derive(Clone)]
pub struct Keys(Arc<dyn AnySource>);

impl Keys {
    /// Keys from this source.
    #[must_use]
    pub fn new(source: impl CredentialSource<Secret>) -> Self {
        Self(Arc::new(source))
    }

    /// The text of the keys as the source has it now.
    #[expect(dead_code, reason = "used by the sealing")]
    pub(crate) async fn text(&self) -> Result<Secret, CredentialError> {
        self.0.text().await
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
