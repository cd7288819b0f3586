//! Random values in the formats of the vendors.

use uuid::Uuid;

use crate::StartError;

/// A version 4 UUID.
pub(crate) fn uuid() -> Result<Uuid, StartError> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// `length` characters of A-Z, a-z and 0-9.
pub(crate) fn alphanumeric(length: usize) -> Result<String, StartError> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut byte = [0];
        fill(&mut byte)?;
        // 248 is the largest multiple of 62 in a byte. Without this limit, the first characters would be more frequent.
        if byte[0] < 248 {
            text.push(char::from(ALPHABET[usize::from(byte[0] % 62)]));
        }
    }
    Ok(text)
}

/// A UUID in hyphenated form, which customer ids have.
pub(crate) fn parse_uuid(text: &str) -> Option<Uuid> {
    // Only the hyphenated form has this length.
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

fn fill(bytes: &mut [u8]) -> Result<(), StartError> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| StartError::Crypto)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_values_have_the_form_they_promise() {
        assert!(parse_uuid(&uuid().unwrap().to_string()).is_some());
        let text = alphanumeric(200).unwrap();
        assert!(text.len() == 200 && text.bytes().all(|b| b.is_ascii_alphanumeric()), "{text}");
    }

    #[test]
    fn only_the_hyphenated_form_is_a_customer_id() {
        assert!(parse_uuid("a1b2c3d4-e5f6-7890-abcd-ef0123456789").is_some());
        for other in ["", "a1b2c3d4e5f67890abcdef0123456789", "{a1b2c3d4-e5f6-7890-abcd-ef0123456789}", "g"] {
            assert!(parse_uuid(other).is_none(), "{other}");
        }
    }
}
