//! The cargo workspace around a standalone crate.

use std::fs;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use serde::Deserialize;

/// The part of a manifest with the members of its workspace.
#[derive(Debug, Default, Deserialize)]
struct Manifest {
    workspace: Option<Members>,
}

#[derive(Debug, Default, Deserialize)]
struct Members {
    #[serde(default)]
    members: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
}

/// The root of the workspace that has a folder as a member. As in cargo, the nearest root above the folder decides.
pub(super) fn workspace_of(folder: &Path) -> Option<PathBuf> {
    let above = folder.ancestors().skip(1);
    let mut roots = above.filter_map(|root| Some((root, read(&root.join("Cargo.toml"))?)));
    let (root, members) = roots.next()?;
    let inside = folder.strip_prefix(root).ok()?;
    members.has(inside).then(|| root.to_path_buf())
}

/// The members of a manifest that is the root of a workspace; other errors in it are left to cargo.
fn read(manifest: &Path) -> Option<Members> {
    toml::from_str::<Manifest>(&fs::read_to_string(manifest).ok()?).ok()?.workspace
}

impl Members {
    fn has(&self, folder: &Path) -> bool {
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
        let plain = |path: &String| path.trim_start_matches("./").trim_end_matches('/').to_owned();
        let is = |path: &String| Pattern::new(&plain(path)).is_ok_and(|it| it.matches_path_with(folder, options));
        let is_excluded = |path: &String| folder.starts_with(plain(path));
        self.members.iter().any(is) && !self.exclude.iter().any(is_excluded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_a_member_if_a_pattern_matches_and_no_exclusion_does() {
        for (manifest, folder, is_member) in [
            ("[workspace]\nmembers = [\"crates/*\"]\n", "crates/pets", true),
            ("[workspace]\nmembers = [\"crates/*\"]\n", "crates/more/pets", false),
            ("[workspace]\nmembers = [\"crates/**\"]\n", "crates/more/pets", true),
            ("[workspace]\nmembers = [\"./pets/\"]\n", "pets", true),
            ("[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"crates/pets\"]\n", "crates/pets", false),
            ("[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"crates\"]\n", "crates/pets", false),
            ("[workspace]\n", "pets", false),
        ] {
            let members = toml::from_str::<Manifest>(manifest).expect(manifest).workspace.expect("a workspace");
            assert_eq!(members.has(Path::new(folder)), is_member, "{manifest}");
        }
    }
}
