//! Reading a body up to a limit.

use bytes::Bytes;
use zeroize::Zeroizing;

use crate::TransportErrorKind;
use crate::classify::classify;
use crate::wipe::Received;

/// What a text may start with and no JSON parser takes (RFC 8259 section 8.1 lets a reader drop it).
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Bytes that are set aside for a body at once, at most and at least.
const MOST_ROOM: usize = 256 * 1024;
const LEAST_ROOM: usize = 8 * 1024;

/// Reads the body of `response` unless it is larger than `limit` bytes.
///
/// The bytes are wiped when the last owner drops them: the body of a token endpoint is a credential. What they were received
/// in goes to `received`.
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
    // Room for everything at once where the length is known; but no more than any token needs, since the length is only
    // what the server says.
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

/// Appends a chunk. A vector that grows by itself would leave an unwiped copy behind.
fn append(body: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    let length = body.len() + chunk.len();
    if length > body.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(length.max(2 * body.capacity()).max(LEAST_ROOM)));
        larger.extend_from_slice(body);
        *body = larger;
    }
    body.extend_from_slice(chunk);
}
