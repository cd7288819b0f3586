//! The workspace and the names of its files.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use diagnostics::conflict;
use diagnostics::{Problem, Problems, Result};

use crate::files;

/// A workspace, by its root.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Opens the workspace at `root`; without `root`, the workspace of the `xtask` that cargo runs, or the one around the
    /// current folder.
    ///
    /// # Errors
    ///
    /// Fails if there is no workspace.
    pub fn open(root: Option<PathBuf>) -> Result<Self> {
        let of_cargo = || std::env::var_os("CARGO_MANIFEST_DIR").and_then(|package| of_package(Path::new(&package)));
        let around = || std::env::current_dir().ok()?.ancestors().find(|folder| is_root(folder)).map(Path::to_path_buf);
        let Some(root) = root.or_else(of_cargo).or_else(around) else {
            return Err(Problem::new("this folder is not in a workspace with `specs` and `xtask`")
                .remedy("run the command in the workspace, or name its root with `--root DIR`")
                .into());
        };
        const REMEDY: &str = "name the root of the workspace with `--root DIR`";
        match fs::metadata(root.join("specs")) {
            Ok(specs) if specs.is_dir() => return Ok(Self { root }),
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Err(files::cannot_read("the folder", root.join("specs").display().to_string(), &error).into());
            }
            Ok(_) | Err(_) => {}
        }
        let message = match fs::metadata(&root) {
            Ok(found) if found.is_dir() => format!("{} has no folder `specs`", root.display()),
            Ok(_) => format!("{} is a file and not a folder", root.display()),
            Err(_) => format!("there is no folder {}", root.display()),
        };
        Err(Problem::new(message).remedy(REMEDY).into())
    }

    /// The root folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The full path of a path relative to the root, with `/` between the segments.
    pub fn path(&self, relative: &str) -> PathBuf {
        relative.split('/').fold(self.root.clone(), |path, part| path.join(part))
    }

    /// The documents in `specs/`, sorted by name.
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be read, if the name of a document cannot be that of a crate, or if a file has a git
    /// conflict.
    pub fn documents(&self) -> Result<Vec<DocumentName>> {
        let unreadable = |error| files::cannot_read("the folder", "specs", &error);
        let (mut found, mut conflicts) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(self.root.join("specs")).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.file_name();
            let Some(file) = file.to_str() else { continue };
            found.extend(DocumentName::from_file(file));
            conflicts.extend(self.conflict(&format!("specs/{file}")));
        }
        Problems::check(conflicts)?;
        found.sort();
        for pair in found.windows(2) {
            if pair[0].name == pair[1].name {
                return Err(Problem::new(format!("two documents are called `{}`", pair[0].name))
                    .file(pair[1].file())
                    .remedy("keep one of the two files")
                    .into());
            }
        }
        for document in &found {
            document.check()?;
        }
        Ok(found)
    }

    /// The git conflict in a file of `specs/`, if this tool reads the file.
    fn conflict(&self, file: &str) -> Option<Problem> {
        let is_read = [".md", ".toml"].into_iter().chain(EXTENSIONS).any(|end| file.ends_with(end));
        let text = fs::read_to_string(self.path(file)).ok().filter(|_| is_read)?;
        conflict::find(file, &text)
    }

    /// The document with this name.
    ///
    /// # Errors
    ///
    /// Fails if there is no such document, or if the documents cannot be listed.
    pub fn find(&self, name: &str) -> Result<DocumentName> {
        Ok(self.select(std::slice::from_ref(&name.to_owned()))?.remove(0))
    }

    /// The documents with these names, or all of them if no name is given.
    ///
    /// # Errors
    ///
    /// Fails if the documents cannot be listed, or if one of the names is not among them.
    pub fn select(&self, names: &[String]) -> Result<Vec<DocumentName>> {
        let known = self.documents()?;
        for name in names {
            if !known.iter().any(|document| document.name == *name) {
                let list = known.iter().map(|document| document.name.as_str()).collect::<Vec<_>>().join(", ");
                let problem = Problem::new(format!("there is no document called `{name}`"));
                let use_one = (!list.is_empty()).then(|| format!("use one of these names: {list}"));
                // A file with a name that no crate can have would not help.
                let (problem, add) = match check_name(name) {
                    Ok(()) => (problem.file(format!("specs/{name}.yaml")), Some(format!("add specs/{name}.yaml"))),
                    Err(_) => (problem, None),
                };
                let remedies = use_one.into_iter().chain(add).collect::<Vec<_>>();
                let remedy =
                    if remedies.is_empty() { "add a document to specs".to_owned() } else { remedies.join("; or ") };
                return Err(problem.remedy(remedy).into());
            }
        }
        Ok(known.into_iter().filter(|document| names.is_empty() || names.contains(&document.name)).collect())
    }
}

/// The workspace of the package that cargo runs, if that is `xtask`.
fn of_package(package: &Path) -> Option<PathBuf> {
    let root = package.parent().filter(|root| package.ends_with("xtask") && is_root(root))?;
    Some(root.to_path_buf())
}

fn is_root(folder: &Path) -> bool {
    folder.join("specs").is_dir() && folder.join("xtask").join("Cargo.toml").is_file()
}

/// The extensions of documents.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// Valid names that the compiler or cargo uses for something else.
const RESERVED: [&str; 9] = ["alloc", "build", "core", "deps", "examples", "incremental", "proc-macro", "std", "test"];

/// Names of devices on Windows, which no file or folder can have, with or without an extension.
const DEVICES: [&str; 4] = ["aux", "con", "nul", "prn"];

/// Names of devices on Windows that one digit follows.
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

