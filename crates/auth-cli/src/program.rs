//! The program: parses the command line and runs the command.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser as _};

use crate::arguments::{Arguments, Command};
use crate::commands;
#[cfg(feature = "sidecar")]
use crate::config::Config;
use crate::failure::{ErrorFormat, Failure};
use crate::hardening;
#[cfg(feature = "sidecar")]
use crate::sidecar;

/// Runs the command of the command line.
pub(crate) fn run() -> ExitCode {
    hardening::switch_core_dumps_off();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return mistake(error),
    };
    let errors = arguments.errors;
    command(arguments).unwrap_or_else(|failure| {
        // If standard error is closed, the exit code says enough.
        let _ = failure.print(errors, &mut io::stderr().lock());
        ExitCode::from(failure.kind.code())
    })
}

fn command(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { config, errors, command } = arguments;
    match command {
        Command::Get(arguments) => commands::get::run(config.as_deref(), errors, &arguments),
        Command::Exec(arguments) => commands::exec::run(config.as_deref(), errors, arguments),
        Command::Call(arguments) => commands::call::run(config.as_deref(), errors, &arguments),
        Command::Inspect(arguments) => commands::inspect::run(&arguments),
        Command::Init(arguments) => commands::init::run(config.as_deref(), &arguments),
        Command::Doctor(arguments) => commands::doctor::run(config.as_deref(), &arguments),
        #[cfg(feature = "sidecar")]
        Command::Serve(arguments) => sidecar::serve::run(&arguments, load(config)).map(|()| ExitCode::SUCCESS),
        #[cfg(feature = "sidecar")]
        Command::Proxy(arguments) => sidecar::proxy::run(arguments, load(config)).map(|()| ExitCode::SUCCESS),
        Command::Logout(arguments) => commands::logout::run(config.as_deref(), &arguments),
        Command::Completions(arguments) => commands::documents::completions(Arguments::command(), &arguments),
        Command::Man(arguments) => commands::documents::man(Arguments::command(), &arguments),
    }
}

/// Reads the configuration, as often as a sidecar needs it.
#[cfg(feature = "sidecar")]
fn load(config: Option<std::path::PathBuf>) -> sidecar::Load {
    std::sync::Arc::new(move || Config::load(config.as_deref()))
}

/// Prints a mistake of the command line, or the help that was asked for.
fn mistake(mut error: clap::Error) -> ExitCode {
    hint(&mut error);
    if !error.use_stderr() || !wants_json() {
        let _ = error.print();
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    }
    let text = error.render().to_string();
    let failure = Failure::usage(on_one_line(&text));
    let mut out = io::stderr().lock();
    let _ = failure.print(ErrorFormat::Json, &mut out);
    let _ = out.flush();
    ExitCode::from(failure.kind.code())
}

/// Adds what is likely to be meant.
fn hint(error: &mut clap::Error) {
    let words: Vec<_> = std::env::args_os().collect();
    let misses_program = words.iter().any(|word| word == "exec") && !words.iter().any(|word| word == "--");
    if misses_program && matches!(error.kind(), ErrorKind::UnknownArgument | ErrorKind::MissingRequiredArgument) {
        let tip = "write the program after `--`: access-token exec PROFILE -- PROGRAM".into();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
}

/// What clap says, without the usage and the reference to the help.
fn on_one_line(text: &str) -> String {
    let said =
        text.lines().take_while(|line| !line.starts_with("Usage: ") && !line.starts_with("For more information"));
    let lines =
        said.map(str::trim).filter(|line| !line.is_empty()).map(|line| line.strip_prefix("error: ").unwrap_or(line));
    lines.fold(String::new(), |text, line| match line.strip_prefix("tip: ") {
        _ if text.is_empty() => line.to_owned(),
        Some(tip) => format!("{text}; {tip}"),
        None => format!("{text} {line}"),
    })
}

/// Whether errors are to be printed as JSON, on a command line that could not be parsed.
fn wants_json() -> bool {
    let words: Vec<_> = std::env::args_os().take_while(|word| word != "--").collect();
    words.iter().any(|word| word == "--errors=json")
        || words.windows(2).any(|pair| pair[0] == "--errors" && pair[1] == "json")
}
