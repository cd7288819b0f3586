//! Checks of the way to the server: proxy, DNS, TCP, TLS, and the clock.

use std::net::IpAddr;
use std::time::Duration;

use auth_core::Transport;
use auth_transport::{BaseUrl, TransportError, TransportErrorKind};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::commands::doctor::report::{Check, Report};
use crate::config::oauth2::{OAuth2Client, OAuth2Server};
use crate::config::profile::Profile;
use crate::config::provider::Provider;
use crate::failure::{Kind, transport};
use crate::tokens::endpoint;

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// A difference that nobody notices.
const UNNOTICED: TimeDelta = TimeDelta::seconds(30);

pub(super) async fn check(profile: &Profile, report: &mut Report) {
    let server = server(&profile.provider);
    let (host, port) = place(server);
    let is_plain = !server.is_https();
    let proxy = if is_plain { None } else { proxy(&|name| std::env::var(name).ok()) };
    report.add(match &proxy {
        None if is_plain => Check::skipped("proxy", "requests to this machine use none"),
        None => Check::ok("proxy", "none is set"),
        Some(variable) => Check::ok("proxy", format!("{variable} is set, unless NO_PROXY excludes the server")),
    });
    if proxy.is_some() {
        report.add(Check::skipped("dns", "the proxy looks the name up"));
        report.add(Check::skipped("tcp", "the proxy opens the connection"));
    } else if !reached(&host, port, is_plain, report).await {
        return;
    }
    let Some(date) = answered(server, report).await else { return };
    let signs =
        matches!(&profile.provider, Provider::OAuth2(oauth2) if matches!(oauth2.client, OAuth2Client::PrivateKey(_)));
    report.add(clock(date, Utc::now(), signs));
}

/// The server that the first request goes to.
fn server(provider: &Provider) -> &BaseUrl {
    match provider {
        Provider::Lean { base_url, .. } | Provider::Leanix { base_url, .. } => base_url,
        Provider::OAuth2(oauth2) => match &oauth2.server {
            OAuth2Server::TokenUrl(url) => url.base_url(),
            OAuth2Server::Issuer(issuer) => issuer,
        },
    }
}

fn place(server: &BaseUrl) -> (String, u16) {
    let url = server.url();
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    (host, url.port_or_known_default().unwrap_or(443))
}

/// The variable that names a proxy for `https`. Its value may hold a password.
fn proxy(environment: &dyn Fn(&str) -> Option<String>) -> Option<&'static str> {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    names.into_iter().find(|name| environment(name).is_some_and(|value| !value.is_empty()))
}

/// Looks the host up, which may be this machine, and connects to it.
async fn reached(host: &str, port: u16, is_own: bool, report: &mut Report) -> bool {
    let late = || format!("no answer within {} seconds", PATIENCE.as_secs());
    let found = timeout(PATIENCE, lookup_host((host, port))).await;
    let found = found.map_err(|_| late()).and_then(|found| found.map_err(|error| error.to_string()));
    let addresses: Vec<_> = match found {
        Ok(addresses) => addresses.collect(),
        Err(problem) => {
            report.add(Check::failed(
                "dns",
                Kind::Unavailable,
                format!("{host} has no address: {problem}"),
                "check the name in the configuration, the network, and /etc/resolv.conf; in a container, its DNS settings",
            ));
            return false;
        }
    };
    let listed = addresses.iter().map(|address| address.ip().to_string()).collect::<Vec<_>>().join(", ");
    report.add(match host.parse::<IpAddr>() {
        Ok(_) => Check::skipped("dns", "the host is an address"),
        Err(_) => Check::ok("dns", format!("{host} is {listed}")),
    });
    let connected = timeout(PATIENCE, TcpStream::connect(&*addresses)).await;
    match connected.map_err(|_| late()).and_then(|connected| connected.map_err(|error| error.to_string())) {
        Ok(_) => report.add(Check::ok("tcp", format!("port {port} is open"))),
        Err(problem) => {
            report.add(Check::failed(
                "tcp",
                Kind::Unavailable,
                format!("no connection to port {port}: {problem}"),
                if is_own {
                    "start the server on this machine, or correct its port in the configuration"
                } else {
                    "ask whether a firewall permits it, or set HTTPS_PROXY if connections leave through a proxy"
                },
            ));
            return false;
        }
    }
    true
}

