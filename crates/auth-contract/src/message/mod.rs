//! HTTP/1.1 messages out of the bytes that went over a socket.
//!
//! Whatever the bytes are, reading them takes one pass, no recursion and no arithmetic that can overflow.

mod body;

use body::Framing;

/// The most bytes of a message that are kept and read: many times what any token needs.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;

/// The most header fields that a message is read with.
const MOST_FIELDS: usize = 100;

/// The most interim answers that are read before an answer.
const MOST_INTERIM: usize = 100;

/// Header fields in the order of their arrival, names in lower case.
#[derive(Clone, Default)]
pub(crate) struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    fn read(fields: &[httparse::Header<'_>]) -> Self {
        Self(fields.iter().map(|field| (field.name.to_ascii_lowercase(), field.value.to_vec())).collect())
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The values of one name.
    pub(crate) fn all(&self, name: &'static str) -> impl Iterator<Item = &[u8]> {
        self.iter().filter(move |(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The value of a name that may appear once, if it is text.
    pub(crate) fn text(&self, name: &'static str) -> Option<&str> {
        self.all(name).next().and_then(|value| std::str::from_utf8(value).ok()).map(str::trim)
    }
}

/// A request as it was sent.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// An answer as it was sent, without the interim answers before it and the trailers after it.
#[derive(Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// Why bytes are not a message. Holds none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("nothing was sent")]
    Nothing,
    #[error("the head is not HTTP/1.1")]
    Head,
    #[error("the head ends too early")]
    CutHead,
    #[error("the head has more than 100 fields")]
    Fields,
    #[error("more than 100 interim answers come first")]
    Interim,
    #[error("the head does not give one valid length of the body")]
    Framing,
    #[error("a chunk of the body is malformed")]
    Chunk,
    #[error("the trailers are malformed, or hold a field that belongs in the head")]
    Trailers,
    #[error("the body ends too early")]
    CutBody,
    #[error("bytes follow after the end of the body")]
    Surplus,
    #[error("the message is longer than 1 MiB")]
    TooLong,
}

impl Request {
    /// Reads one request and nothing after it.
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
            // A request that does not say how long its body is has none (RFC 9112 section 6.3).
            Framing::UntilClose => Framing::Length(0),
            framing => framing,
        };
        Ok(Self { method, target, headers, body: body::read(rest, framing)? })
    }
}

impl Response {
    /// Reads one answer and nothing after it; `bytes` end where the connection did.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::parse(bytes).map_err(|problem| if_kept_whole(bytes, problem))
    }

    /// The status of the answer, even if the rest of it cannot be read.
    pub(crate) fn status(bytes: &[u8]) -> Option<u16> {
        Self::final_head(bytes).ok().map(|(status, ..)| status)
    }

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let (status, headers, rest) = Self::final_head(bytes)?;
        let framing = match body::framing(&headers)? {
            // These have no body, whatever their head says (RFC 9112 section 6.3).
            _ if matches!(status, 204 | 304) => Framing::Length(0),
            framing => framing,
        };
        Ok(Self { status, headers, body: body::read(rest, framing)? })
    }

    /// The head that no interim answer has (RFC 9110 section 15.2), and what follows it.
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

/// A message of which only the first bytes are kept does not end too early; its end is not known.
fn if_kept_whole(bytes: &[u8], problem: Malformed) -> Malformed {
    match problem {
        Malformed::CutHead | Malformed::CutBody if bytes.len() >= MOST_BYTES => Malformed::TooLong,
        problem => problem,
    }
}

/// What follows a head that is complete.
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

/// True if every line of a head ends with CR and LF; readers may take LF alone, senders may not send it (RFC 9112 section 2.2).
fn ends_lines(head: &[u8]) -> bool {
    let (mut before, mut whole) = (b' ', true);
    for byte in head {
        whole &= (*byte == b'\n') == (before == b'\r');
        before = *byte;
    }
    whole
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
    fn what_is_not_a_message_is_reported_by_its_kind() {
        for (text, problem) in [
            ("", Malformed::Nothing),
            ("this is no HTTP\r\n\r\n", Malformed::Head),
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
