//! Descriptions, parsed as Markdown and written again without anything that a reader's program would run, load or hide.
//!
//! Parser and options are those of rustdoc, so the checks see what rustdoc sees.

use pulldown_cmark::{BrokenLink, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};
use pulldown_cmark_to_cmark::{Options as Style, cmark_with_options};

use super::safe::{is_hidden, one_line, printable};

/// The extensions of Markdown that rustdoc, GitHub and the registry support.
const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS);

/// How deep quotes and lists may be nested; a text that nests them deeper is not for people.
const DEEPEST: usize = 16;

/// Beginnings of the links that are kept.
const SCHEMES: [&str; 3] = ["http://", "https://", "mailto:"];

/// The language of every code block.
const LANGUAGE: &str = "text";

/// A description, with its blocks.
pub(super) fn blocks(raw: &str) -> String {
    let text = printable(raw);
    let rendered = events(&text).and_then(|events| write(&events));
    rendered.filter(|text| is_safe(text)).unwrap_or_else(|| verbatim(&text))
}

/// A description on one line.
pub(super) fn line(raw: &str) -> String {
    let text = printable(raw);
    let rendered = events(&text).and_then(|events| write(&flat(events)));
    let is_line = |text: &String| !text.contains('\n') && is_safe(text);
    rendered.filter(is_line).unwrap_or_else(|| plain(raw))
}

/// A text that is not Markdown, on one line.
pub(super) fn plain(raw: &str) -> String {
    let text = one_line(raw);
    let is_word = |c: char| c.is_ascii_alphanumeric();
    if text.starts_with(is_word) && text.ends_with(is_word) && text.chars().all(|c| is_word(c) || ".-".contains(c)) {
        return text;
    }
    let mut events = vec![Event::Start(Tag::Paragraph)];
    push_text(&mut events, &text, false);
    events.push(Event::End(TagEnd::Paragraph));
    write(&events).filter(|text| !text.contains('\n') && is_safe(text)).unwrap_or_else(|| code(raw))
}

/// A text that is not Markdown, as a code span.
pub(super) fn code(raw: &str) -> String {
    let text = one_line(raw);
    let run = longest_run(&text);
    let mark = "`".repeat(run + 1);
    match text.as_str() {
        "" => "`\"\"`".to_owned(),
        text if text.starts_with('`') || text.ends_with('`') => format!("{mark} {text} {mark}"),
        text => format!("{mark}{text}{mark}"),
    }
}

/// Whether a rendered text can continue a line.
pub(super) fn begins_with_words(text: &str) -> bool {
    matches!(Parser::new_ext(text, OPTIONS).next(), None | Some(Event::Start(Tag::Paragraph)))
}

/// A text of several lines, unchanged, in a code block.
pub(super) fn verbatim(text: &str) -> String {
    fenced(LANGUAGE, text)
}

/// A code block.
pub(super) fn fenced(language: &str, text: &str) -> String {
    let mark = "`".repeat((longest_run(text) + 1).max(3));
    format!("{mark}{language}\n{}\n{mark}", text.trim_end_matches('\n'))
}

