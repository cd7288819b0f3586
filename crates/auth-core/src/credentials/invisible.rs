//! Invisible characters, which are never intended in a credential.

use std::fmt;

/// The first invisible character of `text`, and its position in characters from 1. A space does not count: it is
/// allowed in client ids and client secrets (RFC 6749 appendix A).
pub(crate) fn first_invisible(text: &str) -> Option<(char, usize)> {
    text.chars().zip(1..).find(|(character, _)| is_invisible(*character))
}

fn is_invisible(character: char) -> bool {
    // Almost all credentials are printable ASCII, which needs no lookup.
    if matches!(character, ' '..='~') {
        return false;
    }
    character.is_control()
        || character.is_whitespace()
        // The braille pattern without dots.
        || character == '\u{2800}'
        || is_format_or_ignorable(character)
}

/// True if the character has the category Cf or the property `Default_Ignorable_Code_Point` in Unicode 17.
fn is_format_or_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Writes a character as its code point and its name.
pub(crate) struct CodePoint(pub(crate) char);

impl fmt::Display for CodePoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "U+{:04X} ({})", u32::from(self.0), name(self.0))
    }
}

fn name(character: char) -> &'static str {
    match character {
        '\0' => "null",
        '\t' => "tab",
        '\n' => "line feed",
        '\r' => "carriage return",
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "text direction control"
        }
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202f}' => "narrow no-break space",
        '\u{2060}' => "word joiner",
        '\u{3000}' => "ideographic space",
        '\u{feff}' => "byte order mark",
        _ if character.is_control() => "control character",
        _ if character.is_whitespace() => "white space",
        _ => "invisible character",
    }
}

#[cfg(test)]
mod tests {
    use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
    use icu_properties::{CodePointMapData, CodePointSetData};

    use super::*;

    #[test]
    fn the_table_matches_unicode() {
        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        let categories = CodePointMapData::<GeneralCategory>::new();
        for character in '\0'..=char::MAX {
            let expected = ignorable.contains(character) || categories.get(character) == GeneralCategory::Format;
            assert_eq!(is_format_or_ignorable(character), expected, "U+{:04X}", u32::from(character));
        }
    }

    #[test]
    fn only_invisible_characters_are_found() {
        let visible = " !\"#~azAZ09\u{e9}\u{a3}\u{430}\u{627}\u{4e2d}\u{1f600}";
        assert_eq!(first_invisible(visible), None);
        for code_point in [
            0x00, 0x09, 0x0a, 0x0d, 0x1b, 0x7f, 0x85, 0xa0, 0xad, 0x34f, 0x61c, 0x115f, 0x1680, 0x180e, 0x2000, 0x200b,
            0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x202f, 0x205f, 0x2060, 0x2064, 0x2066,
            0x2069, 0x2800, 0x3000, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0xe0001, 0xe0100,
        ] {
            let character = char::from_u32(code_point).unwrap();
            assert_eq!(first_invisible(&format!("\u{e9}a{character}b")), Some((character, 3)), "U+{code_point:04X}");
        }
    }

    #[test]
    fn an_invisible_character_is_written_by_code_point_and_name() {
        for (character, written) in [
            ('\u{feff}', "U+FEFF (byte order mark)"),
            ('\n', "U+000A (line feed)"),
            ('\u{1b}', "U+001B (control character)"),
            ('\u{2003}', "U+2003 (white space)"),
            ('\u{e0001}', "U+E0001 (invisible character)"),
        ] {
            assert_eq!(CodePoint(character).to_string(), written);
        }
    }
}
