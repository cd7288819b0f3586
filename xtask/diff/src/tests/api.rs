//! The api levels, checked against what generated crates look like before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use codegen::Home;
use serde_json::{Value, json};

use super::surface::{Difference, Surface};
use super::{Case, around, documents, schemas};
use crate::affected::judge;
use crate::document::compare;
use crate::generated::Code;
use crate::level::Level;

/// The rows of documents, and those of schemas once for each direction.
fn pairs() -> Vec<(Value, Value)> {
    let one_way = |Case { before, after, .. }: Case| {
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
    let documents = documents::rows().into_iter().map(|Case { before, after, .. }| (before, after));
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
    let mut codes: BTreeMap<String, Code> = BTreeMap::new();
    let mut code = |value: &Value| -> Code {
        let generate = || Code::of(value, &Home::alone()).expect("a crate");
        codes.entry(value.to_string()).or_insert_with(generate).clone()
    };
    for (before, after) in pairs() {
        let mut findings = compare(&before, &after);
        judge(&mut findings, (&before, &code(&before)), (&after, &code(&after)));
        let level = findings.iter().map(|finding| finding.api()).max().unwrap_or(Level::Documentation);
        let ids = findings.iter().filter(|finding| finding.api() == Level::Breaking).map(|finding| finding.id());
        let ids = ids.collect::<Vec<_>>();
        let (visited, notes) = surface(&before).difference(&surface(&after));
        // What a method does may change behind the same signature, so that a level may say more than the code.
        let least = match visited {
            Difference::None => Level::Documentation,
            Difference::Compatible => Level::Compatible,
            Difference::Incompatible => Level::Breaking,
        };
        if level < least {
            let all = findings.iter().map(|finding| finding.id()).collect::<Vec<_>>().join(", ");
            writeln!(wrong, "{all}: {level}, but {visited:?}\n  {}", notes.join("\n  ")).expect("a String");
        }
        if code(&before) == code(&after) && level > Level::Documentation {
            writeln!(wrong, "{level}, but both generate the same: {before} {after}").expect("a String");
        }
        if visited == Difference::Incompatible {
            seen_to_break.extend(ids.clone());
        }
        breaking.extend(ids);
    }
    for id in breaking.difference(&seen_to_break).filter(|id| !CAUTIOUS.contains(&id.as_str())) {
        writeln!(wrong, "{id}: breaking, but no row of it breaks anything").expect("a String");
    }
    assert!(wrong.is_empty(), "levels that are not those of the code:\n{wrong}");
}

/// The judged levels of what changed between two documents, and whether their code differs.
fn judged(before: &Value, after: &Value) -> (Vec<(String, Level)>, bool) {
    let code = |value: &Value| Code::of(value, &Home::alone()).unwrap_or_else(|it| panic!("{it}"));
    let codes = (code(before), code(after));
    let mut findings = compare(before, after);
    judge(&mut findings, (before, &codes.0), (after, &codes.1));
    (findings.iter().map(|it| (it.id(), it.api())).collect(), codes.0 == codes.1)
}

#[test]
fn what_generates_the_same_is_no_change_of_the_api_even_beside_one_that_is() {
    let pet = |more: Value| {
        let mut value = around(&json!({ "type": "object", "properties": { "owner": more["owner"] } }));
        let schemas = value["components"]["schemas"].as_object_mut().expect("schemas");
        schemas.extend(more["schemas"].as_object().cloned().unwrap_or_default());
        value["paths"]["/list"] =
            json!({ "get": { "operationId": more["id"], "responses": { "204": { "description": "d" } } } });
        value
    };
    let owner = json!({ "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] });
    let reference = json!({ "$ref": "#/components/schemas/SOwner" });
    let inline = |id: &str| pet(json!({ "id": id, "owner": owner }));
    let named = |id: &str| pet(json!({ "id": id, "owner": reference, "schemas": { "SOwner": owner } }));
    for (before, after, what) in [
        (inline("list"), named("list"), "schema-named"),
        (named("list"), inline("list"), "schema-inlined"),
        (inline("listAll"), inline("list_all"), "operation-renamed"),
        (inline("list-all"), inline("ListAll"), "operation-renamed"),
    ] {
        let (alone, _) = judged(&before, &after);
        let is_told = |list: &[(String, Level)]| list.contains(&(what.to_owned(), Level::Documentation));
        assert!(is_told(&alone), "{what}: {alone:?}");
        assert!(alone.iter().all(|(_, level)| *level == Level::Documentation), "{what}: {alone:?}");
        // The same beside a change that breaks another type.
        let mut other = after.clone();
        other["components"]["schemas"]["U"] = json!({ "type": "string" });
        let (beside, is_same) = judged(&before, &other);
        assert!(!is_same && is_told(&beside), "{what}: {beside:?}");
        assert_eq!(beside.iter().filter(|(_, level)| *level == Level::Breaking).count(), 1, "{what}: {beside:?}");
    }
}

#[test]
fn what_reaches_the_code_of_others_stays_a_change_of_the_api() {
    // The name of `Base` is in no code that its change touches: it is merged into what extends it.
    let document = |kind: &str| {
        let mut value =
            around(&json!({ "allOf": [{ "$ref": "#/components/schemas/Base" }], "properties": { "a": {} } }));
        value["components"]["schemas"]["Base"] =
            json!({ "type": "object", "properties": { "b": { "type": kind } }, "required": ["b"] });
        value
    };
    let (found, _) = judged(&document("string"), &document("integer"));
    assert!(found.iter().all(|(_, level)| *level == Level::Breaking) && !found.is_empty(), "{found:?}");
}
