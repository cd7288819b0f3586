//! Shared helpers of the tests of this crate. Requests are written by hand, so that no library corrects them.

use std::time::Duration;

use auth_sandbox::{Gate, Provider, Sandbox, Vendor};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde_json::Value;

pub(crate) use crate::deadlines::{until, within, within_blocking};

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const CUSTOMER: &str = "customer.a1b2c3d4-e5f6-7890-abcd-ef0123456789";

/// Waits until a request is at the gate.
pub(crate) async fn reached(gate: &Gate) {
    within("a request is at the gate", gate.reached(1)).await;
}

/// Waits until no request is waiting at the gate.
pub(crate) async fn left(gate: &Gate) {
    until("no request is at the gate", || gate.waiting() == 0).await;
}

/// A client without proxy and redirects, and with a deadline so that no test can hang.
pub(crate) fn client() -> Client {
    Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap()
}

pub(crate) async fn sandbox() -> Sandbox {
    Sandbox::start().await.unwrap()
}

pub(crate) fn encoded(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(user), encoded(password))))
}

/// A correct form for Lean with this scope.
pub(crate) fn lean_form(sandbox: &Sandbox, scope: &str) -> String {
    let (id, secret) = (encoded(&sandbox.lean_client_id()), encoded(&sandbox.lean_client_secret()));
    format!("grant_type=client_credentials&client_id={id}&client_secret={secret}&scope={}", encoded(scope))
}

pub(crate) fn post(url: &str, form: String) -> RequestBuilder {
    client().post(url).header("content-type", FORM).body(form)
}

/// A correct token request to Lean.
pub(crate) fn lean_request(sandbox: &Sandbox, scope: &str) -> RequestBuilder {
    post(&sandbox.lean().token_url(), lean_form(sandbox, scope))
}

/// A correct token request to LeanIX.
pub(crate) fn leanix_request(sandbox: &Sandbox) -> RequestBuilder {
    leanix_request_as(sandbox, &basic("apitoken", &sandbox.leanix_api_token()))
}

pub(crate) fn leanix_request_as(sandbox: &Sandbox, authorization: &str) -> RequestBuilder {
    post(&sandbox.leanix().token_url(), "grant_type=client_credentials".into()).header("authorization", authorization)
}

/// A correct token request to this vendor.
pub(crate) fn request(sandbox: &Sandbox, vendor: Vendor) -> RequestBuilder {
    match vendor {
        Vendor::Lean => lean_request(sandbox, "api"),
        _ => leanix_request(sandbox),
    }
}

/// A token from this vendor; for Lean, with the scope `api`.
pub(crate) async fn token(sandbox: &Sandbox, vendor: Vendor) -> String {
    token_of(request(sandbox, vendor)).await
}

pub(crate) async fn token_of(request: RequestBuilder) -> String {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    json(response).await["access_token"].as_str().unwrap().to_owned()
}

pub(crate) async fn json(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// Status and error code of the response.
pub(crate) async fn refusal(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, json(response).await["error"].as_str().unwrap_or_default().to_owned())
}

/// Requests the protected resource with a token.
pub(crate) async fn ask(provider: &Provider, token: &str) -> Response {
    client().get(provider.resource_url()).bearer_auth(token).send().await.unwrap()
}

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// The claims of a JWT, unverified.
pub(crate) fn claims(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims
}
