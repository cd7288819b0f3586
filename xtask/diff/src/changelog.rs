//! Findings as entries of a changelog in the form of Keep a Changelog.

use diagnostics::text::{Markdown, fill};
use diagnostics::{Problem, Result};

use super::finding::Finding;
use super::level::{Direction, Level, Section};

/// The name of a changelog, in the root of the workspace or in the folder of a crate.
pub const FILE: &str = "CHANGELOG.md";

const WIDTH: usize = 118;
const UNRELEASED: &str = "## [Unreleased]";

/// One entry under a heading, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The heading of the entry.
    pub section: Section,
    /// The entry, a sentence of Markdown.
    pub text: String,
}

/// The entries for these findings. A change in both directions is one entry; changed texts are one entry together.
pub fn entries(name: &str, findings: &[Finding]) -> Vec<Entry> {
    let mut grouped: Vec<(String, Section, Level, Vec<Direction>)> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.level() > Level::Documentation) {
        let (text, section, level) = (finding.summary(), finding.kind.section(), finding.level());
        match grouped.iter_mut().find(|(other, same, ..)| *other == text && *same == section) {
            Some((_, _, worst, directions)) => {
                *worst = level.max(*worst);
                directions.extend(finding.direction.filter(|it| !directions.contains(it)));
            }
            None => grouped.push((text, section, level, finding.direction.into_iter().collect())),
        }
    }
    let mut entries: Vec<Entry> = grouped
        .into_iter()
        .map(|(text, section, level, directions)| {
            let mark = if level == Level::Breaking { "**breaking**: " } else { "" };
            let way = match directions.as_slice() {
                [] => "",
                [Direction::Request] => " (requests)",
                [Direction::Response] => " (responses)",
                _ => " (requests and responses)",
            };
            let text = fill!(Markdown, "{}: {}{}{}.", Markdown::code(name), mark, Markdown::line(&text), way);
            Entry { section, text: text.into_string() }
        })
        .collect();
    let is_text = |finding: &&Finding| finding.level() == Level::Documentation;
    for section in Section::ALL {
        let mut of_section = findings.iter().filter(is_text).filter(|finding| finding.kind.section() == section);
        match section {
            Section::Deprecated => entries.extend(of_section.map(|finding| {
                let text = fill!(Markdown, "{}: {}.", Markdown::code(name), Markdown::line(&finding.summary()));
                Entry { section, text: text.into_string() }
            })),
            _ if of_section.next().is_some() && section == Section::Changed => {
                entries
                    .push(Entry { section, text: format!("`{name}`: what the vendor's document says about the API.") });
            }
            _ => {}
        }
    }
    dedup(entries)
}

fn dedup(entries: Vec<Entry>) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::new();
    for entry in entries {
        if !kept.contains(&entry) {
            kept.push(entry);
        }
    }
    kept
}

/// The changelog of this file with these entries under `[Unreleased]`; those that are there already are not added again.
///
/// # Errors
///
/// Fails if the changelog has no heading for what is not released.
pub fn with_entries(file: &str, text: &str, entries: &[Entry]) -> Result<String> {
    let missing = || {
        Problem::new(format!("there is no heading `{UNRELEASED}`"))
            .file(file)
            .remedy(format!("add the line `{UNRELEASED}` above the latest release"))
    };
    let lines: Vec<&str> = text.lines().collect();
    let is_heading = |line: &&str| line.trim_end().eq_ignore_ascii_case(UNRELEASED);
    let start = lines.iter().position(is_heading).ok_or_else(missing)? + 1;
    let end = lines[start..].iter().position(|line| line.starts_with("## ")).map_or(lines.len(), |at| start + at);
    let mut body: Vec<String> = lines[start..end].iter().map(|line| (*line).to_owned()).collect();
    let known = words(&body.join(" "));
    for section in Section::ALL {
        let fresh: Vec<&Entry> =
            entries.iter().filter(|it| it.section == section && !known.contains(&words(&it.text))).collect();
        if !fresh.is_empty() {
            let new = fresh.iter().flat_map(|entry| wrapped(&entry.text));
            insert(&mut body, section, new.collect());
        }
    }
    while body.last().is_some_and(|line| line.trim().is_empty()) {
        body.pop();
    }
    let mut out: Vec<String> = lines[..start].iter().map(|line| (*line).to_owned()).collect();
    out.extend(body);
    if end < lines.len() {
        out.push(String::new());
    }
    out.extend(lines[end..].iter().map(|line| (*line).to_owned()));
    Ok(out.join("\n") + "\n")
}

