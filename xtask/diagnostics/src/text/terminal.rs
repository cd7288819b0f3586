//! Text for terminals.

use serde_json::Value;

use super::safe::{Text, is_hidden};

/// The place: standard output and standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnTerminal;

/// Text for a terminal, which takes control characters for commands.
pub type Terminal = Text<OnTerminal>;

impl Terminal {
    /// A text on one line; control characters are shown, and do nothing.
    pub fn line(raw: &str) -> Self {
        Self::shown(raw, |_| false)
    }

    /// A text of several lines; other control characters are shown, and do nothing.
    pub fn lines(raw: &str) -> Self {
        Self::shown(raw, |c| matches!(c, '\n' | '\t'))
    }

    /// JSON for machines, in several lines; control characters are escapes of its strings.
    pub fn json(value: &Value) -> Self {
        Self::of_json(&format!("{value:#}\n"))
    }

    /// The same of JSON that is written already.
    pub fn of_json(json: &str) -> Self {
        let mut text = String::with_capacity(json.len());
        for c in json.chars() {
            // Outside of its strings, JSON has none but line breaks.
            match c {
                '\n' => text.push(c),
                c if is_hidden(c) => text.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => text.push(c),
            }
        }
        Self::safe(text)
    }

    fn shown(raw: &str, kept: impl Fn(char) -> bool) -> Self {
        let mut text = String::with_capacity(raw.len());
        for c in raw.chars() {
            if is_hidden(c) && !kept(c) {
                text.extend(c.escape_default());
            } else {
                text.push(c);
            }
        }
        Self::safe(text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn control_characters_are_shown() {
        let raw = "a\u{1b}]0;x\u{7}b\u{9b}31m\u{7f}\u{202e}c\r\n\td";
        assert_eq!(Terminal::line(raw).as_str(), "a\\u{1b}]0;x\\u{7}b\\u{9b}31m\\u{7f}\\u{202e}c\\r\\n\\td");
        assert_eq!(Terminal::lines("a\r\n\tb\u{8}").as_str(), "a\\r\n\tb\\u{8}");
        assert_eq!(Terminal::line("größer 日本 🦀").as_str(), "größer 日本 🦀");
    }

    #[test]
    fn json_is_read_as_it_was() {
        let value = json!({ "a\u{9b}": ["\u{7f}\u{202e}\u{1b}\n", 1, { "b": "ü" }] });
        let text = Terminal::json(&value);
        assert!(!text.as_str().contains(|c| is_hidden(c) && c != '\n'), "{text:?}");
        assert_eq!(serde_json::from_str::<Value>(text.as_str()).expect("JSON"), value);
    }
}
