//! `cargo xtask diff NAME`, and what `cargo xtask codegen` says about changes.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::affected::judge;
use super::approvals::Approvals;
use super::baseline::{Commit, Version, stem};
use super::changelog;
use super::document::compare;
use super::finding::Finding;
use super::generated::Code;
use super::level::Level;
use super::report::{self, Format, Report};
use super::versions::{self, Step, Versions};
use crate::codegen::emit::Home;
use crate::codegen::text::{Terminal, fill};
use crate::codegen::{self, Mode};
use crate::files;
use crate::problem::{Problem, Result};
use crate::workspace::{DocumentName, Workspace};

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// The document.
    pub(crate) name: String,
    /// The commit or file to compare with.
    pub(crate) against: String,
    /// Where the report goes.
    pub(crate) output: Output,
    /// Whether changelog and version are written.
    pub(crate) write: bool,
}

/// Two documents of no workspace.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    /// The earlier one.
    pub(crate) old: String,
    /// The later one.
    pub(crate) new: String,
    /// Where the report goes.
    pub(crate) output: Output,
}

/// Where a report goes.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// The form of what is printed.
    pub(crate) format: Format,
    /// Files for the report, which say by their names what they hold.
    pub(crate) files: Vec<PathBuf>,
}

impl Output {
    /// The files with their forms, before anything is done.
    fn formats(&self) -> Result<Vec<(&Path, Format)>> {
        self.files.iter().map(|file| Ok((file.as_path(), Format::of_file(file)?))).collect()
    }

    fn put(&self, report: &Report<'_>, out: &mut dyn Write) -> Result<()> {
        for (file, format) in self.formats()? {
            fs::write(file, report.render(format).as_str())
                .map_err(|error| files::cannot_write("the report", file.display().to_string(), &error))?;
        }
        print(out, &report.render(self.format))
    }
}

/// Compares, reports to `out`, and writes if that is asked for; says whether a change breaks that nobody approved.
///
/// # Errors
///
/// Fails if there is nothing to compare with, a document or the approvals cannot be read, or the new crate cannot be
/// generated. Then nothing has been written.
pub(crate) fn run(workspace: &Workspace, options: &Options, out: &mut dyn Write) -> Result<bool> {
    let Options { name, against, output, .. } = options;
    output.formats()?;
    let document = workspace.select(std::slice::from_ref(name))?.remove(0);
    let file = document.approvals_file();
    let approvals = Approvals::read(&workspace.path(&file), &file)?;
    let old = Version::earlier(workspace, &document, against)?;
    let new = Version::present(workspace, &document)?;
    let (mut findings, doubt) = findings(&old, &new, Home::Workspace);
    approvals.apply(&mut findings);
    let current = current(workspace, name, against)?;
    let step = Step::of(&findings);
    let versions = current.map(|version| [version, version.after(step)]);
    let (old, new, approvals) = (&old, &new, &approvals);
    output.put(&Report { name, against, old, new, findings: &findings, versions, doubt, approvals }, out)?;
    if options.write {
        let said = write(workspace, &document, &findings, versions)?;
        // The report for machines is all there is on standard output.
        if output.format == Format::Text { print(out, &Terminal::lines(&said))? } else { eprint!("{said}") }
    }
    Ok(findings.iter().any(Finding::fails))
}

/// Compares two files and reports to `out`; says whether a change breaks that nobody approved.
///
/// # Errors
///
/// Fails if a file cannot be read.
pub(crate) fn run_files(files: &Files, out: &mut dyn Write) -> Result<bool> {
    files.output.formats()?;
    let file = format!("{}.approved.yaml", stem(&files.new));
    let approvals = Approvals::read(Path::new(&file), &file)?;
    let (old, new) = (Version::alone(&files.old)?, Version::alone(&files.new)?);
    let (mut findings, doubt) = findings(&old, &new, Home::Alone { transport: String::new() });
    approvals.apply(&mut findings);
    let name = Path::new(&files.new).file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let report = Report {
        name: &name,
        against: &files.old,
        old: &old,
        new: &new,
        findings: &findings,
        versions: None,
        doubt,
        approvals: &approvals,
    };
    files.output.put(&report, out)?;
    Ok(findings.iter().any(Finding::fails))
}

