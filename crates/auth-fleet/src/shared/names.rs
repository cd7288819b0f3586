//! The names of entries.

use auth_core::{EndpointIdentity, Scope};

use crate::keys::ring::{KeyRing, Purpose};
use crate::store::name::Name;

/// The names of the entries for one scope.
pub(crate) struct Names {
    pub(crate) token: Name,
    pub(crate) failure: Name,
    pub(crate) suspension: Name,
}

impl Names {
    pub(crate) fn of(ring: &KeyRing, identity: &EndpointIdentity, scope: &Scope) -> Self {
        Self {
            token: ring.name(Purpose::Token, identity, scope),
            failure: ring.name(Purpose::Failure, identity, scope),
            suspension: ring.name(Purpose::Suspension, identity, &Scope::empty()),
        }
    }
}
