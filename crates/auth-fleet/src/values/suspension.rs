//! What suspends the requests of a client: a `Retry-After`, or refused credentials.

use std::time::Duration;

use auth_core::TokenError;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::values::failure::Failure;
use crate::values::text;

/// The suspension after the first refusal of the credentials; it doubles with each further refusal.
const FIRST_REFUSAL: Duration = Duration::from_secs(1);

/// The longest suspension after a refusal of the credentials.
const LONGEST_REFUSAL: Duration = Duration::from_secs(60);

#[derive(Deserialize, Serialize)]
struct Suspension<'text> {
    #[serde(borrow)]
    failure: Failure<'text>,
    /// Refusals of the credentials in a row.
    refusals: u32,
    /// Milliseconds for which the entry is kept after the end of the suspension, to count the refusals.
    kept: u64,
}

/// A suspension that was read.
pub(crate) struct Suspended {
    /// The error because of which requests are suspended; `None` if they are no longer.
    pub(crate) error: Option<TokenError>,
    /// Refusals of the credentials in a row.
    pub(crate) refusals: u32,
}

/// A suspension to publish.
pub(crate) struct Published {
    pub(crate) text: Zeroizing<Vec<u8>>,
    /// How long its entry lives.
    pub(crate) lifetime: Duration,
}

/// True if this error suspends all requests of the client.
pub(crate) fn is_caused_by(error: &TokenError) -> bool {
    match error.retry_after() {
        Some(retry_after) => !retry_after.is_zero(),
        None => error.refuses_credentials(),
    }
}

/// The suspension that this error causes after so many refusals in a row. A `Retry-After` is limited to `longest`.
pub(crate) fn write(error: &TokenError, refusals: u32, longest: Duration) -> Option<Published> {
    let failure = Failure::of(error)?;
    let (length, kept, refusals) = match error.retry_after() {
        Some(retry_after) => (retry_after.min(longest), Duration::ZERO, 0),
        None => {
            let length = FIRST_REFUSAL.saturating_mul(1 << refusals.min(10)).min(LONGEST_REFUSAL);
            // The next refusal comes soon after the end of the suspension.
            (length, LONGEST_REFUSAL, refusals.saturating_add(1))
        }
    };
    let kept_millis = u64::try_from(kept.as_millis()).ok()?;
    let text = text(&Suspension { failure, refusals, kept: kept_millis }, 0)?;
    Some(Published { text, lifetime: length + kept })
}

/// The suspension in a text whose entry has this time left.
pub(crate) fn read(text: &[u8], remaining: Duration) -> Option<Suspended> {
    let suspension: Suspension<'_> = serde_json::from_slice(text).ok()?;
    let left = remaining.saturating_sub(Duration::from_millis(suspension.kept));
    let error = (!left.is_zero()).then(|| suspension.failure.error(Some(left)));
    Some(Suspended { error, refusals: suspension.refusals })
}

#[cfg(test)]
mod tests {
    use auth_core::{ErrorCode, Refused};

    use super::*;

    const LONGEST: Duration = Duration::from_secs(300);

    fn asked_to_wait(seconds: u64) -> TokenError {
        let mut refused = Refused::new(429, None);
        refused.retry_after = Some(Duration::from_secs(seconds));
        TokenError::Refused(refused)
    }

    fn refused() -> TokenError {
        TokenError::Refused(Refused::new(401, Some(ErrorCode::InvalidClient)))
    }

    #[test]
    fn a_retry_after_lasts_as_long_as_its_entry() {
        for (asked, lifetime) in [(7, 7), (300, 300), (301, 300), (u64::MAX, 300)] {
            let published = write(&asked_to_wait(asked), 3, LONGEST).unwrap();
            assert_eq!(published.lifetime, Duration::from_secs(lifetime), "{asked}");
            let left = Duration::from_secs(5);
            let found = read(&published.text, left).unwrap();
            assert_eq!(found.error.unwrap().retry_after(), Some(left), "the rest of it");
            assert_eq!(found.refusals, 0);
            assert!(read(&published.text, Duration::ZERO).unwrap().error.is_none());
        }
    }

    #[test]
    fn refusals_suspend_requests_for_longer_each_time() {
        let mut refusals = 0;
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            let published = write(&refused(), refusals, LONGEST).unwrap();
            let length = published.lifetime - LONGEST_REFUSAL;
            assert_eq!(length, Duration::from_secs(seconds));
            let found = read(&published.text, published.lifetime).unwrap();
            assert!(found.error.unwrap().refuses_credentials());
            let after = read(&published.text, published.lifetime - length).unwrap();
            assert!(after.error.is_none(), "it is over, but the refusals count");
            refusals = after.refusals;
        }
        assert_eq!(refusals, 8);
    }

    #[test]
    fn only_refused_credentials_and_a_retry_after_suspend_requests() {
        for (error, suspends) in [
            (refused(), true),
            (asked_to_wait(1), true),
            (asked_to_wait(0), false),
            (TokenError::Refused(Refused::new(429, None)), false),
            (TokenError::Refused(Refused::new(403, None)), false),
            (TokenError::ExpiredOnArrival, false),
        ] {
            assert_eq!(is_caused_by(&error), suspends, "{error}");
        }
    }
}
