//! Parameters that need more than a text: lists, objects and JSON, in the query, the path, headers and cookies.

use http::header::COOKIE;
use http::{HeaderName, HeaderValue};
use serde::Serialize;

use super::json::{invalid, json};
use super::style::{ParameterStyle, cookies, header, pairs, percent, reserved, segment};
use crate::refusal::NO_SEGMENT;

/// A parameter of an operation, with its style. Generated methods use it.
///
/// The value is any type that serializes to a scalar, a list or an object. `null`, an empty list and an empty object are left
/// out (RFC 6570 section 2.3).
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    name: &'static str,
    style: ParameterStyle,
    explode: bool,
    reserved: bool,
}

#[allow(clippy::result_large_err, reason = "generated methods return the generator's own error")]
impl Parameter {
    /// A parameter with this name and style, not exploded.
    #[must_use]
    pub const fn new(name: &'static str, style: ParameterStyle) -> Self {
        Self { name, style, explode: false, reserved: false }
    }

    /// Sends each item of a list, and each member of an object, on its own (`explode: true`).
    #[must_use]
    pub const fn exploded(mut self) -> Self {
        self.explode = true;
        self
    }

    /// Does not encode reserved characters in the query (`allowReserved: true`), except for `[]#&=+`, which would end the value or
    /// mean something else. Text that is percent-encoded stays as it is.
    #[must_use]
    pub const fn with_reserved(mut self) -> Self {
        self.reserved = true;
        self
    }

    /// Adds the parameter to the query of `request`.
    ///
    /// # Errors
    /// An invalid request if the value cannot be serialized.
    pub fn add_to_query<E>(
        &self,
        request: &mut reqwest::Request,
        value: &(impl Serialize + ?Sized),
    ) -> Result<(), progenitor_client::Error<E>> {
        let encode = if self.reserved { reserved } else { percent };
        let pairs = pairs(self.style, self.explode, self.name, &json(value)?, encode);
        if pairs.is_empty() {
            return Ok(());
        }
        let earlier = request.url().query().filter(|query| !query.is_empty());
        let query = earlier.into_iter().chain(pairs.iter().map(String::as_str)).collect::<Vec<_>>().join("&");
        request.url_mut().set_query(Some(&query));
        Ok(())
    }

    /// Adds the parameter to the headers of `request`.
    ///
    /// # Errors
    /// An invalid request if the value cannot be serialized, or contains a character that no header may contain.
    pub fn add_to_headers<E>(
        &self,
        request: &mut reqwest::Request,
        value: &(impl Serialize + ?Sized),
    ) -> Result<(), progenitor_client::Error<E>> {
        let Some(text) = header(self.style, self.explode, &json(value)?) else { return Ok(()) };
        let name = HeaderName::from_bytes(self.name.as_bytes()).map_err(|_| invalid("not the name of a header"))?;
        request.headers_mut().append(name, HeaderValue::try_from(text)?);
        Ok(())
    }

    /// Adds the parameter to the `Cookie` header of `request`. Characters that are not allowed in a cookie are percent-encoded.
    ///
    /// # Errors
    /// An invalid request if the value cannot be serialized.
    pub fn add_to_cookies<E>(
        &self,
        request: &mut reqwest::Request,
        value: &(impl Serialize + ?Sized),
    ) -> Result<(), progenitor_client::Error<E>> {
        let pairs = cookies(self.style, self.explode, self.name, &json(value)?).join("; ");
        if !pairs.is_empty() {
            add_cookie(request.headers_mut(), HeaderValue::try_from(pairs)?);
        }
        Ok(())
    }

    /// The parameter as a segment of a path.
    ///
    /// # Errors
    /// An invalid request if the value cannot be serialized, or if the segment is empty, `.` or `..`, as in
    /// [`path_segment`](crate::path_segment).
    pub fn segment<E>(&self, value: &(impl Serialize + ?Sized)) -> Result<String, progenitor_client::Error<E>> {
        let segment = segment(self.style, self.explode, self.name, &json(value)?);
        if matches!(segment.as_str(), "" | "." | "..") {
            return Err(invalid(NO_SEGMENT));
        }
        Ok(segment)
    }
}

