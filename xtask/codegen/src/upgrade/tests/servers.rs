//! Servers.

use super::*;

#[test]
fn schemes_host_and_base_path_become_servers() {
    for (members, servers, rules) in [
        (json!({}), Value::Null, &[][..]),
        (
            json!({ "host": "a.example", "basePath": "/v1/", "schemes": ["http", "https"] }),
            json!([{ "url": "https://a.example/v1" }]),
            &["servers"],
        ),
        (
            json!({ "host": "a.example:8080", "schemes": ["http"] }),
            json!([{ "url": "http://a.example:8080" }]),
            &["servers"],
        ),
        (json!({ "host": "a.example" }), json!([{ "url": "https://a.example" }]), &["servers"]),
        (json!({ "basePath": "v1" }), json!([{ "url": "/v1" }]), &["servers"]),
        (
            json!({ "host": "a.example", "schemes": ["wss", "https"] }),
            json!([{ "url": "https://a.example" }]),
            &["scheme!", "servers"],
        ),
    ] {
        check(members, &[("/servers", servers), ("/host", Value::Null), ("/schemes", Value::Null)], rules);
    }
}

#[test]
fn schemes_of_an_operation_are_reported_as_lost() {
    check_operation(json!({ "schemes": ["https"] }), &[("/schemes", Value::Null)], &["operation-schemes!"]);
}
