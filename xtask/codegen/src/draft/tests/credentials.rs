//! Credentials.

use super::*;

#[test]
fn credentials_are_marked_in_every_string() {
    let value = document(
        json!({}),
        json!({ "schemas": {
            "A": { "properties": {
                "client_secret": { "type": ["string", "null"] },
                "tokens": { "type": "array", "items": { "type": "string" } },
                "password": { "anyOf": [{ "type": "null" }, { "type": "string" }] },
                "api_key": { "$ref": "#/components/schemas/Text" },
                "access_token": { "description": "no type" },
                "secret": { "type": ["integer", "null"] },
                "id_token": { "type": "string", "format": "password" },
                "device_token": { "type": "string", "x-credential": false },
            } },
            "Text": { "type": "string" },
        } }),
    );
    let (plain, typed) = (json!({ "format": "password" }), json!({ "type": "string", "format": "password" }));
    let own = "$.components.schemas.A.properties";
    assert_eq!(
        drafted(&value),
        [
            (format!("{own}.client_secret"), plain.clone()),
            (format!("{own}.tokens.items"), plain.clone()),
            (format!("{own}.password.anyOf[1]"), plain.clone()),
            ("$.components.schemas.Text".to_owned(), plain),
            (format!("{own}.access_token"), typed),
        ]
    );
    let open = |action: &Action| is_open(&action.reason).then(|| action.target(&value));
    let open = actions(&value).iter().filter_map(open).collect::<Vec<_>>();
    assert_eq!(open, [format!("{own}.tokens.items"), "$.components.schemas.Text".to_owned()]);
}
