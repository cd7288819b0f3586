//! Words, places and directions of findings.

use serde_json::json;

use super::around;
use crate::document::compare;
use crate::level::{Direction, Level};

#[test]
fn a_finding_names_both_places_the_operation_and_the_type() {
    let before = around(&json!({ "properties": { "p": { "type": "string", "enum": ["a"] } } }));
    let after = around(&json!({ "properties": { "p": { "type": "string", "enum": ["a", "b"] } } }));
    let findings = compare(&before, &after);
    let [breaking, compatible] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(breaking.id(), "response-constant-extended");
    assert_eq!((breaking.level(), breaking.direction), (Level::Breaking, Some(Direction::Response)));
    assert_eq!((compatible.level(), compatible.direction), (Level::Compatible, Some(Direction::Request)));
    for finding in [breaking, compatible] {
        assert_eq!(finding.old.as_deref(), Some("/components/schemas/S/properties/p"));
        assert_eq!(finding.new, finding.old);
        assert_eq!(finding.operation.as_deref(), Some("POST /a"));
        assert_eq!(finding.text, "`S.p` has the new value `b`");
    }
    assert_eq!(breaking.sentence(), "`S.p` has the new value `b` (responses)");
}

#[test]
fn what_is_new_has_no_old_place_and_what_is_gone_no_new_one() {
    let less = around(&json!({ "properties": {}, "type": "object" }));
    let more = around(&json!({ "properties": { "a/b": {} } }));
    let place = Some("/components/schemas/S/properties/a~1b".to_owned());
    assert!(compare(&less, &more).iter().all(|finding| finding.old.is_none() && finding.new == place));
    assert!(compare(&more, &less).iter().all(|finding| finding.new.is_none() && finding.old == place));
}

#[test]
fn a_schema_that_holds_itself_is_compared_once() {
    let node = |name: &str| {
        let own = json!({ "$ref": "#/components/schemas/S" });
        around(&json!({ "properties": { "next": own, "all": { "type": "array", "items": own }, name: {} } }))
    };
    let ids = super::ids(&node("a"), &node("b"));
    assert_eq!(
        ids,
        [
            "request-optional-property-added",
            "request-property-removed",
            "response-optional-property-added",
            "response-property-removed"
        ]
    );
}

#[test]
fn every_part_of_an_all_of_counts() {
    let document = |name: &str| {
        let list = |items| json!({ "properties": { "data": { "type": "array", "items": items } } });
        around(&json!({ "allOf": [list(json!({})), list(json!({ "type": name }))] }))
    };
    let (before, after) = (document("string"), document("integer"));
    let findings = compare(&before, &after);
    assert_eq!(super::ids(&before, &after), ["request-type-changed", "response-type-changed"]);
    assert_eq!(findings[0].text, "`S.data[]` is integer, no longer string");
    assert_eq!(findings[0].new.as_deref(), Some("/components/schemas/S/allOf/1/properties/data/items"));
}

#[test]
fn a_schema_of_two_operations_is_told_once() {
    let document = |schema| {
        let mut value = around(&schema);
        value["paths"]["/b"] = value["paths"]["/a"].clone();
        value["paths"]["/b"]["post"]["operationId"] = json!("b");
        value
    };
    let (before, after) = (document(json!({ "type": "string" })), document(json!({ "type": "integer" })));
    assert_eq!(super::ids(&before, &after), ["request-type-changed", "response-type-changed"]);
}

#[test]
fn properties_may_be_called_like_keywords() {
    let named = |name: &str| around(&json!({ "properties": { name: { "properties": { "$ref": {} } } } }));
    for name in ["const", "$ref", "x-a", "properties", "default", "nullable"] {
        let found = super::ids(&named("other"), &named(name));
        assert!(found.iter().all(|id| id.contains("property")) && found.len() == 4, "{name}: {found:?}");
    }
}

#[test]
fn nonsense_is_compared_without_a_panic() {
    for odd in [json!(null), json!(1), json!([]), json!({ "$ref": 1 }), json!({ "$ref": "#/components/schemas/S" })] {
        let (before, after) = (around(&json!({ "type": "string" })), around(&odd));
        compare(&before, &after);
        compare(&after, &before);
    }
    for odd in
        [json!({}), json!({ "paths": 1 }), json!({ "paths": { "a": { "get": 1 } }, "servers": 1, "security": 1 })]
    {
        compare(&odd, &around(&json!({})));
        compare(&around(&json!({})), &odd);
    }
}
