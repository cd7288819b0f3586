//! Creates a customer and gets an access token for it, with the generated client and the cache.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use auth_core::lean;
use auth_sandbox::Sandbox;
use integration_tests::Issuer;
use lean_customers::Client;
use lean_customers::types::NewCustomer;

#[tokio::test]
async fn a_customer_is_created_and_read_and_gets_a_token_of_its_own() {
    let sandbox = Sandbox::builder().known_customers_only().start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    let cache = issuer.cache();
    let client = Client::new(sandbox.base_url(), cache.handle(&issuer.scope)).unwrap();

    let new = NewCustomer::new("user-7");
    let created = client.create_customer(&new).await.unwrap();
    assert_eq!((created.status().as_u16(), created.app_user_id.as_deref()), (201, Some("user-7")));
    assert_eq!(created.app_id.as_ref(), Some(&sandbox.lean_client_id()));
    assert!(created.created_at.is_some());
    let id = created.customer_id.required().unwrap();
    let found = client.get_customer(&id.parse().unwrap()).await.unwrap();
    assert_eq!((&found.customer_id, &found.created_at), (&created.customer_id, &created.created_at));
    let listed = client.list_customers().await.unwrap();
    assert_eq!((listed.len(), &listed[2].customer_id), (3, &created.customer_id));

    let scope = |id: &str| lean::Scope::Customer(id.parse().unwrap()).into();
    let token = cache.access_token(&scope(id)).await.unwrap();
    assert_eq!(token.scope().as_str(), format!("customer.{id}"));
    let nobody = cache.access_token(&scope("00000000-0000-4000-8000-000000000000")).await.unwrap_err();
    assert!(nobody.to_string().contains("invalid_scope"), "{nobody}");
    assert_eq!((sandbox.lean().issued(), sandbox.lean().resource_requests()), (2, 3));
}

#[tokio::test]
async fn a_taken_app_user_id_is_409_and_an_unknown_customer_is_404() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    let client = Client::new(sandbox.base_url(), issuer.cache().handle(&issuer.scope)).unwrap();
    let taken = NewCustomer::new("first-user");
    let error = client.create_customer(&taken).await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 409);
    let nobody = "00000000-0000-4000-8000-000000000000".parse().unwrap();
    assert_eq!(client.get_customer(&nobody).await.unwrap_err().status().unwrap().as_u16(), 404);
}
