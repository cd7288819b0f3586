//! Reading a body up to a limit.

use bytes::{Bytes, BytesMut};
use zeroize::Zeroizing;

use crate::failure::{self, TransportErrorKind};

/// What a text may start with and no JSON parser takes (RFC 8259 section 8.1 lets a reader drop it).
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Bytes that are set aside for a body at once.
const ROOM: usize = 256 * 1024;

/// Reads the body of `response` unless it is larger than `limit` bytes.
///
/// The bytes are wiped when the last owner drops them: the body of a token endpoint is a credential.
pub(crate) async fn read(response: &mut reqwest::Response, limit: usize) -> Result<Bytes, TransportErrorKind> {
    let too_large = TransportErrorKind::BodyTooLarge { limit };
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(too_large);
    }
    // Room for everything at once where the length is known, so that growing leaves no copies behind; but no more than
    // any token needs, since the length is only what the server says.
    let room = usize::try_from(announced).unwrap_or(usize::MAX).min(ROOM);
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    while let Some(chunk) = response.chunk().await.map_err(|error| failure::classify(&error))? {
        if chunk.len() > limit - body.len() {
            return Err(too_large);
        }
        body.extend_from_slice(&chunk);
        wipe(chunk);
    }
    let start = if body.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    Ok(Bytes::from_owner(body).slice(start..))
}

/// Overwrites a chunk if nobody else looks at it.
fn wipe(chunk: Bytes) {
    if let Ok(mut chunk) = chunk.try_into_mut() {
        zeroize::Zeroize::zeroize(&mut *chunk as &mut [u8]);
        drop::<BytesMut>(chunk);
    }
}
