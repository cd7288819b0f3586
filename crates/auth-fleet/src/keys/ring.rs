//! Names and seals entries.

use std::fmt;

use auth_core::{EndpointIdentity, Scope, Secret};
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::keys::error::KeysError;
use crate::store::generation::Generation;
use crate::store::name::Name;

/// Length of a key in bytes.
const KEY: usize = 32;

/// Length of what a seal adds to the text: the authentication tag.
const TAG: usize = 16;

/// The version of names and sealed values, the first byte of each value.
const VERSION: u8 = 1;

/// What an entry is for. Entries for different purposes have different names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The token of a scope.
    Token,
    /// The last failed request for the token of a scope.
    Failure,
    /// What suspends all requests of a client.
    Suspension,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Failure => "failure",
            Self::Suspension => "suspension",
        }
    }
}

/// The keys of a text.
pub(crate) struct KeyRing {
    naming: hmac::Key,
    /// The first one seals; there is at least one.
    sealing: Vec<RandomizedNonceKey>,
}

impl KeyRing {
    /// Reads a text with one key per line.
    pub(crate) fn read(text: &Secret) -> Result<Self, KeysError> {
        let mut keys: Vec<(usize, Zeroizing<[u8; KEY]>)> = vec![];
        for (line, text) in (1..).zip(text.expose().lines()) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let key = key(text).ok_or(KeysError::Line { line })?;
            if let Some(&(first, _)) = keys.iter().find(|(_, other)| **other == *key) {
                return Err(KeysError::Repeated { line, first });
            }
            keys.push((line, key));
        }
        let found = keys.len();
        let [(_, naming), sealing @ ..] = keys.as_slice() else { return Err(KeysError::TooFew { found }) };
        if sealing.is_empty() {
            return Err(KeysError::TooFew { found });
        }
        let cipher = |(line, key): &(usize, Zeroizing<[u8; KEY]>)| {
            RandomizedNonceKey::new(&AES_256_GCM_SIV, &**key).map_err(|_| KeysError::Line { line: *line })
        };
        let sealing = sealing.iter().map(cipher).collect::<Result<_, _>>()?;
        Ok(Self { naming: hmac::Key::new(hmac::HMAC_SHA256, &**naming), sealing })
    }

    /// The name of the entry for this purpose.
    pub(crate) fn name(&self, purpose: Purpose, identity: &EndpointIdentity, scope: &Scope) -> Name {
        let mut mac = hmac::Context::with_key(&self.naming);
        mac.update(&[VERSION]);
        update(&mut mac, purpose.as_str());
        identity.feed(|part| mac.update(part));
        update(&mut mac, scope.as_str());
        let mut name = [0; 32];
        name.copy_from_slice(mac.sign().as_ref());
        Name::new(name)
    }

    /// Seals a text for the entry with this name and generation. `None` only if the random number generator fails.
    pub(crate) fn seal(&self, name: &Name, generation: Generation, text: &[u8]) -> Option<Vec<u8>> {
        // The full capacity is reserved, since growing would leave an unwiped copy behind.
        let mut body = Zeroizing::new(Vec::with_capacity(text.len() + TAG));
        body.extend_from_slice(text);
        let key = self.sealing.first()?;
        let nonce = key.seal_in_place_append_tag(Aad::from(bound(name, generation)), &mut *body).ok()?;
        Some([&[VERSION], nonce.as_ref().as_slice(), &body].concat())
    }

    /// Opens a value that was sealed for the entry with this name and generation, with any of the keys.
    pub(crate) fn open(&self, name: &Name, generation: Generation, value: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (&VERSION, rest) = value.split_first()? else { return None };
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>()?;
        self.sealing.iter().find_map(|key| {
            let mut text = Zeroizing::new(body.to_vec());
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let length = key.open_in_place(nonce, Aad::from(bound(name, generation)), &mut text).ok()?.len();
            text.truncate(length);
            Some(text)
        })
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyRing(..)")
    }
}

