//! Two versions of a schema.

use super::finding::Findings;
use super::kinds::Kind;
use super::level::Direction;
use super::shape::Shape;

/// Two versions of a schema and what is known about them.
#[derive(Debug)]
pub(super) struct Pair<'a, 'f> {
    /// The old shape.
    pub(super) old: Shape<'a>,
    /// The new shape.
    pub(super) new: Shape<'a>,
    /// Which way its values go.
    pub(super) direction: Direction,
    /// What to call it.
    pub(super) subject: String,
    /// Where findings go.
    pub(super) findings: &'f mut Findings,
}

impl Pair<'_, '_> {
    /// Adds a finding about the schema; `{}` in the text is its name.
    pub(super) fn add(&mut self, kind: Kind, text: &str) {
        let subject = format!("`{}`", self.subject);
        let places = [&self.old, &self.new].map(|shape| Some(shape.pointer.clone()));
        self.findings.of(kind, Some(self.direction), places, text.replace("{}", &subject), &subject);
    }

    /// Adds one of three findings about something that both sides may lack.
    pub(super) fn add_some(&mut self, old: bool, new: bool, kinds: [Kind; 3], text: &str) {
        match (old, new) {
            (false, true) => self.add(kinds[0], &format!("{{}} has {text} now")),
            (true, false) => self.add(kinds[1], &format!("{{}} has no {text} any more")),
            _ => self.add(kinds[2], &format!("{{}} has another {text}")),
        }
    }
}
