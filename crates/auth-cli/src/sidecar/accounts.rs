//! Users and groups of this system.

use nix::unistd::{Group, User};

use crate::config::table::Value;
use crate::failure::Failure;

/// The number of a user, which the configuration names by its name or its number.
///
/// # Errors
/// That there is none of this name.
pub(super) fn user(value: &Value) -> Result<u32, Failure> {
    number("user", value, |name| Ok(User::from_name(name)?.map(|user| user.uid.as_raw())))
}

/// The number of a group, which the configuration names by its name or its number.
///
/// # Errors
/// That there is none of this name.
pub(super) fn group(value: &Value) -> Result<u32, Failure> {
    number("group", value, |name| Ok(Group::from_name(name)?.map(|group| group.gid.as_raw())))
}

fn number(kind: &str, value: &Value, look_up: impl FnOnce(&str) -> nix::Result<Option<u32>>) -> Result<u32, Failure> {
    if !value.is_text() {
        return u32::try_from(value.number()?).map_err(|_| value.failure(format_args!("is no number of a {kind}")));
    }
    match look_up(value.text()?) {
        Ok(Some(number)) => Ok(number),
        Ok(None) => {
            Err(value.failure(format_args!("this system has no such {kind}; write a name that it has, or a number")))
        }
        Err(error) => Err(value.failure(format_args!("the {kind} cannot be looked up: {error}; write its number"))),
    }
}
