//! The command `proxy`: forwards requests to one server, with the token of a profile.

mod forward;
mod headers;
mod target;
mod upload;

use std::net::SocketAddr;
use std::path::PathBuf;

use auth_core::{Scope, Transport};
use clap::Args;

use self::forward::Forward;
use self::target::Upstream;
use crate::failure::Failure;
use crate::sidecar::current::Load;
use crate::sidecar::daemon::{self, Plan};
use crate::sidecar::settings::{Places, loopback};

/// Arguments of `proxy`
#[derive(Args, Debug)]
pub(crate) struct ProxyArguments {
    /// Profile of the token
    profile: String,
    /// Base URL of the server, https or on a loopback address
    upstream: String,
    /// Scope of the token instead of that of the profile
    #[arg(long)]
    scope: Option<String>,
    /// Listens on this socket
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// Listens on this loopback address, for callers that present a token of `caller_tokens`
    #[arg(long, value_name = "ADDRESS", value_parser = loopback)]
    tcp: Option<SocketAddr>,
}

/// Forwards requests until the process is asked to end.
///
/// # Errors
/// If the arguments or the configuration are wrong, or nothing can be listened on.
pub(crate) fn run(arguments: ProxyArguments, load: Load) -> Result<(), Failure> {
    let ProxyArguments { profile, upstream, scope, socket, tcp } = arguments;
    let upstream = Upstream::parse(&upstream).map_err(|error| Failure::usage(error.to_string()))?;
    let scope =
        scope.map(|scope| scope.parse::<Scope>()).transpose().map_err(|error| Failure::usage(error.to_string()))?;
    let places = Box::new(move |configured: Places| Ok(Places { socket: socket.clone(), tcp, ..configured }));
    daemon::run(Plan { only: Some(profile.clone()), places }, load, |shared| {
        if shared.current.load().profiles.get(&profile).is_none() {
            return Err(Failure::usage(format!("the configuration has no profile `{profile}`")));
        }
        let transport = Transport::builder().keep_connections().build_to(upstream.base());
        let transport = transport.map_err(|error| Failure::other(error.to_string()))?;
        Ok(Forward { shared, profile, scope, upstream, transport })
    })
}
