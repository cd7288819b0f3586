use std::{fmt, time::Duration};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    task::yield_now,
    time::sleep,
};

use crate::gzip::GzipBomb;

/// Raw bytes to send instead of an HTTP response, for responses that no HTTP framework would send.
///
/// The request is read before the first byte is sent, unless a [`Conversation`](crate::Conversation) specifies
/// otherwise. The connection serves no further request. By default it is closed properly (FIN, and with TLS a
/// `close_notify` before).
#[derive(Clone)]
pub struct Raw {
    moves: Vec<Move>,
    end: End,
}

#[derive(Clone)]
enum Move {
    Send(Bytes),
    Parts { bytes: Bytes, size: usize, pause: Duration },
    Times(Bytes, u32),
    Pause(Duration),
}

#[derive(Clone)]
enum End {
    Close,
    Cut,
    Reset,
    Silence,
    Deaf,
    Repeat(Bytes, Duration),
}

impl Raw {
    /// Sends nothing: the connection is closed without a response.
    #[must_use]
    pub fn nothing() -> Self {
        Self { moves: Vec::new(), end: End::Close }
    }

    /// Sends these bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self::nothing().send(bytes)
    }

    /// Sends the head of an HTTP/1.1 response with this status line (without the version) and only these header lines. A body
    /// may follow.
    #[must_use]
    pub fn head(status: &str, headers: &[&str]) -> Self {
        let lines: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        Self::new(format!("HTTP/1.1 {status}\r\n{lines}\r\n"))
    }

    /// Sends a complete HTTP/1.1 response with this status line (without the version), these header lines and this body, with
    /// `Content-Length` and `Connection: close`.
    #[must_use]
    pub fn response(status: &str, headers: &[&str], body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let length = format!("content-length: {}", body.len());
        Self::head(status, &[headers, &[&length, "connection: close"]].concat()).send(body)
    }

    /// Then sends these bytes.
    #[must_use]
    pub fn send(mut self, bytes: impl Into<Bytes>) -> Self {
        self.moves.push(Move::Send(bytes.into()));
        self
    }

    /// Then sends these bytes in writes of `size` bytes, with a pause after each.
    ///
    /// # Panics
    ///
    /// If `size` is zero.
    #[must_use]
    #[track_caller]
    pub fn send_in_parts(mut self, bytes: impl Into<Bytes>, size: usize, pause: Duration) -> Self {
        assert!(size > 0, "a part has at least one byte");
        self.moves.push(Move::Parts { bytes: bytes.into(), size, pause });
        self
    }

    /// Then sends these bytes `count` times. They are stored only once.
    #[must_use]
    pub fn send_times(mut self, bytes: impl Into<Bytes>, count: u32) -> Self {
        self.moves.push(Move::Times(bytes.into(), count));
        self
    }

    /// Then sends this many mebibytes of zeros, compressed with gzip to about a thousandth of the size (RFC 1952).
    #[must_use]
    pub fn send_gzip_bomb(self, mebibytes: u32) -> Self {
        let GzipBomb { header, mebibyte, trailer } = GzipBomb::of_mebibytes(mebibytes);
        self.send(header).send_times(mebibyte, mebibytes).send(trailer)
    }

    /// Then waits with the connection open.
    #[must_use]
    pub fn pause(mut self, time: Duration) -> Self {
        self.moves.push(Move::Pause(time));
        self
    }

    /// Finally closes the connection, with TLS without `close_notify`, so that the client cannot tell whether the data was
    /// truncated by an attacker (RFC 8446 section 6.1).
    #[must_use]
    pub fn then_cut(mut self) -> Self {
        self.end = End::Cut;
        self
    }

    /// Finally resets the connection (RST) instead of closing it.
    #[must_use]
    pub fn then_reset(mut self) -> Self {
        self.end = End::Reset;
        self
    }

    /// Finally stays silent until the client closes the connection.
    #[must_use]
    pub fn then_silence(mut self) -> Self {
        self.end = End::Silence;
        self
    }

    /// Finally stays silent and does not read either, until the server stops.
    #[must_use]
    pub fn then_deafness(mut self) -> Self {
        self.end = End::Deaf;
        self
    }

    /// Finally repeats these bytes, with a pause after each repetition, until the client closes the connection.
    #[must_use]
    pub fn then_repeat(mut self, bytes: impl Into<Bytes>, pause: Duration) -> Self {
        self.end = End::Repeat(bytes.into(), pause);
        self
    }

    /// The number of bytes that are sent before the end; those of an endless repetition do not count.
    pub(crate) fn length(&self) -> usize {
        let length = |step: &Move| match step {
            Move::Send(bytes) | Move::Parts { bytes, .. } => bytes.len(),
            Move::Times(bytes, count) => bytes.len().saturating_mul(usize::try_from(*count).unwrap_or(usize::MAX)),
            Move::Pause(_) => 0,
        };
        self.moves.iter().map(length).fold(0, usize::saturating_add)
    }

    /// How it ends, in one word.
    pub(crate) fn ending(&self) -> &'static str {
        match self.end {
            End::Close => "close",
            End::Cut => "cut",
            End::Reset => "reset",
            End::Silence => "silence",
            End::Deaf => "deafness",
            End::Repeat(..) => "repeat",
        }
    }

    /// Does the same, followed by `next` and its end.
    pub(crate) fn followed_by(mut self, next: Self) -> Self {
        self.moves.extend(next.moves);
        Self { moves: self.moves, end: next.end }
    }

    /// A placeholder response that is never sent: the connection plays these bytes instead.
    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(self);
        response
    }

    /// Plays these bytes on a connection; true if the caller must reset it. It ends early if the client disconnects.
    pub(crate) async fn play(self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> bool {
        for step in self.moves {
            if step.make(stream).await.is_err() {
                return false;
            }
        }
        match self.end {
            // Errors below mean that the client has disconnected, which ends the connection anyway.
            End::Close => drop(stream.shutdown().await),
            End::Cut => {}
            End::Reset => return true,
            End::Silence => {
                let mut sink = [0; 1024];
                while matches!(stream.read(&mut sink).await, Ok(1..)) {}
            }
            End::Deaf => std::future::pending().await,
            End::Repeat(bytes, pause) => while send(stream, &bytes, pause).await.is_ok() {},
        }
        false
    }
}

impl Move {
    async fn make(self, stream: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
        match self {
            Self::Pause(time) => sleep(time).await,
            Self::Send(bytes) => {
                stream.write_all(&bytes).await?;
                stream.flush().await?;
            }
            Self::Parts { bytes, size, pause } => {
                for part in bytes.chunks(size) {
                    send(stream, part, pause).await?;
                }
            }
            Self::Times(bytes, count) => {
                for _ in 0..count {
                    send(stream, &bytes, Duration::ZERO).await?;
                }
            }
        }
        Ok(())
    }
}

/// Sends bytes and yields to other tasks of this thread, even without a pause.
async fn send(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8], pause: Duration) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await?;
    if !pause.is_zero() {
        sleep(pause).await;
    }
    yield_now().await;
    Ok(())
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the bytes, which may contain a token from a test.
        f.debug_struct("Raw").field("moves", &self.moves.len()).finish_non_exhaustive()
    }
}
