//! Security schemes.

use super::*;

#[test]
fn a_scheme_that_is_required_and_never_defined_is_drafted() {
    let operation = |security: Value| json!({ "operationId": "a", "security": security, "responses": {} });
    let bearer = json!({ "securitySchemes": { "bearerAuth": { "type": "http", "scheme": "bearer" } } });
    let same = json!({ "$ref": "#/components/securitySchemes/bearerAuth" });
    let plain = json!({ "type": "http", "scheme": "bearer" });
    for (security, components, target, update, open) in [
        (json!([{ "bearer": [] }]), bearer.clone(), "$.components.securitySchemes", json!({ "bearer": same }), false),
        (json!([{ "OAuth2": [] }]), bearer, "$.components.securitySchemes", json!({ "OAuth2": same }), true),
        (
            json!([{ "bearerAuth": [] }]),
            json!({}),
            "$.components",
            json!({ "securitySchemes": { "bearerAuth": plain } }),
            false,
        ),
    ] {
        let value = document(json!({ "/a": { "get": operation(security) } }), components);
        assert_eq!(drafted(&value), [(target.to_owned(), update)]);
        assert_eq!(actions(&value).iter().map(|action| is_open(&action.reason)).collect::<Vec<_>>(), [open]);
    }
    let mut value = document(json!({ "/a": { "get": operation(json!([{ "bearerAuth": [] }])) } }), json!({}));
    value.as_object_mut().expect("a mapping").shift_remove("components");
    assert_eq!(targets(&value), ["$"]);
    let unknown = document(json!({ "/a": { "get": operation(json!([{ "hmac": [] }])) } }), json!({}));
    assert_eq!(targets(&unknown), [""; 0]);
}
