//! JSON pointers (RFC 6901).

/// A pointer to a member of the node that `parent` points to.
pub(crate) fn child(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// A pointer as it is written in the fragment of a URL (RFC 6901 section 6).
pub(crate) fn in_url(pointer: &str) -> String {
    pointer.replace('%', "%25").replace('{', "%7B").replace('}', "%7D").replace('"', "%22").replace(' ', "%20")
}
