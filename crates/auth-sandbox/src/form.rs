//! A strict parser for `application/x-www-form-urlencoded`.

use std::{borrow::Cow, collections::HashSet};

use percent_encoding::percent_decode;

/// The fields of a form, each at most once unless it is repeatable.
pub(crate) struct Form(Vec<(String, String)>);

/// Why a form is invalid, described for the developer of the client.
pub(crate) type FormError = &'static str;

impl Form {
    /// Parses a body; refuses invalid encodings and duplicate fields (RFC 6749 §3.2).
    pub(crate) fn parse(body: &[u8]) -> Result<Self, FormError> {
        Self::parse_with(body, &[])
    }

    /// Does the same, but these fields may occur more than once.
    pub(crate) fn parse_with(body: &[u8], repeatable: &[&str]) -> Result<Self, FormError> {
        let fields = fields(body)?;
        let mut names = HashSet::new();
        if fields.iter().all(|(name, _)| names.insert(name) || repeatable.contains(&name.as_str())) {
            Ok(Self(fields))
        } else {
            Err("a parameter is included more than once")
        }
    }

    /// The value of a field; an empty value counts as omitted (RFC 6749 §3.2).
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(field, _)| field == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    /// The values of a field that may be repeated.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(field, value)| field == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

/// The fields of a body in order, duplicates included.
pub(crate) fn fields(body: &[u8]) -> Result<Vec<(String, String)>, FormError> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    body.split(|&byte| byte == b'&')
        .map(|field| {
            let (name, value) = match field.iter().position(|&byte| byte == b'=') {
                Some(at) => (&field[..at], &field[at + 1..]),
                None => (field, &[][..]),
            };
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) if !name.is_empty() => Ok((name, value)),
                (Some(_), Some(_)) => Err("a parameter has no name"),
                _ => Err("the body is not form-urlencoded UTF-8"),
            }
        })
        .collect()
}

/// Decodes one name or value. `None` if it contains unencoded spaces, control characters or non-ASCII, a `%` without
/// two hex digits, or bytes that are not UTF-8.
pub(crate) fn decode(encoded: &[u8]) -> Option<String> {
    let well_formed = encoded.iter().enumerate().all(|(at, &byte)| match byte {
        b'%' => encoded.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        _ => byte.is_ascii_graphic(),
    });
    if !well_formed {
        return None;
    }
    let spaced: Vec<u8> = encoded.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_decode(&spaced).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_and_percent_sequences_are_decoded_once() {
        assert_eq!(decode(b"a+b%20c%2Bd%2525%C3%A4").as_deref(), Some("a b c+d%25ä"));
    }

    #[test]
    fn broken_encodings_are_refused() {
        for broken in [&b"%"[..], b"%4", b"%zz", b"a b", b"a\nb", b"\xc3\xa4", b"%ff", b"\0"] {
            assert_eq!(decode(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn a_field_may_come_only_once() {
        assert!(Form::parse(b"a=1&b=2&a=1").is_err());
        assert!(Form::parse(b"a=1&%61=2").is_err());
    }

    #[test]
    fn an_empty_value_counts_as_omitted() {
        let form = Form::parse(b"a=&b&c=3").unwrap_or_else(|error| panic!("{error}"));
        assert_eq!([form.value("a"), form.value("b"), form.value("c")], [None, None, Some("3")]);
    }

    #[test]
    fn a_field_without_a_name_is_refused() {
        for body in [&b"&"[..], b"a=1&", b"=1"] {
            assert!(Form::parse(body).is_err(), "{body:?}");
        }
    }
}
