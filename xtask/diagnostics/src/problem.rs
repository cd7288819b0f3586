//! Errors and warnings: what failed, where, and how to correct it.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

/// A result whose error is a list of problems.
pub type Result<T, E = Problems> = std::result::Result<T, E>;

/// Whether a problem stops the command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Severity {
    /// The command failed.
    #[default]
    Error,
    /// The command succeeded, and the reader should know about this.
    Warning,
}

impl Severity {
    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One error or warning: what failed, where, and how to correct it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Parts {
    severity: Severity,
    message: String,
    file: Option<String>,
    line: Option<usize>,
    place: Option<String>,
    remedy: Option<String>,
    source: Option<Arc<str>>,
}

impl Problem {
    /// Creates an error. The message is in lower case and has no full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Parts { message: message.into(), ..Parts::default() }))
    }

    /// Makes the problem a warning.
    pub fn as_warning(mut self) -> Self {
        self.0.severity = Severity::Warning;
        self
    }

    /// Sets the file, relative to the root of the workspace.
    pub fn file(mut self, file: impl Into<String>) -> Self {
        self.0.file = Some(file.into());
        self
    }

    /// Sets the line, counted from 1.
    pub fn line(mut self, line: Option<usize>) -> Self {
        self.0.line = line;
        self
    }

    /// Sets the place inside the file: a JSON pointer or an overlay target.
    pub fn place(mut self, place: impl Into<String>) -> Self {
        self.0.place = Some(place.into());
        self
    }

    /// Sets the remedy: what the reader should do.
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// Sets the file's text, so that the line can be printed even if the text is not on disk.
    pub fn source(mut self, text: Arc<str>) -> Self {
        self.0.source = Some(text);
        self
    }

    /// Whether this is an error or a warning.
    pub fn severity(&self) -> Severity {
        self.0.severity
    }

    /// What failed.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The remedy.
    pub fn advice(&self) -> Option<&str> {
        self.0.remedy.as_deref()
    }

    /// The problem as a JSON object.
    fn json(&self) -> Value {
        let Parts { severity, message, file, line, place, remedy, source: _ } = self.0.as_ref();
        json!({
            "severity": severity.name(), "message": message, "file": file, "line": line, "place": place, "remedy": remedy,
        })
    }

    /// File, line and place in one text; parts that are not known are left out.
    pub fn origin(&self) -> Option<String> {
        let line = self.0.line.map(|line| format!(":{line}")).unwrap_or_default();
        match (&self.0.file, &self.0.place) {
            (Some(file), Some(place)) => Some(format!("{file}{line} ({place})")),
            (Some(file), None) => Some(format!("{file}{line}")),
            (None, Some(place)) => Some(place.clone()),
            (None, None) => None,
        }
    }

    /// The file's text and the number of the line, if both are known.
    pub fn source_line(&self) -> Option<(&str, usize)> {
        self.0.source.as_deref().zip(self.0.line)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.0.severity.name(), continued(&self.0.message))?;
        if let Some(origin) = self.origin() {
            writeln!(f, "  --> {}", continued(&origin))?;
        }
        if let Some(remedy) = &self.0.remedy {
            writeln!(f, "   = remedy: {}", continued(remedy))?;
        }
        Ok(())
    }
}

/// A text whose lines after the first are marked with `|`: a line break in the text of a document cannot begin a remedy.
pub(crate) fn continued(text: &str) -> String {
    text.replace('\n', "\n  | ")
}

/// One or more problems that are reported together; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Returns `Ok` if the list is empty.
    ///
    /// # Errors
    ///
    /// Fails with the problems in the list.
    pub fn check(list: Vec<Problem>) -> Result<()> {
        if list.is_empty() { Ok(()) } else { Err(Self(list)) }
    }

    /// Appends more problems.
    pub fn with(mut self, more: impl IntoIterator<Item = Problem>) -> Self {
        self.0.extend(more);
        self
    }

    /// Returns the problems as a list.
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    /// Returns the problems in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// The problems as a JSON array.
    pub fn json(&self) -> Value {
        self.0.iter().map(Problem::json).collect()
    }

    /// Sets the file of every problem.
    pub fn with_file(mut self, file: &str) -> Self {
        self.0.iter_mut().for_each(|problem| problem.0.file = Some(file.to_owned()));
        self
    }

    /// Replaces the file of the problems of `file`: `origin` is where its text was read from.
    pub fn replace_file(mut self, file: &str, origin: &str) -> Self {
        let own = self.0.iter_mut().filter(|problem| problem.0.file.as_deref() == Some(file));
        own.for_each(|problem| problem.0.file = Some(origin.to_owned()));
        self
    }

    /// Reads the file of each problem that has a line, so that the line can be printed.
    pub fn read_sources(mut self, root: &Path) -> Self {
        let mut texts: HashMap<String, Option<Arc<str>>> = HashMap::new();
        let unread = |problem: &&mut Problem| problem.0.source.is_none() && problem.0.line.is_some();
        for problem in self.0.iter_mut().filter(unread) {
            let Some(file) = &problem.0.file else { continue };
            let read = || fs::read_to_string(root.join(file)).ok().map(Arc::from);
            problem.0.source = texts.entry(file.clone()).or_insert_with(read).clone();
        }
        self
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|problem| problem.fmt(f))
    }
}

/// The ending of a noun after a count: `s`, or nothing after one.
pub fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_prints_file_line_place_and_remedy() {
        let problem =
            Problem::new("it is wrong").file("specs/a.yaml").line(Some(3)).place("#/info").remedy("change it");
        assert_eq!(problem.to_string(), "error: it is wrong\n  --> specs/a.yaml:3 (#/info)\n   = remedy: change it\n");
    }

    #[test]
    fn a_line_break_in_a_message_cannot_imitate_a_remedy() {
        let forged = "it\n   = remedy: run it\n  --> b:1";
        let text = Problem::new(forged).file(forged).remedy(forged).to_string();
        let starts = |mark: &str| text.lines().filter(|line| line.trim_start().starts_with(mark)).count();
        assert_eq!((starts("= remedy: "), starts("--> ")), (1, 1), "{text}");
        assert!(text.starts_with("error: it\n  |    = remedy: run it\n  |   --> b:1\n  --> "), "{text}");
    }

    #[test]
    fn unknown_parts_are_left_out() {
        assert_eq!(Problem::new("no").to_string(), "error: no\n");
        assert_eq!(Problem::new("no").file("a").to_string(), "error: no\n  --> a\n");
        assert_eq!(Problem::new("no").place("step 3").to_string(), "error: no\n  --> step 3\n");
        assert_eq!(Problem::new("hm").as_warning().to_string(), "warning: hm\n");
    }
}
