//! Conflicts that git has left in files.

use crate::problem::{Problem, Result};

/// The line of the first conflict in a text, counted from 1.
///
/// A conflict is a line that begins with seven `<`, a line of seven `=`, and a line that begins with seven `>`, in this
/// order. One of them alone may be text.
fn line(text: &str) -> Option<usize> {
    let is_mark = |line: &str, mark: char| {
        let rest = line.trim_end_matches('\r').strip_prefix(&*mark.to_string().repeat(7));
        rest.is_some_and(|rest| rest.is_empty() || (mark != '=' && rest.starts_with(' ')))
    };
    let mut begin = None;
    let mut is_half = false;
    for (index, line) in text.lines().enumerate() {
        if is_mark(line, '<') {
            (begin, is_half) = (Some(index + 1), false);
        } else if is_mark(line, '=') && begin.is_some() {
            is_half = true;
        } else if is_mark(line, '>') && is_half {
            return begin;
        }
    }
    None
}

/// Returns the first conflict in the text of a file as a problem.
pub fn find(file: &str, text: &str) -> Option<Problem> {
    let line = line(text)?;
    let problem = Problem::new("git has left a conflict in this file").file(file).line(Some(line)).source(text.into());
    Some(problem.remedy(remedy(file)))
}

/// Refuses the text of a file that has a conflict.
///
/// # Errors
///
/// Fails with the line of the conflict, and with a remedy.
pub fn refuse(file: &str, text: &str) -> Result<()> {
    find(file, text).map_or(Ok(()), |problem| Err(problem.into()))
}

/// How to resolve the conflict in this file, and which commands to run then.
fn remedy(file: &str) -> String {
    const DOCUMENT: [&str; 3] = [".yaml", ".yml", ".json"];
    let of_specs = file.strip_prefix("specs/");
    let document = of_specs.and_then(|name| DOCUMENT.iter().find_map(|end| name.strip_suffix(end)));
    let name = document.map(|name| name.trim_end_matches(".overlay").trim_end_matches(".approved"));
    match (file, name) {
        ("specs/README.md", _) => "resolve the conflict: each document keeps one row, with the sum of its present file; then run \
                                   `cargo xtask specs verify` and `cargo xtask codegen`"
            .to_owned(),
        ("specs/versions.toml", _) => {
            "resolve the conflict: each crate keeps its higher version; then run `cargo xtask codegen` and `cargo xtask versions`"
                .to_owned()
        }
        (_, Some(name)) if file.ends_with(".approved.yaml") => {
            format!("resolve the conflict, then run `cargo xtask diff {name}`")
        }
        (_, Some(name)) => format!(
            "resolve the conflict; if the file is a document, put its sum into its row in specs/README.md; then run `cargo xtask codegen \
             {name}` and `cargo xtask diff {name} --write`"
        ),
        _ => "resolve the conflict, then run the command again".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_has_three_marks_in_order() {
        for (text, found) in [
            ("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n", Some(2)),
            ("<<<<<<< HEAD\r\nb\r\n||||||| base\r\n=======\r\nc\r\n>>>>>>> other\r\n", Some(1)),
            ("<<<<<<<\n=======\n>>>>>>>", Some(1)),
            ("<<<<<<< HEAD\n<<<<<<< HEAD\n=======\n>>>>>>> a\n", Some(2)),
            ("Heading\n=======\n", None),
            ("<<<<<<< HEAD\n>>>>>>> a\n=======\n", None),
            (">>>>>>> a\n=======\n<<<<<<< a\n", None),
            ("  <<<<<<< HEAD\n  =======\n  >>>>>>> a\n", None),
            ("<<<<<<<< HEAD\n========\n>>>>>>>> a\n", None),
            ("<<<<<<< HEAD\n======= text\n>>>>>>> a\n", None),
            ("", None),
        ] {
            assert_eq!(line(text), found, "{text:?}");
        }
    }

    #[test]
    fn the_remedy_fits_the_file() {
        for (file, command) in [
            ("specs/README.md", "`cargo xtask specs verify`"),
            ("specs/versions.toml", "`cargo xtask versions`"),
            ("specs/a-b.yaml", "`cargo xtask codegen a-b`"),
            ("specs/a.overlay.yml", "`cargo xtask codegen a`"),
            ("specs/a.approved.yaml", "`cargo xtask diff a`"),
            ("Cargo.toml", "run the command again"),
            ("elsewhere/a.yaml", "run the command again"),
        ] {
            assert!(remedy(file).contains(command), "{file}: {}", remedy(file));
        }
    }
}