/// What changed, judged by the code of both crates; and why it is not, where one of them cannot be generated.
pub(super) fn findings(old: &Version, new: &Version, home: Home) -> (Vec<Finding>, Option<String>) {
    let mut findings = compare(&old.value, &new.value);
    if findings.iter().all(|finding| finding.api() == Level::Documentation) {
        return (findings, None);
    }
    let code = |version: &Version| {
        let file = &version.document.file;
        Code::of(&version.value, home.clone()).map_err(|_| format!("no crate can be generated from {file}"))
    };
    match code(old).and_then(|before| Ok((before, code(new)?))) {
        Ok((before, after)) => {
            judge(&mut findings, (&old.value, &before), (&new.value, &after));
            (findings, None)
        }
        Err(reason) => (findings, Some(reason)),
    }
}

fn print(out: &mut dyn Write, text: &Terminal) -> Result<()> {
    Ok(out.write_all(text.as_str().as_bytes()).map_err(|error| files::cannot_print(&error))?)
}

/// The version that the crate had: that of the commit, or for a file the last commit's, or else the present one.
fn current(workspace: &Workspace, name: &str, against: &str) -> Result<Option<versions::Version>> {
    let commit = Commit::find(workspace, against).or_else(|_| Commit::find(workspace, "HEAD")).ok();
    let (record, manifest) = match commit {
        Some(commit) => (
            commit
                .text(workspace, versions::FILE)
                .map_or_else(|_| Ok(Versions::default()), |it| Versions::parse(&it))?,
            commit.text(workspace, "Cargo.toml").unwrap_or_default(),
        ),
        None => (Versions::read(workspace)?, fs::read_to_string(workspace.path("Cargo.toml")).unwrap_or_default()),
    };
    Ok(record.get(name).or_else(|| versions::of_workspace(&manifest)))
}

/// Writes the entry and the version, and generates the crate anew; says what it did.
fn write(
    workspace: &Workspace,
    document: &DocumentName,
    findings: &[Finding],
    versions: Option<[versions::Version; 2]>,
) -> Result<String> {
    let name = &document.name;
    if findings.is_empty() {
        return Ok("nothing to write\n".to_owned());
    }
    codegen::check_builds(workspace, document)?;
    let Some([_, proposed]) = versions else {
        return Err(Problem::new(format!("the version of `{name}` is not known"))
            .file("Cargo.toml")
            .remedy(format!(
                "give `[workspace.package]` a version like 0.1.0, or add `{name} = \"0.1.0\"` to {}",
                versions::FILE
            ))
            .into());
    };
    let log = read(workspace, changelog::FILE)?;
    let mut record = Versions::read(workspace)?;
    if record.get(name).is_none_or(|version| version < proposed) {
        record.set(name, proposed);
    }
    let version = record.get(name).unwrap_or(proposed);
    let mut files = vec![
        (changelog::FILE, log.clone(), changelog::with_entries(&log, &changelog::entries(name, findings))?),
        (versions::FILE, read(workspace, versions::FILE).unwrap_or_default(), record.text()),
    ];
    for (file, edit) in [
        ("Cargo.toml", versions::with_requirement as fn(&str, &str, versions::Version) -> String),
        ("Cargo.lock", versions::with_locked),
    ] {
        if let Ok(text) = read(workspace, file) {
            let edited = edit(&text, name, version);
            files.push((file, text, edited));
        }
    }
    let mut said = String::new();
    for (file, before, after) in &files {
        if before != after {
            codegen::replace(&workspace.path(file), after.as_bytes())
                .map_err(|error| files::cannot_write("the file", *file, &error))?;
            said.push_str(&format!("wrote {file}\n"));
        }
    }
    let mut sink = Vec::new();
    codegen::run(workspace, std::slice::from_ref(name), Mode::Write, &mut sink)?;
    said.push_str(&format!("crates/{name} is generated, version {version}\n"));
    Ok(said)
}

fn read(workspace: &Workspace, file: &'static str) -> Result<String> {
    files::read_text(&workspace.path(file), "the file", file)
}

/// What changed since the last commit, for the report of `cargo xtask codegen`; never an error.
pub(crate) fn summary(workspace: &Workspace, document: &DocumentName) -> Terminal {
    let compared = Version::earlier(workspace, document, "HEAD")
        .and_then(|old| Ok(findings(&old, &Version::present(workspace, document)?, Home::Workspace).0));
    match compared {
        Ok(findings) => report::summary(&document.name, &findings),
        Err(problems) => {
            let why = problems.iter().next().map(Problem::message).unwrap_or_default();
            fill!(Terminal, "  changes since HEAD: not known, {}\n", Terminal::line(why))
        }
    }
}
