//! One request and its response as recorded on the socket.

use std::fmt;

/// The traffic of one connection in clear text. It holds credentials; its `Debug` shows none.
#[derive(Clone, Default)]
pub struct Exchange {
    /// The URL that the client was configured with, without a trailing slash.
    pub base_url: String,
    /// The query of that URL, if it has one; the client must send it unchanged (RFC 6749 section 3.2).
    pub query: Option<String>,
    /// What the client sent.
    pub sent: Vec<u8>,
    /// The bytes that the server sent until the client closed the connection.
    pub received: Vec<u8>,
}

impl Exchange {
    /// The path of the base URL, which precedes the document's paths.
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
