//! The content coding of an answer.

use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// The names that may be shown: all that are registered (<https://www.iana.org/assignments/http-parameters>). Any other is
/// whatever the server likes to put there.
const CODINGS: &[&str] = &[
    "aes128gcm",
    "br",
    "compress",
    "dcb",
    "dcz",
    "deflate",
    "exi",
    "gzip",
    "pack200-gzip",
    "x-compress",
    "x-gzip",
    "zstd",
];

/// The first coding but `identity` that an answer with these headers is in (RFC 9110 section 8.4), if there is any:
/// its name, if that is a registered one.
pub(crate) fn of(headers: &HeaderMap) -> Option<Option<&'static str>> {
    let lines = headers.get_all(CONTENT_ENCODING).into_iter();
    let mut names = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let name = names.find(|name| !name.is_empty() && !name.eq_ignore_ascii_case(b"identity"))?;
    Some(CODINGS.iter().copied().find(|coding| coding.as_bytes().eq_ignore_ascii_case(name)))
}
