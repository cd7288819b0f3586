//! The Customers API of Lean and its state.

use crate::common::*;
use auth_sandbox::{Sandbox, Vendor};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

const FIRST: &str = "a1b2c3d4-e5f6-7890-abcd-ef0123456789";

fn create(sandbox: &Sandbox, token: &str, body: impl Into<String>) -> RequestBuilder {
    let request = client().post(sandbox.lean().resource_url()).bearer_auth(token);
    request.header("content-type", "application/json").body(body.into())
}

async fn get(sandbox: &Sandbox, token: &str, id: &str) -> Response {
    client().get(format!("{}/{id}", sandbox.lean().resource_url())).bearer_auth(token).send().await.unwrap()
}

/// Status, and status name in Lean's envelope.
async fn problem(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    assert_eq!(header(&response, "content-type"), Some("application/json"));
    let body = json(response).await;
    assert!(body["message"].is_string() && body["timestamp"].is_string(), "{body}");
    (status, body["status"].as_str().unwrap().to_owned())
}

fn answer(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}

#[tokio::test]
async fn a_customer_that_was_created_is_listed_and_found() {
    let sandbox = sandbox().await;
    let token = token(&sandbox, Vendor::Lean).await;
    let created = create(&sandbox, &token, r#"{"app_user_id":"prod_usr_1246"}"#).send().await.unwrap();
    assert_eq!((created.status().as_u16(), header(&created, "content-type")), (201, Some("application/json")));
    let created = json(created).await;
    assert_eq!(
        (&created["app_user_id"], &created["app_id"]),
        (&json!("prod_usr_1246"), &json!(sandbox.lean_client_id()))
    );
    assert!(created["created_at"].as_str().unwrap().ends_with('Z'), "{created}");

    let id = created["customer_id"].as_str().unwrap();
    for spelling in [id.to_owned(), id.to_uppercase()] {
        assert_eq!(json(get(&sandbox, &token, &spelling).await).await, created);
    }
    let listed = json(ask(&sandbox.lean(), &token).await).await;
    assert_eq!((listed.as_array().unwrap().len(), &listed[2]), (3, &created));
    assert_eq!(json(get(&sandbox, &token, FIRST).await).await, listed[0]);

    // Each sandbox has separate customers.
    let other = crate::common::sandbox().await;
    let token = crate::common::token(&other, Vendor::Lean).await;
    assert_eq!(problem(get(&other, &token, id).await).await, answer(404, "UNKNOWN_CUSTOMER"));
}

#[tokio::test]
async fn an_app_user_id_belongs_to_one_customer() {
    let sandbox = sandbox().await;
    let token = token(&sandbox, Vendor::Lean).await;
    for taken in ["first-user", "new"] {
        let body = json!({ "app_user_id": taken }).to_string();
        let first = create(&sandbox, &token, body.clone()).send().await.unwrap().status();
        assert_eq!(first, if taken == "new" { 201 } else { 409 });
        let again = create(&sandbox, &token, body).send().await.unwrap();
        assert_eq!(problem(again).await, answer(409, "CUSTOMER_ALREADY_EXISTS"));
    }
    assert_eq!(json(ask(&sandbox.lean(), &token).await).await.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_body_that_describes_no_new_customer_is_refused_in_the_words_of_the_vendor() {
    let sandbox = sandbox().await;
    let token = token(&sandbox, Vendor::Lean).await;
    for (body, word) in [
        ("", "INVALID_PARAMETERS"),
        ("{", "INVALID_PARAMETERS"),
        ("[]", "INVALID_PARAMETERS"),
        ("\"secret-marker\"", "INVALID_PARAMETERS"),
        (r#"{"app_user_id":7}"#, "INVALID_PARAMETERS"),
        (r#"{"app_user_id":null}"#, "INVALID_PARAMETERS"),
        (r#"{"app_user_id":"secret-marker","app_user_id":"b"}"#, "INVALID_PARAMETERS"),
        (r#"{"app_user_id":"secret-marker","app_user_di":"b"}"#, "INVALID_PARAMETERS"),
        (r#"{"app_user_id":"secret-marker"} {}"#, "INVALID_PARAMETERS"),
        ("{}", "MISSING_PARAMETERS"),
    ] {
        let response = create(&sandbox, &token, body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(!text.contains("secret-marker"), "{text}");
        let problem: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((status.as_u16(), problem["status"].as_str()), (400, Some(word)), "{body}");
    }
    for wrong in ["text/plain", FORM, "application/json; charset=latin1"] {
        let request = client().post(sandbox.lean().resource_url()).bearer_auth(&token).header("content-type", wrong);
        assert_eq!(request.body(r#"{"app_user_id":"a"}"#).send().await.unwrap().status(), 415, "{wrong}");
    }
    let long = json!({ "app_user_id": "x".repeat(16 * 1024) }).to_string();
    assert_eq!(create(&sandbox, &token, long).send().await.unwrap().status(), 413);
    assert_eq!(json(ask(&sandbox.lean(), &token).await).await.as_array().unwrap().len(), 2);

    // The vendor's guide sends more members than the document describes.
    let guide = r#"{"app_user_id":"a","government_identifiers":[{"type":"EMIRATES_ID","value":"784-1232-1232-1232"}]}"#;
    assert_eq!(create(&sandbox, &token, guide).send().await.unwrap().status(), 201);
}

#[tokio::test]
async fn an_id_that_is_not_a_uuid_is_400_and_an_unknown_one_is_404() {
    let sandbox = sandbox().await;
    let token = token(&sandbox, Vendor::Lean).await;
    for wrong in ["42", "app-user-id", "a1b2c3d4e5f67890abcdef0123456789", "%20", &format!("{FIRST}%00")] {
        assert_eq!(problem(get(&sandbox, &token, wrong).await).await, answer(400, "INVALID_PARAMETERS"), "{wrong}");
    }
    let nobody = "00000000-0000-4000-8000-000000000000";
    assert_eq!(problem(get(&sandbox, &token, nobody).await).await, answer(404, "UNKNOWN_CUSTOMER"));
}

#[tokio::test]
async fn every_call_of_customers_needs_a_token_for_api() {
    let sandbox = sandbox().await;
    let customer = token_of(lean_request(&sandbox, CUSTOMER)).await;
    let body = r#"{"app_user_id":"a"}"#;
    for (token, wanted) in [("wrong", answer(401, "UNAUTHORIZED")), (&customer, answer(403, "INCORRECT_ACCESS_LEVEL"))]
    {
        assert_eq!(problem(create(&sandbox, token, body).send().await.unwrap()).await, wanted);
        assert_eq!(problem(get(&sandbox, token, FIRST).await).await, wanted);
        assert_eq!(problem(ask(&sandbox.lean(), token).await).await, wanted);
    }
    let url = sandbox.lean().resource_url();
    let put = client().put(&url).send().await.unwrap();
    assert_eq!((put.status().as_u16(), header(&put, "allow")), (405, Some("GET, POST")));
    assert_eq!(problem(put).await, answer(405, "INVALID_HTTP_METHOD"));
    let post = client().post(format!("{url}/{FIRST}")).send().await.unwrap();
    assert_eq!((post.status().as_u16(), header(&post, "allow")), (405, Some("GET")));
    assert_eq!((sandbox.lean().resource_requests(), sandbox.lean().requests()), (8, 1));
}

#[tokio::test]
async fn known_customers_only_issues_tokens_only_for_customers_that_exist() {
    let lenient = sandbox().await;
    let sandbox = Sandbox::builder().known_customers_only().start().await.unwrap();
    let unknown = "customer.00000000-0000-4000-8000-000000000000";
    assert_eq!(lean_request(&lenient, unknown).send().await.unwrap().status(), 200);
    assert_eq!(refusal(lean_request(&sandbox, unknown)).await, (400, "invalid_scope".to_owned()));
    assert_eq!(lean_request(&sandbox, CUSTOMER).send().await.unwrap().status(), 200);

    let token = token(&sandbox, Vendor::Lean).await;
    let created = json(create(&sandbox, &token, r#"{"app_user_id":"a"}"#).send().await.unwrap()).await;
    let scope = format!("customer.{}", created["customer_id"].as_str().unwrap());
    let token = token_of(lean_request(&sandbox, &scope)).await;
    assert_eq!(claims(&token)["scope"], json!([scope]));
}
