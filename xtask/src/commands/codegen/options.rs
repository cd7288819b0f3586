//! The options of a run of `codegen`.

use clap::ValueEnum;
use codegen::Answers;

/// Whether files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write the files that differ.
    Write,
    /// Write nothing; every difference and every missing reason is an error.
    Check,
}

/// The options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Whether files are written.
    pub(crate) mode: Mode,
    /// Whether a loss of meaning is an error.
    pub(crate) strict: bool,
    /// How much the run prints.
    pub(crate) detail: Detail,
}

/// How much a run prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Nothing but errors.
    Quiet,
    /// A line for each document, and its losses.
    #[default]
    Summary,
    /// Every row of the report as well.
    Verbose,
}

impl From<Mode> for Options {
    fn from(mode: Mode) -> Self {
        Self { mode, strict: false, detail: Detail::Summary }
    }
}

/// `--answers`: how a standalone crate reads answers that deviate from their document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswersChoice {
    /// Keep a member that does not fit its type as it came.
    #[default]
    Tolerant,
    /// Fail if a member does not fit its type.
    Strict,
}

impl AnswersChoice {
    /// The value of `--answers`; `None` for the default.
    pub(super) fn argument(self) -> Option<String> {
        (self == Self::Strict).then(|| "strict".to_owned())
    }
}

impl From<AnswersChoice> for Answers {
    fn from(choice: AnswersChoice) -> Self {
        match choice {
            AnswersChoice::Tolerant => Self::Tolerant,
            AnswersChoice::Strict => Self::Strict,
        }
    }
}
