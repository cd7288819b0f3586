//! A copy of what codegen reads and writes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A workspace of its own for one test.
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
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
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

    /// Every file, with its bytes.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        files(self.dir.path())
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
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    let Output { status, stdout, stderr } = command
        .envs(variables.iter().copied())
        .arg("--root")
        .arg(root)
        .args(args)
        .output()
        .expect("the command can be started");
    Said {
        code: status.code(),
        stdout: String::from_utf8(stdout).expect("UTF-8"),
        stderr: String::from_utf8(stderr).expect("UTF-8"),
    }
}

impl Said {
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
