//! Text of others, for a terminal.

/// The text on one line: characters that steer a terminal, or that it does not show, are escaped.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let mut escaped = character.escape_debug();
        // Quotes and backslashes are shown as they are.
        if escaped.len() == 1 || matches!(character, '"' | '\'' | '\\') {
            shown.push(character);
        } else {
            shown.extend(&mut escaped);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_steers_a_terminal_is_escaped() {
        for (text, shown) in [
            ("profile \"a\" of C:\\b isn't there", "profile \"a\" of C:\\b isn't there"),
            ("\u{e4}\u{4e2d}\u{2026}", "\u{e4}\u{4e2d}\u{2026}"),
            ("\u{1b}[31mred\nline\r\t\u{0}", "\\u{1b}[31mred\\nline\\r\\t\\0"),
            ("\u{9b}1m\u{7f}\u{202e}\u{2066}\u{200b}\u{feff}", "\\u{9b}1m\\u{7f}\\u{202e}\\u{2066}\\u{200b}\\u{feff}"),
        ] {
            assert_eq!(printable(text), shown);
        }
    }
}
