//! The api levels, checked against what generated crates look like before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::surface::{Difference, Surface};
use super::{Row, documents, schemas};
use crate::codegen::changes::document::compare;
use crate::codegen::changes::level::Level;

/// The rows of documents, and those of schemas once for each direction.
fn pairs() -> Vec<(Value, Value)> {
    let one_way = |Row { before, after, .. }: Row| {
        ["requestBody", "responses"].map(|gone| {
            let mut pair = (before.clone(), after.clone());
            for value in [&mut pair.0, &mut pair.1] {
                let operation = value["paths"]["/a"]["post"].as_object_mut().expect("an operation");
                match gone {
                    "responses" => operation["responses"] = json!({ "204": { "description": "d" } }),
                    _ => drop(operation.shift_remove(gone)),
                }
            }
            pair
        })
    };
    let documents = documents::rows().into_iter().map(|Row { before, after, .. }| (before, after));
    schemas::rows().into_iter().flat_map(one_way).chain(documents).collect()
}

/// Kinds that may leave the code as it is: arguments of one type may only change their order.
const CAUTIOUS: [&str; 1] = ["parameter-moved"];

#[test]
fn a_level_says_what_becomes_of_the_crate() {
    let mut known: BTreeMap<String, Surface> = BTreeMap::new();
    let mut surface =
        |value: &Value| -> Surface { known.entry(value.to_string()).or_insert_with(|| Surface::of(value)).clone() };
    let mut wrong = String::new();
    let (mut breaking, mut seen_to_break) = (BTreeSet::new(), BTreeSet::new());
    for (before, after) in pairs() {
        let findings = compare(&before, &after);
        let level = findings.iter().map(|finding| finding.api()).max().unwrap_or(Level::Documentation);
        let ids = findings.iter().filter(|finding| finding.api() == Level::Breaking).map(|finding| finding.id());
        let ids = ids.collect::<Vec<_>>();
        let (seen, notes) = surface(&before).difference(&surface(&after));
        // What a method does may change behind the same signature, so that a level may say more than the code.
        let least = match seen {
            Difference::None => Level::Documentation,
            Difference::Compatible => Level::Compatible,
            Difference::Incompatible => Level::Breaking,
        };
        if level < least {
            let all = findings.iter().map(|finding| finding.id()).collect::<Vec<_>>().join(", ");
            writeln!(wrong, "{all}: {level}, but {seen:?}\n  {}", notes.join("\n  ")).expect("a String");
        }
        if seen == Difference::Incompatible {
            seen_to_break.extend(ids.clone());
        }
        breaking.extend(ids);
    }
    for id in breaking.difference(&seen_to_break).filter(|id| !CAUTIOUS.contains(&id.as_str())) {
        writeln!(wrong, "{id}: breaking, but no row of it breaks anything").expect("a String");
    }
    assert!(wrong.is_empty(), "levels that are not those of the code:\n{wrong}");
}
