//! Problems as text for people: the message, the lines of the file, and the remedy.
//!
//! The text has colours. Print it with `anstream`, which removes them unless the output is a terminal that supports
//! colours, and which obeys `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE`.

use std::fmt::Write as _;

use annotate_snippets::renderer::{AnsiColor, Effects, Style};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::problem::{Problem, Problems, Severity, continued};
use crate::text::Terminal;

/// Lines printed before and after the line of the problem.
const CONTEXT_LINES: usize = 1;

/// Characters printed of a line; documents without line breaks have lines of megabytes.
const WIDTH: usize = 160;

/// Width of the text in columns. It does not depend on the terminal, so a problem always has the same text.
const COLUMNS: usize = 200;

/// Renders all problems, one after the other.
pub fn render(problems: &Problems) -> String {
    let mut lines = Lines::default();
    problems.iter().map(|problem| show(problem, &mut lines)).collect()
}

/// Renders one problem.
pub fn render_problem(problem: &Problem) -> String {
    show(problem, &mut Lines::default())
}

fn show<'a>(problem: &'a Problem, lines: &mut Lines<'a>) -> String {
    let level = match problem.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let renderer = Renderer::styled().term_width(COLUMNS);
    let excerpt = problem.source_line().and_then(|(text, line)| Excerpt::of(lines.of(text), line));
    let message = Terminal::lines(&continued(problem.message()));
    let mut out = renderer.render(&[Group::with_title(level.clone().primary_title(message.as_str()))]);
    // annotate-snippets prints a column after the line; this origin has a JSON pointer there.
    let indent = excerpt.as_ref().map_or(2, |excerpt| excerpt.last().to_string().len());
    if let Some(origin) = problem.origin() {
        let _ = write!(out, "\n{:indent$}{ARROW}-->{ARROW:#} {}", "", Terminal::line(&origin));
    }
    let advice = problem.advice().map(|text| Terminal::lines(&continued(text)));
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

/// The style of `-->` and `=`, as in the compiler's messages.
const ARROW: Style = AnsiColor::BrightBlue.on_default().effects(Effects::BOLD);

/// The lines of the text that was rendered last, kept because a large document may have thousands of problems.
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

/// The lines of a file around a problem.
#[derive(Debug, PartialEq, Eq)]
struct Excerpt {
    text: String,
    first: usize,
    marked: (usize, usize),
}

impl Excerpt {
    /// Takes the lines around `line`, and what to underline in it; `None` if the text has no such line.
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

/// The key at the start of a line, or the whole line if it has none.
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
        anstream::adapter::strip_str(&render_problem(problem)).to_string()
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
    fn a_problem_without_a_text_is_printed_without_lines() {
        let problem = Problem::new("hm").as_warning().file("a").line(Some(3)).remedy("look");
        assert_eq!(plain(&problem), "warning: hm\n  --> a:3\n   = remedy: look\n");
        assert_eq!(plain(&Problem::new("no")), "error: no\n");
    }

    #[test]
    fn the_key_or_the_whole_line_is_underlined() {
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
    fn a_missing_or_empty_line_is_not_printed() {
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
        let of = |problem: Problem| render_problem(&problem.file(raw).place(raw).remedy(raw));
        for shown in [
            of(Problem::new(raw)),
            of(Problem::new("x")),
            render_problem(&at(&format!("{raw}: 1\n"), 1)),
            render_problem(&at(&format!("{raw}: 1\n"), 1).remedy(raw)),
        ] {
            // The styles are those of the renderer.
            let shown = anstream::adapter::strip_str(&shown).to_string();
            assert!(!shown.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}'), "{shown:?}");
        }
    }

    #[test]
    fn a_line_break_of_a_document_cannot_imitate_a_remedy() {
        let forged = "it\n = remedy: run it\n   = remedy: run it\r  --> b:1\u{2028}error: no";
        let of = |problem: Problem| plain(&problem.file(forged).place(forged).remedy(forged));
        for text in [
            of(Problem::new(forged)),
            of(at("a: 1\n", 1)),
            of(Problem::new(forged).source("a: 1".into()).line(Some(1))),
        ] {
            let starts = |mark: &str| text.lines().filter(|line| line.trim_start().starts_with(mark)).count();
            assert_eq!((starts("= remedy: "), starts("--> "), starts("error: ")), (1, 1, 1), "{text}");
        }
    }

    #[test]
    fn zero_width_characters_do_not_reach_the_terminal() {
        let raw = "a\u{200b}b\u{200d}c\u{feff}d\u{2060}e\u{ad}f\u{e0041}g\u{3164}h";
        let shown = plain(&at(&format!("{raw}: 1\n"), 1).place(raw).remedy(raw));
        let shown = shown + &plain(&Problem::new(raw));
        for c in raw.chars().filter(|c| !c.is_ascii()) {
            assert!(!shown.contains(c) && shown.contains(&format!("\\u{{{:x}}}", u32::from(c))), "{c:?} {shown:?}");
        }
    }
}