/// The length of the longest sequence of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// The events of a text, without those that are not allowed; `None` if it is nested too deep.
fn events(text: &str) -> Option<Vec<Event<'_>>> {
    let mut out = Vec::new();
    let mut words = String::new();
    let (mut depth, mut in_code) = (0, false);
    // For each open link, whether it is kept.
    let mut links: Vec<bool> = Vec::new();
    for event in Parser::new_ext(text, OPTIONS) {
        if let Event::Text(text) = &event {
            words.push_str(text);
            continue;
        }
        let in_link = links.contains(&true);
        if let Event::InlineHtml(html) = &event {
            words.push_str(html);
            continue;
        }
        if in_code {
            // The writer does not end a block whose last line has no line break.
            let end = if words.ends_with('\n') { "" } else { "\n" };
            out.push(Event::Text((std::mem::take(&mut words) + end).into()));
        } else {
            push_text(&mut out, &std::mem::take(&mut words), in_link);
        }
        match event {
            Event::Start(Tag::CodeBlock(_)) => {
                in_code = true;
                out.push(Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(LANGUAGE.into()))));
            }
            Event::End(TagEnd::CodeBlock) => {
                in_code = false;
                out.push(event);
            }
            Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                let link_type = match link_type {
                    LinkType::Autolink | LinkType::Email => link_type,
                    _ => LinkType::Inline,
                };
                links.push(push_link(&mut out, link_type, dest_url, in_link));
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                links.push(push_link(&mut out, LinkType::Inline, dest_url, in_link));
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                let is_kept = links.pop().unwrap_or_default();
                out.extend(is_kept.then_some(Event::End(TagEnd::Link)));
            }
            Event::Start(Tag::HtmlBlock) => out.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => out.push(Event::End(TagEnd::Paragraph)),
            Event::Html(html) => {
                if matches!(out.last(), Some(Event::Text(_))) {
                    out.push(Event::SoftBreak);
                }
                push_text(&mut out, html.trim(), false);
            }
            Event::Start(Tag::Heading { level, .. }) => {
                let level = level.max(HeadingLevel::H3);
                out.push(Event::Start(Tag::Heading { level, id: None, classes: vec![], attrs: vec![] }));
            }
            Event::End(TagEnd::Heading(level)) => {
                out.push(Event::End(TagEnd::Heading(level.max(HeadingLevel::H3))));
            }
            // rustfmt and editors remove spaces at the end of a line.
            Event::HardBreak => {
                if let Some(Event::Text(text)) = out.last_mut() {
                    *text = text.trim_end().to_owned().into();
                }
                out.push(Event::SoftBreak);
            }
            Event::Code(code) => {
                let code = one_line(&code);
                out.extend((!code.is_empty()).then(|| Event::Code(code.into())));
            }
            Event::Start(Tag::BlockQuote(_) | Tag::List(_)) => {
                depth += 1;
                if depth > DEEPEST {
                    return None;
                }
                out.push(event);
            }
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_)) => {
                depth -= 1;
                out.push(event);
            }
            event => out.push(event),
        }
    }
    Some(out)
}

/// Adds a link if it is allowed and not inside another one; returns whether it was added.
fn push_link<'a>(out: &mut Vec<Event<'a>>, link_type: LinkType, dest_url: CowStr<'a>, in_link: bool) -> bool {
    let is_kept = !in_link && (link_type == LinkType::Email || may_follow(&dest_url));
    let tag = || Tag::Link { link_type, dest_url, title: "".into(), id: "".into() };
    out.extend(is_kept.then(|| Event::Start(tag())));
    is_kept
}

/// Whether a link leads to the web or to a mail address.
fn may_follow(target: &str) -> bool {
    let starts = |scheme: &&str| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    SCHEMES.iter().any(starts) && !target.contains(|c: char| is_hidden(c) || c.is_whitespace())
}

/// Adds words; addresses in them become links, because rustdoc warns about bare ones.
fn push_text(out: &mut Vec<Event<'_>>, text: &str, in_link: bool) {
    let text = printable(text).replace('\n', " ");
    let mut rest = text.as_str();
    while let Some((at, url)) = next_url(rest).filter(|_| !in_link) {
        out.extend((at > 0).then(|| Event::Text(rest[..at].to_owned().into())));
        let dest_url: CowStr<'_> = url.to_owned().into();
        let tag = Tag::Link { link_type: LinkType::Autolink, dest_url, title: "".into(), id: "".into() };
        out.extend([Event::Start(tag), Event::Text(url.to_owned().into()), Event::End(TagEnd::Link)]);
        rest = &rest[at + url.len()..];
    }
    out.extend((!rest.is_empty()).then(|| Event::Text(rest.to_owned().into())));
}

