//! What went wrong, where, and what to do about it.

use std::fmt;

/// Result of everything that can fail here.
pub(crate) type Result<T, E = Problems> = std::result::Result<T, E>;

/// One thing that is wrong, told so that the reader can put it right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Problem {
    message: String,
    file: Option<String>,
    line: Option<usize>,
    place: Option<String>,
    remedy: Option<String>,
}

impl Problem {
    /// A problem with this message, in lower case and without full stop.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// Names the file, relative to the root of the workspace.
    pub(crate) fn file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Names the line, counted from 1.
    pub(crate) fn line(mut self, line: Option<usize>) -> Self {
        self.line = line;
        self
    }

    /// Names the place inside the file: a JSON pointer, or an overlay target.
    pub(crate) fn place(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Says what to do.
    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.message)?;
        match (&self.file, &self.place) {
            (Some(file), place) => {
                write!(f, "  --> {file}")?;
                if let Some(line) = self.line {
                    write!(f, ":{line}")?;
                }
                match place {
                    Some(place) => writeln!(f, " ({place})")?,
                    None => writeln!(f)?,
                }
            }
            (None, Some(place)) => writeln!(f, "  --> {place}")?,
            (None, None) => {}
        }
        if let Some(remedy) = &self.remedy {
            writeln!(f, "   = remedy: {remedy}")?;
        }
        Ok(())
    }
}

/// One or more problems, reported together. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// `Ok` if the list is empty.
    pub(crate) fn check(list: Vec<Problem>) -> Result<()> {
        if list.is_empty() { Ok(()) } else { Err(Self(list)) }
    }

    /// The problems one by one.
    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.0
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
    }
}
