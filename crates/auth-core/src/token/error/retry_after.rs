//! Reads the header `Retry-After`.

use std::time::{Duration, SystemTime};

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};

/// The time to wait according to `Retry-After`, for a status with which this header is defined.
///
/// Accepts seconds, or a date in one of the three forms of RFC 9110 section 5.6.7; a date in the past is zero. Anything
/// else is ignored.
pub(crate) fn retry_after(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    if !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return None;
    }
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that does not fit into `u64` is a very long time, which the caller limits.
        return (!text.is_empty()).then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn seconds_and_all_forms_of_dates_are_understood() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let read = |status: u16, text: &[u8]| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_bytes(text).unwrap())]);
            retry_after(StatusCode::from_u16(status).unwrap(), &headers, now)
        };
        for (text, seconds) in [
            ("120", 120),
            (" 7 ", 7),
            ("0", 0),
            ("86400", 86_400),
            ("99999999999999999999999", u64::MAX),
            ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
            ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
            ("Sun Nov  6 08:50:37 1994", 60),
            ("Sun, 06 Nov 1994 08:49:36 GMT", 0),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ] {
            for status in [429, 503] {
                assert_eq!(read(status, text.as_bytes()), Some(Duration::from_secs(seconds)), "{text}");
            }
            assert_eq!(read(500, text.as_bytes()), None, "{text}");
        }
        for text in [&b""[..], b"soon", b"-1", b"1.5", b"1e3", b"0x10", b"12 s", b"1994-11-06T08:50:37Z", b"\xff"] {
            assert_eq!(read(429, text), None, "{text:?}");
        }
        assert_eq!(retry_after(StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new(), now), None);
    }
}
