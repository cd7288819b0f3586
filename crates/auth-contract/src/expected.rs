//! The response that a case must get.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// The response that a case must get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// A token, with status 200 (RFC 6749 section 5.1).
    Token,
    /// A refusal with this status.
    Refusal(u16),
    /// The refusal of credentials that were sent in the form: 401, or 400 with the code `invalid_client`. RFC 6749 section 5.2
    /// requires 401 only for credentials in the `Authorization` header.
    RefusedForm,
}

impl Expected {
    /// The statuses that the response may have.
    #[must_use]
    pub fn statuses(self) -> Vec<u16> {
        match self {
            Self::Token => vec![200],
            Self::Refusal(status) => vec![status],
            Self::RefusedForm => vec![400, 401],
        }
    }

    /// True if a response may have this status.
    pub(crate) fn has(self, status: u16) -> bool {
        self.statuses().contains(&status)
    }

    /// True if a response with this status and body must have the code `invalid_client` and lacks it.
    pub(crate) fn lacks_code(self, status: u16, body: &Value) -> bool {
        self == Self::RefusedForm && status == 400 && body["error"] != "invalid_client"
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let statuses: Vec<String> = self.statuses().iter().map(u16::to_string).collect();
        formatter.write_str(&statuses.join(" or "))
    }
}

/// Serializes as the list of its statuses.
impl Serialize for Expected {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.statuses())
    }
}
