//! Places in a body.

use std::borrow::Cow;
use std::fmt;

/// What stands for a name or an index that is not shown.
const ANY: &str = "*";

/// One step into a body.
#[derive(Clone, Debug)]
pub(crate) enum Segment {
    /// An element of a list or a member of a map: `*`, since indices and keys are values.
    Any,
    /// A documented member.
    Known(Cow<'static, str>),
    /// A member that the document may not describe, with a name that reads like one.
    Named(Box<str>),
}

impl Segment {
    /// The segment of a member that the document describes.
    pub(crate) fn known(name: &'static str) -> Self {
        Self::Known(Cow::Borrowed(name))
    }

    /// The segment of a member that may be undocumented. A name that could as well be a value becomes `*`.
    pub(crate) fn of_member(name: &str) -> Self {
        if reads_like_a_name(name) { Self::Named(name.into()) } else { Self::Any }
    }

    /// The name of a member that may be undocumented, as far as it may be shown.
    pub(crate) fn shown(name: &str) -> &str {
        if reads_like_a_name(name) { name } else { ANY }
    }

    fn text(&self) -> &str {
        match self {
            Self::Any => ANY,
            Self::Known(name) => name,
            Self::Named(name) => name,
        }
    }
}

impl PartialEq for Segment {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Segment {}

/// Length of the longest name of an undocumented member that is shown.
const MAX_NAME_BYTES: usize = 48;

/// An undocumented name with more digits is not shown: it could be an id.
const MAX_DIGITS: usize = 4;

/// No word has more consonants in a row; a random text usually does.
const MAX_CONSONANTS: usize = 6;

/// True if a name consists of words, as `new_field`, `addressLine2` and `$type` do. Other names, such as those of a map from ids or
/// keys, could be values.
fn reads_like_a_name(name: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&name.len())
        && name.bytes().filter(u8::is_ascii_digit).count() <= MAX_DIGITS
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
        && has_vowels(name)
        && name.split(['_', '-', '.', '$', '@', ':']).all(is_camel_case)
}

/// True if the name has no long run of consonants. Separators do not interrupt a run.
fn has_vowels(name: &str) -> bool {
    let letters = name.bytes().filter(u8::is_ascii_alphabetic).map(|byte| byte.to_ascii_lowercase());
    let letters = letters.collect::<Vec<_>>();
    letters.split(|byte| b"aeiouy".contains(byte)).all(|consonants| consonants.len() <= MAX_CONSONANTS)
}

/// True for letters, in humps of at least two, with digits only at the end.
fn is_camel_case(piece: &str) -> bool {
    let letters = piece.trim_end_matches(|c: char| c.is_ascii_digit()).as_bytes();
    let begins = |at: usize| letters[at].is_ascii_uppercase() && letters[at - 1].is_ascii_lowercase();
    let humps = (1..letters.len()).filter(|at| begins(*at));
    let mut ends = humps.clone().chain([letters.len()]);
    let begin = std::iter::once(0).chain(humps);
    letters.iter().all(u8::is_ascii_alphabetic)
        && (letters.len() < 2 || begin.zip(&mut ends).all(|(begin, end)| end - begin >= 2))
}

/// A place in a body; `Display` writes it as a JSON pointer (RFC 6901).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path(pub(crate) Vec<Segment>);

impl Path {
    /// The place below `outer` that this is relative to it.
    pub(crate) fn below(mut self, outer: &[Segment]) -> Self {
        self.0.splice(..0, outer.iter().cloned());
        self
    }

    /// The names that are not from the document.
    pub(crate) fn undocumented(&mut self) -> impl Iterator<Item = &mut Segment> {
        self.0.iter_mut().filter(|segment| matches!(segment, Segment::Named(_)))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|segment| {
            let text = segment.text();
            if text.contains(['~', '/']) {
                write!(formatter, "/{}", text.replace('~', "~0").replace('/', "~1").escape_debug())
            } else {
                write!(formatter, "/{}", text.escape_debug())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_a_json_pointer() {
        for (path, pointer) in [
            (vec![], ""),
            (vec![Segment::known("data"), Segment::Any, Segment::known("id")], "/data/*/id"),
            (vec![Segment::known("a/b"), Segment::known("m~n"), Segment::known("x\ny")], "/a~1b/m~0n/x\\ny"),
        ] {
            assert_eq!(Path(path).to_string(), pointer);
        }
    }

    #[test]
    fn an_undocumented_name_is_shown_only_if_it_reads_like_one() {
        for (name, is_shown) in [
            ("new_field", true),
            ("$type", true),
            ("@context", true),
            ("address-line.2", true),
            ("iso3166", true),
            ("addressLine2", true),
            ("customerID", true),
            ("x", true),
            ("", false),
            ("_", false),
            ("aB3dE", false),
            ("htmlText", true),
            ("wvqjzkxhbgyfpmcdlrntsu", false),
            ("wvq_jzk_xhb", false),
            ("MARKER7q2ZxV9kLmW4tB8d", false),
            ("a1b2c3", false),
            ("two words", false),
            ("für", false),
            ("a/b", false),
            ("7f3a91c04d", false),
            ("AE070331234567890123456", false),
            ("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", false),
        ] {
            let shown = if is_shown { name } else { "*" };
            assert_eq!(Path(vec![Segment::of_member(name)]).to_string(), format!("/{shown}"), "{name}");
        }
    }
}
