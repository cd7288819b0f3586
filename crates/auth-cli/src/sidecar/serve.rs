//! The command `serve`.

use std::path::PathBuf;

use clap::Args;
use tokio::runtime::Builder;

use crate::failure::Failure;
use crate::sidecar::api::Api;
use crate::sidecar::client::{self, Probe};
use crate::sidecar::current::Load;
use crate::sidecar::daemon::{self, Plan};
use crate::sidecar::place;
use crate::sidecar::settings::Places;

/// Arguments of `serve`
#[derive(Args, Debug)]
pub(crate) struct ServeArguments {
    /// Listens on this socket instead of that of the configuration
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// Asks the sidecar that runs whether it has its tokens, or only whether it runs, and exits with 0 or 4
    #[arg(long, value_enum, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "ready")]
    probe: Option<Probe>,
}

/// Gives tokens to programs of this host until the process is asked to end.
///
/// # Errors
/// If the configuration is wrong, or nothing can be listened on; with `--probe`, if the sidecar is not ready.
pub(crate) fn run(arguments: &ServeArguments, load: Load) -> Result<(), Failure> {
    let socket = arguments.socket.clone();
    if let Some(probe) = arguments.probe {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::other(format!("cannot start: {error}")))?;
        return runtime.block_on(client::probe(probe, socket.as_deref()));
    }
    let places = Box::new(move |configured: Places| {
        let named = socket.clone().or(configured.socket);
        let socket = match named {
            None if configured.tcp.is_none() => Some(place::default_socket()?),
            named => named,
        };
        Ok(Places { socket, ..configured })
    });
    daemon::run(Plan { only: None, places }, load, |shared| Ok(Api { shared }))
}
