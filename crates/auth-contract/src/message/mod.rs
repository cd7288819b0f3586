//! Parses HTTP/1.1 messages from the bytes on a socket.
//!
//! For any bytes, parsing takes one pass, without recursion and without arithmetic that can overflow.

mod body;
mod head;

use body::Framing;
use head::{MOST_FIELDS, ends_lines};

pub(crate) use head::{Headers, Malformed};

/// The most bytes of a message that are kept and parsed, much more than any token response needs.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;

/// The most interim responses that are read before the final one.
const MOST_INTERIM: usize = 100;

/// A request as it was sent.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// A response as it was sent, without interim responses and trailers.
#[derive(Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Parses exactly one request.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::parse(bytes).map_err(|problem| if_kept_whole(bytes, problem))
    }

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
        let mut head = httparse::Request::new(&mut fields);
        let rest = after_head(bytes, head.parse(bytes))?;
        let (method, target) = (head.method.unwrap_or_default().to_owned(), head.path.unwrap_or_default().to_owned());
        let headers = Headers::read(head.headers);
        let framing = match body::framing(&headers)? {
            // A request without a declared body length has no body (RFC 9112 section 6.3).
            Framing::UntilClose => Framing::Length(0),
            framing => framing,
        };
        Ok(Self { method, target, headers, body: body::read(rest, framing)? })
    }
}

impl Response {
    /// Parses exactly one response; `bytes` end at the end of the connection.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::parse(bytes).map_err(|problem| if_kept_whole(bytes, problem))
    }

    /// The status of the response, even if the rest is malformed.
    pub(crate) fn status(bytes: &[u8]) -> Option<u16> {
        Self::final_head(bytes).ok().map(|(status, ..)| status)
    }

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let (status, headers, rest) = Self::final_head(bytes)?;
        let framing = match body::framing(&headers)? {
            // Responses with these statuses have no body, even if the head declares one (RFC 9112 section 6.3).
            _ if matches!(status, 204 | 304) => Framing::Length(0),
            framing => framing,
        };
        Ok(Self { status, headers, body: body::read(rest, framing)? })
    }

    /// The first head that is not of an interim response (RFC 9110 section 15.2), and the bytes after it.
    fn final_head(mut bytes: &[u8]) -> Result<(u16, Headers, &[u8]), Malformed> {
        for _ in 0..=MOST_INTERIM {
            let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
            let mut head = httparse::Response::new(&mut fields);
            let rest = after_head(bytes, head.parse(bytes))?;
            let status = head.code.unwrap_or_default();
            if !(100..200).contains(&status) {
                return Ok((status, Headers::read(head.headers), rest));
            }
            bytes = rest;
        }
        Err(Malformed::Interim)
    }
}

/// If only the first bytes of a message are kept, it is not truncated: its end is unknown.
fn if_kept_whole(bytes: &[u8], problem: Malformed) -> Malformed {
    match problem {
        Malformed::CutHead | Malformed::CutBody if bytes.len() >= MOST_BYTES => Malformed::TooLong,
        problem => problem,
    }
}

/// The bytes after a complete head.
fn after_head(bytes: &[u8], parsed: httparse::Result<usize>) -> Result<&[u8], Malformed> {
    match parsed {
        Ok(httparse::Status::Complete(length)) => {
            let parts = bytes.split_at_checked(length).filter(|(head, _)| ends_lines(head));
            parts.map(|(_, rest)| rest).ok_or(Malformed::Head)
        }
        Ok(httparse::Status::Partial) if bytes.is_empty() => Err(Malformed::Nothing),
        Ok(httparse::Status::Partial) => Err(Malformed::CutHead),
        Err(httparse::Error::TooManyHeaders) => Err(Malformed::Fields),
        Err(_) => Err(Malformed::Head),
    }
}

#[cfg(test)]
mod mutated;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_in_every_framing() {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;a=b\r\n}\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\n{}",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        ] {
            let response = Response::read(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((response.status, response.body.as_slice()), (200, &b"{}"[..]), "{text}");
        }
        assert!(Response::read(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap().body.is_empty());
    }

    #[test]
    fn malformed_messages_are_reported_by_kind() {
        for (text, problem) in [
            ("", Malformed::Nothing),
            ("this is not HTTP\r\n\r\n", Malformed::Head),
            ("HTTP/1.1 200 OK\ncontent-length: 2\r\n\r\n{}", Malformed::Head),
            ("HTTP/1.1 200 OK\r\ncontent-le", Malformed::CutHead),
            ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} ", Malformed::Framing),
            ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}", Malformed::Framing),
            ("HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\n{}", Malformed::Framing),
            ("HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}", Malformed::Framing),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n{}", Malformed::Framing),
            ("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}", Malformed::CutBody),
            ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{}", Malformed::Surplus),
            ("HTTP/1.1 204 No Content\r\n\r\n{}", Malformed::Surplus),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{", Malformed::CutBody),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", Malformed::CutBody),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", Malformed::CutBody),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n", Malformed::Chunk),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n{}\r\n0\r\n\r\n", Malformed::Chunk),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{}", Malformed::Surplus),
        ] {
            assert_eq!(Response::read(text.as_bytes()).err(), Some(problem), "{text}");
        }
    }

    #[test]
    fn a_request_has_the_body_that_it_announces_and_no_other() {
        let request = Request::read(b"POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b").unwrap();
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/a?b"));
        assert_eq!((request.headers.text("host"), request.body.as_slice()), (Some("x"), &b"a=b"[..]));
        assert_eq!(Request::read(b"POST /a HTTP/1.1\r\n\r\na=b").err(), Some(Malformed::Surplus));
    }
}
