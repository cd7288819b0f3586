use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};

use crate::Raw;

/// The behaviour of a [`FaultServer`](crate::FaultServer) on one connection: how much it reads, and what it sends
/// afterwards.
///
/// By default it reads one complete request. If the client starts a TLS handshake instead, it reads only the first part
/// of that.
#[derive(Clone, Debug)]
pub struct Conversation {
    until: Until,
    raw: Raw,
}

/// What a conversation reads before it sends anything.
#[derive(Clone, Copy, Debug)]
enum Until {
    Request,
    Bytes(usize),
}

impl Conversation {
    /// Reads one complete request, then plays `raw`.
    #[must_use]
    pub fn new(raw: Raw) -> Self {
        Self { until: Until::Request, raw }
    }

    /// Reads at least this many bytes, or to the end of the stream, before it continues.
    ///
    /// Operating systems reset (RST) a connection that is closed with unread data.
    #[must_use]
    pub fn after_bytes(mut self, count: usize) -> Self {
        self.until = Until::Bytes(count);
        self
    }

    /// Reads nothing before it continues.
    #[must_use]
    pub fn at_once(self) -> Self {
        self.after_bytes(0)
    }

    /// Plays this conversation; true if the caller must reset the connection.
    pub(crate) async fn have(self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> bool {
        let mut request = Vec::new();
        while !self.until.is_reached(&request) {
            match stream.read_buf(&mut request).await {
                Ok(1..) => {}
                // No more bytes will arrive.
                Ok(0) | Err(_) => break,
            }
        }
        self.raw.play(stream).await
    }
}

impl From<Raw> for Conversation {
    fn from(raw: Raw) -> Self {
        Self::new(raw)
    }
}

impl Until {
    fn is_reached(self, read: &[u8]) -> bool {
        match self {
            Self::Bytes(count) => read.len() >= count,
            Self::Request => is_complete(read),
        }
    }
}

/// True if the bytes contain a complete head and the announced body, or if they are not HTTP but the start of a TLS
/// handshake.
fn is_complete(request: &[u8]) -> bool {
    const TLS_HANDSHAKE: u8 = 22;
    const END_OF_HEAD: &[u8] = b"\r\n\r\n";
    if request.first() == Some(&TLS_HANDSHAKE) {
        return true;
    }
    let Some(end) = request.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD) else {
        return false;
    };
    let head = String::from_utf8_lossy(&request[..end]);
    let announced = head.lines().filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
        if name.eq_ignore_ascii_case("content-length") { value.trim().parse().ok() } else { None }
    });
    request.len() - end - END_OF_HEAD.len() >= announced.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_complete_with_the_last_byte_that_it_announces() {
        for (request, complete) in [
            (&b""[..], false),
            (b"GET / HTTP/1.1\r\nhost: a\r\n", false),
            (b"GET / HTTP/1.1\r\nhost: a\r\n\r\n", true),
            (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", false),
            (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", true),
            (b"\x16\x03\x01", true),
        ] {
            assert_eq!(is_complete(request), complete, "{request:?}");
        }
    }
}
