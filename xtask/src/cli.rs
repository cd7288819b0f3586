//! The command line.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::codegen::{self, Mode, Spec};
use crate::problem::Result;
use crate::workspace::Workspace;
use crate::{ci, demo};

/// The tasks of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    /// Root of the workspace to work on, instead of the one this tool was built in.
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the generated crates from the documents in `specs/`.
    Codegen {
        /// Write nothing; show the differences and exit with status 1 if there are any.
        #[arg(long)]
        check: bool,
        /// Documents to work on, `lean-auth` for `specs/lean-auth.yaml`; without a name, all of them.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// A document outside of the workspace, to make a crate of that stands alone.
        #[arg(long, value_name = "FILE", requires = "out", conflicts_with_all = ["names", "check"])]
        spec: Option<PathBuf>,
        /// Folder of that crate.
        #[arg(long, value_name = "DIR", requires = "spec")]
        out: Option<PathBuf>,
        /// Name of that crate, instead of that of the document's file.
        #[arg(long, value_name = "NAME", requires = "spec")]
        name: Option<String>,
        /// Overlay on that document.
        #[arg(long, value_name = "FILE", requires = "spec")]
        overlay: Option<PathBuf>,
    },
    /// Run every check: format, clippy, generated code, tests, docs.
    Ci,
    /// Check that the generated crates are current, then run the demonstration.
    Demo {
        /// Passed on to the demonstration.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARG")]
        args: Vec<OsString>,
    },
}

/// Does what the command line says.
pub(crate) fn run() -> Result<()> {
    let cli = Cli::parse();
    let workspace = Workspace::open(cli.root)?;
    match cli.command {
        Command::Codegen { spec: Some(file), out: Some(out), name, overlay, .. } => {
            let spec = Spec { file, out, name, overlay };
            codegen::run_spec(&workspace, &spec, &mut io::stdout().lock())
        }
        Command::Codegen { check, names, .. } => {
            let mode = if check { Mode::Check } else { Mode::Write };
            codegen::run(&workspace, &names, mode, &mut io::stdout().lock())
        }
        Command::Ci => ci::run(&workspace, &mut io::stdout().lock()),
        Command::Demo { args } => demo::run(&workspace, &args),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn arguments_of_the_demo_are_passed_on() {
        let cli = Cli::try_parse_from(["xtask", "demo", "--tasks", "3"]).expect("parses");
        assert!(matches!(cli.command, Command::Demo { args } if args == ["--tasks", "3"]));
    }
}
