//! Reading a body up to a limit.

use bytes::Bytes;
use zeroize::Zeroizing;

use crate::TransportErrorKind;
use crate::classify::classify;
use crate::wipe::Received;

/// A text may start with it, and JSON parsers reject it (RFC 8259 section 8.1 permits ignoring it).
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Largest and smallest number of bytes that are reserved for a body at once.
const MOST_ROOM: usize = 256 * 1024;
const LEAST_ROOM: usize = 8 * 1024;

/// Reads the body of `response` unless it is larger than `limit` bytes.
///
/// The bytes are wiped when the last owner drops them: the body of a token endpoint is a credential. The receive
/// buffers are passed to `received`.
pub(crate) async fn read(
    response: &mut reqwest::Response,
    limit: usize,
    received: &mut Received,
) -> Result<Bytes, TransportErrorKind> {
    let too_large = TransportErrorKind::BodyTooLarge { limit };
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(too_large);
    }
    // If the length is known, the whole body is reserved, up to the size of a token response: the server may announce
    // any length.
    let room = usize::try_from(announced).unwrap_or(usize::MAX).min(MOST_ROOM);
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error))? {
        if chunk.len() > limit - body.len() {
            return Err(too_large);
        }
        append(&mut body, &chunk);
        received.push(chunk);
    }
    let start = if body.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    Ok(Bytes::from_owner(body).slice(start..))
}

/// Appends a chunk. A vector that grows on its own would leave an unwiped copy behind.
fn append(body: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    let length = body.len() + chunk.len();
    if length > body.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(length.max(2 * body.capacity()).max(LEAST_ROOM)));
        larger.extend_from_slice(body);
        *body = larger;
    }
    body.extend_from_slice(chunk);
}
