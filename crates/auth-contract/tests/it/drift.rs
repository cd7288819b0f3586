//! Documents that specify more, or less, than the run and the server expect.

use auth_contract::{Documents, Severity, Verdict, agreement, local};
use auth_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::common::{documents_folder, findings};

/// The documents, with a change in both layers of Lean's.
fn changed(change: impl Fn(&mut Value)) -> Documents {
    let folder = tempfile::tempdir().unwrap();
    for name in ["lean-auth.json", "leanix-auth.json"] {
        let text = std::fs::read_to_string(documents_folder().join(name)).unwrap();
        let mut document: Value = serde_json::from_str(&text).unwrap();
        if name == "lean-auth.json" {
            for layer in ["published", "overlaid"] {
                change(&mut document[layer]);
            }
        }
        std::fs::write(folder.path().join(name), document.to_string()).unwrap();
    }
    Documents::read(folder.path()).unwrap()
}

#[tokio::test]
async fn servers_and_responses_without_a_case_fail_the_run() {
    for (change, wanted) in [
        (
            Box::new(|document: &mut Value| {
                document["paths"]["/oauth2/token"]["post"]["responses"]["403"] = json!({ "description": "No" });
            }) as Box<dyn Fn(&mut Value)>,
            "specs/lean-auth.yaml:44 #/paths/~1oauth2~1token/post/responses/403: no case covers this response",
        ),
        (
            Box::new(|document: &mut Value| {
                document["servers"].as_array_mut().unwrap().push(json!({ "url": "https://auth.example.com" }));
            }),
            "specs/lean-auth.yaml:17 #/servers/3: no case covers this server",
        ),
        (
            Box::new(|document: &mut Value| {
                document["paths"]["/oauth2/revoke"] = json!({ "post": { "responses": { "200": {} } } });
            }),
            "specs/lean-auth.yaml:27 #/paths/~1oauth2~1revoke/post/responses/200: no case covers this response",
        ),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let report = local(&changed(change), &sandbox).await.unwrap().report;
        assert_eq!(report.uncovered, [wanted]);
        assert_eq!(report.verdict(), Verdict::Violation);
    }
}

#[tokio::test]
async fn a_client_that_deviates_from_its_document_is_reported_with_the_place() {
    for (change, wanted) in [
        (
            Box::new(|document: &mut Value| {
                let properties = &mut document["components"]["schemas"]["TokenRequest"]["properties"];
                properties["client_id"]["format"] = json!("uuid");
                properties["audience"] = json!({ "type": "string" });
                document["components"]["schemas"]["TokenRequest"]["required"] = json!(["audience"]);
            }) as Box<dyn Fn(&mut Value)>,
            "violation: client, form: `audience` is missing (specs/lean-auth.yaml",
        ),
        (
            Box::new(|document: &mut Value| {
                let content = &mut document["paths"]["/oauth2/token"]["post"]["requestBody"]["content"];
                *content = json!({ "application/json": content["application/x-www-form-urlencoded"] });
            }),
            "violation: client, header content-type: is not one that the document lists (specs/lean-auth.yaml",
        ),
        (
            Box::new(|document: &mut Value| {
                let schema = &mut document["components"]["schemas"]["TokenRequest"];
                schema["properties"].as_object_mut().unwrap().remove("scope");
                schema["required"] = json!([]);
            }),
            "drift: client, form: `scope` is not mentioned (specs/lean-auth.yaml",
        ),
        (
            Box::new(|document: &mut Value| {
                document["components"]["securitySchemes"] = json!({ "basic": { "type": "http", "scheme": "basic" } });
                document["security"] = json!([{ "basic": [] }]);
            }),
            "violation: client, header authorization: is missing (specs/lean-auth.yaml",
        ),
        (
            Box::new(|document: &mut Value| {
                let paths = document["paths"].as_object_mut().unwrap();
                let path = paths.remove("/oauth2/token").unwrap();
                paths.insert("/v2/token".to_owned(), path);
            }),
            "violation: client, path: is not in the document (specs/lean-auth.yaml",
        ),
        (
            Box::new(|document: &mut Value| {
                let path = document["paths"]["/oauth2/token"].as_object_mut().unwrap();
                let post = path.remove("post").unwrap();
                path.insert("put".to_owned(), post);
            }),
            "violation: client, method: is not documented for this path (specs/lean-auth.yaml",
        ),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let report = local(&changed(change), &sandbox).await.unwrap().report;
        let found = findings(&report);
        assert!(found.iter().any(|found| found.starts_with(wanted)), "{wanted} in {found:#?}");
        assert!(report.verdict() >= Verdict::Drift);
    }
}

#[tokio::test]
async fn header_fields_that_no_document_mentions_are_noted_and_no_more() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = json!({ "access_token": "abc", "token_type": "Bearer" });
    let reply = auth_sandbox::Reply::json(200, &body).header("cache-control", "no-store").header("x-request-id", "a1");
    sandbox.lean().script().push(reply);
    let report = local(&changed(|_| {}), &sandbox).await.unwrap().report;
    let first = &report.cases[0].findings;
    assert!(first.iter().all(|finding| finding.severity == Severity::Note), "{first:#?}");
    assert_eq!(first[0].at, "header x-request-id");
    assert_eq!(report.verdict(), Verdict::Conforms);
}

#[test]
fn a_type_that_deviates_from_its_schema_is_reported() {
    let changed = changed(|document| {
        let schemas = &mut document["components"]["schemas"];
        schemas["TokenRequest"]["properties"]["client_id"]["maxLength"] = json!(3);
        schemas["TokenResponse"]["required"] = json!(["access_token", "token_type", "scope"]);
        schemas["Revocation"] = json!({ "type": "object" });
    });
    let reports = agreement(&changed).unwrap();
    let differences = |name: &str| {
        let report = reports.iter().find(|report| report.name == name).unwrap();
        report.differences.join("\n")
    };
    assert!(differences("TokenRequest").contains("/client_id: replaced by a word: the document refuses it"));
    assert!(differences("TokenResponse").contains("without /scope: the document refuses it"));
    assert_eq!(differences("Revocation"), "the run has no type for this schema");
    assert_eq!(differences("OAuthError"), "");
}
