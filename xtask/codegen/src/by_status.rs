//! Operations with several bodies: which statuses there are, as adapting found them and later steps read them.

/// Whether a response is a success or an error. A documented redirect is a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    Error,
}

impl Outcome {
    pub(crate) const ALL: [Self; 2] = [Self::Success, Self::Error];

    /// The rule that gives an operation one type with a variant for each status.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::Success => "success-by-status",
            Self::Error => "error-by-status",
        }
    }

    /// `success` or `error`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
        }
    }
}

/// A status, or several, of an operation whose successes or errors have several bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatusBody {
    /// What the document calls it: `404`, `4XX` or `default`.
    pub(crate) name: String,
    /// The statuses that it stands for: itself, or those that `default` covers.
    pub(crate) answers: Vec<String>,
    /// Whether it has a body that is read.
    pub(crate) has_body: bool,
    /// What the document says about it.
    pub(crate) description: String,
}

impl StatusBody {
    /// The property for a status in the type that progenitor makes; it is the same in Rust.
    pub(crate) fn property(name: &str) -> String {
        format!("status_{}", name.to_ascii_lowercase())
    }

    /// Its name and its description.
    pub(crate) fn described(&self) -> (&str, &str) {
        (&self.name, &self.description)
    }

    /// The variant for it.
    pub(crate) fn variant(&self) -> String {
        if self.name == "default" { "Default".to_owned() } else { format!("Status{}", self.name) }
    }
}

/// The statuses of an operation; none where one type is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ByStatus {
    successes: Vec<StatusBody>,
    errors: Vec<StatusBody>,
}

impl ByStatus {
    pub(crate) fn of(&self, outcome: Outcome) -> &[StatusBody] {
        match outcome {
            Outcome::Success => &self.successes,
            Outcome::Error => &self.errors,
        }
    }

    pub(crate) fn set(&mut self, outcome: Outcome, statuses: Vec<StatusBody>) {
        match outcome {
            Outcome::Success => self.successes = statuses,
            Outcome::Error => self.errors = statuses,
        }
    }
}
