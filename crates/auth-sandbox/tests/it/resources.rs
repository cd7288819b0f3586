//! Requests that the protected resources accept.

use std::time::Duration;

use crate::common::*;
use auth_sandbox::{Sandbox, Step, TokenReply, Vendor};
use reqwest::Response;
use serde_json::json;

fn judged(response: &Response) -> (u16, Option<&str>) {
    (response.status().as_u16(), header(response, "www-authenticate"))
}

const INVALID: (u16, Option<&str>) = (401, Some(r#"Bearer error="invalid_token""#));

#[tokio::test]
async fn each_resource_takes_the_token_of_its_own_provider_only() {
    let sandbox = sandbox().await;
    let (lean, leanix) = (token(&sandbox, Vendor::Lean).await, token(&sandbox, Vendor::LeanIx).await);
    let customers = ask(&sandbox.lean(), &lean).await;
    assert_eq!(customers.status(), 200);
    assert!(json(customers).await[0]["customer_id"].is_string());
    let poll_runs = ask(&sandbox.leanix(), &leanix).await;
    assert_eq!(poll_runs.status(), 200);
    assert_eq!(json(poll_runs).await["status"], "OK");
    assert_eq!(judged(&ask(&sandbox.lean(), &leanix).await), INVALID);
    assert_eq!(judged(&ask(&sandbox.leanix(), &lean).await), INVALID);
    assert_eq!((sandbox.lean().resource_requests(), sandbox.leanix().resource_requests()), (2, 2));
}

#[tokio::test]
async fn tokens_carry_the_claims_of_their_vendor() {
    let sandbox = sandbox().await;
    let lean = claims(&token(&sandbox, Vendor::Lean).await);
    assert_eq!(lean["scope"], json!(["api"]));
    assert_eq!((&lean["iss"], &lean["sub"]), (&json!(sandbox.base_url()), &json!(sandbox.lean_client_id())));
    assert_eq!(lean["exp"].as_u64().unwrap() - lean["iat"].as_u64().unwrap(), 3600);
    let leanix = claims(&token(&sandbox, Vendor::LeanIx).await);
    assert!(leanix["principal"]["id"].is_string());
    assert!(leanix["principal"]["permission"]["workspaceId"].is_string());
    assert_eq!(leanix["principal"]["permission"]["workspaceName"], "Sandbox");
    assert_eq!(leanix["instanceUrl"], sandbox.base_url());
    assert_ne!(lean["jti"], claims(&token(&sandbox, Vendor::Lean).await)["jti"]);
}

#[tokio::test]
async fn without_a_bearer_token_the_challenge_names_no_error() {
    let sandbox = sandbox().await;
    for vendor in [Vendor::Lean, Vendor::LeanIx] {
        let url = sandbox.provider(vendor).resource_url();
        assert_eq!(judged(&client().get(&url).send().await.unwrap()), (401, Some("Bearer")));
        let basic = client().get(&url).header("authorization", "Basic YTpi").send().await.unwrap();
        assert_eq!(judged(&basic), (401, Some("Bearer")));
    }
}

#[tokio::test]
async fn a_refusal_has_a_body_in_the_envelope_of_its_vendor() {
    let sandbox = sandbox().await;
    for (token, code, message) in [
        (None, None, "an access token is required"),
        (Some("secret-marker"), Some("invalid_token"), "the access token is unknown, expired or revoked"),
    ] {
        for vendor in [Vendor::Lean, Vendor::LeanIx] {
            let mut request = client().get(sandbox.provider(vendor).resource_url());
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let response = request.send().await.unwrap();
            assert_eq!(
                (response.status().as_u16(), header(&response, "content-type")),
                (401, Some("application/json"))
            );
            let mut body = json(response).await;
            let wanted = match vendor {
                Vendor::Lean => {
                    // Only this line checks the timestamp, which is the current time.
                    let timestamp = body["timestamp"].take();
                    assert!(timestamp.as_str().unwrap().starts_with("20"), "{timestamp}");
                    json!({ "timestamp": null, "status": "UNAUTHORIZED", "message": message, "metadata": null })
                }
                _ => {
                    let mut body =
                        json!({ "status": "ERROR", "type": "ErrorResponse", "message": message, "errors": [] });
                    if let Some(code) = code {
                        body["error"] = code.into();
                    }
                    body
                }
            };
            assert_eq!(body, wanted);
        }
    }
}

#[tokio::test]
async fn a_changed_or_invented_token_is_invalid() {
    let sandbox = sandbox().await;
    let good = token(&sandbox, Vendor::Lean).await;
    let unsigned = good.rsplit_once('.').unwrap().0;
    for wrong in [format!("{unsigned}."), format!("{good}x"), "abc".to_owned(), good.replace("eyJ", "eyK")] {
        assert_eq!(judged(&ask(&sandbox.lean(), &wrong).await), INVALID);
    }
}

#[tokio::test]
async fn a_token_of_another_sandbox_is_invalid() {
    let (one, other) = (sandbox().await, sandbox().await);
    let token = token(&one, Vendor::LeanIx).await;
    assert_eq!(judged(&ask(&other.leanix(), &token).await), INVALID);
}

#[tokio::test]
async fn an_expired_token_is_invalid() {
    let sandbox = Sandbox::builder().lifetime(Duration::from_secs(1)).start().await.unwrap();
    let token = token(&sandbox, Vendor::Lean).await;
    assert_eq!(ask(&sandbox.lean(), &token).await.status(), 200);
    let refused = async {
        loop {
            let response = ask(&sandbox.lean(), &token).await;
            if response.status() != 200 {
                return response;
            }
        }
    };
    assert_eq!(judged(&within("the token has expired", refused).await), INVALID);
}

#[tokio::test]
async fn a_customer_token_is_not_enough_for_the_backend_api() {
    let sandbox = sandbox().await;
    let customer = token_of(lean_request(&sandbox, CUSTOMER)).await;
    let response = ask(&sandbox.lean(), &customer).await;
    assert_eq!(judged(&response), (403, Some(r#"Bearer error="insufficient_scope", scope="api""#)));
    let both = token_of(lean_request(&sandbox, &format!("{CUSTOMER} api"))).await;
    assert_eq!(ask(&sandbox.lean(), &both).await.status(), 200);
}

#[tokio::test]
async fn a_revoked_token_is_invalid_and_the_others_are_not() {
    let sandbox = sandbox().await;
    let (first, second) = (token(&sandbox, Vendor::Lean).await, token(&sandbox, Vendor::Lean).await);
    assert!(sandbox.revoke(&first));
    assert!(!sandbox.revoke(&first) && !sandbox.revoke("abc"));
    assert_eq!(judged(&ask(&sandbox.lean(), &first).await), INVALID);
    assert_eq!(ask(&sandbox.lean(), &second).await.status(), 200);
    let leanix = token(&sandbox, Vendor::LeanIx).await;
    sandbox.revoke_all();
    assert_eq!(judged(&ask(&sandbox.lean(), &second).await), INVALID);
    assert_eq!(judged(&ask(&sandbox.leanix(), &leanix).await), INVALID);
    let fresh = token(&sandbox, Vendor::Lean).await;
    assert_eq!(ask(&sandbox.lean(), &fresh).await.status(), 200);
}

#[tokio::test]
async fn a_revoked_token_that_is_issued_again_stays_revoked() {
    let sandbox = sandbox().await;
    let first = token(&sandbox, Vendor::Lean).await;
    sandbox.revoke(&first);
    sandbox.lean().script().push(TokenReply::new().repeat_last());
    let again = token(&sandbox, Vendor::Lean).await;
    assert_eq!(again, first);
    assert_eq!(judged(&ask(&sandbox.lean(), &again).await), INVALID);
}

#[tokio::test]
async fn any_method_but_get_is_405_with_allow() {
    let sandbox = sandbox().await;
    let response = client().post(sandbox.leanix().resource_url()).send().await.unwrap();
    assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, Some("GET")));
}

#[tokio::test]
async fn a_token_in_the_query_string_or_two_tokens_are_invalid_request() {
    let sandbox = sandbox().await;
    let token = token(&sandbox, Vendor::Lean).await;
    let url = sandbox.lean().resource_url();
    let query = client().get(format!("{url}?access_token={token}"));
    let twice = client().get(&url).bearer_auth(&token).bearer_auth(&token);
    for request in [query, twice] {
        let response = request.send().await.unwrap();
        assert_eq!(judged(&response), (400, Some(r#"Bearer error="invalid_request""#)));
        assert_eq!(json(response).await["status"], "INVALID_PARAMETERS");
    }
    let paged = client().get(format!("{url}?page=2")).bearer_auth(&token);
    assert_eq!(paged.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_resource_follows_its_own_script() {
    let sandbox = sandbox().await;
    let token = token(&sandbox, Vendor::LeanIx).await;
    sandbox.leanix().resource_script().push(Step::status(503)).push(Step::token().after(Duration::from_millis(1)));
    assert_eq!(ask(&sandbox.leanix(), &token).await.status(), 503);
    assert_eq!(ask(&sandbox.leanix(), &token).await.status(), 200);
    assert_eq!(sandbox.leanix().resource_script().remaining(), 0);
}
