//! `--auth-transport`: where a standalone crate finds `auth-transport`.

use std::str::FromStr;

use codegen::mark::{self, GENERATED, Mark};
use codegen::{Files, Transport};
use diagnostics::text::{Markdown, Rust, Toml};
use diagnostics::{Problem, Result};
use openapi::{Document, sha256};
use repository::Workspace;
use repository::package;

use super::folder::Folder;

/// The crate.
const NAME: &str = "auth-transport";

/// The place of `auth-transport`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Choice {
    /// In this workspace, at a path relative to the generated crate.
    #[default]
    Path,
    /// In the registry.
    Version,
    /// In a copy inside the generated crate.
    Copy,
    /// In a repository: its address, and optionally a commit.
    Git(String, Option<String>),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "path" => Ok(Self::Path),
            "version" => Ok(Self::Version),
            "copy" => Ok(Self::Copy),
            _ => match text.strip_prefix("git+").map(|address| address.split_once('#').unwrap_or((address, ""))) {
                Some((url, revision)) if !url.is_empty() => {
                    Ok(Self::Git(url.to_owned(), Some(revision.to_owned()).filter(|revision| !revision.is_empty())))
                }
                _ => Err("use `path`, `version`, `copy` or `git+URL#REVISION`".to_owned()),
            },
        }
    }
}

/// Whether an address contains a password or a token; the user of `ssh` is neither.
fn has_credentials(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    user.is_some_and(|user| user.contains(':') || scheme.to_ascii_lowercase().starts_with("http"))
}

impl Choice {
    /// The value of `--auth-transport`; `None` for the default.
    pub(super) fn argument(&self) -> Option<String> {
        match self {
            Self::Path => None,
            Self::Version => Some("version".to_owned()),
            Self::Copy => Some("copy".to_owned()),
            Self::Git(url, None) => Some(format!("git+{url}")),
            Self::Git(url, Some(revision)) => Some(format!("git+{url}#{revision}")),
        }
    }

    /// The dependency of the generated crate, and the files that it needs.
    ///
    /// # Errors
    ///
    /// Fails if `auth-transport` cannot be copied, or if the address contains credentials.
    pub(super) fn resolve(
        &self,
        workspace: &Workspace,
        folder: &Folder,
        document: &Document,
    ) -> Result<(Transport, Files)> {
        Ok(match self {
            Self::Path => (Transport::Path(folder.way_to(workspace.root(), "crates/auth-transport")), Files::new()),
            Self::Version => (Transport::Registry, Files::new()),
            Self::Git(url, _) if has_credentials(url) => {
                return Err(Problem::new(format!(
                    "the address of {NAME} contains credentials, which the crate would record"
                ))
                .remedy("remove them from the address; git gets them from its credential helper")
                .into());
            }
            Self::Git(url, revision) => (Transport::Git { url: url.clone(), revision: revision.clone() }, Files::new()),
            Self::Copy => (Transport::Path(NAME.to_owned()), copy(workspace, document)?),
        })
    }
}

/// The files without a mark, with their checksums.
pub(super) fn unmarked(files: &Files) -> Vec<(String, String)> {
    let unmarked = files.iter().filter(|(_, text)| Mark::of(text.as_bytes()).is_none());
    unmarked.map(|(path, text)| (path.clone(), sha256(text.as_bytes()))).collect()
}

/// The files of `auth-transport` as cargo packages them, with a manifest that needs no workspace.
fn copy(workspace: &Workspace, document: &Document) -> Result<Files> {
    let mut files = Files::new();
    for (path, bytes) in package::files(workspace, NAME)? {
        if [".cargo_vcs_info.json", "Cargo.toml.orig", "Cargo.lock"].contains(&path.as_str()) {
            continue;
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| Problem::new(format!("cannot copy {NAME}: a file is not UTF-8 text")).file(&path))?;
        files.insert(format!("{NAME}/{path}"), marked(&path, &text, document));
    }
    Ok(files)
}

/// The text of a copied file, with a mark if its language has comments.
fn marked(path: &str, text: &str, document: &Document) -> String {
    let lines = [
        format!("{GENERATED} --spec`, copied from {NAME}. Do not edit: the next run overwrites it."),
        mark::document(&document.file, &document.sha256),
    ];
    let comment = |line: &String| match path.rsplit_once('.') {
        Some((_, "rs")) => format!("// {}\n", Rust::comment(line)),
        Some((_, "toml")) => format!("# {}\n", Toml::comment(line)),
        Some((_, "md")) => format!("<!-- {} -->\n", Markdown::comment(line)),
        _ => String::new(),
    };
    format!("{}{text}", lines.iter().map(comment).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_written_as_it_is_parsed() {
        for text in ["version", "copy", "git+https://a.example/b.git", "git+https://a.example/b#v0.1.0"] {
            assert_eq!(Choice::from_str(text).map(|choice| choice.argument()), Ok(Some(text.to_owned())));
        }
        assert_eq!(Choice::from_str("path").map(|choice| choice.argument()), Ok(None));
        for text in ["", "git", "git+", "git+#v1", "registry"] {
            assert!(Choice::from_str(text).is_err(), "{text}");
        }
    }
}
