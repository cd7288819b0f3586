//! Overwrites transmitted data in memory, as far as it is accessible.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};
use hyper::body::Body as _;
use zeroize::Zeroize as _;

/// A larger response is not a token, so it is neither kept nor overwritten.
const MAX_WIPED_BYTES: usize = 256 * 1024;

/// Number of times that a task yields to the task that closes the connection.
const MAX_YIELDS: usize = 100;

/// Between two chunks in one buffer there are only line breaks and the length of the second (RFC 9112 section 7.1).
const MAX_CHUNK_FRAMING_BYTES: usize = 8;

/// The chunks of a body as they were received, which are overwritten as soon as they have no other owner.
///
/// They are in the buffer of their connection, behind the head of the response. The connection releases the buffer
/// shortly after the last chunk; owners of the head keep it.
#[derive(Default)]
pub(crate) struct Received {
    /// The first chunk of each buffer.
    chunks: Vec<Bytes>,
    /// The end of the last chunk.
    end: usize,
    length: usize,
}

impl Received {
    pub(crate) fn push(&mut self, chunk: Bytes) {
        let start = chunk.as_ptr() as usize;
        let is_first = !(self.end..=self.end + MAX_CHUNK_FRAMING_BYTES).contains(&start);
        self.end = start + chunk.len();
        self.length += chunk.len();
        if self.length > MAX_WIPED_BYTES {
            self.chunks.clear();
        } else if is_first {
            self.chunks.push(chunk);
        }
    }

    /// Waits until the connection has released the buffers, for a limited time, and overwrites the chunks.
    pub(crate) async fn wipe(self) {
        for _ in 0..MAX_YIELDS {
            if self.chunks.iter().all(Bytes::is_unique) {
                break;
            }
            give_way().await;
        }
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        // In reverse order, so that the first chunk of a buffer becomes its only owner.
        while let Some(chunk) = self.chunks.pop() {
            if let Ok(buffer) = chunk.try_into_mut() {
                drop(Wiped(buffer));
            }
        }
    }
}

/// Yields once to the other tasks of this thread.
async fn give_way() {
    let mut has_waited = false;
    poll_fn(|context| {
        if has_waited {
            return Poll::Ready(());
        }
        has_waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Copies headers out of the buffer that they share with their body.
pub(crate) fn own(headers: &HeaderMap) -> HeaderMap {
    let own = |value: &HeaderValue| HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone());
    headers.iter().map(|(name, value)| (name.clone(), own(value))).collect()
}

/// Makes the body of `request` overwrite its bytes when its last owner drops it, unless it is a stream.
pub(crate) fn wipe_when_sent(request: &mut reqwest::Request) {
    let Some(body) = request.body_mut().take_if(|body| body.as_bytes().is_some()) else { return };
    *request.body_mut() = Some(wiped(body));
}

fn wiped(mut body: reqwest::Body) -> reqwest::Body {
    // All bytes are present, so this is ready immediately.
    let frame = Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Some(Ok(frame))) = frame else { return body };
    let bytes = frame.into_data().unwrap_or_default();
    match bytes.try_into_mut() {
        Ok(bytes) => Bytes::from_owner(Wiped(bytes)).into(),
        Err(shared) => shared.into(),
    }
}

/// A buffer that is overwritten on drop, up to its capacity.
struct Wiped(BytesMut);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.resize(self.0.capacity(), 0);
        self.0.as_mut().zeroize();
    }
}
