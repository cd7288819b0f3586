//! Every rule for token requests, violated one at a time.

use crate::common::*;
use auth_sandbox::{Sandbox, Vendor};
use reqwest::Method;

const BOTH: [Vendor; 2] = [Vendor::Lean, Vendor::LeanIx];

fn bad(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

#[tokio::test]
async fn correct_requests_get_the_documented_answers() {
    let sandbox = sandbox().await;
    let lean = lean_request(&sandbox, "api").send().await.unwrap();
    assert_eq!((lean.status().as_u16(), header(&lean, "cache-control")), (200, Some("no-store")));
    assert_eq!(header(&lean, "content-type"), Some("application/json"));
    let lean = json(lean).await;
    assert_eq!(
        (&lean["token_type"], &lean["expires_in"], &lean["scope"]),
        (&"Bearer".into(), &3599.into(), &"api".into())
    );
    assert_eq!(lean.as_object().unwrap().len(), 4);

    let leanix = leanix_request(&sandbox).send().await.unwrap();
    assert_eq!((leanix.status().as_u16(), header(&leanix, "cache-control")), (200, Some("no-store")));
    let text = leanix.text().await.unwrap();
    assert!(text.starts_with(r#"{"scope":"","expired":false,"access_token":"eyJ"#), "{text}");
    assert!(text.ends_with(r#"","token_type":"bearer","expires_in":3599}"#), "{text}");
    assert_eq!((sandbox.lean().refusals(), sandbox.leanix().refusals()), (0, 0));
}

#[tokio::test]
async fn any_method_but_post_is_405_with_allow() {
    let sandbox = sandbox().await;
    for vendor in BOTH {
        let url = sandbox.provider(vendor).token_url();
        for method in [Method::GET, Method::PUT, Method::HEAD, Method::OPTIONS, Method::DELETE] {
            let response = client().request(method.clone(), &url).send().await.unwrap();
            assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, Some("POST")), "{method}");
        }
    }
    assert_eq!((sandbox.lean().requests(), sandbox.lean().refusals()), (5, 5));
}

#[tokio::test]
async fn any_content_type_but_a_form_is_415() {
    let sandbox = sandbox().await;
    for vendor in BOTH {
        let url = sandbox.provider(vendor).token_url();
        for wrong in [
            "application/json",
            "multipart/form-data",
            "text/plain",
            "application/x-www-form-urlencoded; charset=latin1",
        ] {
            let request = client().post(&url).header("content-type", wrong).body("grant_type=client_credentials");
            assert_eq!(request.send().await.unwrap().status(), 415, "{wrong}");
        }
        assert_eq!(client().post(&url).body("grant_type=client_credentials").send().await.unwrap().status(), 415);
        let twice = request(&sandbox, vendor).header("content-type", FORM);
        assert_eq!(twice.send().await.unwrap().status(), 415);
    }
}

#[tokio::test]
async fn the_charset_of_the_form_may_be_named_if_it_is_utf_8() {
    let sandbox = sandbox().await;
    let request = client().post(sandbox.lean().token_url()).header("content-type", format!("{FORM}; charset=UTF-8"));
    assert_eq!(request.body(lean_form(&sandbox, "api")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_body_of_more_than_16_kib_is_413() {
    let sandbox = sandbox().await;
    let form = format!("{}&padding={}", lean_form(&sandbox, "api"), "x".repeat(16 * 1024));
    assert_eq!(post(&sandbox.lean().token_url(), form).send().await.unwrap().status(), 413);
    assert_eq!((sandbox.lean().requests(), sandbox.lean().issued()), (1, 0));
}

#[tokio::test]
async fn a_field_that_comes_twice_is_invalid_request() {
    let sandbox = sandbox().await;
    for field in ["scope=api", "grant_type=client_credentials", "client_id=x", "unknown=1&unknown=1"] {
        let form = format!("{}&{field}", lean_form(&sandbox, "api"));
        assert_eq!(refusal(post(&sandbox.lean().token_url(), form)).await, bad("invalid_request"), "{field}");
    }
    let twice = leanix_request(&sandbox).body("grant_type=client_credentials&grant_type=client_credentials");
    assert_eq!(refusal(twice).await, bad("invalid_request"));
}

#[tokio::test]
async fn an_unknown_field_is_ignored() {
    let sandbox = sandbox().await;
    let form = format!("{}&resource=x", lean_form(&sandbox, "api"));
    assert_eq!(post(&sandbox.lean().token_url(), form).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_missing_or_empty_field_is_invalid_request() {
    let sandbox = sandbox().await;
    let form = lean_form(&sandbox, "api");
    for name in ["client_id", "client_secret", "grant_type", "scope"] {
        let others: Vec<&str> = form.split('&').filter(|field| !field.starts_with(&format!("{name}="))).collect();
        for form in [others.join("&"), format!("{}&{name}=", others.join("&"))] {
            assert_eq!(refusal(post(&sandbox.lean().token_url(), form)).await, bad("invalid_request"), "{name}");
        }
    }
    for form in ["", "grant_type="] {
        assert_eq!(refusal(leanix_request(&sandbox).body(form)).await, bad("invalid_request"));
    }
}

#[tokio::test]
async fn a_body_that_is_not_form_urlencoded_is_invalid_request() {
    let sandbox = sandbox().await;
    for tail in ["&x=%zz", "&x=%ff", "&x=a b", "&x=\u{e4}", "&", "&=1"] {
        let form = format!("{}{tail}", lean_form(&sandbox, "api"));
        assert_eq!(refusal(post(&sandbox.lean().token_url(), form)).await, bad("invalid_request"), "{tail}");
    }
}

#[tokio::test]
async fn anything_in_the_query_string_is_invalid_request() {
    let sandbox = sandbox().await;
    let lean = post(&format!("{}?scope=api", sandbox.lean().token_url()), lean_form(&sandbox, "api"));
    assert_eq!(refusal(lean).await, bad("invalid_request"));
    let leanix = post(&format!("{}?", sandbox.leanix().token_url()), "grant_type=client_credentials".into())
        .header("authorization", basic("apitoken", &sandbox.leanix_api_token()));
    assert_eq!(refusal(leanix).await, bad("invalid_request"));
}

#[tokio::test]
async fn an_api_version_header_is_invalid_request() {
    let sandbox = sandbox().await;
    for vendor in BOTH {
        assert_eq!(refusal(request(&sandbox, vendor).header("api-version", "1.0")).await, bad("invalid_request"));
    }
}

#[tokio::test]
async fn any_other_grant_type_is_unsupported() {
    let sandbox = sandbox().await;
    let form = lean_form(&sandbox, "api").replace("grant_type=client_credentials", "grant_type=password");
    assert_eq!(refusal(post(&sandbox.lean().token_url(), form)).await, bad("unsupported_grant_type"));
    let leanix = leanix_request(&sandbox).body("grant_type=Client_Credentials");
    assert_eq!(refusal(leanix).await, bad("unsupported_grant_type"));
}

#[tokio::test]
async fn lean_knows_the_scopes_api_and_customer_and_their_combinations() {
    let sandbox = sandbox().await;
    for good in ["api", CUSTOMER, &format!("api {CUSTOMER}")] {
        let response = lean_request(&sandbox, good).send().await.unwrap();
        assert_eq!(response.status(), 200, "{good}");
        assert_eq!(json(response).await["scope"], *good);
    }
    for wrong in ["API", "read", "customer.", "customer.42", " api", "api ", "api  api", "api\tapi", "a\"pi", "api,api"]
    {
        assert_eq!(refusal(lean_request(&sandbox, wrong)).await, bad("invalid_scope"), "{wrong}");
    }
}

#[tokio::test]
async fn leanix_has_no_scopes_to_ask_for() {
    let sandbox = sandbox().await;
    let request = leanix_request(&sandbox).body("grant_type=client_credentials&scope=api");
    assert_eq!(refusal(request).await, bad("invalid_scope"));
}

#[tokio::test]
async fn lean_refuses_bad_credentials_without_a_challenge() {
    let sandbox = sandbox().await;
    let form = lean_form(&sandbox, "api");
    for (part, other) in [(sandbox.lean_client_id(), "x"), (sandbox.lean_client_secret(), "y")] {
        let response = post(&sandbox.lean().token_url(), form.replace(&encoded(&part), other)).send().await.unwrap();
        assert_eq!((response.status().as_u16(), header(&response, "www-authenticate")), (401, None));
        assert_eq!(response.text().await.unwrap(), r#"{"error":"invalid_client"}"#);
    }
}

#[tokio::test]
async fn leanix_refuses_bad_credentials_with_a_challenge() {
    let sandbox = sandbox().await;
    let api_token = sandbox.leanix_api_token();
    let wrong = [
        basic("apitoken", "wrong"),
        basic("Apitoken", &api_token),
        basic("apitoken", ""),
        format!("Bearer {api_token}"),
        "Basic !!!".to_owned(),
        "Basic".to_owned(),
    ];
    for authorization in wrong {
        let response = leanix_request_as(&sandbox, &authorization).send().await.unwrap();
        assert_eq!(response.status(), 401, "{authorization}");
        assert!(header(&response, "www-authenticate").unwrap().starts_with("Basic realm="));
        assert_eq!(json(response).await["error"], "invalid_client");
    }
    let none = post(&sandbox.leanix().token_url(), "grant_type=client_credentials".into());
    assert_eq!(refusal(none).await, (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn two_authentication_methods_at_once_are_invalid_request() {
    let sandbox = sandbox().await;
    let lean = lean_request(&sandbox, "api");
    let lean = lean.header("authorization", basic(&sandbox.lean_client_id(), &sandbox.lean_client_secret()));
    assert_eq!(refusal(lean).await, bad("invalid_request"));
    let leanix = leanix_request(&sandbox).body("grant_type=client_credentials&client_id=apitoken");
    assert_eq!(refusal(leanix).await, bad("invalid_request"));
    let twice = leanix_request(&sandbox).header("authorization", basic("apitoken", &sandbox.leanix_api_token()));
    assert_eq!(refusal(twice).await, bad("invalid_request"));
}

#[tokio::test]
async fn credentials_with_every_awkward_character_arrive_unchanged() {
    let secret = "a b+c%d&e=f:g/h?i#j\"k'l\u{e4}\u{20ac}";
    let sandbox = Sandbox::builder().lean_client_secret(secret).leanix_api_token(secret).start().await.unwrap();
    for vendor in BOTH {
        assert_eq!(request(&sandbox, vendor).send().await.unwrap().status(), 200, "{vendor}");
    }
}

#[tokio::test]
async fn no_refusal_repeats_what_was_sent() {
    let sandbox = sandbox().await;
    let form = format!("{}&scope=secret-marker&secret-marker=1", lean_form(&sandbox, "secret-marker"));
    for form in [form, lean_form(&sandbox, "secret-marker"), "grant_type=secret-marker".to_owned()] {
        let response = post(&sandbox.lean().token_url(), form).send().await.unwrap();
        assert_eq!(response.status(), 400);
        let text = response.text().await.unwrap();
        assert!(text.contains("\"error\"") && !text.contains("secret-marker"), "{text}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_404() {
    let sandbox = sandbox().await;
    for path in ["/", "/oauth2/token/", "/customers/v1/", "/services/mtm/v1/oauth2"] {
        let response = client().get(format!("{}{path}", sandbox.base_url())).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
    }
    assert_eq!((sandbox.lean().requests(), sandbox.lean().resource_requests()), (0, 0));
}
