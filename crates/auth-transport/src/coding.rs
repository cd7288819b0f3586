//! The content coding of a response.

use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// The codings that may be shown: the registered ones (<https://www.iana.org/assignments/http-parameters>). Any other
/// name could be arbitrary text of the server.
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

/// The first coding other than `identity` in these headers (RFC 9110 section 8.4), if there is one. The inner value is
/// its name, or `None` if the name is not registered.
pub(crate) fn of(headers: &HeaderMap) -> Option<Option<&'static str>> {
    let lines = headers.get_all(CONTENT_ENCODING).into_iter();
    let mut names = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let name = names.find(|name| !name.is_empty() && !name.eq_ignore_ascii_case(b"identity"))?;
    Some(CODINGS.iter().copied().find(|coding| coding.as_bytes().eq_ignore_ascii_case(name)))
}
