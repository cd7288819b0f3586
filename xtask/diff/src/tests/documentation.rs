//! The table in docs/changes.md, which is made from the code.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{documents, schemas};
use crate::kinds::Kind;
use crate::level::Levels;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/changes.md");
const BEGIN: &str = "<!-- kinds: begin -->\n";
const END: &str = "<!-- kinds: end -->\n";

/// The table as it has to be.
fn table() -> String {
    let mut out = String::from(
        "| kind | what happened | request: api | request: wire | answer: api | answer: wire | changelog |\n|---|---|---|---|---|---|---|\n",
    );
    for kind in Kind::ALL {
        let section = kind.section().heading().trim_start_matches("### ");
        let levels = match kind.levels() {
            Levels::One([api, wire]) => format!("{api} | {wire} | – | –"),
            Levels::Both { request: [a, b], response: [c, d] } => format!("{a} | {b} | {c} | {d}"),
        };
        writeln!(out, "| `{}` | {} | {levels} | {section} |", kind.name(), kind.means()).expect("a String");
    }
    out
}

#[test]
fn the_table_in_the_documentation_is_that_of_the_code() {
    let text = std::fs::read_to_string(FILE).unwrap_or_default();
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?)));
    let (before, (found, after)) = parts.expect("docs/changes.md has the two marks of the table");
    if found != table() {
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(FILE, format!("{before}{BEGIN}{}{END}{after}", table())).expect("written");
            return;
        }
        panic!("docs/changes.md is stale: run the tests of xtask once with UPDATE_DOCS=1");
    }
}

#[test]
fn every_kind_has_a_row_of_before_and_after_in_each_direction() {
    let shown: BTreeSet<String> =
        schemas::rows().into_iter().chain(documents::rows()).flat_map(|row| row.ids).collect();
    for kind in Kind::ALL {
        let ids = match kind.levels() {
            Levels::One(_) => vec![kind.name().to_owned()],
            Levels::Both { .. } => vec![format!("request-{}", kind.name()), format!("response-{}", kind.name())],
        };
        for id in ids {
            assert!(shown.contains(&id), "no row shows {id}");
        }
    }
}

#[test]
fn names_are_unique_and_in_small_letters() {
    let names: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), Kind::ALL.len());
    assert!(names.len() >= 60, "{}", names.len());
    assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
}
