//! The original places of moved nodes.

/// New places, and the places that their contents came from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(std::collections::HashMap<String, String>);

impl Origins {
    /// Records that the node at `new` came from `source`.
    pub(super) fn add(&mut self, new: String, source: String) {
        self.0.insert(new, source);
    }

    /// The pointer in the source document of the node at a pointer.
    pub(crate) fn source(&self, pointer: &str) -> String {
        let mut pointer = pointer.to_owned();
        // What was moved may have been moved before; nothing has been moved more often than this.
        for _ in 0..4 {
            let mut end = pointer.len();
            let found = loop {
                if let Some(source) = self.0.get(&pointer[..end]) {
                    break Some(format!("{source}{}", &pointer[end..]));
                }
                match pointer[..end].rfind('/') {
                    Some(slash) => end = slash,
                    None => break None,
                }
            };
            match found {
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
