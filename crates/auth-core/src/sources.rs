//! Sources of credentials that change while the program runs.

use std::env;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use auth_transport::Secret;
use zeroize::Zeroizing;

use crate::credentials::check;
use crate::{ApiToken, ClientCredentials, CredentialError, CredentialSource};

/// A secret of more bytes than this is not read.
const LONGEST: usize = 64 * 1024;

/// Credentials that the program itself replaces while it runs.
///
/// Clones share the credentials: one stays with the program, the other goes to the token endpoint.
///
/// ```
/// use auth_core::leanix::Client;
/// use auth_core::{ApiToken, LeanixTokenEndpoint, SharedCredentials, TokenCache};
///
/// # fn example(new_token: String) -> Result<(), Box<dyn std::error::Error>> {
/// let credentials = SharedCredentials::new(ApiToken::new("LXT_1234567890")?);
/// let tokens = TokenCache::new(LeanixTokenEndpoint::new(Client::instance("app")?, credentials.clone()));
/// // Later; the next request for a token uses it.
/// credentials.replace(ApiToken::new(new_token)?);
/// # Ok(())
/// # }
/// ```
pub struct SharedCredentials<C>(Arc<ArcSwap<C>>);

impl<C> SharedCredentials<C> {
    /// A source that gives these credentials until they are replaced.
    #[must_use]
    pub fn new(credentials: C) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(credentials)))
    }

    /// Replaces the credentials, for all clones. A request that is under way goes on with those it began with.
    pub fn replace(&self, credentials: C) {
        self.0.store(Arc::new(credentials));
    }
}

impl<C> Clone for SharedCredentials<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for SharedCredentials<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SharedCredentials").finish_non_exhaustive()
    }
}

impl<C: Clone + Send + Sync + 'static> CredentialSource<C> for SharedCredentials<C> {
    async fn credentials(&self) -> Result<C, CredentialError> {
        Ok(C::clone(&self.0.load()))
    }
}

/// A file that holds a secret and nothing else, such as a mounted one; read again for every request.
///
/// One line break at its end is not part of the secret. A file of more than 64 KiB, or one that is no regular file, is not
/// read. Replace it by renaming a new one over it: a file that is written in place may be read while it is half-written.
///
/// ```
/// use auth_core::lean::Client;
/// use auth_core::{LeanTokenEndpoint, SecretFile, TokenCache};
///
/// # fn example() -> Result<(), auth_core::BuildError> {
/// let secret = SecretFile::new("/run/secrets/lean").for_client("my-application-id");
/// let tokens = TokenCache::new(LeanTokenEndpoint::new(Client::sandbox_uae()?, secret));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SecretFile(PathBuf);

impl SecretFile {
    /// The file at `path`, which need not exist yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The source of the credentials of this client, whose secret is in the file.
    #[must_use]
    pub fn for_client(self, client_id: impl Into<String>) -> ForClient<Self> {
        ForClient { client_id: client_id.into(), secret: self }
    }
}

impl CredentialSource<Secret> for SecretFile {
    async fn credentials(&self) -> Result<Secret, CredentialError> {
        let path = self.0.clone();
        let read = tokio::task::spawn_blocking(move || read_file(&path)).await;
        // The task does not panic, so it can only have been cancelled.
        let secret = read.unwrap_or(Err(SecretProblem::Unreadable(io::ErrorKind::Interrupted)));
        secret.map_err(|problem| CredentialError::Place { place: SecretPlace::File(self.0.clone()), problem })
    }
}

/// An environment variable that holds a secret; read again for every request.
///
/// One line break at its end is not part of the secret.
///
/// ```
/// use auth_core::leanix::Client;
/// use auth_core::{LeanixTokenEndpoint, SecretVariable, TokenCache};
///
/// # fn example() -> Result<(), auth_core::BuildError> {
/// let api_token = SecretVariable::new("LEANIX_API_TOKEN");
/// let tokens = TokenCache::new(LeanixTokenEndpoint::new(Client::instance("app")?, api_token));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SecretVariable(String);