/// The next URL in a text, without the punctuation after it.
fn next_url(text: &str) -> Option<(usize, &str)> {
    let mut from = 0;
    while let Some(found) = text[from..].find("http") {
        let at = from + found;
        let url = &text[at..];
        let end = url.find(|c: char| c.is_whitespace() || "<>\"`)]|\\".contains(c)).unwrap_or(url.len());
        let url = url[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
        let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        if host.is_some_and(|host| !host.is_empty()) {
            return Some((at, url));
        }
        from = at + "http".len();
    }
    None
}

/// The inline events of a text, without its blocks.
fn flat(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut out = vec![Event::Start(Tag::Paragraph)];
    let mut in_code = false;
    let mut apart = false;
    for event in events {
        let event = match event {
            Event::Start(Tag::CodeBlock(_)) | Event::End(TagEnd::CodeBlock) => {
                in_code = !in_code;
                apart = true;
                continue;
            }
            Event::Text(text) if in_code => match one_line(&text) {
                text if text.is_empty() => continue,
                text => Event::Code(text.into()),
            },
            Event::Text(text) => {
                let start = text.trim_start();
                apart |= start.len() < text.len();
                if start.is_empty() {
                    continue;
                }
                let words = start.trim_end().to_owned();
                if std::mem::take(&mut apart) && out.len() > 1 {
                    out.push(Event::Text(" ".into()));
                }
                apart = start.len() > words.len();
                out.push(Event::Text(words.into()));
                continue;
            }
            Event::Code(_)
            | Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. })
            | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link) => event,
            _ => {
                apart = true;
                continue;
            }
        };
        if !matches!(event, Event::End(_)) && std::mem::take(&mut apart) && out.len() > 1 {
            out.push(Event::Text(" ".into()));
        }
        out.push(event);
    }
    out.push(Event::End(TagEnd::Paragraph));
    out
}

