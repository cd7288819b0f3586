//! `cargo xtask diff`: what changed in a document, and whether it breaks programs.

mod write;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use codegen::Home;
use diagnostics::text::Terminal;
use diagnostics::{Problems, Result};
use diff::{Finding, Format, Report};
use repository::{Workspace, files, print};

use crate::history;
use write::write;

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
    let document = workspace.find(name)?;
    let file = document.approvals_file();
    let approvals = history::read_approvals(&workspace.path(&file), &file)?;
    let old = history::earlier(workspace, &document, against)?;
    let new = history::present(workspace, &document)?;
    let (mut findings, doubt) = diff::compare(&old, &new, &Home::Workspace);
    approvals.apply(&mut findings);
    let survey = history::survey(workspace, None);
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
    let file = format!("{}.approved.yaml", history::stem(&files.new));
    let approvals = history::read_approvals(Path::new(&file), &file)?;
    let (old, new) = (history::alone(&files.old)?, history::alone(&files.new)?);
    let (mut findings, doubt) = diff::compare(&old, &new, &Home::alone());
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
