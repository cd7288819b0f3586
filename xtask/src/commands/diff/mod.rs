//! `cargo xtask diff`: what changed in a document, and whether it breaks programs.

mod write;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use codegen::Home;
use diagnostics::text::Terminal;
use diagnostics::{Problems, Result};
use diff::{Finding, Format, Report};
use repository::{Workspace, files, print};

use crate::history;
use write::write;

/// The arguments of `diff`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Arguments {
    /// The document, `lean-auth` for `specs/lean-auth.yaml`; or with NEW, the earlier of two files.
    #[arg(value_name = "NAME|OLD")]
    pub(crate) name: String,
    /// The later of two files; no workspace is needed.
    #[arg(value_name = "NEW", conflicts_with_all = ["against", "write"])]
    new: Option<String>,
    /// What to compare with: a commit, a branch, a tag or a file.
    #[arg(long, value_name = "REF|FILE", default_value = "HEAD")]
    against: String,
    /// Same as `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Format of the report on standard output.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = formats())]
    format: Format,
    /// Write the report to this file as well: .json, .sarif, .xml (JUnit) or .txt; can be given more than once.
    #[arg(long, value_name = "FILE")]
    report: Vec<PathBuf>,
    /// Exit with status 2 if a change of this level is not approved.
    #[arg(long, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
    /// Add entries to CHANGELOG.md, raise the versions that need it, and generate the crates.
    #[arg(long)]
    pub(crate) write: bool,
}

/// The formats of a report, by name.
fn formats() -> impl TypedValueParser<Value = Format> {
    let names = PossibleValuesParser::new(Format::NAMES);
    names.try_map(|name| name.parse::<Format>())
}

/// The changes that make `diff` fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A change that breaks programs, at compile time or on the wire.
    Breaking,
}

impl Arguments {
    /// Whether the report on standard output is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.output_format() == Format::Json
    }

    /// Whether two files are compared, which needs no workspace.
    pub(crate) fn is_of_files(&self) -> bool {
        self.new.is_some()
    }

    fn output_format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    /// The files for the report and their formats, checked before anything is written.
    fn formats(&self) -> Result<Vec<(&Path, Format)>> {
        self.report.iter().map(|file| Ok((file.as_path(), Format::of_file(file)?))).collect()
    }

    fn put(&self, report: &Report<'_>, out: &mut dyn Write) -> Result<()> {
        for (file, format) in self.formats()? {
            fs::write(file, report.render(format).as_str())
                .map_err(|error| files::cannot_write("the report", file.display().to_string(), &error))?;
        }
        print(out, &report.render(self.output_format()))
    }

    /// The exit code for these findings.
    fn code(&self, findings: &[Finding]) -> ExitCode {
        let fails = self.fail_on == Some(FailOn::Breaking) && findings.iter().any(Finding::fails);
        ExitCode::from(if fails { 2 } else { 0 })
    }
}

/// Compares a document of the workspace, reports to `out`, and writes with `--write`.
///
/// # Errors
///
/// Fails if there is no earlier document, if a document or the approvals cannot be read, or if the crate cannot be
/// generated. Then nothing has been written.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode> {
    let Arguments { name, against, .. } = arguments;
    arguments.formats()?;
    let document = workspace.find(name)?;
    let file = document.approvals_file();
    let approvals = history::read_approvals(&workspace.path(&file), &file)?;
    let old = history::earlier(workspace, &document, against)?;
    let new = history::present(workspace, &document)?;
    let (mut findings, doubt) = diff::compare(&old, &new, &Home::Workspace);
    approvals.apply(&mut findings);
    let survey = history::survey(workspace, None);
    let (old, new, approvals, versions) = (&old, &new, &approvals, Some(&survey));
    arguments.put(&Report { name, against, old, new, findings: &findings, versions, doubt, approvals }, out)?;
    if arguments.write {
        let survey = survey.map_err(|unknown| Problems::from(unknown.problem))?;
        let said = Terminal::lines(&write(workspace, &document, &findings, &survey)?);
        // Standard output has only the report.
        match arguments.output_format() {
            Format::Text => print(out, &said)?,
            _ => anstream::eprint!("{}", said.as_str()),
        }
    }
    Ok(arguments.code(&findings))
}

/// Compares two files and reports to `out`.
///
/// # Errors
///
/// Fails if a file cannot be read.
pub(crate) fn run_files(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode> {
    let (against, file) = (&arguments.name, arguments.new.as_deref().unwrap_or_default());
    arguments.formats()?;
    let approvals_file = format!("{}.approved.yaml", history::stem(file));
    let approvals = history::read_approvals(Path::new(&approvals_file), &approvals_file)?;
    let (old, new) = (history::alone(against)?, history::alone(file)?);
    let (mut findings, doubt) = diff::compare(&old, &new, &Home::alone());
    approvals.apply(&mut findings);
    let name = Path::new(file).file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (name, old, new, approvals) = (&name, &old, &new, &approvals);
    arguments.put(&Report { name, against, old, new, findings: &findings, versions: None, doubt, approvals }, out)?;
    Ok(arguments.code(&findings))
}
