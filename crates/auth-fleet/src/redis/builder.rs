//! Settings of a store on Redis.

use std::fmt;

use auth_core::{CredentialSource, Secret};

use super::address::{Address, Place};
use super::link::Link;
use super::login::{Login, Password, password};
use super::store::RedisStore;
use super::target::{Target, TargetKind};
use super::tls;
use crate::keys::Keys;
use crate::store::error::{StoreError, StoreErrorKind};

impl RedisStore {
    /// Connects to the server with this URL.
    ///
    /// # Errors
    /// As [`RedisStoreBuilder::connect`].
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), auth_fleet::StoreError> {
    /// use auth_core::SecretFile;
    /// use auth_fleet::{Keys, RedisStore};
    ///
    /// let keys = Keys::new(SecretFile::new("/run/secrets/fleet-keys").permit_line_breaks());
    /// let store = RedisStore::connect("rediss://store.example.com", keys).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect(url: impl Into<Secret>, keys: Keys) -> Result<Self, StoreError> {
        Self::builder(url).keys(keys).connect().await
    }

    /// Settings of a store on the server with this URL.
    ///
    /// ```
    /// # async fn example() -> Result<(), auth_fleet::StoreError> {
    /// use auth_core::SecretFile;
    /// use auth_fleet::{Keys, RedisStore};
    ///
    /// // The connection is opened when it is first needed.
    /// let store = RedisStore::builder("rediss://store.example.com/2")
    ///     .user("fleet")
    ///     .password(SecretFile::new("/run/secrets/store-password"))
    ///     .keys(Keys::new(SecretFile::new("/run/secrets/fleet-keys").permit_line_breaks()))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(url: impl Into<Secret>) -> RedisStoreBuilder {
        RedisStoreBuilder::new(Servers::One(url.into()))
    }

    /// Settings of a store on the primary that Redis Sentinel names for this service.
    ///
    /// The URLs are those of the sentinels, with the users and passwords of the sentinels. The user, password and database of the
    /// primary are those of the builder. The primary uses TLS if the sentinels do. The sentinels are asked again before each
    /// connection.
    #[cfg(feature = "redis-sentinel")]
    pub fn sentinel(
        urls: impl IntoIterator<Item = impl Into<Secret>>,
        service: impl Into<String>,
    ) -> RedisStoreBuilder {
        let urls = urls.into_iter().map(Into::into).collect();
        RedisStoreBuilder::new(Servers::Sentinels(urls, service.into()))
    }

    /// Settings of a store on the Redis Cluster that has these nodes; one that answers is enough.
    ///
    /// The user and the password are those of the first URL or of the builder. With `rediss` and without a TLS provider that the
    /// program installed for its process, `aws-lc-rs` is installed.
    #[cfg(feature = "redis-cluster")]
    pub fn cluster(urls: impl IntoIterator<Item = impl Into<Secret>>) -> RedisStoreBuilder {
        RedisStoreBuilder::new(Servers::Cluster(urls.into_iter().map(Into::into).collect()))
    }
}

/// Builds a [`RedisStore`].
///
/// Created by [`RedisStore::builder`].
#[must_use]
pub struct RedisStoreBuilder {
    servers: Servers,
    keys: Option<Keys>,
    prefix: String,
    user: Option<String>,
    password: Option<Password>,
    database: Option<i64>,
    roots: Option<Vec<u8>>,
    is_plain_text_allowed: bool,
}

/// The servers as the program named them.
enum Servers {
    One(Secret),
    #[cfg(feature = "redis-sentinel")]
    Sentinels(Vec<Secret>, String),
    #[cfg(feature = "redis-cluster")]
    Cluster(Vec<Secret>),
}

impl RedisStoreBuilder {
    fn new(servers: Servers) -> Self {
        Self {
            servers,
            keys: None,
            prefix: "auth-fleet".to_owned(),
            user: None,
            password: None,
            database: None,
            roots: None,
            is_plain_text_allowed: false,
        }
    }

    /// Sets the keys with which entries are named and sealed. A store needs them.
    pub fn keys(mut self, keys: Keys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Sets the beginning of the names of all keys and channels in Redis, `auth-fleet` by default. The permissions of the user
    /// depend on it.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the user of the access control list, instead of the one in the URL. Without one, it is `default`.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Sets the source of the password, instead of the one in the URL. It is asked before each connection, so the password can be
    /// changed while the program runs.
    pub fn password(mut self, source: impl CredentialSource<Secret>) -> Self {
        self.password = Some(password(source));
        self
    }

    /// Sets the number of the database, instead of the one in the URL. Without one, it is 0.
    pub fn database(mut self, number: u32) -> Self {
        self.database = Some(number.into());
        self
    }

    /// Trusts only these root certificates, one or more in PEM format, instead of those of the system.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots = Some(pem.into());
        self
    }

    /// Permits connections without TLS to other hosts.
    ///
    /// Anybody on the network path can then read the password and change what the store answers. Entries stay sealed.
    pub fn plain_text_allowed(mut self) -> Self {
        self.is_plain_text_allowed = true;
        self
    }

