use std::{fmt, time::Duration};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

/// Bytes for the socket instead of an HTTP answer, for what no HTTP framework would send.
///
/// The request has been read before the first byte goes out, and the connection serves nothing else afterwards. By
/// default it is closed in an orderly way (FIN).
#[derive(Clone)]
pub struct Raw {
    moves: Vec<Move>,
    end: End,
}

#[derive(Clone)]
enum Move {
    Send(Bytes),
    Pause(Duration),
}

#[derive(Clone)]
enum End {
    Close,
    Reset,
    Silence,
    Repeat(Bytes, Duration),
}

impl Raw {
    /// Sends nothing: the connection is closed without a reply.
    #[must_use]
    pub fn nothing() -> Self {
        Self { moves: Vec::new(), end: End::Close }
    }

    /// Sends these bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self::nothing().send(bytes)
    }

    /// Then sends these bytes.
    #[must_use]
    pub fn send(mut self, bytes: impl Into<Bytes>) -> Self {
        self.moves.push(Move::Send(bytes.into()));
        self
    }

    /// Then waits, the connection open.
    #[must_use]
    pub fn pause(mut self, time: Duration) -> Self {
        self.moves.push(Move::Pause(time));
        self
    }

    /// In the end resets the connection (RST) instead of closing it.
    #[must_use]
    pub fn then_reset(mut self) -> Self {
        self.end = End::Reset;
        self
    }

    /// In the end stays silent until the client hangs up.
    #[must_use]
    pub fn then_silence(mut self) -> Self {
        self.end = End::Silence;
        self
    }

    /// In the end sends these bytes again and again, with a pause after each, until the client hangs up.
    #[must_use]
    pub fn then_repeat(mut self, bytes: impl Into<Bytes>, pause: Duration) -> Self {
        self.end = End::Repeat(bytes.into(), pause);
        self
    }

    /// Plays itself on a connection. A client that goes away ends it.
    pub(crate) async fn play(self, mut stream: TcpStream) {
        for step in self.moves {
            match step {
                Move::Pause(time) => sleep(time).await,
                Move::Send(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
            }
        }
        match self.end {
            // Errors below mean that the client is gone, which is as good an end as any.
            End::Close => drop(stream.shutdown().await),
            End::Reset => drop(stream.set_zero_linger()),
            End::Silence => {
                let mut sink = [0; 1024];
                while matches!(stream.read(&mut sink).await, Ok(1..)) {}
            }
            End::Repeat(bytes, pause) => {
                while stream.write_all(&bytes).await.is_ok() {
                    // Even without a pause other tasks of this thread get their turn.
                    sleep(pause).await;
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No content: it may hold a token that a test has put there.
        f.debug_struct("Raw").field("moves", &self.moves.len()).finish_non_exhaustive()
    }
}
