//! Problems as people like to read them: the message, the offending lines, and what to do.
//!
//! The text carries colours; whoever prints it goes through `anstream`, which takes them out unless the output is a
//! terminal that wants them (`NO_COLOR` and its relatives are obeyed).

use std::fmt::Write as _;

use annotate_snippets::renderer::{AnsiColor, Effects, Style};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::problem::{Problem, Problems, Severity};
use crate::text::Terminal;

/// Lines shown before and after the one that is meant.
const CONTEXT_LINES: usize = 1;

/// Characters of a line that are shown; documents without line breaks have lines of megabytes.
const WIDTH: usize = 160;

/// Columns of the text, whatever the terminal's: the same problem is always the same text.
const COLUMNS: usize = 200;

/// All problems as one text with colours, one after the other.
pub fn render(problems: &Problems) -> String {
    let mut lines = Lines::default();
    problems.iter().map(|problem| show(problem, &mut lines)).collect()
}

/// One problem as text with colours.
pub fn one(problem: &Problem) -> String {
    show(problem, &mut Lines::default())
}

fn show<'a>(problem: &'a Problem, lines: &mut Lines<'a>) -> String {
    let level = match problem.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let renderer = Renderer::styled().term_width(COLUMNS);
    let excerpt = problem.shown().and_then(|(text, line)| Excerpt::of(lines.of(text), line));
    let message = Terminal::lines(problem.message());
    let mut out = renderer.render(&[Group::with_title(level.clone().primary_title(message.as_str()))]);
    // The origin is written here, and not by the crate, because it names a JSON pointer where others name a column.
    let indent = excerpt.as_ref().map_or(2, |excerpt| excerpt.last().to_string().len());
    if let Some(origin) = problem.origin() {
        let _ = write!(out, "\n{:indent$}{ARROW}-->{ARROW:#} {}", "", Terminal::line(&origin));
    }
    let advice = problem.advice().map(Terminal::lines);
    let remedy = advice.as_ref().map(|text| Level::HELP.with_name("remedy").message(text.as_str()));
    match (excerpt, remedy) {
        (Some(excerpt), remedy) => {
            let snippet = Snippet::source(excerpt.text).line_start(excerpt.first).fold(false);
            let snippet = snippet.annotation(AnnotationKind::Primary.span(excerpt.marked.0..excerpt.marked.1));
            let mut group = Group::with_level(level).element(snippet);
            group = group.elements(remedy);
            let _ = write!(out, "\n{}", renderer.render(&[group]));
        }
        (None, Some(_)) => {
            let text = advice.as_ref().map(Terminal::as_str).unwrap_or_default();
            let _ = write!(out, "\n{:indent$} {ARROW}={ARROW:#} remedy: {text}", "");
        }
        (None, None) => {}
    }
    out.push('\n');
    out
}

/// The style of what only frames a text, as in the compiler's messages.
const ARROW: Style = AnsiColor::BrightBlue.on_default().effects(Effects::BOLD);

/// The lines of the text that was shown last: a large document may have thousands of problems.
#[derive(Debug, Default)]
struct Lines<'a> {
    text: &'a str,
    lines: Vec<&'a str>,
}

impl<'a> Lines<'a> {
    fn of(&mut self, text: &'a str) -> &[&'a str] {
        if !std::ptr::eq(self.text, text) {
            *self = Self { text, lines: text.lines().collect() };
        }
        &self.lines
    }
}

/// Some lines of a file.
#[derive(Debug, PartialEq, Eq)]
struct Excerpt {
    text: String,
    first: usize,
    marked: (usize, usize),
}

impl Excerpt {
    /// The lines around this one, and what to underline in it; nothing if there is no such line.
    fn of(lines: &[&str], line: usize) -> Option<Self> {
        let first = line.saturating_sub(1 + CONTEXT_LINES);
        let index = line.checked_sub(1)?;
        let mut shown = String::new();
        let mut marked = None;
        for (number, content) in lines.iter().enumerate().skip(first).take(index + CONTEXT_LINES + 1 - first) {
            let content = Terminal::lines(&cut(content)).into_string();
            if number == index {
                let (start, end) = key(&content)?;
                marked = Some((shown.len() + start, shown.len() + end));
            }
            shown.push_str(&content);
            shown.push('\n');
        }
        Some(Self { text: shown, first: first + 1, marked: marked? })
    }

