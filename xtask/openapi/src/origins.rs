//! The original places of moved nodes.

use std::collections::HashMap;

/// A place in the text of a document or of a file that it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The number of the file; 0 is the document itself.
    pub file: usize,
    /// The pointer in that file.
    pub pointer: String,
}

/// New places, and the places that their contents came from.
#[derive(Clone, Debug, Default)]
pub struct Origins(HashMap<String, Origin>);

impl Origins {
    /// Records that the node at `new` came from `source` of the same document.
    pub fn add(&mut self, new: String, source: String) {
        self.add_from(new, 0, source);
    }

    /// Records that the node at `new` came from `source` of a file.
    pub fn add_from(&mut self, new: String, file: usize, source: String) {
        self.0.insert(new, Origin { file, pointer: source });
    }

    /// The pointer before the last move of the node at a pointer, or of its nearest moved ancestor.
    #[must_use]
    pub fn before(&self, pointer: &str) -> Option<String> {
        self.origin(pointer).map(|origin| origin.pointer)
    }

    /// The place before the last move of the node at a pointer, or of its nearest moved ancestor.
    #[must_use]
    pub fn origin(&self, pointer: &str) -> Option<Origin> {
        let mut end = pointer.len();
        loop {
            if let Some(Origin { file, pointer: source }) = self.0.get(&pointer[..end]) {
                return Some(Origin { file: *file, pointer: format!("{source}{}", &pointer[end..]) });
            }
            end = pointer[..end].rfind('/')?;
        }
    }

    /// The pointer in the source document of the node at a pointer.
    #[must_use]
    pub fn source(&self, pointer: &str) -> String {
        let mut pointer = pointer.to_owned();
        // What was moved may have been moved before; nothing has been moved more often than this.
        for _ in 0..4 {
            match self.before(&pointer) {
                Some(found) => pointer = found,
                None => break,
            }
        }
        pointer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_followed_back_to_the_source() {
        let mut origins = Origins::default();
        origins.add("/components/schemas/AB".to_owned(), "/components/schemas/A/properties/b".to_owned());
        origins.add("/paths/~1a".to_owned(), "/components/pathItems/P".to_owned());
        assert_eq!(origins.source("/components/schemas/AB/items"), "/components/schemas/A/properties/b/items");
        assert_eq!(origins.source("/paths/~1a"), "/components/pathItems/P");
        assert_eq!(origins.source("/components/schemas/ABC"), "/components/schemas/ABC");
    }
}
