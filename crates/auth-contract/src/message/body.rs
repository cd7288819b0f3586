//! Determines the end of a message body (RFC 9112 sections 6.3 and 7.1).

use super::head::{Headers, MOST_FIELDS, Malformed, ends_lines};

/// Fields that are not allowed in trailers: readers need them before the body, or they control access to it (RFC 9110
/// section 6.5.1).
const NOT_IN_TRAILERS: [&str; 13] = [
    "authorization",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "host",
    "location",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "www-authenticate",
];

/// How the end of a body is determined.
#[derive(Clone, Copy)]
pub(super) enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

pub(super) fn framing(headers: &Headers) -> Result<Framing, Malformed> {
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

/// The body in `bytes`, which end at the end of the message.
pub(super) fn read(bytes: &[u8], framing: Framing) -> Result<Vec<u8>, Malformed> {
    match framing {
        Framing::UntilClose => Ok(bytes.to_vec()),
        Framing::Chunked => chunks(bytes),
        Framing::Length(length) if bytes.len() < length => Err(Malformed::CutBody),
        Framing::Length(length) if bytes.len() > length => Err(Malformed::Surplus),
        Framing::Length(_) => Ok(bytes.to_vec()),
    }
}

fn chunks(mut bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut body = Vec::new();
    loop {
        let (start, size) = match httparse::parse_chunk_size(bytes) {
            Ok(httparse::Status::Complete(found)) => found,
            Ok(httparse::Status::Partial) => return Err(Malformed::CutBody),
            Err(_) => return Err(Malformed::Chunk),
        };
        let rest = bytes.get(start..).ok_or(Malformed::CutBody)?;
        if size == 0 {
            return trailers(rest).map(|()| body);
        }
        // A chunk that does not fit into memory cannot have arrived completely.
        let size = usize::try_from(size).map_err(|_| Malformed::CutBody)?;
        let (data, rest) = rest.split_at_checked(size).ok_or(Malformed::CutBody)?;
        bytes = match rest {
            [b'\r', b'\n', rest @ ..] => rest,
            [] | [b'\r'] => return Err(Malformed::CutBody),
            _ => return Err(Malformed::Chunk),
        };
        body.extend_from_slice(data);
    }
}

/// Reads the trailers up to the final empty line; no bytes may follow. The fields are not checked.
fn trailers(bytes: &[u8]) -> Result<(), Malformed> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let (length, fields) = match httparse::parse_headers(bytes, &mut fields) {
        Ok(httparse::Status::Complete(found)) => found,
        Ok(httparse::Status::Partial) => return Err(Malformed::CutBody),
        Err(_) => return Err(Malformed::Trailers),
    };
    let is_misplaced =
        |field: &httparse::Header<'_>| NOT_IN_TRAILERS.iter().any(|name| field.name.eq_ignore_ascii_case(name));
    match bytes.split_at_checked(length) {
        Some((section, _)) if !ends_lines(section) || fields.iter().any(is_misplaced) => Err(Malformed::Trailers),
        Some((_, [])) => Ok(()),
        _ => Err(Malformed::Surplus),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_contain_no_field_of_the_head() {
        for (text, wanted) in [
            ("2\r\n{}\r\n0\r\n\r\n", Ok("{}")),
            ("0\r\n\r\n", Ok("")),
            ("0\r\na: b\r\nServer-Timing: c\r\n\r\n", Ok("")),
            ("0;a=b\r\na:\r\n\r\n", Ok("")),
            ("0\r\na: b\r\n", Err(Malformed::CutBody)),
            ("0\r\na: b", Err(Malformed::CutBody)),
            ("0\r\na: b\n\n", Err(Malformed::Trailers)),
            ("0\r\nContent-Length: 0\r\n\r\n", Err(Malformed::Trailers)),
            ("0\r\nSET-COOKIE: a=b\r\n\r\n", Err(Malformed::Trailers)),
            ("0\r\n: b\r\n\r\n", Err(Malformed::Trailers)),
            ("0\r\na: b\r\n\r\nc", Err(Malformed::Surplus)),
            ("2\r\n{}", Err(Malformed::CutBody)),
            ("2\r\n{}\r", Err(Malformed::CutBody)),
            ("2\r\n{}\n\r", Err(Malformed::Chunk)),
            ("ffffffffffffffff\r\n{}", Err(Malformed::CutBody)),
            ("fffffffffffffffe\r\n{}", Err(Malformed::CutBody)),
            ("7fffffffffffffff\r\n{}", Err(Malformed::CutBody)),
            ("10000000000000000\r\n{}", Err(Malformed::Chunk)),
            ("-1\r\n{}", Err(Malformed::Chunk)),
        ] {
            assert_eq!(chunks(text.as_bytes()), wanted.map(|body| body.as_bytes().to_vec()), "{text:?}");
        }
    }

    #[test]
    fn more_trailers_than_are_read_are_malformed() {
        let text = |count| format!("0\r\n{}\r\n", "a: b\r\n".repeat(count));
        assert_eq!(chunks(text(MOST_FIELDS).as_bytes()), Ok(Vec::new()));
        assert_eq!(chunks(text(MOST_FIELDS + 1).as_bytes()), Err(Malformed::Trailers));
    }
}
