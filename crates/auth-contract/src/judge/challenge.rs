//! Challenges of refused credentials: the header `WWW-Authenticate` (RFC 6749 section 5.2, RFC 7617 section 2).

use auth_transport::Challenge;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};

use crate::message::{Request, Response};

/// The defect of the challenges in a 401, with the RFC and section that require otherwise.
///
/// A client that sends its credentials in the header must be challenged for the scheme that it used. For credentials in
/// the form, no challenge is required.
pub(super) fn problem(request: &Request, response: &Response) -> Option<(&'static str, &'static str, &'static str)> {
    let lines: Vec<&[u8]> = response.headers.all("www-authenticate").collect();
    let headers: HeaderMap = lines
        .iter()
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .map(|line| (WWW_AUTHENTICATE, line))
        .collect();
    let challenges = Challenge::all(&headers);
    if let Some(used) = used_scheme(request) {
        if lines.is_empty() {
            return Some(("is missing", "RFC 6749", "5.2"));
        }
        if !challenges.iter().any(|challenge| challenge.scheme().eq_ignore_ascii_case(&used)) {
            return Some(("has no challenge for the scheme that the client used", "RFC 6749", "5.2"));
        }
    }
    let is_basic = |challenge: &&Challenge| challenge.scheme().eq_ignore_ascii_case("Basic");
    if challenges.iter().filter(is_basic).any(|challenge| challenge.parameter("realm").is_none()) {
        return Some(("has a challenge for `Basic` without a realm", "RFC 7617", "2"));
    }
    None
}

/// The scheme of the credentials in the header of a request.
fn used_scheme(request: &Request) -> Option<String> {
    let sent = request.headers.all("authorization").next()?;
    String::from_utf8_lossy(sent).split(' ').next().map(str::to_owned)
}
