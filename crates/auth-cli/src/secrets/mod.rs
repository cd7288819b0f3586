//! Where secrets come from: never the command line.

pub(crate) mod command;
pub(crate) mod keyring;
pub(crate) mod reference;
