//! `OAuth2TokenEndpoint` against the sandbox's authorization servers and servers that send given bytes.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use auth_core::{
    ClientAuthentication, ClientCredentials, ErrorCode, NotAToken, OAuth2TokenEndpoint, Scope, SharedCredentials,
    TokenCache, TokenEndpoint, TokenError,
};
use auth_sandbox::Sandbox;
use integration_tests::{Rendered, api, responding};

const TOKEN: &str = r#"{"access_token":"MARKER-token","token_type":"Bearer","expires_in":3600,"scope":"read"}"#;

/// A client id and a secret that are encoded differently in a form, percent-encoded and raw.
fn credentials() -> ClientCredentials {
    ClientCredentials::new("my client", "s3cret/+%MARKER").unwrap()
}

fn scope(text: &str) -> Scope {
    text.parse().unwrap()
}

/// The request line, the `Authorization` header and the body of the request for `scope`.
async fn sent(path: &str, scope: &Scope, change: impl Fn(OAuth2TokenEndpoint) -> OAuth2TokenEndpoint) -> [String; 3] {
    let server = responding("200 OK", &["content-type: application/json"], TOKEN);
    let endpoint = OAuth2TokenEndpoint::new(&format!("{}{path}", server.base_url()), credentials()).unwrap();
    change(endpoint).request_token(scope).await.unwrap();
    let [request] = &server.requests()[..] else { panic!("not one request") };
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let authorization = head.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or_default();
    [head.lines().next().unwrap(), authorization, body].map(str::to_owned)
}

#[tokio::test]
async fn each_client_authentication_is_sent_as_its_specification_says() {
    let read = scope("read write");
    // `my%20client:s3cret%2F%2B%25MARKER` and `my client:s3cret/+%MARKER` in Base64.
    for (authentication, header, form) in [
        (ClientAuthentication::Basic, "Basic bXklMjBjbGllbnQ6czNjcmV0JTJGJTJCJTI1TUFSS0VS", ""),
        (ClientAuthentication::BasicRaw, "Basic bXkgY2xpZW50OnMzY3JldC8rJU1BUktFUg==", ""),
        (ClientAuthentication::Form, "", "&client_id=my+client&client_secret=s3cret%2F%2B%25MARKER"),
    ] {
        let [line, authorization, body] =
            sent("/token", &read, |endpoint| endpoint.with_authentication(authentication)).await;
        assert_eq!(line, "POST /token HTTP/1.1");
        assert_eq!(authorization, header, "{authentication:?}");
        assert_eq!(body, format!("grant_type=client_credentials&scope=read+write{form}"), "{authentication:?}");
    }
}

#[tokio::test]
async fn parameters_are_added_and_the_query_of_the_url_is_kept() {
    let [line, _, body] = sent("/a/token/?tenant=a%20b&x", &Scope::empty(), |endpoint| {
        let endpoint = endpoint.with_parameter("audience", "https://api.example.com/?a=b").unwrap();
        endpoint.with_parameter("resource", "one").unwrap().with_parameter("resource", "two").unwrap()
    })
    .await;
    assert_eq!(line, "POST /a/token/?tenant=a%20b&x HTTP/1.1");
    let audience = "audience=https%3A%2F%2Fapi.example.com%2F%3Fa%3Db";
    assert_eq!(body, format!("grant_type=client_credentials&{audience}&resource=one&resource=two"));
}

#[tokio::test]
async fn lean_needs_no_generated_client() {
    let sandbox = Sandbox::start().await.unwrap();
    let credentials = ClientCredentials::new(sandbox.lean_client_id(), sandbox.lean_client_secret()).unwrap();
    let url = format!("{}/oauth2/token", sandbox.base_url());
    let endpoint = OAuth2TokenEndpoint::new(&url, credentials).unwrap().with_authentication(ClientAuthentication::Form);
    let tokens = TokenCache::new(endpoint);
    let token = tokens.access_token(&api()).await.unwrap();
    assert_eq!(token.expose(), tokens.access_token(&api()).await.unwrap().expose());
    assert_eq!(sandbox.lean().requests(), 1);
}

