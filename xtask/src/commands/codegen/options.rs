//! The options of a run of `codegen`.

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