fn is_device(name: &str) -> bool {
    let is_digit = |rest: &str| rest.len() == 1 && rest.starts_with(|c: char| c.is_ascii_digit());
    DEVICES.contains(&name) || NUMBERED_DEVICES.iter().any(|device| name.strip_prefix(device).is_some_and(is_digit))
}

/// Refuses a name that a crate, or its folder on some system, cannot have.
///
/// # Errors
///
/// Fails with the reason.
pub fn check_name(name: &str) -> Result<()> {
    if is_device(name) {
        return Err(Problem::new(format!(
            "`{name}` cannot be the name of a folder: it is the name of a device on Windows"
        ))
        .remedy(format!("use another name, such as `{name}-api`"))
        .into());
    }
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_plain = name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(fits);
    let is_word = !RESERVED.contains(&name) && syn::parse_str::<syn::Ident>(&name.replace('-', "_")).is_ok();
    if is_plain && is_word && !name.ends_with('-') {
        return Ok(());
    }
    Err(Problem::new(format!("`{name}` cannot be the name of a crate"))
        .remedy("use lower-case letters, digits and `-`, beginning with a letter, and no keyword of Rust")
        .into())
}

/// The name of a document in `specs/` and of its crate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentName {
    /// `lean-auth` for `specs/lean-auth.yaml`: the name of the crate.
    pub name: String,
    extension: &'static str,
}

impl DocumentName {
    fn from_file(file: &str) -> Option<Self> {
        EXTENSIONS.into_iter().find_map(|extension| {
            let name = file.strip_suffix(extension)?.strip_suffix('.')?;
            let is_document = !name.is_empty() && !name.ends_with(".overlay") && !name.ends_with(".approved");
            is_document.then(|| Self { name: name.to_owned(), extension })
        })
    }

    /// Creates the name of a document in JSON or in YAML.
    ///
    /// # Errors
    ///
    /// Fails if a crate cannot have this name.
    pub fn new(name: &str, is_json: bool) -> Result<Self> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), extension: if is_json { "json" } else { "yaml" } })
    }

    fn check(&self) -> Result<()> {
        check_name(&self.name).map_err(|problems| problems.with_file(&self.file()))
    }

    /// The files that may hold the document of this name, relative to the root.
    pub fn files(&self) -> [String; 3] {
        EXTENSIONS.map(|extension| format!("specs/{}.{extension}", self.name))
    }

    /// The document's file, relative to the root.
    pub fn file(&self) -> String {
        format!("specs/{}.{}", self.name, self.extension)
    }

    /// The files that may hold its overlay, relative to the root.
    pub fn overlay_files(&self) -> [String; 3] {
        EXTENSIONS.map(|extension| format!("specs/{}.overlay.{extension}", self.name))
    }

    /// The file with its approved changes, relative to the root.
    pub fn approvals_file(&self) -> String {
        format!("specs/{}.approved.yaml", self.name)
    }

    /// The folder of its crate, relative to the root.
    pub fn crate_dir(&self) -> String {
        format!("crates/{}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_yaml_or_json_file_but_overlays_and_approvals_is_a_document() {
        let name = |file| DocumentName::from_file(file).map(|document| (document.name.clone(), document.file()));
        assert_eq!(name("lean-auth.yaml"), Some(("lean-auth".into(), "specs/lean-auth.yaml".into())));
        assert_eq!(name("a.json"), Some(("a".into(), "specs/a.json".into())));
        assert_eq!(name("a.yml"), Some(("a".into(), "specs/a.yml".into())));
        for other in ["lean-auth.overlay.yaml", "lean-auth.approved.yaml", "README.md", ".yaml", "yaml", "notes.txt"] {
            assert_eq!(name(other), None, "{other}");
        }
    }

    #[test]
    fn a_name_that_cannot_be_a_crate_is_refused() {
        for (file, valid) in
            [("a-1.yaml", true), ("A.yaml", false), ("1a.yaml", false), ("a b.yaml", false), ("a-.yaml", false)]
        {
            let document = DocumentName::from_file(file).expect("a document");
            assert_eq!(document.check().is_ok(), valid, "{file}");
        }
        for name in ["aux", "con", "nul", "prn", "com0", "com1", "lpt9"] {
            let error = DocumentName::new(name, true).expect_err(name).to_string();
            assert!(error.contains("a device on Windows") && error.contains(&format!("`{name}-api`")), "{error}");
            for other in [format!("{name}-api"), format!("{name}x"), format!("{name}22")] {
                assert!(DocumentName::new(&other, true).is_ok(), "{other}");
            }
        }
        for (name, valid) in [
            ("com", true),
            ("a-1", true),
            ("api", true),
            ("", false),
            ("type", false),
            ("core", false),
            ("../a", false),
        ] {
            assert_eq!(DocumentName::new(name, true).is_ok(), valid, "{name}");
        }
    }

    #[test]
    fn a_name_that_no_crate_can_have_is_not_advised_as_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("specs")).expect("a folder");
        std::fs::create_dir_all(folder.path().join("xtask")).expect("a folder");
        std::fs::write(folder.path().join("xtask/Cargo.toml"), "").expect("a file");
        let workspace = Workspace::open(Some(folder.path().to_owned())).expect("a workspace");
        for (name, remedy) in [("../x", "add a document to specs"), ("x", "add specs/x.yaml")] {
            let error = workspace.find(name).expect_err("no document").to_string();
            assert!(error.contains(&format!("remedy: {remedy}\n")) && !error.contains("specs/../"), "{error}");
        }
        std::fs::write(folder.path().join("specs/a.yaml"), "{}").expect("a file");
        let error = workspace.find("../x").expect_err("no document").to_string();
        assert!(error.ends_with("remedy: use one of these names: a\n"), "{error}");
    }
}
