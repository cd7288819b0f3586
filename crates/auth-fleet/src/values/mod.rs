//! What entries hold, as the text that is sealed: JSON with the names of RFC 6749.

pub(crate) mod failure;
pub(crate) mod suspension;
pub(crate) mod token;

use serde::Serialize;
use zeroize::Zeroizing;

/// Length in bytes of what is written besides the longest member.
const REST: usize = 1_024;

/// The text of a value whose longest member has this length. It is overwritten when it is dropped.
pub(crate) fn text(value: &impl Serialize, longest: usize) -> Option<Zeroizing<Vec<u8>>> {
    // The full capacity is reserved, since growing would leave an unwiped copy behind.
    let mut text = Zeroizing::new(Vec::with_capacity(longest + REST));
    serde_json::to_writer(&mut *text, value).ok()?;
    Some(text)
}
