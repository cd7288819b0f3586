//! The root of a document, the order of the stages, and the list of rules.

use std::collections::BTreeSet;

use super::*;

/// The rules that a file of this folder reports: the first argument of `did` and `lost`, and the names in lists of rules.
fn rules_of(tokens: proc_macro2::TokenStream, found: &mut BTreeSet<String>) {
    use proc_macro2::TokenTree::{Group, Ident, Literal, Punct};
    let tokens = tokens.into_iter().collect::<Vec<_>>();
    let text =
        |literal: &proc_macro2::Literal| Some(literal.to_string().strip_prefix('"')?.strip_suffix('"')?.to_owned());
    for (index, token) in tokens.iter().enumerate() {
        let Group(group) = token else { continue };
        let inner = group.stream().into_iter().collect::<Vec<_>>();
        let is_report = matches!(index.checked_sub(1).map(|before| &tokens[before]), Some(Ident(name)) if name == "applied" || name == "lost");
        let rule = match inner.as_slice() {
            [Literal(first), ..] if is_report => text(first),
            [Literal(first), Punct(_), Ident(_)] if tokens.len() > 1 && !is_report => text(first),
            _ => None,
        };
        found.extend(rule.filter(|rule| !rule.contains('/')));
        rules_of(group.stream(), found);
    }
}

#[test]
fn the_order_of_the_stages_is_this() {
    let names = STAGES.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    assert_eq!(
        names,
        [
            "root",
            "servers",
            "limits",
            "operations",
            "security",
            "credential parameters",
            "parameters",
            "bodies",
            "responses",
            "patterns",
            "keywords",
            "decimals",
            "repeated types",
            "enums",
            "inheritance",
            "tags",
            "names",
            "credentials",
            "hoist",
            "bases",
            "discriminator",
            "compose",
            "hoist again",
            "directions",
            "closed",
            "open",
            "properties",
            "conversions",
            "unions"
        ]
    );
}

#[test]
fn a_document_without_findings_stays_unchanged() {
    let before = with_schema(
        json!({ "type": "object", "title": "A", "required": ["x"], "properties": {
            "x": { "type": "string", "enum": ["a", "b"] }, "y": { "type": "integer", "format": "int64", "default": 1 },
            "z": { "$ref": "#/components/schemas/A" }, "l": { "type": "array", "items": { "type": "string" } },
        } }),
        json!({}),
    );
    let mut after = before.clone();
    let done = adapt(&mut after, &Home::alone());
    assert_eq!((after, rules(&done)), (before, vec![]));
}

#[test]
fn an_incomplete_root_is_completed_only_outside_the_workspace() {
    let mut gaps = with_schema(json!({ "type": "string" }), json!({}));
    gaps["info"] = json!({ "title": "t" });
    gaps["security"] = json!([{ "gone": [] }]);
    for (home, version, rows) in [
        (&Home::alone(), json!("0"), vec!["info-version!", "undefined-scheme!"]),
        (&Home::Workspace, Value::Null, vec![]),
    ] {
        let mut value = gaps.clone();
        let done = adapt(&mut value, home);
        assert_eq!(
            (value["info"]["version"].clone(), rules(&done)),
            (version, rows.into_iter().map(str::to_owned).collect())
        );
    }
}

#[test]
fn a_version_that_is_a_number_is_a_text() {
    let mut value = with_schema(json!({ "type": "string" }), json!({}));
    value["info"]["version"] = json!(1.5);
    let done = adapt(&mut value, &Home::alone());
    assert_eq!(rules(&done), ["info-version"]);
    assert_eq!(done.rules[0].pointer, "/info/version");
    assert_eq!(value["info"]["version"], "1.5");
}

#[test]
fn every_rule_has_a_fixture() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/adapt");
    let mut rules = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("the folder of the rules") {
        let path = entry.expect("a file").path();
        if path.is_file() {
            let text = std::fs::read_to_string(&path).expect("a text");
            rules_of(text.parse().expect("Rust"), &mut rules);
        }
    }
    assert!(rules.contains("all-of") && rules.contains("rust-type") && rules.len() > 40, "{rules:?}");
    let fixtures = concat!(
        include_str!("bodies.rs"),
        include_str!("compositions.rs"),
        include_str!("directions.rs"),
        include_str!("names.rs"),
        include_str!("operations.rs"),
        include_str!("root.rs"),
        include_str!("schemas.rs"),
        include_str!("security.rs"),
    );
    let missing = rules
        .iter()
        .filter(|rule| !fixtures.contains(&format!("\"{rule}\"")) && !fixtures.contains(&format!("\"{rule}!\"")));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new(), "rules without a fixture");
}
