//! Files in which git has left a conflict.

use crate::problem::{Problem, Result};

/// The line of the first conflict in a text, counted from 1.
///
/// A conflict is a line that begins with seven `<`, then one of seven `=`, then one that begins with seven `>`; each of them
/// alone may be text.
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

/// The conflict in the text of a file, as a problem.
pub fn find(file: &str, text: &str) -> Option<Problem> {
    let line = line(text)?;
    let problem = Problem::new("git has left a conflict in this file").file(file).line(Some(line)).source(text.into());
    Some(problem.remedy(remedy(file)))
}

/// Refuses the text of a file that has a conflict.
///
/// # Errors
///
/// Fails with the conflict's line and what to do.
pub fn refuse(file: &str, text: &str) -> Result<()> {
    find(file, text).map_or(Ok(()), |problem| Err(problem.into()))
}

/// What to do, and which command is next.
fn remedy(file: &str) -> String {
    const DOCUMENT: [&str; 3] = [".yaml", ".yml", ".json"];
    let of_specs = file.strip_prefix("specs/");
    let document = of_specs.and_then(|name| DOCUMENT.iter().find_map(|end| name.strip_suffix(end)));
    let name = document.map(|name| name.trim_end_matches(".overlay").trim_end_matches(".approved"));
    match (file, name) {
        ("specs/README.md", _) => "resolve it: each document keeps one row, with the sum of the file as it is now; then run \
                                   `cargo xtask specs verify` and `cargo xtask codegen`"
            .to_owned(),
        ("specs/versions.toml", _) => {
            "resolve it: each crate keeps the higher of its versions; then run `cargo xtask codegen` and `cargo xtask versions`"
                .to_owned()
        }
        (_, Some(name)) if file.ends_with(".approved.yaml") => {
            format!("resolve it, then run `cargo xtask diff {name}`")
        }
        (_, Some(name)) => format!(
            "resolve it, put the file's sum into its row in specs/README.md if it is a document, and run `cargo xtask codegen \
             {name}` and `cargo xtask diff {name} --write`"
        ),
        _ => "resolve it, then run the command again".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_has_three_marks_in_their_order() {
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
    fn the_remedy_is_that_of_the_file() {
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
