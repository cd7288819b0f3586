//! One request and its answer as they went over the socket.

use std::fmt;

/// What went over one connection, in clear text. It holds credentials; its `Debug` shows none.
#[derive(Clone, Default)]
pub struct Exchange {
    /// The address that the client was given, without a slash at the end.
    pub base_url: String,
    /// The query of that address, if it has one; the client has to send it as it is (RFC 6749 section 3.2).
    pub query: Option<String>,
    /// What the client sent.
    pub sent: Vec<u8>,
    /// What the server sent, up to the moment when the client was done.
    pub received: Vec<u8>,
}

impl Exchange {
    /// The path of the address that the client was given, which comes before the document's paths.
    pub(crate) fn base_path(&self) -> &str {
        let rest = self.base_url.split_once("//").map_or("", |(_, rest)| rest);
        rest.find('/').map_or("", |slash| &rest[slash..])
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base_url, query: _, sent, received } = self;
        let (sent, received) = (sent.len(), received.len());
        formatter
            .debug_struct("Exchange")
            .field("base_url", base_url)
            .field("sent", &sent)
            .field("received", &received)
            .finish_non_exhaustive()
    }
}
