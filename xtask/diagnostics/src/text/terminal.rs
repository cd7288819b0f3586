//! Text for terminals.

use serde_json::Value;

use super::safe::{Text, is_hidden, is_zero_width};

/// The place: standard output and standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnTerminal;

/// Text for a terminal. Control characters and zero-width characters are printed as escapes.
pub type Terminal = Text<OnTerminal>;

impl Terminal {
    /// A text on one line; line breaks are escaped as well.
    pub fn line(raw: &str) -> Self {
        Self::escaped(raw, |_| false)
    }

    /// A text that keeps its line breaks and tabs.
    pub fn lines(raw: &str) -> Self {
        Self::escaped(raw, |c| matches!(c, '\n' | '\t'))
    }

    /// JSON on several lines; the characters become escapes in its strings.
    pub fn json(value: &Value) -> Self {
        Self::of_json(&format!("{value:#}\n"))
    }

    /// JSON that was serialized before; the characters become escapes in its strings.
    pub fn of_json(json: &str) -> Self {
        let mut text = String::with_capacity(json.len());
        for c in json.chars() {
            // Outside strings, JSON has no such character but the line break.
            match c {
                '\n' => text.push(c),
                c if is_escaped(c) => {
                    c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
                }
                c => text.push(c),
            }
        }
        Self::safe(text)
    }

    fn escaped(raw: &str, kept: impl Fn(char) -> bool) -> Self {
        let mut text = String::with_capacity(raw.len());
        for c in raw.chars() {
            if is_escaped(c) && !kept(c) {
                text.extend(c.escape_default());
            } else {
                text.push(c);
            }
        }
        Self::safe(text)
    }
}

fn is_escaped(c: char) -> bool {
    is_hidden(c) || is_zero_width(c)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn control_and_zero_width_characters_are_escaped() {
        let raw = "a\u{1b}]0;x\u{7}b\u{9b}31m\u{7f}\u{202e}c\r\n\td";
        assert_eq!(Terminal::line(raw).as_str(), "a\\u{1b}]0;x\\u{7}b\\u{9b}31m\\u{7f}\\u{202e}c\\r\\n\\td");
        assert_eq!(Terminal::lines("a\r\n\tb\u{8}").as_str(), "a\\r\n\tb\\u{8}");
        assert_eq!(Terminal::lines("a\u{200b}\u{e0041}\u{feff}b").as_str(), "a\\u{200b}\\u{e0041}\\u{feff}b");
        assert_eq!(Terminal::line("größer 日本 🦀").as_str(), "größer 日本 🦀");
    }

    #[test]
    fn escaped_json_has_the_same_value() {
        let value = json!({ "a\u{9b}\u{e0041}": ["\u{200b}\u{7f}\u{202e}\u{1b}\n", 1, { "b": "ü" }] });
        let text = Terminal::json(&value);
        assert!(!text.as_str().contains(|c| is_escaped(c) && c != '\n'), "{text:?}");
        assert_eq!(serde_json::from_str::<Value>(text.as_str()).expect("JSON"), value);
    }
}
