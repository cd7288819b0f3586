//! Nesting.

use super::*;

#[derive(Debug, Deserialize, Serialize)]
struct Node {
    #[serde(default, skip_serializing_if = "Received::is_absent")]
    child: Received<Box<Node>>,
    #[serde(default, skip_serializing_if = "Received::is_absent")]
    size: Received<u64>,
}

/// Nodes in nodes, of which the innermost deviates.
fn nodes(depth: usize) -> String {
    format!("{}{{\"size\":\"x\"}}{}", "{\"child\":".repeat(depth), "}".repeat(depth))
}

#[test]
fn a_difference_is_found_at_every_depth() {
    for depth in [1, 10, 100] {
        let (node, drift) = read::<Node>(&nodes(depth));
        assert_eq!(drift, [(format!("{}/size", "/child".repeat(depth)), DriftKind::OtherType)]);
        assert_eq!(serde_json::to_string(&node).unwrap(), nodes(depth));
    }
}

#[test]
fn what_is_nested_too_deep_is_kept_as_text_and_does_not_exhaust_the_stack() {
    let text = nodes(10_000);
    let (node, drift) = read::<Node>(&text);
    assert_eq!(drift.len(), 1, "{drift:?}");
    assert_eq!(serde_json::to_string(&node).unwrap(), text);
    assert!(read_json::<Value>(&"[".repeat(10_000)).is_err());
    assert!(read_json::<Value>(&format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))).is_err());
}

#[test]
fn the_work_is_limited_to_a_multiple_of_the_size() {
    // Each level is read again, since what is below it deviates; without a limit, that is the square of the size.
    let text = format!("{}[{}]{}", "{\"child\":".repeat(120), "1,".repeat(200_000) + "1", "}".repeat(120));
    let (node, drift) = read::<Node>(&text);
    assert_eq!(drift.len(), 1, "{drift:?}");
    assert_eq!(serde_json::to_string(&node).unwrap(), text);
}
