//! The versions of the published crates, from the documents, the snapshots and the last releases of the workspace.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use codegen::Home;
use diagnostics::{Problems, Result, conflict};
use diff::survey::{CrateVersion, Survey, Unknown, manifest, unknown, version};
use diff::versions::{self, Bump, Versions};
use diff::{Finding, Revision, Snapshots};
use repository::{DocumentName, Workspace, files, public_api};

use super::releases::{self, Release};
use super::revisions;

/// The recorded versions of generated crates; empty if the file is missing.
///
/// # Errors
///
/// Fails if the file cannot be read or parsed.
pub(crate) fn read_versions(workspace: &Workspace) -> Result<Versions> {
    match fs::read_to_string(workspace.path(versions::FILE)) {
        Ok(text) => {
            conflict::refuse(versions::FILE, &text)?;
            Versions::parse(&text)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Versions::default()),
        Err(error) => Err(files::cannot_read("the versions of the crates", versions::FILE, &error).into()),
    }
}

/// The snapshots of public APIs in `docs/public-api`.
pub(crate) fn snapshots(workspace: &Workspace) -> Snapshots {
    let entries = fs::read_dir(workspace.path(public_api::FOLDER)).into_iter().flatten().flatten();
    let snapshot = |entry: fs::DirEntry| {
        let name = entry.file_name().to_str()?.strip_suffix(".txt")?.to_owned();
        Some((name, fs::read_to_string(entry.path()).ok()?))
    };
    Snapshots::new(entries.filter_map(snapshot).collect::<BTreeMap<_, _>>())
}

/// Compares documents and public APIs with the last release of each crate. `instead` replaces the present
/// version of its document.
pub(crate) fn survey(workspace: &Workspace, instead: Option<(&str, &Revision)>) -> Result<Survey, Unknown> {
    let mistakes = |problems: Problems| Unknown::mistake(problems.into_vec().remove(0));
    let snapshots = snapshots(workspace);
    let documents = workspace.documents().map_err(mistakes)?;
    let record = read_versions(workspace).map_err(mistakes)?;
    let here = |file: &str| fs::read_to_string(workspace.path(file)).ok();
    let mut names: Vec<&str> = documents.iter().map(|it| &*it.name).chain(snapshots.names()).collect();
    names.sort_unstable();
    names.dedup();
    let (mut crates, mut problems_found) = (Vec::new(), Vec::new());
    for name in names {
        let document = documents.iter().find(|it| it.name == name);
        let Some((current, kept)) = version(name, &record, document.is_some(), &here) else {
            problems_found.push(unknown(name));
            continue;
        };
        let mut it =
            CrateVersion { name: name.to_owned(), kept, current, released: None, bump: Bump::None, reason: None };
        if let Some(release) = releases::last(workspace, name)? {
            let present = instead.filter(|(of, _)| *of == name).map(|(_, version)| version);
            if let Err(problems) = since(workspace, &release, document, present, &snapshots, &mut it) {
                problems_found.extend(problems.into_vec());
                continue;
            }
        }
        crates.push(it);
    }
    Ok(Survey::new(crates, problems_found, snapshots))
}

/// The changes since a release of the crate.
fn since(
    workspace: &Workspace,
    release: &Release,
    document: Option<&DocumentName>,
    present: Option<&Revision>,
    snapshots: &Snapshots,
    it: &mut CrateVersion,
) -> Result<()> {
    let there = |file: &str| release.commit.text(workspace, file).ok();
    let record = there(versions::FILE).map_or_else(|| Ok(Versions::default()), |text| Versions::parse(&text))?;
    // A crate that the commit does not have was not released.
    if there(&manifest(&it.name)).is_none() {
        return Ok(());
    }
    let Some((released, _)) = version(&it.name, &record, document.is_some(), &there) else {
        return Ok(());
    };
    it.released = Some((release.tag.clone(), released));
    if let (Some(old), Some(new)) = (there(&public_api::file(&it.name)), snapshots.get(&it.name)) {
        let (bump, reason) = diff::bump(&old, new);
        it.ask(bump, reason);
    }
    let Some(document) = document else { return Ok(()) };
    let Some(old) = revisions::at(workspace, document, &release.commit, &release.tag)? else {
        return Ok(());
    };
    let own;
    let new = match present {
        Some(present) => present,
        None => {
            own = revisions::present(workspace, document)?;
            &own
        }
    };
    let (findings, _) = diff::compare(&old, new, &Home::Workspace);
    let worst = findings.iter().max_by_key(|finding| (finding.api(), finding.level()));
    it.ask(Bump::of(&findings), worst.map(Finding::sentence));
    Ok(())
}