/// Writes events as Markdown.
fn write(events: &[Event<'_>]) -> Option<String> {
    let style =
        Style { list_token: '-', code_block_token_count: 3, increment_ordered_list_bullets: true, ..Style::default() };
    let mut text = String::new();
    cmark_with_options(events.iter(), &mut text, OPTIONS, style).ok()?;
    Some(text.trim().to_owned())
}

/// Whether a text has nothing that rustdoc would run, pass on as HTML, or resolve as a link.
fn is_safe(text: &str) -> bool {
    let mut looked_up = false;
    let mut look_up = |_: BrokenLink<'_>| {
        looked_up = true;
        None
    };
    let parser = Parser::new_with_broken_link_callback(text, OPTIONS, Some(&mut look_up));
    let all = parser.into_iter().all(|event| match event {
        Event::Start(Tag::CodeBlock(kind)) => kind == CodeBlockKind::Fenced(LANGUAGE.into()),
        Event::Start(Tag::Link { link_type: LinkType::Email, .. }) => true,
        Event::Start(Tag::Link { dest_url, .. }) => may_follow(&dest_url),
        Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::HtmlBlock | Tag::Image { .. }) => false,
        _ => true,
    });
    all && !looked_up && !text.contains(|c| is_hidden(c) && !matches!(c, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn descriptions_keep_their_markdown() {
        for (raw, rendered) in [
            ("scope=customer.<customer_id> for", "scope=customer.\\<customer_id> for"),
            ("`<a>` and ``b ` <c>`` and <d>", "`<a>` and ``b ` <c>`` and \\<d>"),
            ("see https://a.example/b?c=d. More", "see <https://a.example/b?c=d>. More"),
            ("(https://a.example)", "(<https://a.example>)"),
            ("<https://a.example>", "<https://a.example>"),
            ("[a](https://a.example) and [b](b.md) and [c]", "[a](https://a.example) and b and \\[c\\]"),
            ("[a][r]\n\n[r]: https://a.example 'title'", "[a](https://a.example)"),
            ("![a](https://a.example/b.png) ![c](d.png)", "[a](https://a.example/b.png) c"),
            ("[![a](https://a.example/b.png)](https://c.example)", "[a](https://c.example)"),
            ("already \\<b\\> &lt;c>", "already \\<b> \\<c>"),
            ("größer <ß>", "größer \\<ß>"),
            ("a\n\n    let b = <c>;\n", "a\n\n```text\nlet b = <c>;\n```"),
            ("```json\n{}\n```", "```text\n{}\n```"),
            ("~~~ rust\n```\nx", "````text\n```\nx\n````"),
            ("# A\n\nB\n=\n\n#### C", "### A\n\n### B\n\n#### C"),
            ("<div>\n<b>a</b>\n</div>", "\\<div>\n\\<b>a\\</b>\n\\</div>"),
            ("1. a\n2. b\n   - c", "1. a\n2. b\n   - c"),
            ("| a | b |\n|---|:-:|\n| `x` | <z> \\| |", "|a|b|\n|-|:-:|\n|`x`|\\<z> \\||"),
            ("a  \nb\\\nc\r\nd\re", "a\nb\nc\nd\ne"),
            ("a \\\nb", "a\nb"),
            ("\n\na  \n\n\n\nb\n\n", "a\n\nb"),
            ("client_id and _x_ and 2 * 3", "client_id and *x* and 2 \\* 3"),
            ("", ""),
        ] {
            assert_eq!(blocks(raw), rendered, "{raw:?}");
        }
    }

    #[test]
    fn a_description_on_one_line_keeps_its_words() {
        for (raw, rendered) in [
            ("a\n\n- b\n- *c* `d`\n\n```json\n{\n}\n```\n\ne", "a b *c* `d` `{ }` e"),
            ("# a\n\n> b <c>", "a b \\<c>"),
            ("see https://a.example/b.", "see <https://a.example/b>."),
            ("| a | b |\n|---|---|\n| c | d |", "a b c d"),
            ("**a** b", "**a** b"),
            ("", ""),
        ] {
            assert_eq!(line(raw), rendered, "{raw:?}");
        }
    }

    #[test]
    fn a_text_that_is_not_markdown_is_shown_unchanged() {
        assert_eq!(plain("R*D <b> [c] `d`\n2.0 | x"), "R\\*D \\<b> \\[c\\] \\`d\\` 2.0 \\| x");
        assert_eq!((plain("3.0.3"), plain("1. a"), plain("- a")), ("3.0.3".into(), "1\\. a".into(), "\\- a".into()));
        for (raw, span) in [("a", "`a`"), ("a`b", "``a`b``"), ("`a", "`` `a ``"), ("", "`\"\"`"), ("a\n\nb", "`a b`")] {
            assert_eq!(code(raw), span);
        }
    }

    #[test]
    fn a_text_that_is_nested_too_deep_becomes_a_code_block() {
        let raw = "> ".repeat(DEEPEST + 1) + "```\nx";
        assert_eq!(blocks(&raw), format!("````text\n{raw}\n````"));
        assert!(!blocks(&("> ".repeat(DEEPEST) + "x")).contains("```"));
    }

    #[test]
    fn the_output_grows_with_the_text() {
        // The output is at most six times as long as the input.
        for piece in
            ["[a", "> ", "- ", "*a ", "_a*", "`", "<a ", "![", "[a](b", "https://", "| a ", "\\", "&lt;", "[^1]: x\n\n"]
        {
            let raw = piece.repeat(100_000 / piece.len());
            let lengths = [blocks(&raw).len(), line(&raw).len(), plain(&raw).len()];
            assert!(lengths.iter().all(|length| *length <= 6 * raw.len() + 100), "{piece:?}: {lengths:?}");
        }
    }

    proptest! {
        #[test]
        fn rendered_text_is_safe_and_renders_to_itself(raw in "([ \t\n`~#*_<>\\[\\]()!|:\\\\&;.a1+-]|https://a.example|\\PC){0,60}") {
            let text = blocks(&raw);
            prop_assert!(is_safe(&text), "{text:?}");
            prop_assert_eq!(blocks(&text), text);
            for text in [line(&raw), plain(&raw), code(&raw)] {
                prop_assert!(is_safe(&text) && !text.contains('\n'), "{text:?}");
            }
        }
    }
}
