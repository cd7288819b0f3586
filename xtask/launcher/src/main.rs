//! Starts `cargo xtask` from any folder of the workspace.
//!
//! An alias of cargo cannot name a manifest by a path that is the same in every folder, but it can name a package of the
//! workspace. In the root, the alias runs `xtask` itself, which works while crates of the workspace are missing.

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("Cargo.toml");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--locked", "--manifest-path"]).arg(manifest).arg("--").args(env::args_os().skip(1));
    match command.status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("error: cannot start cargo: {error}");
            ExitCode::FAILURE
        }
    }
}