    /// Checks the settings and opens the connection, to find mistakes when the program starts.
    ///
    /// # Errors
    /// As [`build`](Self::build); also if the keys cannot be used, or if the store cannot be reached or does not accept the user.
    pub async fn connect(self) -> Result<RedisStore, StoreError> {
        let store = self.build()?;
        let keys = crate::store::Store::keys(&store).check().await;
        keys.map_err(|error| StoreError::new(StoreErrorKind::Configuration, error.to_string()))?;
        store.connected().await?;
        Ok(store)
    }

    /// Checks the settings. The connection is opened when it is first needed, so the program starts although the store is down.
    ///
    /// # Errors
    /// [`StoreErrorKind::Configuration`] if a URL, the prefix or the certificates cannot be used, if a connection would not be
    /// encrypted, or without [`keys`](Self::keys).
    pub fn build(self) -> Result<RedisStore, StoreError> {
        let keys = self.keys.clone().ok_or_else(|| refused("it has no keys; call `keys`"))?;
        if self.prefix.is_empty()
            || self.prefix.bytes().any(|byte| !byte.is_ascii_graphic() || b"{}*?[]\\".contains(&byte))
        {
            return Err(refused(
                "the prefix is empty, or holds a character other than visible ASCII without `{}*?[]\\`",
            ));
        }
        let target = self.target()?;
        Ok(RedisStore::new(keys, self.prefix, Link::new(target)))
    }

    fn target(&self) -> Result<Target, StoreError> {
        let (kind, from_url, is_tls) = match &self.servers {
            Servers::One(url) => {
                let address = self.address(url)?;
                let is_tls = is_tls(&address.place);
                (TargetKind::Server(address.place.clone()), address, is_tls)
            }
            #[cfg(feature = "redis-sentinel")]
            Servers::Sentinels(urls, service) => {
                let addresses = self.same(urls)?;
                let is_tls = addresses.iter().any(|address| is_tls(&address.place));
                // User, password and database are those of the primary. The URLs of the sentinels have their own.
                let place = addresses[0].place.clone();
                let sentinels = addresses.into_iter().map(|address| {
                    let login = Login { database: 0, ..login_of(&address) };
                    (address.place, login)
                });
                let sentinels = super::sentinel::Sentinels { sentinels: sentinels.collect(), service: service.clone() };
                let nothing = Address { place, database: None, user: None, password: None };
                (TargetKind::Sentinels(sentinels), nothing, is_tls)
            }
            #[cfg(feature = "redis-cluster")]
            Servers::Cluster(urls) => {
                let addresses = self.same(urls)?;
                if addresses.iter().any(|address| address.database.unwrap_or(0) != 0) {
                    return Err(refused("a cluster has only the database 0"));
                }
                let first = addresses[0].clone();
                let is_tls = is_tls(&first.place);
                let roots = self.roots.as_ref().map(|pem| String::from_utf8_lossy(pem).into_owned().into());
                let nodes = addresses.into_iter().map(|address| address.place).collect();
                (TargetKind::Cluster(super::cluster::Cluster { nodes, roots }), first, is_tls)
            }
        };
        let from_url = login_of(&from_url);
        let login = Login {
            database: self.database.unwrap_or(from_url.database),
            user: self.user.clone().or(from_url.user),
            password: self.password.clone().or(from_url.password),
        };
        if login.user.is_some() && login.password.is_none() {
            // It would be ignored.
            return Err(refused("it has a user and no password; call `password`"));
        }
        Ok(Target {
            kind,
            login,
            tls: if is_tls { Some(tls::config(self.roots.as_deref())?) } else { None },
            #[cfg(any(feature = "redis-cluster", feature = "redis-sentinel"))]
            is_plain_text_allowed: self.is_plain_text_allowed,
        })
    }

    fn address(&self, url: &Secret) -> Result<Address, StoreError> {
        let address = Address::parse(url.expose())?;
        address.place.check(self.is_plain_text_allowed)?;
        Ok(address)
    }

    /// The addresses of servers that are alike, at least one.
    #[cfg(any(feature = "redis-cluster", feature = "redis-sentinel"))]
    fn same(&self, urls: &[Secret]) -> Result<Vec<Address>, StoreError> {
        let addresses = urls.iter().map(|url| self.address(url)).collect::<Result<Vec<_>, _>>()?;
        let first = addresses.first().ok_or_else(|| refused("there is no URL"))?;
        let is_first_tls = is_tls(&first.place);
        if addresses.iter().any(|address| is_tls(&address.place) != is_first_tls) {
            return Err(refused("some of the URLs use TLS and others do not"));
        }
        Ok(addresses)
    }
}

fn is_tls(place: &Place) -> bool {
    matches!(place, Place::Tcp { tls: true, .. })
}

fn login_of(address: &Address) -> Login {
    Login {
        database: address.database.unwrap_or(0),
        user: address.user.clone(),
        password: address.password.clone().map(password),
    }
}

fn refused(reason: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Configuration, reason)
}

impl fmt::Debug for RedisStoreBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RedisStoreBuilder").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
