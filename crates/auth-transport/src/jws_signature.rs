//! The form in which JWS has a signature of ECDSA.

/// Converts a signature of ECDSA from ASN.1 (RFC 3279 section 2.2.3), as in TLS, to two numbers of `length` bytes each (RFC
/// 7518 section 3.4). `None` if it is not one, or if a number is longer.
pub(crate) fn fixed_length(der: &[u8], length: usize) -> Option<Vec<u8>> {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;

    let (numbers, end) = element(SEQUENCE, der)?;
    let (r, numbers) = element(INTEGER, numbers)?;
    let (s, rest) = element(INTEGER, numbers)?;
    if !end.is_empty() || !rest.is_empty() {
        return None;
    }
    let mut signature = vec![0; 2 * length];
    for (number, place) in [r, s].into_iter().zip(signature.chunks_exact_mut(length)) {
        // A number whose first bit is set has a zero before it.
        let number = &number[number.iter().take_while(|byte| **byte == 0).count()..];
        place[length.checked_sub(number.len())?..].copy_from_slice(number);
    }
    Some(signature)
}

/// The content of the first element, which must have this tag, and what follows it. The signatures of all supported curves
/// are shorter than 128 bytes, so a length is one byte.
fn element(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match bytes {
        [first, length @ 0..0x80, rest @ ..] if *first == tag => rest.split_at_checked(usize::from(*length)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_padded_to_their_length_and_lose_their_sign_byte() {
        for (der, wanted) in [
            (&[0x30, 6, 2, 1, 7, 2, 1, 9][..], Some(vec![0, 0, 7, 0, 0, 9])),
            (&[0x30, 10, 2, 4, 0, 0x81, 2, 3, 2, 2, 5, 6], Some(vec![0x81, 2, 3, 0, 5, 6])),
            (&[0x30, 6, 2, 1, 0, 2, 1, 0], Some(vec![0; 6])),
            (&[0x30, 9, 2, 4, 1, 2, 3, 4, 2, 1, 9], None),
        ] {
            assert_eq!(fixed_length(der, 3), wanted, "{der:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_signature_are_refused() {
        let signature = [0x30, 6, 2, 1, 7, 2, 1, 9];
        for end in 0..signature.len() {
            assert_eq!(fixed_length(&signature[..end], 3), None, "{end}");
        }
        for wrong in [
            &[0x31, 6, 2, 1, 7, 2, 1, 9][..],
            &[0x30, 6, 3, 1, 7, 2, 1, 9],
            &[0x30, 6, 2, 1, 7, 2, 1, 9, 0],
            &[0x30, 7, 2, 1, 7, 2, 1, 9, 0],
            &[0x30, 0x81, 6, 2, 1, 7, 2, 1, 9],
        ] {
            assert_eq!(fixed_length(wrong, 3), None, "{wrong:?}");
        }
    }
}
