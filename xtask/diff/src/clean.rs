//! Text of documents for terminals and reports.

/// A text on one line, without what a terminal or an XML reader takes for an instruction or refuses.
pub(super) fn clean(text: &str) -> String {
    let breaks = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}');
    let harms = |c: char| {
        c.is_control()
            // Marks that change the direction of the text after them, and characters that XML 1.0 section 2.2 excludes.
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    let one_line = text.chars().map(|c| if breaks(c) { ' ' } else { c });
    one_line.filter(|c| !harms(*c)).collect()
}

/// A clean text in XML, in an element or between double quotes.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::new();
    for c in clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_plain_text_is_left() {
        for (given, wanted) in [
            ("a\u{1b}[31mb\u{7}", "a[31mb"),
            ("a\nb\tc\r", "a b c "),
            ("\0\u{85}\u{9b}\u{7f}x\u{202e}y\u{2028}z", "xy z"),
            ("é \u{1f600} \u{fffe}\u{ffff}", "é \u{1f600} "),
        ] {
            assert_eq!(clean(given), wanted);
        }
        assert_eq!(xml("<a b=\"c\">&amp;</a>\u{1b}"), "&lt;a b=&quot;c&quot;&gt;&amp;amp;&lt;/a&gt;");
    }
}
