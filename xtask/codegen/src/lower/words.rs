//! Lists of names in what is reported.

/// Names as a list of code words.
pub(super) fn names<'a>(keys: impl Iterator<Item = &'a String>) -> String {
    keys.map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}
