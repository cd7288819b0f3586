//! Secrets of the configuration.

use crate::config::table::Value;
use crate::failure::Failure;
use crate::secrets::command::{SecretCommand, TIMEOUT};
use crate::secrets::reference::{Lines, SecretReference};

/// A secret: a text, or a table that says where it is.
pub(super) fn secret(value: Value, lines: Lines) -> Result<SecretReference, Failure> {
    if value.is_text() { Ok(SecretReference::Text(value.secret()?)) } else { reference(value, lines) }
}

/// The same for what is not secret, such as a client id, and therefore may be read by others.
pub(super) fn name(value: Value) -> Result<SecretReference, Failure> {
    if value.is_text() { Ok(SecretReference::Text(value.text()?.into())) } else { reference(value, Lines::One) }
}

fn reference(value: Value, lines: Lines) -> Result<SecretReference, Failure> {
    let whole = value.clone();
    let one = || whole.failure("must be a text, or a table with one of `file`, `variable`, `command` and `keyring`");
    let mut table = value.table().map_err(|_| one())?;
    let fields = ["file", "variable", "command", "keyring"].map(|name| table.take(name));
    let reference = match fields {
        [Some(file), None, None, None] => {
            let readable = table.take("readable_by_others").map(|value| value.boolean()).transpose()?;
            SecretReference::file(file.path()?, lines, readable.unwrap_or(false))
        }
        [None, Some(variable), None, None] => SecretReference::variable(variable.text()?.to_owned(), lines),
        [None, None, Some(command), None] => {
            let mut words = command.texts()?.into_iter();
            let program = words.next().ok_or_else(|| command.failure("names no program"))?;
            let timeout = table.take("timeout").map(|value| value.positive_duration()).transpose()?;
            SecretReference::Command(SecretCommand::new(program, words.collect(), timeout.unwrap_or(TIMEOUT)), lines)
        }
        [None, None, None, Some(keyring)] => SecretReference::Keyring(keyring.text()?.to_owned(), lines),
        // An unknown field says more than that there is not exactly one of these.
        _ => {
            table.finish()?;
            return Err(one());
        }
    };
    table.finish()?;
    Ok(reference)
}
