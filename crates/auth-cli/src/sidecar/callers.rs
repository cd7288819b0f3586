//! The callers of the configuration, and who of them has sent a request.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use http::HeaderMap;

use crate::config::table::Table;
use crate::failure::Failure;
use crate::sidecar::accounts;
use crate::sidecar::caller_tokens::CallerTokens;
use crate::sidecar::presented;
use crate::sidecar::rights::{Rights, ScopePattern};
use crate::sidecar::screening::Arrival;

/// A caller with its rights.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) name: String,
    pub(super) rights: Rights,
}

/// Why a request has no caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// No caller has this user.
    User(u32),
    /// There is no caller token, or not one of the file.
    Token,
}

/// All callers.
#[derive(Debug, Default)]
pub(super) struct Callers {
    by_name: BTreeMap<String, Arc<Caller>>,
    by_user: BTreeMap<u32, Arc<Caller>>,
    tokens: Option<CallerTokens>,
}

impl Callers {
    /// The user of this process as the one caller, who may have everything.
    pub(super) fn only(own_user: u32) -> Self {
        let own = Arc::new(Caller { name: "own".to_owned(), rights: Rights::All });
        Self { by_user: BTreeMap::from([(own_user, own)]), ..Self::default() }
    }

    /// Reads `[serve.callers]`.
    ///
    /// # Errors
    /// Place of a wrong field, and what is wrong with it.
    pub(super) fn read(table: Table, profiles: &[&str]) -> Result<Self, Failure> {
        let mut callers = Self::default();
        for (name, value) in table.into_fields() {
            let mut table = value.table()?;
            let rights = rights(table.need("profiles")?.table()?, profiles)?;
            let caller = Arc::new(Caller { name: name.clone(), rights: Rights::Profiles(rights) });
            let users = table.take("users");
            for value in users.iter().map(|users| users.list()).collect::<Result<Vec<_>, _>>()?.concat() {
                let user = accounts::user(&value)?;
                if let Some(other) = callers.by_user.insert(user, Arc::clone(&caller)) {
                    return Err(value.failure(format_args!("this user is the caller `{}` already", other.name)));
                }
            }
            table.finish()?;
            callers.by_name.insert(name, caller);
        }
        Ok(callers)
    }

    /// The same callers, with the file of their tokens for connections over TCP.
    pub(super) fn with_tokens(self, path: PathBuf) -> Self {
        let names = self.by_name.keys().cloned().collect();
        Self { tokens: Some(CallerTokens::new(path, names)), ..self }
    }

    /// The file with the tokens of callers.
    pub(super) fn tokens(&self) -> Option<&CallerTokens> {
        self.tokens.as_ref()
    }

    /// Who has sent a request: over the socket the caller of the user, over TCP that of the token.
    pub(super) async fn of(&self, arrival: Arrival, headers: &HeaderMap) -> Result<Arc<Caller>, Unknown> {
        match arrival {
            Arrival::Socket { user } => self.by_user.get(&user).cloned().ok_or(Unknown::User(user)),
            Arrival::Loopback { .. } => {
                let tokens = self.tokens.as_ref().ok_or(Unknown::Token)?;
                let token = presented::caller_token(headers).ok_or(Unknown::Token)?;
                let name = tokens.caller_of(&token).await.ok_or(Unknown::Token)?;
                self.by_name.get(&name).cloned().ok_or(Unknown::Token)
            }
        }
    }
}

/// Reads the profiles of a caller, each with the scopes that it may have besides the default one.
fn rights(table: Table, profiles: &[&str]) -> Result<BTreeMap<String, Vec<ScopePattern>>, Failure> {
    let mut rights = BTreeMap::new();
    for (profile, value) in table.into_fields() {
        if !profiles.contains(&profile.as_str()) {
            return Err(value.failure("there is no profile of this name"));
        }
        let mut patterns = Vec::new();
        for scope in value.list()? {
            let pattern = ScopePattern::parse(scope.text()?);
            patterns.push(pattern.ok_or_else(|| {
                scope.failure("must be one scope, or the beginning of one followed by `*`; write several as a list")
            })?);
        }
        rights.insert(profile, patterns);
    }
    Ok(rights)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(text: &str) -> Result<Callers, Failure> {
        Callers::read(Table::parse(Path::new("/config.toml"), text.to_owned().into(), 0o600)?, &["lean"])
    }

    #[tokio::test]
    async fn the_own_user_may_have_everything_and_nobody_else_anything() {
        let callers = Callers::only(1000);
        let own = callers.of(Arrival::Socket { user: 1000 }, &HeaderMap::new()).await.unwrap();
        assert_eq!(own.rights, Rights::All);
        for user in [0, 1001, u32::MAX] {
            let other = callers.of(Arrival::Socket { user }, &HeaderMap::new()).await;
            assert_eq!(other.err(), Some(Unknown::User(user)));
        }
        let anybody = callers.of(Arrival::Loopback { port: 1 }, &HeaderMap::new()).await;
        assert_eq!(anybody.err(), Some(Unknown::Token));
    }

    #[tokio::test]
    async fn a_caller_is_known_by_its_users_which_have_names_or_numbers() {
        let text = "[reports]\nusers = [1001, 'root']\nprofiles.lean = ['customer.*']\n[jobs]\nprofiles.lean = []";
        let callers = read(text).unwrap();
        for (user, name) in [(1001, Some("reports")), (0, Some("reports")), (1000, None)] {
            let caller = callers.of(Arrival::Socket { user }, &HeaderMap::new()).await.ok();
            assert_eq!(caller.as_deref().map(|caller| caller.name.as_str()), name, "{user}");
        }
    }

    #[test]
    fn a_mistake_names_line_and_field() {
        for (text, place) in [
            ("[a]\nprofiles.other = []", "/config.toml:2: a.profiles.other: there is no profile"),
            ("[a]\nprofiles.lean = ['a b']", "/config.toml:2: a.profiles.lean: must be one scope"),
            ("[a]\nusers = []", "/config.toml:1: a: `profiles` is missing"),
            ("[a]\nprofiles = {}\nusers = ['no-such-user']", "/config.toml:3: a.users: this system has no such user"),
            ("[a]\nprofiles = {}\nuser = 1", "/config.toml:3: a.user: unknown field"),
            (
                "[a]\nusers = [1]\nprofiles = {}\n[b]\nusers = [1]\nprofiles = {}",
                "/config.toml:5: b.users: this user is",
            ),
        ] {
            let message = read(text).err().map(|failure| failure.message).unwrap_or_default();
            assert!(message.starts_with(place), "{message}");
        }
    }
}
