//! The commands, one file each. `request` gets a token for those that need one, `format` prints it.

mod format;
pub(crate) mod get;
pub(crate) mod logout;
mod request;
mod runtime;
mod variable;
