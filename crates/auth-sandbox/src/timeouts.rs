//! Timeouts of a connection.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use crate::lock::lock;

/// The time limits for a client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// For the head of a request, from its first byte.
    pub(crate) head: Duration,
    /// For the body of a request.
    pub(crate) body: Duration,
    /// For the first byte of the next request.
    pub(crate) idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), body: Duration::from_secs(10), idle: Duration::from_secs(60) }
    }
}

/// What a connection is waiting for.
#[derive(Clone, Copy)]
enum Wait {
    /// The first byte of a request, until this time.
    Idle(Instant),
    /// The rest of its head, until this time.
    Head(Instant),
    /// Nothing: a request is being handled.
    Request,
}

/// The timeout that applies to a connection, shared by the connection and the handler of its requests.
#[derive(Clone)]
pub(crate) struct Watch {
    wait: Arc<Mutex<Wait>>,
    timeouts: Timeouts,
}

impl Watch {
    pub(crate) fn new(timeouts: Timeouts) -> Self {
        Self { wait: Arc::new(Mutex::new(idle(timeouts))), timeouts }
    }

    /// Stops the timeout: a request has arrived.
    pub(crate) fn request_arrived(&self) {
        *lock(&self.wait) = Wait::Request;
    }

    /// Starts the idle timeout: the response is ready.
    pub(crate) async fn answer_ready(&self) {
        *lock(&self.wait) = idle(self.timeouts);
        // After this, the task reads once more, which starts the timer.
        poll_fn(|context| {
            context.waker().wake_by_ref();
            Poll::Ready(())
        })
        .await;
    }

    /// Starts the timeout of a head at its first bytes.
    fn heard(&self) {
        let mut wait = lock(&self.wait);
        if let Wait::Idle(_) = *wait {
            *wait = Wait::Head(after(self.timeouts.head));
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match *lock(&self.wait) {
            Wait::Idle(deadline) | Wait::Head(deadline) => Some(deadline),
            Wait::Request => None,
        }
    }
}

fn idle(timeouts: Timeouts) -> Wait {
    Wait::Idle(after(timeouts.idle))
}

/// The time after a wait, which is limited to a year so that the sum cannot overflow.
fn after(wait: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    Instant::now() + wait.min(YEAR)
}

/// A connection whose reads fail with [`io::ErrorKind::TimedOut`] when its client exceeds a time limit.
pub(crate) struct Watched<S> {
    stream: S,
    watch: Watch,
    timer: Pin<Box<Sleep>>,
}

impl<S> Watched<S> {
    pub(crate) fn new(stream: S, watch: Watch) -> Self {
        Self { stream, watch, timer: Box::pin(sleep_until(Instant::now())) }
    }

    /// True if the timeout occurred within a request.
    pub(crate) fn is_too_slow(&self) -> bool {
        let wait = *lock(&self.watch.wait);
        matches!(wait, Wait::Head(deadline) if deadline <= Instant::now())
    }

    pub(crate) fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            if buffer.filled().len() > before {
                self.watch.heard();
            }
            return read;
        }
        let Some(deadline) = self.watch.deadline() else { return Poll::Pending };
        if self.timer.deadline() != deadline {
            self.timer.as_mut().reset(deadline);
        }
        self.timer.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
