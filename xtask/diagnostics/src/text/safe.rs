//! Text that is safe in one place, and the templates that combine such texts.

use std::fmt;
use std::marker::PhantomData;

/// A text that is safe in the place `P`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text<P> {
    text: String,
    place: PhantomData<P>,
}

/// A value that can be a part of a text in the place `P`.
pub trait Part<P>: sealed::Part<P> {}

impl<P, T: sealed::Part<P>> Part<P> for T {}

mod sealed {
    /// Values that append themselves to a text.
    pub trait Part<P> {
        fn add_to(&self, text: &mut String);
    }
}

impl<P> sealed::Part<P> for Text<P> {
    fn add_to(&self, text: &mut String) {
        text.push_str(&self.text);
    }
}

impl<P> sealed::Part<P> for &Text<P> {
    fn add_to(&self, text: &mut String) {
        text.push_str(&self.text);
    }
}

impl<P> sealed::Part<P> for &'static str {
    fn add_to(&self, text: &mut String) {
        text.push_str(self);
    }
}

impl<P> sealed::Part<P> for usize {
    fn add_to(&self, text: &mut String) {
        text.push_str(&self.to_string());
    }
}

impl<P> Text<P> {
    pub(super) fn safe(text: String) -> Self {
        Self { text, place: PhantomData }
    }

    /// Fills each `{}` of a template with a part; see [`fill`].
    pub fn fill(template: &'static str, parts: &[&dyn Part<P>]) -> Self {
        let mut text = String::with_capacity(template.len());
        let (mut rest, mut parts) = (template, parts.iter());
        while let Some(at) = rest.find(['{', '}']) {
            text.push_str(&rest[..at]);
            match rest.get(at..at + 2) {
                Some("{}") => parts.by_ref().take(1).for_each(|part| part.add_to(&mut text)),
                other => text.extend(other.and_then(|pair| pair.chars().next())),
            }
            rest = rest.get(at + 2..).unwrap_or_default();
        }
        text.push_str(rest);
        Self::safe(text)
    }

    /// Appends a part.
    pub fn push(&mut self, part: impl Part<P>) {
        part.add_to(&mut self.text);
    }

    /// Joins texts, with `between` between two of them.
    pub fn join(texts: impl IntoIterator<Item = Self>, between: &'static str) -> Self {
        let texts = texts.into_iter().map(|text| text.text).collect::<Vec<_>>();
        Self::safe(texts.join(between))
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text as a string slice.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text as a string, to be written in its place.
    pub fn into_string(self) -> String {
        self.text
    }
}

impl<P> From<&'static str> for Text<P> {
    fn from(own: &'static str) -> Self {
        Self::safe(own.to_owned())
    }
}

impl<P> fmt::Display for Text<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The number of `{}` in a template; `{{` and `}}` are braces.
pub const fn places(template: &str) -> usize {
    let bytes = template.as_bytes();
    let (mut at, mut count) = (0, 0);
    while at < bytes.len() {
        if matches!(bytes[at], b'{' | b'}') {
            assert!(at + 1 < bytes.len(), "a brace has no partner");
            match (bytes[at], bytes[at + 1]) {
                (b'{', b'}') => count += 1,
                (b'{', b'{') | (b'}', b'}') => {}
                _ => panic!("braces come in pairs"),
            }
            at += 1;
        }
        at += 1;
    }
    count
}

/// `fill!(Rust, "let {} = {};", name, literal)`: like `format!`, but each part must be safe in that place.
///
/// A constructor of the type for that place makes text of a document safe.
#[macro_export]
macro_rules! fill {
    ($place:ident, $template:literal $(, $part:expr)* $(,)?) => {{
        const {
            let parts: &[&str] = &[$(stringify!($part)),*];
            assert!($crate::text::safe::places($template) == parts.len(), "a template has one part for each place");
        }
        $crate::text::$place::fill(
            concat!($template),
            &[$(&$part as &dyn $crate::text::Part<_>),*],
        )
    }};
}
pub use crate::fill;

/// A text without control characters and marks that change the direction of writing. Every character that some program
/// treats as the end of a line becomes a line break.
pub(super) fn printable(text: &str) -> String {
    let lines = text.replace("\r\n", "\n");
    let of = |c: char| match c {
        '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\u{b}' | '\u{c}' => Some(' '),
        '\n' | '\t' => Some(c),
        c => (!is_hidden(c)).then_some(c),
    };
    lines.chars().filter_map(of).collect()
}

/// A text on one line, with one space between words.
pub(super) fn one_line(text: &str) -> String {
    printable(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a character is a control character or changes the direction of the text after it.
pub fn is_hidden(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Whether a character takes no space on a terminal, and could hide in a text: `Default_Ignorable_Code_Point` of Unicode.
///
/// Descriptions keep them: some scripts and emoji need joiners and variation selectors.
pub fn is_zero_width(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    #[allow(unused_imports, reason = "the macro names it")]
    use crate::text::{Markdown, Rust};

    #[test]
    fn a_template_is_filled_in_order() {
        let name = Rust::name("b");
        assert_eq!(fill!(Rust, "let {} = {{{}}};\n{}", name, 1_usize, "x").as_str(), "let b = {1};\nx");
        assert_eq!(fill!(Markdown, "größer ß").as_str(), "größer ß");
        assert_eq!(places("{}{{}}{}"), 2);
    }

    #[test]
    fn characters_that_no_place_may_hold_are_removed() {
        assert_eq!(printable("a\rb\r\nc\0d\u{202e}e\u{2066}f\u{1b}g\u{7f}h\u{9b}\tü"), "a\nb\ncdefgh\tü");
        assert_eq!(printable("a\u{2028}b\u{2029}c\u{85}d\u{c}e\u{7}"), "a\nb\nc\nd e");
        assert_eq!(one_line(" a\n\n b\u{2028}c "), "a b c");
    }
}