/// Sends a request without credentials. Returns the `Date` of the answer if there is an answer, whatever its status.
async fn answered(server: &BaseUrl, report: &mut Report) -> Option<Option<DateTime<Utc>>> {
    let is_plain = !server.is_https();
    let answer = match Transport::to(server) {
        Ok(transport) => {
            let request = transport.client_to(server).get(server.url().clone()).timeout(PATIENCE);
            request.send().await.map_err(|error| transport.error(server.url(), &error))
        }
        Err(error) => {
            report.add(Check::failed(
                "tls",
                Kind::Unavailable,
                endpoint::problem(&error),
                "install the package `ca-certificates`, or set SSL_CERT_FILE to a file with root certificates",
            ));
            return None;
        }
    };
    match answer {
        Ok(answer) => {
            report.add(if is_plain {
                Check::skipped("tls", "the server is on this machine, and the configuration names it with http")
            } else {
                Check::ok("tls", "the certificate of the server is trusted")
            });
            let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
            Some(date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()).map(|date| date.with_timezone(&Utc)))
        }
        Err(error) => {
            report.add(unanswered(&error));
            None
        }
    }
}

fn unanswered(error: &TransportError) -> Check {
    let (check, remedy) = match error.kind() {
        TransportErrorKind::Tls => (
            "tls",
            "if a proxy of your company reads TLS, set SSL_CERT_FILE to a file with its root certificate and those of the system; \
             check the clock of this machine",
        ),
        TransportErrorKind::Proxy { .. } => (
            "proxy",
            "check HTTPS_PROXY, with user and password if the proxy asks for them, or add the server to NO_PROXY",
        ),
        _ => ("http", "try again; if it stays, ask who runs the server"),
    };
    Check::failed(check, Kind::Unavailable, transport(error), remedy)
}

/// Compares the clock of this machine with that of the server.
fn clock(server: Option<DateTime<Utc>>, now: DateTime<Utc>, signs: bool) -> Check {
    let Some(server) = server else {
        return Check::skipped("clock", "the server does not say what time it has");
    };
    let ahead = now - server;
    if ahead.abs() <= UNNOTICED {
        return Check::ok("clock", "agrees with the server's to within 30 seconds");
    }
    let direction = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
    let detail =
        format!("the clock of this machine is {} seconds {direction} that of the server", ahead.num_seconds().abs());
    let remedy = "synchronize the clock (NTP): `timedatectl set-ntp true`";
    if signs {
        let detail = format!("{detail}; assertions that the private key signs are valid for 60 seconds");
        Check::failed("clock", Kind::Usage, detail, remedy)
    } else {
        Check::warning("clock", format!("{detail}; lifetimes of tokens are counted and do not depend on it"), remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_a_failure_only_if_assertions_depend_on_it() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        for (seconds, signs, verdict, words) in [
            (0, true, "ok", "agrees with the server's to within 30 seconds"),
            (-30, true, "ok", "within 30 seconds"),
            (3_600, false, "warning", "3600 seconds ahead of"),
            (-3_600, false, "warning", "3600 seconds behind"),
            (90, true, "FAILED", "are valid for 60 seconds"),
        ] {
            let mut report = Report::new("a");
            report.add(clock(Some(now - TimeDelta::seconds(seconds)), now, signs));
            let lines = report.lines();
            assert!(lines.starts_with(verdict) && lines.contains(words), "{lines}");
        }
        let mut report = Report::new("a");
        report.add(clock(None, now, true));
        assert!(report.lines().starts_with("skipped"));
    }

    #[test]
    fn the_proxy_is_named_by_its_variable() {
        let environment = |set: &'static [(&str, &str)]| {
            move |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(proxy(&environment(&[("https_proxy", "http://user:marker@a")])), Some("https_proxy"));
        assert_eq!(proxy(&environment(&[("HTTPS_PROXY", ""), ("ALL_PROXY", "a")])), Some("ALL_PROXY"));
        assert_eq!(proxy(&environment(&[("HTTP_PROXY", "a")])), None);
    }
}
