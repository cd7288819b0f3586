//! Timestamps in the format of the vendors.

use chrono::{SecondsFormat, Utc};

/// The current time in the format of RFC 3339, in UTC with milliseconds.
pub(crate) fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}
