//! The table `[serve]` of the configuration.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::table::Table;
use crate::failure::Failure;
use crate::sidecar::accounts;
use crate::sidecar::callers::Callers;
use crate::sidecar::limits::Limits;

/// What `[serve]` says.
#[derive(Debug)]
pub(super) struct Settings {
    /// Where to listen.
    pub(super) places: Places,
    /// Who may have what.
    pub(super) callers: Callers,
    pub(super) limits: Limits,
}

/// Where to listen. A change needs a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// The path of the socket, unless it is the default one.
    pub(super) socket: Option<PathBuf>,
    /// The number of the group that may connect, besides the user of this process.
    pub(super) group: Option<u32>,
    /// The loopback address and port.
    pub(super) tcp: Option<SocketAddr>,
}

impl Settings {
    /// Reads the table. `own_user` is the user of this process, who may have everything if the table has no callers.
    ///
    /// # Errors
    /// Place of a wrong field, and what is wrong with it.
    pub(super) fn read(table: Option<Table>, profiles: &[&str], own_user: u32) -> Result<Self, Failure> {
        let (places, limits) = (Places::default(), Limits::default());
        let Some(mut table) = table else { return Ok(Self { places, callers: Callers::only(own_user), limits }) };
        let socket = table.take("socket").map(|value| value.path()).transpose()?;
        let group = table.take("group").map(|value| accounts::group(&value)).transpose()?;
        let tcp = table.take("tcp");
        let limits = table.take("limits").map_or(Ok(limits), |value| Limits::read(value.table()?))?;
        let named = table.take("callers");
        let has_names = named.is_some();
        let mut callers = match named {
            Some(value) => Callers::read(value.table()?, profiles)?,
            None => Callers::only(own_user),
        };
        let tokens = table.take("caller_tokens").map(|value| value.path()).transpose()?;
        if let Some(path) = tokens {
            callers = callers.with_tokens(path);
        }
        let address = tcp.as_ref().map(|value| value.parsed(loopback)).transpose()?;
        if let Some(value) = tcp
            && !(has_names && callers.tokens().is_some())
        {
            return Err(value.failure("needs `callers`, and `caller_tokens`, the file with their tokens"));
        }
        table.finish()?;
        Ok(Self { places: Places { socket, group, tcp: address }, callers, limits })
    }
}

/// A loopback address with a port.
pub(super) fn loopback(text: &str) -> Result<SocketAddr, &'static str> {
    let address = text.parse::<SocketAddr>().ok().filter(|address| address.ip().is_loopback());
    address.ok_or("must be a loopback address with a port, such as 127.0.0.1:7654 or [::1]:7654")
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;

    fn read(text: &str) -> Result<Settings, Failure> {
        let table = Table::parse(Path::new("/etc/access-token/config.toml"), text.to_owned().into(), 0o600)?;
        Settings::read(Some(table), &["lean"], 1000)
    }

    #[test]
    fn everything_has_a_default() {
        for settings in [read("").unwrap(), Settings::read(None, &[], 1000).unwrap()] {
            assert_eq!((settings.places, settings.limits), (Places::default(), Limits::default()));
            assert!(settings.callers.tokens().is_none());
        }
    }

    #[test]
    fn paths_start_at_the_folder_of_the_file_and_limits_have_units() {
        let text = "socket = '/run/socket'\ngroup = 7\ntcp = '[::1]:80'\ncaller_tokens = 'callers'\n\
                    callers = {}\n[limits]\nconnections = 5\nhead = '2s'\ndrain = '1m'";
        let settings = read(text).unwrap();
        let (socket, tcp) = (Some(PathBuf::from("/run/socket")), Some("[::1]:80".parse().unwrap()));
        assert_eq!(settings.places, Places { socket, group: Some(7), tcp });
        let tokens = format!("{:?}", settings.callers.tokens().unwrap());
        assert!(tokens.contains("\"/etc/access-token/callers\""), "{tokens}");
        let (head, drain) = (Duration::from_secs(2), Duration::from_secs(60));
        assert_eq!(settings.limits, Limits { connections: 5, head, drain, ..Limits::default() });
    }

    #[test]
    fn a_mistake_names_line_and_field() {
        for (text, problem) in [
            ("port = 1", "1: port: unknown field"),
            ("tcp = '0.0.0.0:80'\ncaller_tokens = 'a'", "1: tcp: must be a loopback address"),
            ("tcp = 'localhost:80'\ncaller_tokens = 'a'", "1: tcp: must be a loopback address"),
            ("tcp = '127.0.0.1'\ncaller_tokens = 'a'", "1: tcp: must be a loopback address"),
            ("\ntcp = '127.0.0.1:80'", "2: tcp: needs `callers`"),
            ("tcp = '127.0.0.1:80'\ncaller_tokens = 'a'", "1: tcp: needs `callers`"),
            ("group = 'no-such-group'", "1: group: this system has no such group"),
            ("group = 4294967296", "1: group: is no number of a group"),
            ("[limits]\nhead = '0s'", "2: limits.head: must be from 1s to 24h"),
            ("[limits]\nconnections = 0", "2: limits.connections: must be from 1"),
            ("[limits]\nsize = 0", "2: limits.size: unknown field"),
            ("[callers.a]\nprofiles.other = []", "2: callers.a.profiles.other: there is no profile"),
        ] {
            let message = read(text).err().map(|failure| failure.message).unwrap_or_default();
            assert!(message.starts_with(&format!("/etc/access-token/config.toml:{problem}")), "{message}");
        }
    }
}
