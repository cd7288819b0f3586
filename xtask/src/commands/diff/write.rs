//! `cargo xtask diff NAME --write`: writes changelogs, versions and crates, all of them or none.

use std::collections::BTreeMap;

use diagnostics::{Problems, Result, conflict};
use diff::changelog::{self, Entry};
use diff::survey::{raise, unknown};
use diff::versions::{self, Bump, Version};
use diff::{CrateVersion, Finding, Kept, Section, Survey};
use repository::files::{self, Change, Place};
use repository::{DocumentName, Workspace};

use crate::commands::codegen;
use crate::history;

/// Writes the changelog entries and the versions of a crate and of the crates that expose it, and generates the crates;
/// returns what it did, and what a person has to do.
///
/// # Errors
///
/// Fails if a crate cannot be generated or a file cannot be written. Then nothing has been changed.
pub(super) fn write(
    workspace: &Workspace,
    document: &DocumentName,
    findings: &[Finding],
    survey: &Survey,
) -> Result<String> {
    let name = &document.name;
    Problems::check(survey.problems.clone())?;
    let own = survey.get(name).ok_or_else(|| unknown(name))?;
    if findings.is_empty() && own.proposed() == own.current {
        return Ok("nothing to write\n".to_owned());
    }
    let exposing = survey.exposing(name);
    let breaks = Bump::of(findings) == Bump::Breaking;
    let mut entries = BTreeMap::from([(changelog_of(workspace, name), changelog::entries(name, findings))]);
    for (it, exposed) in exposing.iter().filter(|_| breaks) {
        let log = entries.entry(changelog_of(workspace, &it.name)).or_default();
        log.push(exposing_entry(&it.name, exposed));
    }
    let mut record = history::read_versions(workspace)?;
    let before = record.text();
    let raised = std::iter::once(own).chain(exposing.iter().map(|(it, _)| *it));
    let (recorded, by_hand): (Vec<&CrateVersion>, Vec<&CrateVersion>) =
        raised.filter(|it| it.proposed() > it.current).partition(|it| it.kept == Kept::Record);
    recorded.iter().for_each(|it| record.set(&it.name, it.proposed()));
    let mut change = Change::of(Place::workspace(workspace.root()));
    // The crate is generated even if its version stays the same: the document has changed.
    let mut crates = vec![document.clone()];
    for it in recorded.iter().filter(|it| it.name != *name) {
        crates.extend(Some(workspace.find(&it.name)?));
    }
    for document in &crates {
        codegen::stage(workspace, document, &record, &mut change)?;
    }
    let mut files = Vec::new();
    for (file, entries) in entries {
        let text = read(workspace, &file)?;
        let edited = changelog::with_entries(&file, &text, &entries)?;
        files.push((file, text, edited));
    }
    if record.text() != before {
        files.push((versions::FILE.to_owned(), String::new(), record.text()));
    }
    for (file, edit) in [
        ("Cargo.toml", versions::with_requirement as fn(&str, &str, Version) -> String),
        ("Cargo.lock", versions::with_locked),
    ] {
        if workspace.path(file).exists() {
            let text = read(workspace, file)?;
            let edited = crates.iter().fold(text.clone(), |text, it| match record.get(&it.name) {
                Some(version) => edit(&text, &it.name, version),
                None => text,
            });
            files.push((file.to_owned(), text, edited));
        }
    }
    let mut said = String::new();
    for (file, _, after) in files.iter().filter(|(_, before, after)| before != after) {
        change.write(file, after.as_bytes())?;
        said.push_str(&format!("wrote {file}\n"));
    }
    change.commit()?;
    for document in &crates {
        let version = record.get(&document.name).or(survey.get(&document.name).map(|it| it.current));
        let version = version.map(|it| it.to_string()).unwrap_or_default();
        said.push_str(&format!("crates/{} is generated, version {version}\n", document.name));
    }
    by_hand.iter().for_each(|it| said.push_str(&format!("next: {}\n", raise(it))));
    Ok(said)
}

/// The changelog entry of a crate that exposes a crate with breaking changes. It has no version, so that two branches add
/// the same entry.
fn exposing_entry(name: &str, exposed: &str) -> Entry {
    let text = format!("`{name}`: **breaking**: `{exposed}`, whose types are in its public API, has breaking changes.");
    Entry { section: Section::Changed, text }
}

/// The changelog of a crate, relative to the root; by default that of the workspace.
fn changelog_of(workspace: &Workspace, name: &str) -> String {
    let own = Some(format!("crates/{name}/{}", changelog::FILE)).filter(|own| workspace.path(own).is_file());
    own.unwrap_or_else(|| changelog::FILE.to_owned())
}

fn read(workspace: &Workspace, file: &str) -> Result<String> {
    let text = files::read_text(&workspace.path(file), "the file", file)?;
    conflict::refuse(file, &text)?;
    Ok(text)
}
