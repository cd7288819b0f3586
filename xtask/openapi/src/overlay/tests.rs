use serde_json::{Value, json};

use super::*;

fn run_as(version: &str, actions: Value, value: Value) -> Result<Value> {
    let mut value = value;
    let overlay = json!({ "overlay": version, "info": { "title": "t", "version": "1" }, "actions": actions });
    let overlay = Document::parse("specs/a.overlay.json", overlay.to_string()).expect("valid JSON");
    apply(&overlay, "specs/a.yaml", &mut value).map(|_| value)
}

fn action(target: &str, (key, change): (&str, Value)) -> Value {
    json!([{ "target": target, "description": "why", key: change }])
}

#[test]
fn updates_merge_and_removals_remove_in_both_versions() {
    for (target, change, before, after) in [
        (
            "$.a",
            ("update", json!({ "b": 2, "c": { "e": 1 } })),
            json!({ "a": { "b": 1, "c": { "d": 0 } } }),
            json!({ "a": { "b": 2, "c": { "d": 0, "e": 1 } } }),
        ),
        ("$.a", ("update", json!({ "l": [2] })), json!({ "a": { "l": [1] } }), json!({ "a": { "l": [1, 2] } })),
        ("$.a", ("update", json!({ "n": null })), json!({ "a": { "n": 1 } }), json!({ "a": { "n": null } })),
        ("$.l", ("update", json!({ "x": 1 })), json!({ "l": [] }), json!({ "l": [{ "x": 1 }] })),
        ("$.l", ("update", json!("x")), json!({ "l": ["w"] }), json!({ "l": ["w", "x"] })),
        ("$['l','l']", ("update", json!("x")), json!({ "l": [] }), json!({ "l": ["x"] })),
        (
            "$.*.get",
            ("update", json!({ "x": 1 })),
            json!({ "a": { "get": {} }, "b": { "get": {} } }),
            json!({ "a": { "get": { "x": 1 } }, "b": { "get": { "x": 1 } } }),
        ),
        ("$['a/b']", ("remove", json!(true)), json!({ "a/b": {}, "c": 1 }), json!({ "c": 1 })),
        ("$.a.n", ("remove", json!(true)), json!({ "a": { "n": 1 } }), json!({ "a": {} })),
        (
            "$.l[?@.x == 1]",
            ("remove", json!(true)),
            json!({ "l": [{ "x": 1 }, { "x": 2 }, { "x": 1 }] }),
            json!({ "l": [{ "x": 2 }] }),
        ),
        ("$..x", ("remove", json!(true)), json!({ "x": { "x": {} }, "y": {} }), json!({ "y": {} })),
        (
            "$.paths[?@.get['x-traits'][?@ == 'paged']].get",
            ("update", json!({ "parameters": [{ "name": "top" }] })),
            json!({ "paths": { "/a": { "get": { "x-traits": ["paged"] } }, "/b": { "get": {} } } }),
            json!({ "paths": { "/a": { "get": { "x-traits": ["paged"], "parameters": [{ "name": "top" }] } },
                "/b": { "get": {} } } }),
        ),
    ] {
        for version in ["1.0.0", "1.1.0"] {
            let done = run_as(version, action(target, change.clone()), before.clone()).expect(target);
            assert_eq!(done, after, "{version} {target}");
        }
    }
}

#[test]
fn a_list_is_appended_as_an_entry_by_1_0_and_joined_by_1_1() {
    let joins = action("$.l", ("update", json!([1])));
    assert_eq!(run_as("1.0.0", joins.clone(), json!({ "l": [0] })).expect("applies"), json!({ "l": [0, [1]] }));
    assert_eq!(run_as("1.1.0", joins, json!({ "l": [0] })).expect("applies"), json!({ "l": [0, 1] }));
}

#[test]
fn plain_values_can_be_selected_by_1_1_only() {
    let document = json!({ "a": { "n": 1 }, "tags": ["x", "dummy", "y"] });
    for (target, change, after) in [
        ("$.a.n", ("update", json!("two")), json!({ "a": { "n": "two" }, "tags": ["x", "dummy", "y"] })),
        ("$.tags[?@ == 'dummy']", ("remove", json!(true)), json!({ "a": { "n": 1 }, "tags": ["x", "y"] })),
        ("$.tags[1]", ("update", json!(null)), json!({ "a": { "n": 1 }, "tags": ["x", null, "y"] })),
    ] {
        let done = run_as("1.1.0", action(target, change.clone()), document.clone()).expect(target);
        assert_eq!(done, after, "{target}");
        let error = run_as("1.0.0", action(target, change), document.clone()).expect_err(target).to_string();
        assert!(error.contains("1.1.0"), "{error}");
    }
}

#[test]
fn copies_merge_one_node_into_the_selected_ones() {
    for (target, copy, before, after) in [
        (
            "$.paths['/bar']",
            "$.paths['/foo']",
            json!({ "paths": { "/foo": { "get": 1 }, "/bar": { "post": 2 } } }),
            json!({ "paths": { "/foo": { "get": 1 }, "/bar": { "post": 2, "get": 1 } } }),
        ),
        ("$.l", "$.l", json!({ "l": [1] }), json!({ "l": [1, 1] })),
        ("$.l", "$.n", json!({ "l": [1], "n": 2 }), json!({ "l": [1, 2], "n": 2 })),
        ("$.*.n", "$.m", json!({ "a": { "n": 1 }, "m": 2 }), json!({ "a": { "n": 2 }, "m": 2 })),
        ("$.a", "$", json!({ "a": {} }), json!({ "a": { "a": {} } })),
    ] {
        let done = run_as("1.1.0", action(target, ("copy", json!(copy))), before).expect(target);
        assert_eq!(done, after, "{target} {copy}");
    }
}

