//! The command line.

use std::net::{IpAddr, Ipv4Addr};

use clap::{Parser, ValueEnum, builder::NonEmptyStringValueParser};

/// Strict local stand-in for the authorization servers of Lean and SAP LeanIX and an API of each
///
/// Prints its base URL and credentials as shell commands to standard output, then one line for each request to standard
/// error. Only programs on this machine can reach it unless `--bind` is given. A browser shows its state, with switches
/// for faults, at the base URL.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Address to listen on; 0.0.0.0 in a container
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) bind: IpAddr,

    /// Port to listen on; 0 selects a free port
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,

    /// Serve the page and the interface for tests [default: on for a loopback address or with --control-host]
    #[arg(long, value_name = "SWITCH")]
    pub(crate) control: Option<Switch>,

    /// Permit this host name or address for the page and the interface, besides localhost; can be repeated
    #[arg(long = "control-host", value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) control_hosts: Vec<String>,

    /// Ask the sandbox at this base URL whether it answers, and exit with 0 if it does: the health check of a container
    #[arg(long, value_name = "URL", conflicts_with_all = ["bind", "port", "control", "control_hosts"])]
    pub(crate) probe: Option<String>,

    /// Issue tokens only for customers that exist [default: for any UUID]
    #[arg(long)]
    pub(crate) known_customers_only: bool,

    /// Lifetime of access tokens
    #[arg(long, value_name = "SECONDS", default_value_t = 3599)]
    pub(crate) lifetime: u64,

    /// Delay of every token response
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    pub(crate) delay: u64,

    /// Answer token requests with this status: the first COUNT of each provider, or all
    #[arg(long, value_name = "STATUS[:COUNT]", value_parser = parse_fail)]
    pub(crate) fail: Option<Fail>,

    /// Lean client id to accept [default: random]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) lean_client_id: Option<String>,

    /// Lean client secret to accept [default: random]
    #[arg(long, value_name = "SECRET", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) lean_client_secret: Option<String>,

    /// LeanIX API token to accept [default: random]
    #[arg(long, value_name = "TOKEN", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) leanix_api_token: Option<String>,

    /// Client id to accept at the server for RFC 6749 [default: random]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) oauth2_client_id: Option<String>,

    /// Client secret to accept at the server for RFC 6749 [default: random]
    #[arg(long, value_name = "SECRET", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) oauth2_client_secret: Option<String>,
}

/// Whether something is provided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

impl Arguments {
    /// Whether the page and the interface are provided. Beyond loopback, only if someone asks for them: whoever reaches
    /// the address could change what tests see.
    pub(crate) fn is_controlled(&self) -> bool {
        match self.control {
            Some(switch) => switch == Switch::On,
            None => self.bind.is_loopback() || !self.control_hosts.is_empty(),
        }
    }
}

/// The initial failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fail {
    pub(crate) status: u16,
    /// `None`: all requests.
    pub(crate) count: Option<usize>,
}

fn parse_fail(text: &str) -> Result<Fail, String> {
    /// Steps are queued one by one, so their number has a limit.
    const MAX_FAILURES: usize = 1_000_000;
    let (status, count) = match text.split_once(':') {
        Some((status, count)) => (status, Some(count)),
        None => (text, None),
    };
    let status = status.parse().ok().filter(|status| (200..=999).contains(status));
    let status = status.ok_or("STATUS must be a number from 200 to 999")?;
    let count = match count.map(|count| count.parse().ok().filter(|count| *count <= MAX_FAILURES)) {
        Some(None) => return Err(format!("COUNT must be a number up to {MAX_FAILURES}")),
        Some(count) => count,
        None => None,
    };
    Ok(Fail { status, count })
}

/// A value as one word of a POSIX shell.
pub(crate) fn shell_quoted(value: &str) -> String {
    if value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte)) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_interface_is_on_by_default_on_loopback_only() {
        for (arguments, controlled) in [
            (&[][..], true),
            (&["--bind", "::1"], true),
            (&["--control", "off"], false),
            (&["--bind", "0.0.0.0"], false),
            (&["--bind", "0.0.0.0", "--control", "on"], true),
            (&["--bind", "0.0.0.0", "--control-host", "sandbox"], true),
            (&["--control-host", "sandbox", "--control", "off"], false),
        ] {
            let parsed = Arguments::try_parse_from([&["auth-sandbox"], arguments].concat()).unwrap();
            assert_eq!(parsed.is_controlled(), controlled, "{arguments:?}");
        }
    }

    #[test]
    fn fail_takes_a_status_and_maybe_a_count() {
        assert_eq!(parse_fail("503"), Ok(Fail { status: 503, count: None }));
        assert_eq!(parse_fail("429:3"), Ok(Fail { status: 429, count: Some(3) }));
        for wrong in ["", "x", "99", "1000", "503:", "503:-1", "503:9999999", ":3"] {
            assert!(parse_fail(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn odd_values_are_quoted_for_the_shell() {
        assert_eq!(shell_quoted("http://127.0.0.1:80/a-b_c"), "http://127.0.0.1:80/a-b_c");
        assert_eq!(shell_quoted("it's $5"), r"'it'\''s $5'");
    }
}