impl SecretVariable {
    /// The environment variable of this name, which need not be set yet. The name shows up in errors.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The source of the credentials of this client, whose secret is in the variable.
    #[must_use]
    pub fn for_client(self, client_id: impl Into<String>) -> ForClient<Self> {
        ForClient { client_id: client_id.into(), secret: self }
    }
}

impl CredentialSource<Secret> for SecretVariable {
    async fn credentials(&self) -> Result<Secret, CredentialError> {
        let value = env::var_os(&self.0).map(|value| Zeroizing::new(value.into_encoded_bytes()));
        let secret = value.ok_or(SecretProblem::Missing).and_then(|value| secret(&value));
        secret.map_err(|problem| CredentialError::Place { place: SecretPlace::Variable(self.0.clone()), problem })
    }
}

impl CredentialSource<ApiToken> for SecretFile {
    async fn credentials(&self) -> Result<ApiToken, CredentialError> {
        ApiToken::new(CredentialSource::<Secret>::credentials(self).await?)
    }
}

impl CredentialSource<ApiToken> for SecretVariable {
    async fn credentials(&self) -> Result<ApiToken, CredentialError> {
        ApiToken::new(CredentialSource::<Secret>::credentials(self).await?)
    }
}

/// The credentials of one client, whose secret comes from `S`; made by [`SecretFile::for_client`] and
/// [`SecretVariable::for_client`].
#[derive(Clone, Debug)]
pub struct ForClient<S> {
    client_id: String,
    secret: S,
}

impl<S: CredentialSource<Secret>> CredentialSource<ClientCredentials> for ForClient<S> {
    async fn credentials(&self) -> Result<ClientCredentials, CredentialError> {
        ClientCredentials::new(self.client_id.clone(), self.secret.credentials().await?)
    }
}

fn read_file(path: &Path) -> Result<Secret, SecretProblem> {
    // Looked at before it is opened: opening a pipe waits for its writer.
    if !path.metadata()?.is_file() {
        return Err(SecretProblem::NotAFile);
    }
    let mut file = File::open(path)?;
    // Sized up front: growing would leave an unwiped copy behind. The last byte is for what is too long.
    let mut buffer = Zeroizing::new(vec![0; LONGEST + 1]);
    let mut length = 0;
    loop {
        match file.read(&mut buffer[length..]) {
            Ok(0) => return secret(&buffer[..length]),
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The secret in the content of a place.
fn secret(content: &[u8]) -> Result<Secret, SecretProblem> {
    if content.len() > LONGEST {
        return Err(SecretProblem::TooLong);
    }
    let text = std::str::from_utf8(content).map_err(|_| SecretProblem::NotUtf8)?;
    let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    match check("secret", line) {
        Ok(()) => Ok(Secret::from(line)),
        Err(CredentialError::Empty { .. }) => Err(SecretProblem::Empty),
        Err(_) => Err(SecretProblem::Character),
    }
}

/// Where a secret should have been.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretPlace {
    /// The file at this path.
    File(PathBuf),
    /// The environment variable of this name.
    Variable(String),
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "file {path:?}"),
            Self::Variable(name) => write!(formatter, "environment variable {name:?}"),
        }
    }
}

/// What keeps the content of a place from being a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretProblem {
    /// The file does not exist, or the variable is not set.
    Missing,
    /// The path names something else than a regular file.
    NotAFile,
    /// The file cannot be read.
    Unreadable(io::ErrorKind),
    /// There are more than 64 KiB.
    TooLong,
    /// The content is not UTF-8.
    NotUtf8,
    /// There is nothing in it.
    Empty,
    /// There is white space or a control character in it, besides a line break at the end.
    Character,
}

impl From<io::Error> for SecretProblem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            kind => Self::Unreadable(kind),
        }
    }
}