/// The words of a text, one space between them.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Puts lines at the end of a section, which is made in its place if it is not there.
fn insert(body: &mut Vec<String>, section: Section, new: Vec<String>) {
    let heading = |line: &String| line.starts_with("### ");
    if let Some(at) = body.iter().position(|line| line.trim_end() == section.heading()) {
        let next = body[at + 1..].iter().position(heading).map_or(body.len(), |it| at + 1 + it);
        let last = body[..next].iter().rposition(|line| !line.trim().is_empty()).map_or(next, |it| it + 1);
        let begins = if last == at + 1 { vec![String::new()] } else { Vec::new() };
        body.splice(last..last, begins.into_iter().chain(new));
        return;
    }
    let later = |line: &String| {
        let order = |heading: &str| Section::ALL.iter().position(|it| it.heading() == heading);
        heading(line) && order(line.trim_end()).is_none_or(|it| Some(it) > order(section.heading()))
    };
    let at = body.iter().position(later);
    let mut lines = vec![section.heading().to_owned(), String::new()];
    lines.extend(new);
    match at {
        Some(at) => {
            lines.push(String::new());
            body.splice(at..at, lines);
        }
        None => {
            while body.last().is_some_and(|line| line.trim().is_empty()) {
                body.pop();
            }
            body.push(String::new());
            body.extend(lines);
        }
    }
}

/// A list item in lines of bounded width.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec!["-".to_owned()];
    for word in text.split_whitespace() {
        let fits = lines.last().is_some_and(|line| line.chars().count() + 1 + word.chars().count() <= WIDTH);
        match lines.last_mut() {
            Some(line) if fits || line.as_str() == "-" => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("  {word}")),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(section: Section, text: &str) -> Entry {
        Entry { section, text: text.to_owned() }
    }

    #[test]
    fn entries_go_under_their_headings_and_never_twice() {
        let entries =
            [entry(Section::Removed, "`a`: r."), entry(Section::Changed, "`a`: c."), entry(Section::Added, "`a`: n.")];
        for (before, after) in [
            (
                "# Changelog\n\n## [Unreleased]\n\n## [1.0.0]\n\n### Added\n\n- x\n",
                "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- `a`: n.\n\n### Changed\n\n- `a`: c.\n\n### Removed\n\n- `a`: r.\n\n## [1.0.0]\n\n### Added\n\n- x\n",
            ),
            (
                "## [Unreleased]\n\n### Added\n\n- x\n  y\n\n### Fixed\n\n- z\n",
                "## [Unreleased]\n\n### Added\n\n- x\n  y\n- `a`: n.\n\n### Changed\n\n- `a`: c.\n\n### Removed\n\n- `a`: r.\n\n### Fixed\n\n- z\n",
            ),
        ] {
            let once = with_entries(FILE, before, &entries).expect("a heading");
            assert_eq!(once, after);
            assert_eq!(with_entries(FILE, &once, &entries).expect("a heading"), after);
        }
    }

    #[test]
    fn long_entries_are_wrapped_and_known_again() {
        let long = entry(Section::Added, &"word ".repeat(60));
        let text = with_entries(FILE, "## [Unreleased]\n", std::slice::from_ref(&long)).expect("a heading");
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(with_entries(FILE, &text, &[long]).expect("a heading"), text);
    }

    #[test]
    fn a_changelog_without_the_heading_is_refused() {
        let error = with_entries(FILE, "# Changelog\n", &[]).expect_err("no heading").to_string();
        assert!(error.contains("CHANGELOG.md") && error.contains("remedy: add the line"), "{error}");
    }
}