/// Encodes a text as a value in a query that is part of a path: everything except the unreserved characters of RFC 3986 is
/// percent-encoded. Generated methods call it.
#[must_use]
pub fn query_value(text: &str) -> String {
    percent(text)
}

/// Adds cookies to those that the request has; a request has one `Cookie` header (RFC 6265 section 5.4).
pub(crate) fn add_cookie(headers: &mut http::HeaderMap, cookie: HeaderValue) {
    let all = match headers.get(COOKIE) {
        None => Ok(cookie),
        Some(earlier) => {
            let joined = [earlier.as_bytes(), b"; ", cookie.as_bytes()].concat();
            HeaderValue::from_maybe_shared(bytes::Bytes::from_owner(zeroize::Zeroizing::new(joined))).map(
                |mut joined| {
                    joined.set_sensitive(earlier.is_sensitive() || cookie.is_sensitive());
                    joined
                },
            )
        }
    };
    if let Ok(all) = all {
        headers.insert(COOKIE, all);
    }
}

#[cfg(test)]
mod tests {
    use ParameterStyle::{DeepObject, Form, Json, Label, Simple};

    use super::*;

    fn request() -> reqwest::Request {
        reqwest::Request::new(reqwest::Method::GET, "https://a.example/b?c=d".parse().unwrap())
    }

    #[test]
    fn the_query_keeps_what_it_has() {
        let mut request = request();
        Parameter::new("ids", Form).add_to_query::<()>(&mut request, &[1, 2]).unwrap();
        Parameter::new("none", Form).add_to_query::<()>(&mut request, &None::<&str>).unwrap();
        let filter = std::collections::BTreeMap::from([("a", 1), ("b", 2)]);
        Parameter::new("f", DeepObject).exploded().add_to_query::<()>(&mut request, &Some(&filter)).unwrap();
        Parameter::new("to", Form).with_reserved().add_to_query::<()>(&mut request, "/x?y").unwrap();
        assert_eq!(request.url().query(), Some("c=d&ids=1,2&f%5Ba%5D=1&f%5Bb%5D=2&to=/x?y"));
    }

    #[test]
    fn all_cookies_are_in_one_header() {
        let mut request = request();
        let mut key = HeaderValue::from_static("key=k3y");
        key.set_sensitive(true);
        add_cookie(request.headers_mut(), key);
        Parameter::new("a", Form).exploded().add_to_cookies::<()>(&mut request, &["b", "c d"]).unwrap();
        Parameter::new("json", Json).add_to_cookies::<()>(&mut request, &[1, 2]).unwrap();
        let cookies = request.headers().get_all(COOKIE).iter().collect::<Vec<_>>();
        assert_eq!(cookies, ["key=k3y; a=b; a=c%20d; json=[1%2C2]"]);
        assert!(cookies[0].is_sensitive());
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_refused() {
        let mut request = request();
        Parameter::new("X-Ids", Simple).add_to_headers::<()>(&mut request, &["a", "b"]).unwrap();
        assert_eq!(request.headers()["x-ids"], "a,b");
        let error = Parameter::new("X-Ids", Simple).add_to_headers::<()>(&mut request, &["a\r\nb"]).unwrap_err();
        assert!(error.to_string().contains("header"), "{error}");
    }

    #[test]
    fn a_segment_that_is_a_step_is_refused() {
        assert_eq!(Parameter::new("a", Label).segment::<()>(&["x"]).unwrap(), ".x");
        for value in ["", "."] {
            assert!(Parameter::new("a", Label).segment::<()>(value).is_err(), "{value}");
        }
        assert!(Parameter::new("a", Simple).segment::<()>("..").is_err());
        assert!(Parameter::new("a", Simple).segment::<()>(&[0_i32; 0]).is_err());
    }
}
