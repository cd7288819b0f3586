//! A copy of what codegen reads and writes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::deadlines::output;

/// A separate workspace for one test.
pub(crate) struct Copy {
    dir: TempDir,
}

/// What the command said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The documents that the tests are about.
const VENDORS: [&str; 3] = ["lean-auth", "leanix-auth", "leanix-poll"];

/// The root of this workspace.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is in the workspace")
}

impl Copy {
    /// The documents of both vendors and their crates; what else was added to the workspace changes no test.
    pub(crate) fn new() -> Self {
        let copy = Self { dir: TempDir::new().expect("a temporary folder") };
        copy.take_specs(|name| VENDORS.contains(&name));
        VENDORS.iter().for_each(|name| copy.take(&format!("crates/{name}"), |_| true));
        copy
    }

    /// The workspace as it is without a document of this name: documents, crates, and what else is said of them.
    pub(crate) fn without(name: &str) -> Self {
        let copy = Self { dir: TempDir::new().expect("a temporary folder") };
        copy.take_specs(|other| other != name);
        copy.take("crates", |path| path.split('/').next() != Some(name));
        for file in ["Cargo.toml", ".gitattributes"] {
            let text = fs::read_to_string(repository().join(file)).expect("readable");
            let lines = text.lines().filter(|line| !line.contains(name));
            copy.write(file, &lines.map(|line| format!("{line}\n")).collect::<String>());
        }
        copy
    }

    /// Takes over the documents with these names, and their record.
    fn take_specs(&self, wanted: impl Fn(&str) -> bool) {
        let is_wanted = |file: &str| match file.split_once('.') {
            Some((name, "yaml" | "yml" | "json" | "overlay.yaml" | "overlay.yml" | "overlay.json")) => wanted(name),
            _ => true,
        };
        self.take("specs", is_wanted);
        let is_wanted =
            |line: &&str| line.strip_prefix("| `").and_then(|row| row.split('`').next()).is_none_or(is_wanted);
        let record = self.read("specs/README.md");
        let lines = record.lines().filter(is_wanted).map(|line| format!("{line}\n"));
        self.write("specs/README.md", &lines.collect::<String>());
    }

    /// Takes over the files of a folder whose paths are so.
    fn take(&self, folder: &str, wanted: impl Fn(&str) -> bool) {
        for (path, bytes) in files(&repository().join(folder)) {
            if wanted(&path) {
                self.write_bytes(&format!("{folder}/{path}"), &bytes);
            }
        }
    }

    /// A workspace with one document, `specs/pets.yaml`, that is on record.
    pub(crate) fn with_document(text: &str) -> Self {
        let copy = Self { dir: TempDir::new().expect("a temporary folder") };
        copy.write("specs/README.md", &format!("| file | sha256 |\n|---|---|\n| `pets.yaml` | `{:064}` |\n", 0));
        copy.write("specs/pets.yaml", text);
        copy.record("pets");
        copy
    }

    /// The same with a record that says of the document what `cargo xtask new` and `specs update` say.
    pub(crate) fn with_full_record(text: &str) -> Self {
        let copy = Self::with_document(text);
        copy.edit(
            "specs/README.md",
            "| file | sha256 |\n|---|---|\n| `pets.yaml` |",
            "| file | what | source | retrieved | sha256 |\n|---|---|---|---|---|\n| `pets.yaml` | | | |",
        );
        copy
    }

    /// A workspace that another program puts into an empty folder.
    pub(crate) fn put_by(put: impl FnOnce(&Path)) -> Self {
        let copy = Self { dir: TempDir::new().expect("a temporary folder") };
        put(copy.dir.path());
        copy
    }

    /// Another workspace with the same files.
    pub(crate) fn twin(&self) -> Self {
        let twin = Self { dir: TempDir::new().expect("a temporary folder") };
        self.files().iter().for_each(|(file, bytes)| twin.write_bytes(file, bytes));
        twin
    }

    /// Every file, with its bytes, but for the lock of the workspace.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = files(self.dir.path());
        found.retain(|path, _| ![".xtask/.gitignore", ".xtask/lock"].contains(&path.as_str()));
        found
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        self.write_bytes(file, text.as_bytes());
    }

    /// Writes a file that says of itself that it was generated from this document.
    pub(crate) fn write_generated(&self, file: &str, document: &str) {
        let text =
            format!("// @generated by `cargo xtask codegen x`. Do not edit.\n// document: {document} (sha256 00)\n");
        self.write(file, &text);
    }

    fn write_bytes(&self, file: &str, bytes: &[u8]) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        fs::write(path, bytes).expect("the file can be written");
    }

    /// Replaces a part of a file, which has to be there.
    pub(crate) fn edit(&self, file: &str, old: &str, new: &str) {
        let text = self.read(file);
        assert!(text.contains(old), "{file} does not contain {old:?}");
        self.write(file, &text.replacen(old, new, 1));
    }

    /// `file:line` of the first line that contains a text.
    pub(crate) fn place(&self, file: &str, text: &str) -> String {
        let at = self.read(file).lines().position(|line| line.contains(text));
        format!("--> {file}:{}", at.unwrap_or_else(|| panic!("{file} does not contain {text:?}")) + 1)
    }

    /// Puts the sum of a changed document on record, as the error's remedy says.
    pub(crate) fn record(&self, name: &str) {
        let said = self.run(&["codegen", name]);
        let sums: Vec<&str> =
            said.stderr.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() == 64).collect();
        let [found, stated, ..] = sums.as_slice() else { panic!("no two sums in {}", said.stderr) };
        self.edit("specs/README.md", stated, found);
    }

    /// All files of the generated crates, with their bytes and times of change.
    pub(crate) fn crates(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.path("crates"))
    }

    /// Runs the command on this copy.
    pub(crate) fn run(&self, args: &[&str]) -> Said {
        self.run_with(args, &[])
    }

    /// Runs the command on this copy, with these variables of the environment about colours and no others.
    pub(crate) fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Said {
        run_with(self.dir.path(), args, variables)
    }
}

/// Runs the command on the workspace at `root`.
pub(crate) fn run_in(root: &Path, args: &[&str]) -> Said {
    run_with(root, args, &[])
}

fn run_with(root: &Path, args: &[&str], variables: &[(&str, &str)]) -> Said {
    Said::of(output(command(root, args).envs(variables.iter().copied())))
}

/// The command on the workspace at `root`, for the caller to run.
pub(crate) fn command(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command.arg("--root").arg(root).args(args);
    command
}

impl Said {
    /// What a command that has ended said.
    pub(crate) fn of(output: Output) -> Self {
        let Output { status, stdout, stderr } = output;
        Self {
            code: status.code(),
            stdout: String::from_utf8(stdout).expect("UTF-8"),
            stderr: String::from_utf8(stderr).expect("UTF-8"),
        }
    }

    /// Asserts success.
    #[track_caller]
    pub(crate) fn passed(self) -> Self {
        assert_eq!(self.code, Some(0), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Asserts failure with exit status 1 and each of these texts on stderr.
    #[track_caller]
    pub(crate) fn failed(self, texts: &[&str]) -> Self {
        assert_eq!(self.code, Some(1), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        for text in texts {
            assert!(self.stderr.contains(text), "no {text:?} in: {}", self.stderr);
        }
        self
    }
}

/// Files below a folder by their path in it.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read(&path).expect("readable"));
            }
        }
    }
    found
}
