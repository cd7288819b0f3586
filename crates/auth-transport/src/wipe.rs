//! Overwriting what went over the wire, as far as its memory is within reach.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};
use hyper::body::Body as _;
use zeroize::Zeroize as _;

/// An answer of more bytes than this is not a token, and is not kept to be overwritten.
const MAX_WIPED_BYTES: usize = 256 * 1024;

/// So often a task gives way to the one that closes the connection.
const MAX_YIELDS: usize = 100;

/// Between two chunks in one buffer are at most the line breaks and the length of the second (RFC 9112 section 7.1).
const MAX_CHUNK_FRAMING_BYTES: usize = 8;

/// The chunks of a body as they were received, which are overwritten as soon as nobody else looks at them.
///
/// They lie in the buffer of their connection, behind the head of the answer. The connection lets go of it a moment after
/// the last chunk, and those who look at the head keep it.
#[derive(Default)]
pub(crate) struct Received {
    /// The first of each buffer.
    chunks: Vec<Bytes>,
    /// Where the last one ends.
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

    /// Waits a moment for the connection to let go, and overwrites the chunks.
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
        // From the last, so that the first of a buffer is the only one that is left of it.
        while let Some(chunk) = self.chunks.pop() {
            if let Ok(buffer) = chunk.try_into_mut() {
                drop(Wiped(buffer));
            }
        }
    }
}

/// Lets the other tasks of this thread run once.
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

/// Copies headers out of the buffer that they lie in together with their body.
pub(crate) fn own(headers: &HeaderMap) -> HeaderMap {
    let own = |value: &HeaderValue| HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone());
    headers.iter().map(|(name, value)| (name.clone(), own(value))).collect()
}

/// Sees to it that the body of `request` is overwritten when its last owner drops it, unless it is a stream.
pub(crate) fn wipe_when_sent(request: &mut reqwest::Request) {
    let Some(body) = request.body_mut().take_if(|body| body.as_bytes().is_some()) else { return };
    *request.body_mut() = Some(wiped(body));
}

fn wiped(mut body: reqwest::Body) -> reqwest::Body {
    // All bytes are there, so nothing is waited for.
    let frame = Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Some(Ok(frame))) = frame else { return body };
    let bytes = frame.into_data().unwrap_or_default();
    match bytes.try_into_mut() {
        Ok(bytes) => Bytes::from_owner(Wiped(bytes)).into(),
        Err(shared) => shared.into(),
    }
}

/// A buffer that is overwritten when it is dropped, up to its capacity.
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
