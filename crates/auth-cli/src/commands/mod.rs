//! The commands, one file each. `request` gets a token for those that need one, `format` prints it.

mod body;
pub(crate) mod call;
pub(crate) mod doctor;
pub(crate) mod documents;
pub(crate) mod exec;
mod format;
pub(crate) mod get;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod logout;
mod request;
mod runtime;
mod source;
mod variable;