    /// The number of the last line.
    fn last(&self) -> usize {
        self.first + self.text.lines().count().saturating_sub(1)
    }
}

fn cut(line: &str) -> String {
    let line = line.trim_end();
    if line.chars().nth(WIDTH).is_none() {
        return line.to_owned();
    }
    line.chars().take(WIDTH).chain(" ...".chars()).collect()
}

/// The key that a line begins with, or else everything in it.
fn key(line: &str) -> Option<(usize, usize)> {
    let content = line.trim();
    let start = line.len() - line.trim_start().len();
    let content = content.strip_prefix("- ").map_or(content, str::trim_start);
    let start = start + (line.trim().len() - content.len());
    let length = content.find(": ").or_else(|| content.find(":").filter(|at| at + 1 == content.len()));
    let length = length.unwrap_or(content.len());
    (length > 0).then_some((start, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(problem: &Problem) -> String {
        anstream::adapter::strip_str(&one(problem)).to_string()
    }

    fn at(text: &str, line: usize) -> Problem {
        Problem::new("it is wrong").file("specs/a.yaml").line(Some(line)).source(text.into())
    }

    #[test]
    fn a_problem_shows_its_line_between_its_neighbours_and_the_remedy() {
        let problem = at("a: 1\nb:\n  client_secret: 2\n  d: 3\ne: 4\n", 3).place("#/b").remedy("mark it");
        assert_eq!(
            plain(&problem),
            "error: it is wrong\n --> specs/a.yaml:3 (#/b)\n  |\n2 | b:\n3 |   client_secret: 2\n  |   ^^^^^^^^^^^^^\n\
             4 |   d: 3\n  |\n  = remedy: mark it\n"
        );
    }

    #[test]
    fn without_a_text_the_problem_is_told_without_lines() {
        let problem = Problem::new("hm").warns().file("a").line(Some(3)).remedy("look");
        assert_eq!(plain(&problem), "warning: hm\n  --> a:3\n   = remedy: look\n");
        assert_eq!(plain(&Problem::new("no")), "error: no\n");
    }

    #[test]
    fn what_is_underlined_is_the_key_or_the_whole_line() {
        for (line, marked) in [
            ("a: 1", "a"),
            ("  a:", "a"),
            ("  - name: x", "name"),
            ("\t\"a\": {", "\"a\""),
            ("  '/x:y': z", "'/x:y'"),
            ("- word", "word"),
            ("}", "}"),
        ] {
            let (start, end) = key(line).expect(line);
            assert_eq!(&line[start..end], marked);
        }
        assert_eq!(key("   "), None);
    }

    #[test]
    fn a_line_that_is_not_there_or_empty_is_not_shown() {
        for (text, line) in [("a: 1\n", 2), ("a: 1\n", 0), ("", 1), ("a: 1\n\nb: 2\n", 2)] {
            let lines = text.lines().collect::<Vec<_>>();
            assert_eq!(Excerpt::of(&lines, line), None, "{text:?} {line}");
        }
    }

    #[test]
    fn a_line_of_megabytes_is_cut() {
        let text = format!("{{\"a\": \"{}\"}}", "ü".repeat(1_000_000));
        let shown = plain(&at(&text, 1));
        assert!(shown.len() < 1_000 && shown.contains("..."), "{shown}");
    }

    #[test]
    fn control_characters_of_a_document_do_not_reach_the_terminal() {
        let raw = "a\u{1b}]0;x\u{7}\u{9b}31m\u{7f}\u{202e}\r";
        let of = |problem: Problem| one(&problem.file(raw).place(raw).remedy(raw));
        for shown in [
            of(Problem::new(raw)),
            of(Problem::new("x")),
            one(&at(&format!("{raw}: 1\n"), 1)),
            one(&at(&format!("{raw}: 1\n"), 1).remedy(raw)),
        ] {
            // The styles are those of the frame.
            let shown = anstream::adapter::strip_str(&shown).to_string();
            assert!(!shown.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}'), "{shown:?}");
        }
    }
}
