//! `cargo xtask diff NAME`, and what `cargo xtask codegen` says about changes.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::affected::judge;
use super::approvals::Approvals;
use super::baseline::{Version, stem};
use super::crate_versions::Survey;
use super::document::compare;
use super::exposure::Snapshots;
use super::finding::Finding;
use super::generated::Code;
use super::level::Level;
use super::report::{self, Format, Report};
use super::write::write;
use crate::codegen::emit::{Alone, Home};
use crate::codegen::text::{Terminal, fill};
use crate::files;
use crate::problem::{Problem, Problems, Result};
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
    let survey = Survey::of(workspace, None);
    let (old, new, approvals, versions) = (&old, &new, &approvals, Some(&survey));
    output.put(&Report { name, against, old, new, findings: &findings, versions, doubt, approvals }, out)?;
    if options.write {
        let survey = survey.map_err(|unknown| Problems::from(unknown.problem))?;
        let said = Terminal::lines(&write(workspace, &document, &findings, &survey)?);
        // The report for machines is all there is on standard output.
        match output.format {
            Format::Text => print(out, &said)?,
            _ => anstream::eprint!("{}", said.as_str()),
        }
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
    let (mut findings, doubt) = findings(&old, &new, Home::Alone(Alone::default()));
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

pub(super) fn print(out: &mut dyn Write, text: &Terminal) -> Result<()> {
    files::print(out, text.as_str())
}

/// What changed since the last commit, for the report of `cargo xtask codegen`; never an error.
pub(crate) fn summary(workspace: &Workspace, document: &DocumentName) -> Terminal {
    let compared = Version::earlier(workspace, document, "HEAD")
        .and_then(|old| Ok(findings(&old, &Version::present(workspace, document)?, Home::Workspace).0));
    match compared {
        Ok(findings) => {
            let exposing = Snapshots::read(workspace).exposing(&document.name);
            report::summary(&document.name, &findings, &exposing)
        }
        Err(problems) => {
            let why = problems.iter().next().map(Problem::message).unwrap_or_default();
            fill!(Terminal, "  changes since HEAD: not known, {}\n", Terminal::line(why))
        }
    }
}
