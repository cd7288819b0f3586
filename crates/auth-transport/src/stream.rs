//! Streaming bodies.

use std::fmt;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Instant, Sleep, sleep};

use crate::classify::classify;
use crate::failure::{TransportError, TransportErrorKind};
use crate::limits::TimeLimit;

/// Size in bytes of the largest part of a stream.
const MAX_CHUNK_BYTES: usize = 64 * 1024;

type Body = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send + Sync>>;

/// A response body that is read in parts as they arrive: a file of any size, or events (`text/event-stream`).
///
/// Parts have at most 64 KiB and are not kept, so the total size is not limited. The stream ends with an error if a
/// caller waits for the next part for longer than `idle_timeout` (default: 60 seconds) and nothing arrives. Dropping
/// the stream closes the connection.
///
/// ```
/// use auth_transport::{ByteStream, TransportError};
///
/// async fn size(mut stream: ByteStream) -> Result<usize, TransportError> {
///     let mut size = 0;
///     while let Some(part) = stream.chunk().await? {
///         size += part.len();
///     }
///     Ok(size)
/// }
/// ```
pub struct ByteStream {
    /// `None` after the end and after an error.
    body: Option<Body>,
    /// Received bytes that have not been returned yet.
    rest: Bytes,
    idle: Duration,
    /// Runs while a caller waits for the next part.
    timer: Option<Pin<Box<Sleep>>>,
    is_waiting: bool,
    server: String,
    operation: Option<&'static str>,
}

impl ByteStream {
    /// The body of `response` from this server.
    pub(crate) fn new(
        response: reqwest::Response,
        idle: Duration,
        server: String,
        operation: Option<&'static str>,
    ) -> Self {
        let body: Body = Box::pin(response.bytes_stream());
        Self { body: Some(body), rest: Bytes::new(), idle, timer: None, is_waiting: false, server, operation }
    }

    /// Returns the next part, or `None` at the end of the body.
    ///
    /// # Errors
    /// [`TransportError`] if the connection ends before the body is complete, or if nothing arrives within `idle_timeout`. The
    /// stream ends after an error.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    /// Ends the stream with an error.
    fn fail(&mut self, kind: TransportErrorKind, limit: Option<TimeLimit>) -> TransportError {
        self.body = None;
        TransportError::new(kind, std::mem::take(&mut self.server)).in_operation(self.operation).beyond(limit)
    }

    /// Ready if no byte has arrived for `idle_timeout` since the first of consecutive calls.
    fn poll_idle(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let idle = self.idle;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(idle)));
        if !self.is_waiting {
            self.is_waiting = true;
            // A time outside the range of the clock is never reached.
            if let Some(end) = Instant::now().checked_add(idle) {
                timer.as_mut().reset(end);
            }
        }
        timer.as_mut().poll(context)
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if !this.rest.is_empty() {
                let part = this.rest.split_to(this.rest.len().min(MAX_CHUNK_BYTES));
                return Poll::Ready(Some(Ok(part)));
            }
            let Some(body) = &mut this.body else { return Poll::Ready(None) };
            match body.as_mut().poll_next(context) {
                Poll::Pending => {
                    ready!(this.poll_idle(context));
                    let limit = TimeLimit::Idle(this.idle);
                    return Poll::Ready(Some(Err(this.fail(TransportErrorKind::Timeout, Some(limit)))));
                }
                Poll::Ready(Some(Ok(bytes))) => {
                    this.is_waiting = false;
                    this.rest = bytes;
                }
                Poll::Ready(Some(Err(error))) => {
                    let kind = classify(&error);
                    return Poll::Ready(Some(Err(this.fail(kind, None))));
                }
                Poll::Ready(None) => this.body = None,
            }
        }
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ByteStream").field("server", &self.server).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_at_home_in_any_task<T: Send + Sync + Unpin + 'static>() {}

    #[test]
    fn a_stream_can_be_held_anywhere() {
        is_at_home_in_any_task::<ByteStream>();
    }
}
