//! The entries for a generated crate in the files at the root of the workspace.

use diagnostics::{Problem, Result};

/// The manifest of the workspace.
pub(super) const MANIFEST: &str = "Cargo.toml";

/// The attributes of files for git.
pub(super) const ATTRIBUTES: &str = ".gitattributes";

const TABLE: &str = "[workspace.dependencies]";

/// Returns the manifest of the workspace with an entry for a crate, so that other crates can depend on it.
///
/// # Errors
///
/// Fails if the manifest has no table for dependencies, or if the table has an entry of this name.
pub(super) fn with_dependency(manifest: &str, name: &str, version: &str) -> Result<String> {
    let mut lines: Vec<&str> = manifest.split_inclusive('\n').collect();
    let Some(table) = lines.iter().position(|line| line.trim() == TABLE) else {
        return Err(Problem::new(format!("there is no table `{TABLE}`"))
            .file(MANIFEST)
            .remedy("add the table; crates depend on each other through it")
            .into());
    };
    let end = lines[table + 1..].iter().position(|line| line.starts_with('[')).map_or(lines.len(), |at| table + 1 + at);
    if let Some(at) = (table + 1..end).find(|at| key(lines[*at]) == Some(name)) {
        return Err(Problem::new(format!("`{name}` is already a dependency of the workspace"))
            .file(MANIFEST)
            .line(Some(at + 1))
            .remedy("choose another name")
            .into());
    }
    // The crates of the workspace come first, in the order of their names.
    let own = (table + 1..end).take_while(|at| lines[*at].contains("path = \"crates/"));
    let at = own.filter(|at| key(lines[*at]).is_some_and(|own| own < name)).last().map_or(table + 1, |at| at + 1);
    let entry = format!("{name} = {{ path = \"crates/{name}\", version = \"{version}\" }}\n");
    let line_break = if lines[at - 1].ends_with('\n') { "" } else { "\n" };
    lines.splice(at..at, [line_break, entry.as_str()]);
    Ok(lines.concat())
}

/// The key that a line of a table sets.
fn key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once(['=', '.'])?;
    Some(key.trim().trim_matches(['"', '\'']))
}

/// Returns the attributes with those of a document, which git must not change, and of a crate, which needs no review.
pub(super) fn with_attributes(attributes: &str, folder: &str) -> String {
    let mut lines: Vec<String> = attributes.lines().map(str::to_owned).collect();
    for (wanted, like) in [
        ("specs/** -text".to_owned(), ("specs/", " -text")),
        (format!("{folder}/** linguist-generated=true"), ("crates/", " linguist-generated=true")),
    ] {
        if lines.contains(&wanted) {
            continue;
        }
        let last = lines.iter().rposition(|line| line.starts_with(like.0) && line.ends_with(like.1));
        lines.insert(last.map_or(lines.len(), |at| at + 1), wanted);
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str = "[workspace]\n\n[workspace.dependencies]\nb = { path = \"crates/b\", version = \"0.1.0\" }\n\
                        d = { path = \"crates/d\" }\n\n# why\nserde.workspace = true\n\n[profile.dev]\nz = 1\n";

    #[test]
    fn an_entry_is_inserted_in_order_and_nothing_else_changes() {
        for (name, before) in [("a", "b = "), ("c", "d = "), ("e", "\n# why")] {
            let entry = format!("{name} = {{ path = \"crates/{name}\", version = \"0.2.0\" }}\n");
            let new = with_dependency(BOTH, name, "0.2.0").expect("added");
            assert_eq!(new, BOTH.replacen(before, &format!("{entry}{before}"), 1), "{name}");
        }
        let bare = with_dependency("[workspace.dependencies]", "a", "1.0.0").expect("added");
        assert_eq!(bare, "[workspace.dependencies]\na = { path = \"crates/a\", version = \"1.0.0\" }\n");
    }

    #[test]
    fn an_existing_entry_and_a_missing_table_are_refused() {
        for (name, line) in [("b", 4), ("d", 5), ("serde", 8)] {
            let error = with_dependency(BOTH, name, "0.1.0").expect_err(name).to_string();
            assert!(error.contains(&format!("--> Cargo.toml:{line}\n")), "{error}");
        }
        assert!(with_dependency(BOTH, "z", "0.1.0").is_ok(), "of another table");
        let error = with_dependency("[workspace]\n", "a", "0.1.0").expect_err("no table").to_string();
        assert!(error.contains("no table `[workspace.dependencies]`"), "{error}");
    }

    #[test]
    fn attributes_follow_those_of_their_kind() {
        let text = "* text=auto\nspecs/b.yaml -text\ncrates/b/** linguist-generated=true\nCargo.lock x\n";
        let new = with_attributes(text, "crates/a");
        assert_eq!(
            new,
            "* text=auto\nspecs/b.yaml -text\nspecs/** -text\ncrates/b/** linguist-generated=true\n\
             crates/a/** linguist-generated=true\nCargo.lock x\n"
        );
        assert_eq!(with_attributes(&new, "crates/a"), new);
        assert_eq!(with_attributes("", "crates/a"), "specs/** -text\ncrates/a/** linguist-generated=true\n");
    }
}
