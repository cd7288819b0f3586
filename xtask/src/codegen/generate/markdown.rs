//! Text of a vendor's document as rustdoc should read it.
//!
//! Descriptions are CommonMark, but written for other tools: `<customer_id>` would be an HTML tag, `[x]` a broken link,
//! and indented text or a code block without a language would be compiled as a test.

/// Escapes a text, outside of its code spans and code blocks, and trims what is empty around it.
pub(crate) fn escape(text: &str) -> String {
    let text = printable(text);
    let mut lines: Vec<String> = Vec::new();
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if let Some(mark) = &fence {
            if trimmed == mark {
                fence = None;
            }
            lines.push(line.trim_end().to_owned());
        } else if let Some(mark) = fence_mark(trimmed) {
            let language = trimmed[mark.len()..].trim();
            lines.push(format!("{mark}{}", if is_rust(language) { "text" } else { language }));
            fence = Some(mark);
        } else if trimmed.is_empty() {
            if lines.last().is_some_and(|last| !last.is_empty()) {
                lines.push(String::new());
            }
        } else {
            let indent = (line.len() - line.trim_start().len()).min(3);
            lines.push(format!("{}{}", " ".repeat(indent), escape_line(trimmed)));
        }
    }
    lines.extend(fence);
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

/// A text without what no comment in Rust may hold: lone carriage returns, controls, and marks that turn the direction.
fn printable(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control() && !turns(*c)).collect()
}

fn fence_mark(line: &str) -> Option<String> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let count = line.chars().take_while(|c| *c == mark).count();
    let is_fence = count >= 3 && !(mark == '`' && line[count..].contains('`'));
    is_fence.then(|| mark.to_string().repeat(count))
}

/// Whether rustdoc would take a code block for Rust.
fn is_rust(language: &str) -> bool {
    let first = language.split([',', ' ']).next().unwrap_or_default();
    first.is_empty()
        || ["rust", "ignore", "no_run", "should_panic", "compile_fail", "test_harness"].contains(&first)
        || first.starts_with("edition")
        || first.starts_with('{')
}

fn escape_line(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let verbatim = match c {
            '`' => code_span(rest),
            '<' => autolink(rest),
            '[' => link(rest),
            '\\' => Some(1 + rest[1..].chars().next().map_or(0, char::len_utf8)),
            _ => None,
        };
        if let Some(length) = verbatim {
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        if let Some(length) = bare_url(rest).filter(|_| !out.ends_with(|c: char| c.is_ascii_alphanumeric())) {
            out.push_str(&format!("<{}>", &rest[..length]));
            rest = &rest[length..];
            continue;
        }
        let is_quote = c == '>' && out.is_empty();
        if matches!(c, '<' | '>' | '[' | ']') && !is_quote {
            out.push('\\');
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Length of the code span that a text begins with; a backtick that nothing closes is just one.
fn code_span(text: &str) -> Option<usize> {
    let count = text.chars().take_while(|c| *c == '`').count();
    let mut at = count;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let run = text[start..].chars().take_while(|c| *c == '`').count();
        at = start + run;
        if run == count {
            return Some(at);
        }
    }
    None
}

/// Length of `<https://..>`.
fn autolink(text: &str) -> Option<usize> {
    let length = bare_url(&text[1..])?;
    text[1 + length..].starts_with('>').then_some(length + 2)
}

/// Length of `[text](target)`.
fn link(text: &str) -> Option<usize> {
    let middle = text.find("](")?;
    if text[1..middle].contains(['[', ']']) {
        return None;
    }
    let end = text[middle..].find(')')?;
    let target = &text[middle + 2..middle + end];
    // Anything else would be looked up as the path of an item.
    let is_url = ["http://", "https://", "mailto:"].iter().any(|scheme| target.starts_with(scheme));
    is_url.then_some(middle + end + 1)
}

/// Length of a URL that a text begins with, without the punctuation of the sentence.
fn bare_url(text: &str) -> Option<usize> {
    if !text.starts_with("http://") && !text.starts_with("https://") {
        return None;
    }
    let end =
        text.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | ')' | ']')).unwrap_or(text.len());
    let length = text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']).len();
    (length > "https://".len()).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_escaped_outside_of_code() {
        for (before, after) in [
            ("scope=customer.<customer_id> for", "scope=customer.\\<customer_id\\> for"),
            ("`<a>` and ``b ` <c>`` and <d>", "`<a>` and ``b ` <c>`` and \\<d\\>"),
            ("see https://a.example/b?c=d. More", "see <https://a.example/b?c=d>. More"),
            ("(https://a.example)", "(<https://a.example>)"),
            ("<https://a.example>", "<https://a.example>"),
            ("[a](https://a.example) and [b](b.md) and [c]", "[a](https://a.example) and \\[b\\](b.md) and \\[c\\]"),
            ("[[x]](y)", "\\[\\[x\\]\\](y)"),
            ("> quote > not", "> quote \\> not"),
            ("one ` alone <x>", "one ` alone \\<x\\>"),
            ("already \\<b\\>", "already \\<b\\>"),
            ("xhttps://a.example", "xhttps://a.example"),
            ("größer <ß>", "größer \\<ß\\>"),
            ("ends in \\", "ends in \\"),
        ] {
            assert_eq!(escape(before), after);
        }
    }

    #[test]
    fn nothing_becomes_a_test_by_accident() {
        assert_eq!(escape("a\n\n    let b = <c>;\n"), "a\n\n   let b = \\<c\\>;");
        assert_eq!(escape("```\n<a> [b]\n```\n"), "```text\n<a> [b]\n```");
        assert_eq!(escape("```json\n{}\n```"), "```json\n{}\n```");
        assert_eq!(escape("~~~ rust\nx"), "~~~text\nx\n~~~");
    }

    #[test]
    fn what_no_comment_may_hold_falls_away() {
        assert_eq!(escape("a\rb\r\nc\0d\u{202e}e\u{2066}f\u{1b}"), "a\nb\ncdef");
        assert_eq!(escape("```\na\rb\n```"), "```text\na\nb\n```");
    }

    #[test]
    fn empty_lines_around_a_text_and_doubled_ones_fall_away() {
        assert_eq!(escape("\n\na  \n\n\n\nb\n\n"), "a\n\nb");
    }
}
