//! HTTP/1.1 messages out of the bytes that went over a socket.

use std::fmt;

/// The most header fields that a message is read with.
const MOST_HEADERS: usize = 100;

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

    /// The value of a name that may stand once, if it is text.
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

/// An answer as it was sent; interim answers before it are left out.
#[derive(Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// Why bytes are no message. Holds none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    Nothing,
    Head,
    CutHead,
    Framing,
    CutBody,
    Surplus,
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Nothing => "nothing was sent",
            Self::Head => "the head is no HTTP/1.1",
            Self::CutHead => "the head ends too early",
            Self::Framing => "the head does not say in one voice how long the body is",
            Self::CutBody => "the body ends too early",
            Self::Surplus => "bytes follow after the end of the body",
        })
    }
}

impl Request {
    /// Reads one request and nothing after it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut fields = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut head = httparse::Request::new(&mut fields);
        let length = complete(bytes, head.parse(bytes))?;
        let (method, target) = (head.method.unwrap_or_default().to_owned(), head.path.unwrap_or_default().to_owned());
        let headers = Headers::read(head.headers);
        let body = match framing(&headers)? {
            Framing::UntilClose => exactly(&bytes[length..], 0)?,
            framing => body(&bytes[length..], framing)?,
        };
        Ok(Self { method, target, headers, body })
    }
}

impl Response {
    /// Reads one answer and nothing after it; `bytes` end where the connection did.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut fields = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut head = httparse::Response::new(&mut fields);
        let length = complete(bytes, head.parse(bytes))?;
        let status = head.code.unwrap_or_default();
        if (100..200).contains(&status) {
            return Self::read(&bytes[length..]);
        }
        let headers = Headers::read(head.headers);
        let framing = framing(&headers)?;
        let body =
            if matches!(status, 204 | 304) { exactly(&bytes[length..], 0)? } else { body(&bytes[length..], framing)? };
        Ok(Self { status, headers, body })
    }
}

fn complete(bytes: &[u8], parsed: httparse::Result<usize>) -> Result<usize, Malformed> {
    match parsed {
        Ok(httparse::Status::Complete(length)) => Ok(length),
        Ok(httparse::Status::Partial) if bytes.is_empty() => Err(Malformed::Nothing),
        Ok(httparse::Status::Partial) => Err(Malformed::CutHead),
        Err(_) => Err(Malformed::Head),
    }
}

/// How a body says where it ends (RFC 9112 section 6.3).
#[derive(Clone, Copy)]
enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

fn framing(headers: &Headers) -> Result<Framing, Malformed> {
    let lengths: Vec<&[u8]> = headers.all("content-length").collect();
    let codings: Vec<&[u8]> = headers.all("transfer-encoding").collect();
    match (&lengths[..], &codings[..]) {
        ([], []) => Ok(Framing::UntilClose),
        ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
        ([length], []) if !length.is_empty() && length.iter().all(u8::is_ascii_digit) => {
            let length = std::str::from_utf8(length).ok().and_then(|text| text.parse().ok());
            length.map(Framing::Length).ok_or(Malformed::Framing)
        }
        _ => Err(Malformed::Framing),
    }
}

fn body(bytes: &[u8], framing: Framing) -> Result<Vec<u8>, Malformed> {
    match framing {
        Framing::Length(length) => exactly(bytes, length),
        Framing::Chunked => chunks(bytes),
        Framing::UntilClose => Ok(bytes.to_vec()),
    }
}

fn exactly(bytes: &[u8], length: usize) -> Result<Vec<u8>, Malformed> {
    match bytes.len() {
        found if found < length => Err(Malformed::CutBody),
        found if found > length => Err(Malformed::Surplus),
        _ => Ok(bytes.to_vec()),
    }
}

fn chunks(mut bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut body = Vec::new();
    loop {
        let (start, size) = match httparse::parse_chunk_size(bytes) {
            Ok(httparse::Status::Complete(found)) => found,
            Ok(httparse::Status::Partial) => return Err(Malformed::CutBody),
            Err(_) => return Err(Malformed::Framing),
        };
        let size = usize::try_from(size).map_err(|_| Malformed::Framing)?;
        let chunk = bytes.get(start..).unwrap_or_default();
        if size == 0 {
            // Trailers would be fields that no document mentions; none of the servers here sends any.
            return match chunk {
                b"\r\n" => Ok(body),
                chunk if b"\r\n".starts_with(chunk) => Err(Malformed::CutBody),
                _ => Err(Malformed::Surplus),
            };
        }
        let (Some(data), Some(end)) = (chunk.get(..size), chunk.get(size..size + 2)) else {
            return Err(Malformed::CutBody);
        };
        if end != b"\r\n" {
            return Err(Malformed::Framing);
        }
        body.extend_from_slice(data);
        bytes = &chunk[size + 2..];
    }
}

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
    fn what_is_no_message_is_told_by_its_kind() {
        for (text, problem) in [
            ("", Malformed::Nothing),
            ("this is no HTTP\r\n\r\n", Malformed::Head),
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
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n", Malformed::Framing),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n{}\r\n0\r\n\r\n", Malformed::Framing),
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
