//! What a run of `codegen` does and prints.

/// Whether files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write what is different.
    Write,
    /// Write nothing; every difference is an error, and every reason that nobody has said yet.
    Check,
}

/// What is asked of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Whether files are written.
    pub(crate) mode: Mode,
    /// Whether a loss of meaning is an error.
    pub(crate) strict: bool,
    /// How much is said.
    pub(crate) detail: Detail,
}

/// How much a run says about what it did.
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
