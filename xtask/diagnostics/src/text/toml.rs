//! Text for manifests.

use super::safe::{Text, is_hidden, one_line};

/// The place: a TOML file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InToml;

/// Text of a TOML file.
pub type Toml = Text<InToml>;

impl Toml {
    /// A basic string.
    pub fn string(raw: &str) -> Self {
        let mut text = String::from("\"");
        for c in raw.chars() {
            match c {
                '"' | '\\' => text.extend(['\\', c]),
                '\n' => text.push_str("\\n"),
                '\t' => text.push_str("\\t"),
                c if is_hidden(c) => text.push_str(&format!("\\u{:04X}", u32::from(c))),
                c => text.push(c),
            }
        }
        text.push('"');
        Self::safe(text)
    }

    /// The text of a comment.
    pub fn comment(raw: &str) -> Self {
        Self::safe(one_line(raw))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The value of a TOML string; the escapes used here are those of JSON as well.
    fn read(string: &Toml) -> String {
        assert!(!string.as_str().contains(is_hidden), "{string:?}");
        serde_json::from_str(string.as_str()).expect("a string")
    }

    #[test]
    fn a_string_has_the_value_that_it_was_made_from() {
        for raw in ["", "a \"b\" \\ c", "a\nb\rc\td", "\u{7f}\u{0}\u{1b}\u{9b}\u{202e}\u{2028}", "]\n[dependencies]\n"]
        {
            assert_eq!(read(&Toml::string(raw)), raw);
        }
        assert_eq!(Toml::comment("a\n[x]\u{7}").as_str(), "a [x]");
    }

    proptest! {
        #[test]
        fn every_string_has_the_value_that_it_was_made_from(raw in any::<String>()) {
            prop_assert_eq!(read(&Toml::string(&raw)), raw);
        }
    }
}
