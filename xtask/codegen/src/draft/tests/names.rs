//! Names and reasons.

use super::*;

#[test]
fn an_unnamed_operation_gets_a_free_name_and_a_request_for_a_better_one() {
    let mut value = document(
        json!({ "/a/b": { "post": {}, "get": { "operationId": "postAB" } }, "/a-b": { "post": {} } }),
        json!({}),
    );
    for (version, plain) in
        [(json!("1 β"), "1"), (json!(2.5), "2.5"), (json!("β"), "unversioned"), (json!(null), "unversioned")]
    {
        value["info"]["version"] = version;
        let ids = |target: &str, id: &str| (format!("$.paths['{target}'].post"), json!({ "operationId": id }));
        assert_eq!(
            drafted(&value),
            [("$.info".to_owned(), json!({ "version": plain })), ids("/a/b", "postAB2"), ids("/a-b", "postAB3")]
        );
    }
    assert!(actions(&value).iter().all(|action| is_open(&action.reason)));
}

#[test]
fn a_missing_reason_is_reported_with_its_line() {
    let value = document(json!({ "/a": { "post": {} } }), json!({}));
    let mut whole = empty_overlay(&value, "specs/a.yaml");
    add(&mut whole, &value, &actions(&value));
    let overlay = Document::parse("specs/a.overlay.yaml", overlay::print("a.yaml", &whole)).expect("valid YAML");
    let messages = open_reasons(&overlay).iter().map(ToString::to_string).collect::<String>();
    assert!(messages.contains("--> specs/a.overlay.yaml:8 (#/actions/0/description)"), "{messages}");
    let said = overlay.value.to_string().replace("TO BE FILLED IN", "I know");
    let overlay = Document::parse("specs/a.overlay.json", said).expect("valid JSON");
    assert_eq!(open_reasons(&overlay), []);
}
