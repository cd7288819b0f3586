//! The credentials of a client.

use crate::config::secret::{name, secret};
use crate::config::table::Table;
use crate::failure::Failure;
use crate::secrets::reference::{Lines, SecretReference};

/// The credentials of a client.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: SecretReference,
    pub(crate) secret: SecretReference,
}

impl Client {
    pub(super) fn secrets(&self) -> [(&'static str, &SecretReference); 2] {
        [("client_id", &self.id), ("client_secret", &self.secret)]
    }

    pub(super) fn read(table: &mut Table) -> Result<Self, Failure> {
        Ok(Self { id: name(table.need("client_id")?)?, secret: secret(table.need("client_secret")?, Lines::One)? })
    }
}
