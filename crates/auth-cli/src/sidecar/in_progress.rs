//! Counts the requests that are being answered.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};

/// The number of requests that are being answered, from their head to the end of the body of the response.
#[derive(Clone, Debug, Default)]
pub(super) struct InProgress(Arc<AtomicUsize>);

/// A request that counts until this is dropped.
#[derive(Debug)]
pub(super) struct Counted(InProgress);

/// The body of the response to a request that counts until it is dropped.
#[derive(Debug)]
pub(super) struct CountedBody<B> {
    body: B,
    _request: Counted,
}

impl InProgress {
    /// Counts a request.
    pub(super) fn count(&self) -> Counted {
        self.0.fetch_add(1, Ordering::Relaxed);
        Counted(self.clone())
    }

    /// True if no request is being answered.
    pub(super) fn is_none(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

impl Counted {
    /// Counts until this body has been sent.
    pub(super) fn until_sent<B>(self, body: B) -> CountedBody<B> {
        CountedBody { body, _request: self }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<B: Body + Unpin> Body for CountedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
