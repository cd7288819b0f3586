//! The header fields of a message, and why bytes are not a message.

/// The most header fields that a message may have.
pub(super) const MOST_FIELDS: usize = 100;

/// Header fields in the order of their arrival, names in lower case.
#[derive(Clone, Default)]
pub(crate) struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    pub(super) fn read(fields: &[httparse::Header<'_>]) -> Self {
        Self(fields.iter().map(|field| (field.name.to_ascii_lowercase(), field.value.to_vec())).collect())
    }

    /// All fields.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The values of the fields with this name.
    pub(crate) fn all(&self, name: &'static str) -> impl Iterator<Item = &[u8]> {
        self.iter().filter(move |(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The value of a field that may occur only once, if it is text.
    pub(crate) fn text(&self, name: &'static str) -> Option<&str> {
        self.all(name).next().and_then(|value| std::str::from_utf8(value).ok()).map(str::trim)
    }
}

/// Why bytes are not a message. Contains none of them.
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
    #[error("more than 100 interim responses precede the final one")]
    Interim,
    #[error("the head does not state exactly one valid body length")]
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

/// True if every line of a head ends with CR LF. Readers may accept LF alone, but senders must not send it (RFC 9112
/// section 2.2).
pub(super) fn ends_lines(head: &[u8]) -> bool {
    let (mut before, mut whole) = (b' ', true);
    for byte in head {
        whole &= (*byte == b'\n') == (before == b'\r');
        before = *byte;
    }
    whole
}