/// Adds a text to a message authentication code, with its length, so that no two sequences of texts are the same bytes.
fn update(mac: &mut hmac::Context, text: &str) {
    mac.update(&(text.len() as u64).to_be_bytes());
    mac.update(text.as_bytes());
}

/// The associated data of a seal: what the value belongs to.
fn bound(name: &Name, generation: Generation) -> [u8; 41] {
    let mut bound = [VERSION; 41];
    bound[1..33].copy_from_slice(name.as_bytes());
    bound[33..].copy_from_slice(&generation.0.to_be_bytes());
    bound
}

/// The key in a line.
fn key(line: &str) -> Option<Zeroizing<[u8; KEY]>> {
    // One byte more than a key has, to notice one that is too long.
    let mut decoded = Zeroizing::new([0; KEY + 1]);
    let length = STANDARD.decode_slice(line, &mut *decoded).ok().filter(|&length| length == KEY)?;
    let mut key = Zeroizing::new([0; KEY]);
    key.copy_from_slice(&decoded[..length]);
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"a text to seal";

    fn line(byte: u8) -> String {
        STANDARD.encode([byte; KEY])
    }

    /// Keys of these bytes, one per line.
    fn ring(keys: &[u8]) -> KeyRing {
        let lines: Vec<String> = keys.iter().copied().map(line).collect();
        KeyRing::read(&lines.join("\n").into()).unwrap()
    }

    fn name(byte: u8) -> Name {
        Name::new([byte; 32])
    }

    #[test]
    fn a_text_has_one_key_per_line_and_may_have_comments() {
        let [one, two, three] = [1, 2, 3].map(line);
        for text in [
            format!("{one}\n{two}"),
            format!("{one}\r\n{two}\r\n"),
            format!("# names\n{one}\n\n# seals\n  {two}  \n# opens\n{three}\n"),
        ] {
            let read = KeyRing::read(&text.clone().into()).unwrap();
            let sealed = read.seal(&name(1), Generation(1), TEXT).unwrap();
            assert_eq!(*ring(&[9, 2]).open(&name(1), Generation(1), &sealed).unwrap(), TEXT, "{text}");
        }
    }

    #[test]
    fn an_error_names_the_line_and_not_its_text() {
        let [one, two] = [1, 2].map(line);
        let (short, long) = (STANDARD.encode([7; 31]), STANDARD.encode([7; 33]));
        let line = |line| KeysError::Line { line };
        for (text, error) in [
            (String::new(), KeysError::TooFew { found: 0 }),
            ("# nothing\n".to_owned(), KeysError::TooFew { found: 0 }),
            (one.clone(), KeysError::TooFew { found: 1 }),
            (format!("{one}\n{two}\nhunter2"), line(3)),
            (format!("# a comment\n\n{one}\n{short}"), line(4)),
            (format!("{one}\n{long}"), line(2)),
            (format!("{one} {two}"), line(1)),
            (format!("{one} # a comment\n{two}"), line(1)),
            (format!("{}\n{two}", one.trim_end_matches('=')), line(1)),
            (format!("{one}\n{two}\n\n{one}"), KeysError::Repeated { line: 4, first: 1 }),
            (format!("{one}\n{one}"), KeysError::Repeated { line: 2, first: 1 }),
        ] {
            let found = KeyRing::read(&text.clone().into()).unwrap_err();
            assert_eq!(found, error, "{text}");
            for shown in [found.to_string(), format!("{found:?}")] {
                for secret in ["hunter2", &one[..8], &two[..8], &short[..8], &long[..8]] {
                    assert!(!shown.contains(secret), "{shown}");
                }
            }
        }
        assert_eq!(
            line(3).to_string(),
            "line 3 of the keys is not 32 bytes in Base64; create a key with `openssl rand -base64 32`"
        );
    }

    #[test]
    fn names_differ_in_purpose_identity_scope_and_key() {
        let identity = |client, secret: &str| EndpointIdentity::new("https://a.example", client, &Secret::from(secret));
        let scope = |text: &str| text.parse::<Scope>().unwrap();
        let (keys, plain) = (ring(&[1, 2]), identity("client", "secret"));
        let token = |identity: &EndpointIdentity, text| keys.name(Purpose::Token, identity, &scope(text));
        let names = [
            token(&plain, "a"),
            token(&plain, "b"),
            token(&plain, ""),
            token(&plain, "a b"),
            token(&identity("client", "secret2"), "a"),
            token(&identity("client2", "secret"), "a"),
            token(&plain.clone().with_parameter("audience", &Secret::from("b")), "a"),
            keys.name(Purpose::Failure, &plain, &scope("a")),
            keys.name(Purpose::Suspension, &plain, &scope("a")),
            keys.name(Purpose::Suspension, &plain, &scope("")),
            ring(&[3, 2]).name(Purpose::Token, &plain, &scope("a")),
        ];
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name), "number {index}");
        }
        assert_eq!(ring(&[1, 4]).name(Purpose::Token, &plain, &scope("b  a")), names[3], "any spelling of the scope");
    }

    #[test]
    fn a_value_opens_only_where_it_belongs() {
        let keys = ring(&[1, 2]);
        let sealed = keys.seal(&name(1), Generation(7), TEXT).unwrap();
        assert_eq!(*keys.open(&name(1), Generation(7), &sealed).unwrap(), TEXT);
        for (case, opened) in [
            ("another name", keys.open(&name(2), Generation(7), &sealed)),
            ("another generation", keys.open(&name(1), Generation(8), &sealed)),
            ("the generation before", keys.open(&name(1), Generation(6), &sealed)),
            ("another key ring", ring(&[1, 3]).open(&name(1), Generation(7), &sealed)),
            ("the key that names", ring(&[2, 1]).open(&name(1), Generation(7), &sealed)),
        ] {
            assert!(opened.is_none(), "{case}");
        }
    }

    #[test]
    fn a_changed_or_cut_value_does_not_open() {
        let keys = ring(&[1, 2, 3]);
        let sealed = keys.seal(&name(1), Generation(7), TEXT).unwrap();
        assert_eq!(sealed.len(), 1 + NONCE_LEN + TEXT.len() + TAG);
        for index in 0..sealed.len() {
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[index] ^= 1 << bit;
                assert!(keys.open(&name(1), Generation(7), &changed).is_none(), "bit {bit} of byte {index}");
            }
            assert!(keys.open(&name(1), Generation(7), &sealed[..index]).is_none(), "{index} bytes");
            assert!(keys.open(&name(1), Generation(7), &sealed[index + 1..]).is_none(), "without {index} bytes");
        }
        let longer = [sealed.as_slice(), &[0]].concat();
        assert!(keys.open(&name(1), Generation(7), &longer).is_none());
    }

    #[test]
    fn the_key_that_seals_can_be_replaced_while_values_live() {
        let (old, appended, moved, removed) = (ring(&[1, 2]), ring(&[1, 2, 3]), ring(&[1, 3, 2]), ring(&[1, 3]));
        let opens = |ring: &KeyRing, value: &[u8]| ring.open(&name(1), Generation(1), value).is_some();
        let seal = |ring: &KeyRing| ring.seal(&name(1), Generation(1), TEXT).unwrap();
        let (sealed_old, sealed_new) = (seal(&old), seal(&moved));
        assert!(opens(&old, &seal(&appended)), "the second line seals");
        assert!(opens(&appended, &sealed_old) && opens(&appended, &sealed_new));
        assert!(opens(&moved, &sealed_old) && opens(&moved, &sealed_new));
        assert!(!opens(&removed, &sealed_old) && opens(&removed, &sealed_new));
    }

    #[test]
    fn the_same_text_is_sealed_differently_each_time() {
        let keys = ring(&[1, 2]);
        let seal = || keys.seal(&name(1), Generation(1), TEXT).unwrap();
        assert_ne!(seal(), seal());
        assert!(!seal().windows(4).any(|part| TEXT.windows(4).any(|text| text == part)), "nothing shows");
    }
}
