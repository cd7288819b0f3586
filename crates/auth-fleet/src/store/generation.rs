//! Generations of entries.

/// Counts the replacements of an entry. A greater generation is a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);
