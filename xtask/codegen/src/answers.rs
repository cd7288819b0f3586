//! How a generated crate reads answers that deviate from their document.

/// How a generated crate reads answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answers {
    /// A member that does not fit its type is kept as it came.
    #[default]
    Tolerant,
    /// An answer with such a member is an error.
    Strict,
}
