//! The keys that an overlay may have in each version of the specification, and whether the stricter rules of this workspace
//! apply.

use diagnostics::{Problem, Result};
use serde_json::{Map, Value};

use crate::document::Document;
use crate::pointer::child;

/// A version of the specification; patch versions make no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// 1.0: `update` and `remove`, on objects and lists.
    V1_0,
    /// 1.1: also `copy`, and targets that are plain values.
    V1_1,
}

impl Version {
    pub(super) fn of(text: &str) -> Option<Self> {
        let (minor, patch) = text.rsplit_once('.')?;
        let is_number = !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit());
        match minor {
            "1.0" if is_number => Some(Self::V1_0),
            "1.1" if is_number => Some(Self::V1_1),
            _ => None,
        }
    }

    /// Major and minor number.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
        }
    }

    pub(super) fn info_keys(self) -> &'static [&'static str] {
        match self {
            Self::V1_0 => &["title", "version"],
            Self::V1_1 => &["title", "version", "description"],
        }
    }
}

/// Whether an overlay belongs to this workspace, which requires more of it than the specification does.
pub(super) fn is_ours(overlay: &Document) -> bool {
    overlay.file.starts_with("specs/")
}

/// Returns a value as a mapping; the error is a problem.
pub(super) fn object<'a>(overlay: &Document, pointer: &str, value: &'a Value) -> Result<&'a Map<String, Value>> {
    let problem = || overlay.problem(pointer, "this must be a mapping").remedy("see the OpenAPI Overlay specification");
    Ok(value.as_object().ok_or_else(problem)?)
}

/// Returns a problem for each key that this version does not define.
pub(super) fn unknown_keys(
    overlay: &Document,
    pointer: &str,
    object: &Map<String, Value>,
    version: Version,
    known: &[&str],
) -> Vec<Problem> {
    let unknown = object.keys().filter(|key| !known.contains(&key.as_str()) && !key.starts_with("x-"));
    unknown
        .map(|key| {
            let later = version == Version::V1_0 && (key == "copy" || (pointer == "/info" && key == "description"));
            let remedy = if later {
                "write `overlay: 1.1.0`, which defines it".to_owned()
            } else {
                format!("use one of: {}", known.join(", "))
            };
            overlay
                .problem(
                    &child(pointer, key),
                    format!("`{key}` is not known in an overlay of version {}", version.name()),
                )
                .remedy(remedy)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patch_of_a_version_makes_no_difference() {
        for (text, version) in [
            ("1.0.0", Some(Version::V1_0)),
            ("1.0.12", Some(Version::V1_0)),
            ("1.1.0", Some(Version::V1_1)),
            ("1.2.0", None),
            ("1.1", None),
            ("1.0.x", None),
            ("1.0.", None),
            ("", None),
        ] {
            assert_eq!(Version::of(text), version, "{text}");
        }
    }
}
