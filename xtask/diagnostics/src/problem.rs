//! What went wrong, where, and what to do about it.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

/// Result of everything that can fail here.
pub type Result<T, E = Problems> = std::result::Result<T, E>;

/// How much a problem weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Severity {
    /// The work could not be done.
    #[default]
    Error,
    /// The work was done, and the reader should know this about it.
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

/// One thing that is wrong, told so that the reader can put it right.
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
    /// A problem with this message, in lower case and without full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Parts { message: message.into(), ..Parts::default() }))
    }

    /// The same, as something that stops nothing.
    pub fn warns(mut self) -> Self {
        self.0.severity = Severity::Warning;
        self
    }

    /// Names the file, relative to the root of the workspace.
    pub fn file(mut self, file: impl Into<String>) -> Self {
        self.0.file = Some(file.into());
        self
    }

    /// Names the line, counted from 1.
    pub fn line(mut self, line: Option<usize>) -> Self {
        self.0.line = line;
        self
    }

    /// Names the place inside the file: a JSON pointer, or an overlay target.
    pub fn place(mut self, place: impl Into<String>) -> Self {
        self.0.place = Some(place.into());
        self
    }

    /// Says what to do.
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// Hands over the file's text, so that the line can be shown even if the text is not on disk.
    pub fn source(mut self, text: Arc<str>) -> Self {
        self.0.source = Some(text);
        self
    }

    /// How much it weighs.
    pub fn severity(&self) -> Severity {
        self.0.severity
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do.
    pub fn advice(&self) -> Option<&str> {
        self.0.remedy.as_deref()
    }

    /// The same for machines.
    fn json(&self) -> Value {
        let Parts { severity, message, file, line, place, remedy, source: _ } = self.0.as_ref();
        json!({
            "severity": severity.name(), "message": message, "file": file, "line": line, "place": place, "remedy": remedy,
        })
    }

    /// File, line and place as one text, as far as they are known.
    pub fn origin(&self) -> Option<String> {
        let line = self.0.line.map(|line| format!(":{line}")).unwrap_or_default();
        match (&self.0.file, &self.0.place) {
            (Some(file), Some(place)) => Some(format!("{file}{line} ({place})")),
            (Some(file), None) => Some(format!("{file}{line}")),
            (None, Some(place)) => Some(place.clone()),
            (None, None) => None,
        }
    }

    /// The file's text and the number of the line in it, if both are known.
    pub fn shown(&self) -> Option<(&str, usize)> {
        self.0.source.as_deref().zip(self.0.line)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.0.severity.name(), self.0.message)?;
        if let Some(origin) = self.origin() {
            writeln!(f, "  --> {origin}")?;
        }
        if let Some(remedy) = &self.0.remedy {
            writeln!(f, "   = remedy: {remedy}")?;
        }
        Ok(())
    }
}

/// One or more problems, reported together. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// `Ok` if the list is empty.
    ///
    /// # Errors
    ///
    /// Fails with the problems if there are any.
    pub fn check(list: Vec<Problem>) -> Result<()> {
        if list.is_empty() { Ok(()) } else { Err(Self(list)) }
    }

    /// These problems and more of them.
    pub fn and(mut self, more: impl IntoIterator<Item = Problem>) -> Self {
        self.0.extend(more);
        self
    }

    /// The problems one by one.
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    /// The problems in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// The problems for machines.
    pub fn json(&self) -> Value {
        self.0.iter().map(Problem::json).collect()
    }

    /// The same problems, of another file.
    pub fn in_file(mut self, file: &str) -> Self {
        self.0.iter_mut().for_each(|problem| problem.0.file = Some(file.to_owned()));
        self
    }

    /// The same problems; those of one file are told of another, where its text comes from.
    pub fn moved(mut self, file: &str, to: &str) -> Self {
        let own = self.0.iter_mut().filter(|problem| problem.0.file.as_deref() == Some(file));
        own.for_each(|problem| problem.0.file = Some(to.to_owned()));
        self
    }

    /// Reads the text of each file that a problem names with a line, so that the line can be shown.
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

/// `s` unless it is one.
pub fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_file_line_place_and_remedy() {
        let problem =
            Problem::new("it is wrong").file("specs/a.yaml").line(Some(3)).place("#/info").remedy("change it");
        assert_eq!(problem.to_string(), "error: it is wrong\n  --> specs/a.yaml:3 (#/info)\n   = remedy: change it\n");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        assert_eq!(Problem::new("no").to_string(), "error: no\n");
        assert_eq!(Problem::new("no").file("a").to_string(), "error: no\n  --> a\n");
        assert_eq!(Problem::new("no").place("step 3").to_string(), "error: no\n  --> step 3\n");
        assert_eq!(Problem::new("hm").warns().to_string(), "warning: hm\n");
    }
}
