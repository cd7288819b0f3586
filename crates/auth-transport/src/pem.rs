//! Certificates and private keys in PEM format. The parser of `rustls-pki-types` leaves a copy of the key in memory.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use zeroize::Zeroizing;

/// Why a text has no private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// It has no section with a private key that is not encrypted.
    NoKey,
    /// A section has no end, or is not in Base64.
    Pem,
}

/// Reads the first private key of a text in PEM format, which may have other sections and comments.
pub(crate) fn private_key(pem: &[u8]) -> Result<Zeroizing<PrivateKeyDer<'static>>, Problem> {
    for section in sections(pem) {
        let (label, content) = section?;
        let key: fn(Vec<u8>) -> PrivateKeyDer<'static> = match label {
            b"PRIVATE KEY" => |der| PrivatePkcs8KeyDer::from(der).into(),
            b"RSA PRIVATE KEY" => |der| PrivatePkcs1KeyDer::from(der).into(),
            b"EC PRIVATE KEY" => |der| PrivateSec1KeyDer::from(der).into(),
            _ => continue,
        };
        return decode(content).map(|der| Zeroizing::new(key(der)));
    }
    Err(Problem::NoKey)
}

/// Reads all certificates of a text in PEM format, which may have other sections and comments.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let mut certificates = Vec::new();
    for section in sections(pem) {
        if let (b"CERTIFICATE", content) = section? {
            certificates.push(CertificateDer::from(decode(content)?));
        }
    }
    Ok(certificates)
}

/// The label and the content of each section (RFC 7468).
fn sections(mut pem: &[u8]) -> impl Iterator<Item = Result<(&[u8], &[u8]), Problem>> {
    std::iter::from_fn(move || {
        let (_, rest) = split(pem, b"-----BEGIN ")?;
        let section = split(rest, b"-----").and_then(|(label, rest)| {
            let (content, rest) = split(rest, b"-----END ")?;
            Some((label, content, rest))
        });
        pem = section.map_or(&[], |(.., rest)| rest);
        Some(section.map(|(label, content, _)| (label, content)).ok_or(Problem::Pem))
    })
}

/// The bytes before and after the first occurrence of a mark.
fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|part| part == mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}

/// Decodes Base64 in lines. All copies but the output are overwritten.
fn decode(lines: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut base64 = Zeroizing::new(Vec::with_capacity(lines.len()));
    base64.extend(lines.iter().filter(|byte| !byte.is_ascii_whitespace()));
    let mut der = Zeroizing::new(vec![0; base64.len() / 4 * 3 + 3]);
    let length = STANDARD.decode_slice(&*base64, &mut der).map_err(|_| Problem::Pem)?;
    Ok(der[..length].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(&'static str, Vec<u8>), Problem> {
        private_key(text.as_bytes()).map(|key| match &*key {
            PrivateKeyDer::Pkcs1(key) => ("PKCS #1", key.secret_pkcs1_der().to_vec()),
            PrivateKeyDer::Sec1(key) => ("SEC 1", key.secret_sec1_der().to_vec()),
            PrivateKeyDer::Pkcs8(key) => ("PKCS #8", key.secret_pkcs8_der().to_vec()),
            _ => unreachable!("no other kind is read"),
        })
    }

    fn section(label: &str, content: &str) -> String {
        format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n")
    }

    #[test]
    fn the_first_private_key_of_a_text_is_read() {
        let certificate = section("CERTIFICATE", "AAAA");
        for (text, wanted) in [
            (section("PRIVATE KEY", "c2Vj\r\ncmV0"), ("PKCS #8", b"secret".to_vec())),
            (section("RSA PRIVATE KEY", "c2Vj\ncmV0Cg=="), ("PKCS #1", b"secret\n".to_vec())),
            (section("EC PRIVATE KEY", " c2Vj cmV0 "), ("SEC 1", b"secret".to_vec())),
            (format!("a comment\n{certificate}{}", section("PRIVATE KEY", "AQ==")), ("PKCS #8", vec![1])),
            (section("PRIVATE KEY", "AQ==") + &section("EC PRIVATE KEY", "Ag=="), ("PKCS #8", vec![1])),
            (section("ENCRYPTED PRIVATE KEY", "AQ==") + &section("PRIVATE KEY", "Ag=="), ("PKCS #8", vec![2])),
            (section("EC PARAMETERS", "AQ==") + &section("EC PRIVATE KEY", "Ag=="), ("SEC 1", vec![2])),
            (section("PRIVATE KEY", "AQ==").trim_end().to_owned(), ("PKCS #8", vec![1])),
        ] {
            assert_eq!(read(&text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn a_text_without_a_private_key_is_refused() {
        let encrypted = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nc2Vj";
        for (text, wanted) in [
            (String::new(), Problem::NoKey),
            ("c2VjcmV0".to_owned(), Problem::NoKey),
            (section("CERTIFICATE", "AAAA"), Problem::NoKey),
            (section("PUBLIC KEY", "AAAA"), Problem::NoKey),
            (section("ENCRYPTED PRIVATE KEY", "AAAA"), Problem::NoKey),
            (section("private key", "AAAA"), Problem::NoKey),
            ("-----BEGIN PRIVATE KEY".to_owned(), Problem::Pem),
            ("-----BEGIN PRIVATE KEY-----\nc2VjcmV0".to_owned(), Problem::Pem),
            (section("PRIVATE KEY", "c2VjcmV"), Problem::Pem),
            (section("PRIVATE KEY", "c2Vj*mV0"), Problem::Pem),
            (section("RSA PRIVATE KEY", encrypted), Problem::Pem),
        ] {
            assert_eq!(read(&text).unwrap_err(), wanted, "{text}");
        }
        assert_eq!(private_key(b"\xff").unwrap_err(), Problem::NoKey);
    }

    #[test]
    fn all_certificates_of_a_text_are_read_and_no_key() {
        let text =
            section("CERTIFICATE", "AQ==") + &section("PRIVATE KEY", "*") + "comment" + &section("CERTIFICATE", "Ag==");
        let wanted = [[1], [2]].map(|der| CertificateDer::from(der.to_vec()));
        assert_eq!(certificates(&[b"\xff\n", text.as_bytes()].concat()).unwrap(), wanted);
        assert_eq!(certificates(b"").unwrap(), []);
        for text in ["-----BEGIN CERTIFICATE", "-----BEGIN CERTIFICATE-----\nAQ==", &section("CERTIFICATE", "A")] {
            assert_eq!(certificates(text.as_bytes()).unwrap_err(), Problem::Pem, "{text}");
        }
    }
}
