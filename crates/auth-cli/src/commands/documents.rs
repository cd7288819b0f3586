//! `access-token completions` and `man`: what a package of the program installs besides it.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::failure::Failure;

/// For which shell.
#[derive(Args, Debug)]
pub(crate) struct CompletionsArguments {
    /// Shell that reads the completions
    #[arg(value_enum)]
    shell: Shell,
}

/// Which page.
#[derive(Args, Debug)]
pub(crate) struct ManArguments {
    /// Command whose page is printed [default: the page of the program]
    #[arg(value_name = "COMMAND")]
    name: Option<String>,
}

/// Prints the completions of the program for a shell.
pub(crate) fn completions(mut command: Command, arguments: &CompletionsArguments) -> Result<ExitCode, Failure> {
    let name = command.get_name().to_owned();
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut text);
    print(&text)
}

/// Prints a page of the manual in the format of `man`.
pub(crate) fn man(mut command: Command, arguments: &ManArguments) -> Result<ExitCode, Failure> {
    // Adds what is derived, such as the options that all commands have.
    command.build();
    let page = match &arguments.name {
        None => command,
        Some(name) => command
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Failure::usage(format!("there is no command {name:?}; `access-token --help` lists them")))?,
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text)?;
    print(&text)
}

fn print(text: &[u8]) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