#[tokio::test]
async fn leanix_needs_no_generated_client() {
    let sandbox = Sandbox::start().await.unwrap();
    let credentials = ClientCredentials::new("apitoken", sandbox.leanix_api_token()).unwrap();
    let url = format!("{}/services/mtm/v1/oauth2/token", sandbox.base_url());
    let endpoint = OAuth2TokenEndpoint::new(&url, credentials).unwrap();
    let tokens = TokenCache::new(endpoint);
    assert_eq!(tokens.access_token(&Scope::empty()).await.unwrap().scope(), &Scope::empty());
    assert_eq!(tokens.stats().requests, 1);
}

/// Row: credentials replaced while running.
#[tokio::test]
async fn credentials_that_were_replaced_meanwhile_are_tried_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = format!("{}/oauth2/token", sandbox.base_url());
    let new = ClientCredentials::new(sandbox.lean_client_id(), sandbox.lean_client_secret()).unwrap();
    let source = SharedCredentials::new(ClientCredentials::new(sandbox.lean_client_id(), "old-secret").unwrap());
    let replace = {
        let (source, new) = (source.clone(), new.clone());
        // The first call returns the old credentials and then replaces them.
        move || {
            let (source, new) = (source.clone(), new.clone());
            async move {
                let current = auth_core::CredentialSource::credentials(&source).await;
                source.replace(new);
                current
            }
        }
    };
    let endpoint = OAuth2TokenEndpoint::new(&url, replace).unwrap().with_authentication(ClientAuthentication::Form);
    endpoint.request_token(&api()).await.unwrap();
    assert_eq!((sandbox.lean().requests(), sandbox.lean().refusals()), (2, 1));
}

async fn error(status: &str, body: &str) -> TokenError {
    let server = responding(status, &["content-type: application/json"], body);
    let endpoint = OAuth2TokenEndpoint::new(&server.base_url(), credentials()).unwrap();
    let endpoint = endpoint.with_parameter("assertion", "MARKER-assertion").unwrap();
    let error = endpoint.request_token(&scope("read")).await.unwrap_err();
    let mut rendered = Rendered::default();
    rendered.error(&error);
    rendered.debug(&endpoint);
    assert!(!rendered.as_str().contains("MARKER"), "{}", rendered.as_str());
    error
}

#[tokio::test]
async fn errors_have_the_code_of_the_server_and_no_secret() {
    let found = error("401 Unauthorized", r#"{"error":"invalid_client","error_description":"MARKER"}"#).await;
    assert!(found.refuses_credentials(), "{found:?}");
    for status in ["400 Bad Request", "403 Forbidden"] {
        let found = error(status, r#"{"error":"invalid_scope"}"#).await;
        assert!(matches!(&found, TokenError::Refused(it) if it.code == Some(ErrorCode::InvalidScope)), "{found:?}");
    }
    for echoed in ["s3cret/+%MARKER", "MARKER-assertion"] {
        let found = error("400 Bad Request", &format!(r#"{{"error":"{echoed}"}}"#)).await;
        assert!(
            matches!(&found, TokenError::Refused(it) if it.code.as_ref().is_some_and(|code| code.as_str() == "unknown")),
            "{found:?}"
        );
    }
    let found = error("503 Service Unavailable", "<html>MARKER</html>").await;
    assert!(matches!(&found, TokenError::Refused(it) if it.status == 503) && found.is_transient(), "{found:?}");
}

#[tokio::test]
async fn a_success_that_is_not_a_token_is_an_error() {
    for body in ["", "[]", "null", "{}", r#"{"access_token":null}"#, r#"{"access_token":7}"#, "MARKER", r#"["MARKER"]"#]
    {
        let found = error("200 OK", body).await;
        assert!(matches!(found, TokenError::NotAToken(NotAToken::Body { .. })), "{body}: {found:?}");
    }
    let found = error("200 OK", &TOKEN.replace('}', r#","error":"access_denied"}"#)).await;
    assert!(matches!(found, TokenError::NotAToken(NotAToken::Error(_))), "{found:?}");
    let found = error("200 OK", &TOKEN.replace('}', r#","error":"MARKER-token"}"#)).await;
    assert!(
        matches!(found, TokenError::NotAToken(NotAToken::Error(ref code)) if code.as_str() == "unknown"),
        "{found:?}"
    );
    let found = error("302 Found", "").await;
    assert!(!matches!(found, TokenError::Refused(_)), "{found:?}");
}
