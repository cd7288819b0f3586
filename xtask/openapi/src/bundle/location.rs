//! The text of a reference: a file in the folder of the document, and a place in this file.

use crate::reference::decoded;

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Location {
    /// The path of the file relative to the folder of the document; `None` for the file that has the reference.
    pub(super) path: Option<String>,
    /// The decoded fragment.
    pub(super) fragment: String,
}

/// Reads a reference in the file `from`, a path relative to the folder of the document.
///
/// Returns `None` for references out of this folder: addresses, absolute paths, and those with too many `..`.
pub(super) fn read(text: &str, from: &str) -> Option<Location> {
    let (uri, fragment) = text.split_once('#').unwrap_or((text, ""));
    let fragment = decoded(fragment)?;
    if uri.is_empty() {
        return Some(Location { path: None, fragment });
    }
    let first = uri.split('/').next().unwrap_or_default();
    if uri.starts_with('/') || first.contains(':') {
        return None;
    }
    let mut segments = from.split('/').collect::<Vec<_>>();
    segments.pop();
    let uri = decoded(uri)?;
    if uri.contains(['\\', '\0']) {
        return None;
    }
    for part in uri.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(segments.pop()?),
            part => segments.push(part),
        }
    }
    (!segments.is_empty()).then(|| Location { path: Some(segments.join("/")), fragment })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_relative_to_the_file_that_has_the_reference() {
        for (text, from, path, fragment) in [
            ("./schemas/pet.yaml", "api.yaml", Some("schemas/pet.yaml"), ""),
            ("../common.yaml#/A", "schemas/pet.yaml", Some("common.yaml"), "/A"),
            ("..//./x/../common.yaml#", "a/b/pet.yaml", Some("a/common.yaml"), ""),
            ("a%20b.yaml#/%7Bid%7D", "api.yaml", Some("a b.yaml"), "/{id}"),
            ("pet.yaml#tag", "schemas/x.yaml", Some("schemas/pet.yaml"), "tag"),
            ("#/A", "x/y.yaml", None, "/A"),
        ] {
            let found = read(text, from).map(|location| (location.path, location.fragment));
            assert_eq!(found, Some((path.map(str::to_owned), fragment.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_reference_out_of_the_folder_is_no_location() {
        for text in [
            "../x.yaml",
            "a/../../x.yaml",
            "%2e%2e/x.yaml",
            "/etc/x.yaml",
            "//host/x.yaml",
            "https://a.example/x.yaml#/A",
            "file:///etc/x.yaml",
            "urn:x:y",
            "C:/x.yaml",
            "..\\x.yaml",
            "a/%5C..%5Cx.yaml",
            "a/..",
            "%FF.yaml",
        ] {
            assert_eq!(read(text, "api.yaml"), None, "{text}");
        }
    }
}