impl fmt::Display for SecretProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("is missing"),
            Self::NotAFile => formatter.write_str("is no regular file"),
            Self::Unreadable(kind) => write!(formatter, "cannot be read: {kind}"),
            Self::TooLong => formatter.write_str("holds more than 64 KiB"),
            Self::NotUtf8 => formatter.write_str("does not hold UTF-8"),
            Self::Empty => formatter.write_str("is empty"),
            Self::Character => formatter.write_str("holds white space or a control character"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn api_token(source: impl CredentialSource<ApiToken>) -> Result<ApiToken, CredentialError> {
        source.credentials().await
    }

    #[test]
    fn one_line_break_at_the_end_is_not_part_of_a_secret() {
        for content in ["secret", "secret\n", "secret\r\n"] {
            assert_eq!(secret(content.as_bytes()).unwrap().expose(), "secret", "{content:?}");
        }
        let longest = "s".repeat(LONGEST);
        assert_eq!(secret(longest.as_bytes()).unwrap().expose(), longest);
    }

    #[test]
    fn content_that_is_no_secret_is_refused_by_kind() {
        let too_long = "s".repeat(LONGEST + 1);
        for (content, problem) in [
            (&b""[..], SecretProblem::Empty),
            (b"\n", SecretProblem::Empty),
            (b"\r\n", SecretProblem::Empty),
            (b"\n\n", SecretProblem::Character),
            (b"secret\n\n", SecretProblem::Character),
            (b"secret\r", SecretProblem::Character),
            (b" secret", SecretProblem::Character),
            (b"two words", SecretProblem::Character),
            (b"secret\0", SecretProblem::Character),
            (b"\xff\xfes\0", SecretProblem::NotUtf8),
            (too_long.as_bytes(), SecretProblem::TooLong),
        ] {
            assert_eq!(secret(content).unwrap_err(), problem, "{:?}", content.get(..8));
        }
    }

    #[tokio::test]
    async fn replaced_credentials_are_given_by_every_clone() {
        let source = SharedCredentials::new(ApiToken::new("one").unwrap());
        let clone = source.clone();
        source.replace(ApiToken::new("two").unwrap());
        assert_eq!(clone.credentials().await.unwrap().secret().expose(), "two");
        assert_eq!(format!("{clone:?}"), "SharedCredentials { .. }");
    }

    #[tokio::test]
    async fn a_place_without_a_secret_is_named() {
        let folder = env!("CARGO_MANIFEST_DIR");
        for (path, problem) in [
            ("absent", "is missing"),
            ("src", "is no regular file"),
            ("Cargo.toml", "holds white space or a control character"),
            ("Cargo.lock/absent", "is missing"),
        ] {
            let error = api_token(SecretFile::new(format!("{folder}/{path}"))).await.unwrap_err();
            assert_eq!(error.to_string(), format!("no credentials: file \"{folder}/{path}\" {problem}"));
        }

        for name in ["AUTH_CORE_NEVER_SET", "", "A=B", "A\0B"] {
            let unset = SecretVariable::new(name).for_client("id").credentials().await.unwrap_err();
            let place = SecretPlace::Variable(name.to_owned());
            assert_eq!(unset, CredentialError::Place { place, problem: SecretProblem::Missing });
        }
    }

    #[tokio::test]
    async fn a_variable_gives_credentials_of_both_kinds() {
        let variable = SecretVariable::new("CARGO_PKG_NAME");
        assert_eq!(api_token(variable.clone()).await.unwrap().secret().expose(), "auth-core");
        let credentials = variable.clone().for_client("id").credentials().await.unwrap();
        assert_eq!((credentials.client_id(), credentials.client_secret().expose()), ("id", "auth-core"));
        let error = variable.for_client("").credentials().await.unwrap_err();
        assert_eq!(error, CredentialError::Empty { field: "client_id" });
    }
}