#[test]
fn a_copy_and_a_removal_are_a_move() {
    let actions = json!([
        { "target": "$.new", "description": "why", "copy": "$.old" },
        { "target": "$.old", "description": "why", "remove": true },
    ]);
    let done = run_as("1.1.0", actions, json!({ "old": { "x": 1 }, "new": {} })).expect("applies");
    assert_eq!(done, json!({ "new": { "x": 1 } }));
}

#[test]
fn a_later_action_sees_the_result_of_an_earlier_one() {
    let actions = json!([
        { "target": "$", "description": "why", "update": { "a": { "b": 1 } } },
        { "target": "$.a", "description": "why", "update": { "c": 2 } },
    ]);
    assert_eq!(run_as("1.0.0", actions, json!({})).expect("applies"), json!({ "a": { "b": 1, "c": 2 } }));
}

#[test]
fn in_1_0_nothing_is_updated_beside_a_removal() {
    let actions = json!([{ "target": "$.a", "description": "why", "update": { "x": 1 }, "remove": true }]);
    assert_eq!(run_as("1.0.0", actions.clone(), json!({ "a": {} })).expect("applies"), json!({}));
    assert!(run_as("1.1.0", actions, json!({ "a": {} })).is_err());
}

#[test]
fn an_invalid_action_is_refused_with_line_and_remedy() {
    let why = "why";
    for (version, action, words) in [
        ("1.0.0", json!({ "target": "$.b", "description": why, "update": {} }), "matches nothing in specs/a.yaml"),
        ("1.1.0", json!({ "target": "$.b", "description": why, "update": {} }), "matches nothing in specs/a.yaml"),
        ("1.0.0", json!({ "target": "$.a", "description": why, "update": 1 }), "cannot be merged into #/a"),
        ("1.0.0", json!({ "target": "$.a", "description": why, "update": { "n": { "x": 1 } } }), "merged into #/a/n"),
        ("1.1.0", json!({ "target": "$.a", "description": why, "update": { "n": [1] } }), "merged into #/a/n"),
        ("1.1.0", json!({ "target": "$.a.n", "description": why, "update": {} }), "the types differ"),
        ("1.0.0", json!({ "target": "$.a.n", "description": why, "update": 2 }), "neither an object nor an array"),
        ("1.1.0", json!({ "target": "$.*", "description": why, "update": {} }), "several kinds: #/a, #/l"),
        ("1.0.0", json!({ "target": "$.l[0]", "description": why, "remove": true }), "a plain value in a list"),
        ("1.0.0", json!({ "target": "$", "description": why, "remove": true }), "whole document"),
        ("1.0.0", json!({ "target": "$.a", "update": {} }), "has no reason"),
        ("1.0.0", json!({ "target": "$.a", "description": 1, "update": {} }), "has no reason"),
        ("1.0.0", json!({ "target": "$.a", "description": why }), "either `update` or `remove: true`"),
        ("1.1.0", json!({ "target": "$.a", "description": why, "remove": false }), "one of `update`, `copy`"),
        (
            "1.1.0",
            json!({ "target": "$.a", "description": why, "copy": "$.a", "update": {} }),
            "one of `update`, `copy`",
        ),
        ("1.0.0", json!({ "target": "$.a", "description": why, "remove": "yes" }), "must be `true` or `false`"),
        ("1.0.0", json!({ "target": "a.b", "description": why, "update": {} }), "not a valid JSONPath (RFC 9535)"),
        ("1.0.0", json!({ "target": "$..*..*..*..*", "description": why, "update": {} }), "selects too much"),
        ("1.0.0", json!({ "target": 1, "description": why, "update": {} }), "no `target`, or `target` is not a string"),
        ("1.0.0", json!({ "description": why, "update": {} }), "no `target`, or `target` is not a string"),
        ("1.0.0", json!({ "target": "$.a", "description": why, "copy": "$.b" }), "`copy` is not known"),
        ("1.1.0", json!({ "target": "$.a", "description": why, "copy": "$.b" }), "`copy` matches nothing"),
        ("1.1.0", json!({ "target": "$.a", "description": why, "copy": "$.*" }), "`copy` selects 2 nodes: #/a, #/l"),
        ("1.1.0", json!({ "target": "$.a", "description": why, "copy": "x" }), "not a valid JSONPath (RFC 9535)"),
        ("1.1.0", json!({ "target": "$.a", "description": why, "move": "$.l" }), "`move` is not known"),
    ] {
        let error =
            run_as(version, json!([action]), json!({ "a": { "n": 1 }, "l": [1] })).expect_err(words).to_string();
        assert!(error.contains(words), "{error}");
        assert!(error.contains("specs/a.overlay.json:1") && error.contains("remedy"), "{error}");
    }
}

#[test]
fn all_actions_that_match_nothing_are_reported_together() {
    let actions = json!([
        { "target": "$.b", "description": "why", "update": {} },
        { "target": "$.c", "description": "why", "remove": true },
    ]);
    let error = run_as("1.0.0", actions, json!({})).expect_err("refused").to_string();
    assert!(error.contains("($.b)") && error.contains("($.c)"), "{error}");
}

#[test]
fn an_overlay_that_adds_too_much_is_refused() {
    for (target, value, words) in
        [("$", json!({ "l": [1] }), "adds more than 2000000 nodes"), ("$.a", json!({ "a": {} }), "more than 128 deep")]
    {
        let action = |n: usize| json!({ "target": target, "copy": "$", "description": n.to_string() });
        let actions = (0..200).map(action).collect::<Vec<_>>();
        let error = run_as("1.1.0", actions.into(), value).expect_err(words).to_string();
        assert!(error.contains(words) && error.matches("error:").count() == 1, "{error}");
    }
}
