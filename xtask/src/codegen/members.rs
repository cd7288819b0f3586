//! Whether cargo would take a folder for a member of a workspace that lies around it.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use toml::{Table, Value};

use super::folder::Folder;
use super::write::MANIFEST;
use crate::problem::{Problem, Result};

/// Refuses a folder for a crate that stands alone if cargo would take it for a member: it then loads neither workspace.
///
/// # Errors
///
/// Fails if there is such a workspace, and names it.
pub(super) fn refuse(folder: &Folder) -> Result<()> {
    let Some(Enclosing { manifest, pattern }) = enclosing(&folder.path("")) else { return Ok(()) };
    let message = format!(
        "a crate in {} would be a member of the workspace of {}, by `{pattern}`, and is a workspace of its own: cargo \
         loads no workspace in another one; nothing has been changed",
        folder.shown(),
        manifest.display(),
    );
    let remedy = "name another folder with `--out DIR`, or add this one to `exclude` in that manifest; a member of this \
                  workspace is made by `cargo xtask new`";
    Err(Problem::new(message).file(folder.shown()).remedy(remedy).into())
}

/// A workspace that has a folder among its members.
#[derive(Debug, PartialEq, Eq)]
struct Enclosing {
    /// The manifest of the workspace.
    manifest: PathBuf,
    /// The pattern in its `members`.
    pattern: String,
}

/// The innermost workspace above a folder whose `members` have it; the folder need not exist. What cannot be read has none.
fn enclosing(folder: &Path) -> Option<Enclosing> {
    folder.ancestors().skip(1).find_map(|root| {
        let manifest = root.join(MANIFEST);
        let table = fs::read_to_string(&manifest).ok()?.parse::<Table>().ok()?;
        let inner = folder.strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/");
        let pattern = member(table.get("workspace")?, &inner)?;
        Some(Enclosing { manifest, pattern })
    })
}

/// The pattern in the `members` of a workspace that a folder matches, unless the folder is excluded.
fn member(workspace: &Value, folder: &str) -> Option<String> {
    let paths = |key: &str| {
        let list = workspace.get(key).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(|path| path.trim_start_matches("./").trim_end_matches('/'))
    };
    // Cargo takes these as they are, and what lies below them.
    let is_excluded = paths("exclude").any(|path| Path::new(folder).starts_with(path));
    let found = paths("members").find(|pattern| glob(pattern).is_some_and(|glob| glob.is_match(folder)));
    found.filter(|_| !is_excluded).map(str::to_owned)
}

/// A pattern of paths as a regular expression.
fn glob(pattern: &str) -> Option<Regex> {
    let parts = regex::escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*");
    let parts = parts.replace(r"\*", "[^/]*").replace(r"\?", "[^/]");
    Regex::new(&format!("^{parts}$")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_a_member_if_a_pattern_matches_it_and_it_is_not_excluded() {
        let workspace = r#"members = ["crates/*", "./tests/", "a/**/b", "one/x?"]
            exclude = ["crates/out", "crates/.cargo"]"#;
        let workspace = Value::Table(workspace.parse().expect("TOML"));
        for (folder, pattern) in [
            ("crates/pets", Some("crates/*")),
            ("crates/outer", Some("crates/*")),
            ("crates/out", None),
            ("crates/out/inner", None),
            ("crates/pets/inner", None),
            ("crates", None),
            ("tests", Some("tests")),
            ("a/b", Some("a/**/b")),
            ("a/c/d/b", Some("a/**/b")),
            ("one/xy", Some("one/x?")),
            ("one/x", None),
            ("target/pets", None),
        ] {
            assert_eq!(member(&workspace, folder).as_deref(), pattern, "{folder}");
        }
    }
}
