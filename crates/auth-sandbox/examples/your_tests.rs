//! The tests of a client, with the sandbox in place of Lean: `cargo run -p auth-sandbox --example your_tests`.
//!
//! `Backend` represents the client that you write. In your code, each function below it would be a `#[tokio::test]`.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

use std::error::Error;

use auth_sandbox::{Sandbox, Step};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::StatusCode;
use serde_json::Value;

type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

/// A client of Lean's Customers API that requests a token, keeps it, and replaces it when it is not accepted.
struct Backend {
    http: reqwest::Client,
    token_url: String,
    customers_url: String,
    form: String,
    token: Option<String>,
}

impl Backend {
    fn new(base_url: &str, client_id: &str, client_secret: &str, scope: &str) -> Self {
        let fields = [
            ("client_id", client_id),
            ("client_secret", client_secret),
            ("grant_type", "client_credentials"),
            ("scope", scope),
        ];
        let encoded = fields.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        Self {
            http: reqwest::Client::new(),
            token_url: format!("{base_url}/oauth2/token"),
            customers_url: format!("{base_url}/customers/v1"),
            form: encoded.join("&"),
            token: None,
        }
    }

    async fn token(&mut self) -> Result<String> {
        if let Some(token) = &self.token {
            return Ok(token.clone());
        }
        for _ in 0..3 {
            let request = self.http.post(&self.token_url).header("content-type", "application/x-www-form-urlencoded");
            let answer = request.body(self.form.clone()).send().await?;
            if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
                continue;
            }
            let answer: Value = serde_json::from_slice(&answer.error_for_status()?.bytes().await?)?;
            let token = answer["access_token"].as_str().ok_or("no access token")?.to_owned();
            return Ok(self.token.insert(token).clone());
        }
        Err("the authorization server is down".into())
    }

    async fn call(&mut self, body: Option<Value>) -> Result<Value> {
        for _ in 0..2 {
            let request = match &body {
                None => self.http.get(&self.customers_url),
                Some(body) => {
                    let request = self.http.post(&self.customers_url).header("content-type", "application/json");
                    request.body(body.to_string())
                }
            };
            let answer = request.bearer_auth(self.token().await?).send().await?;
            if answer.status() == StatusCode::UNAUTHORIZED {
                self.token = None;
                continue;
            }
            return Ok(serde_json::from_slice(&answer.error_for_status()?.bytes().await?)?);
        }
        Err("no token is accepted".into())
    }
}

fn backend(sandbox: &Sandbox, scope: &str) -> Backend {
    Backend::new(sandbox.base_url(), &sandbox.lean_client_id(), &sandbox.lean_client_secret(), scope)
}

async fn one_token_is_enough_for_two_calls() -> Result {
    let sandbox = Sandbox::start().await?;
    let mut backend = backend(&sandbox, "api");
    backend.call(None).await?;
    backend.call(None).await?;
    assert_eq!((sandbox.lean().issued(), sandbox.lean().resource_requests()), (1, 2));
    Ok(())
}

async fn an_outage_of_the_authorization_server_is_survived() -> Result {
    let sandbox = Sandbox::start().await?;
    sandbox.lean().script().push_times(2, Step::status(503));
    backend(&sandbox, "api").call(None).await?;
    assert_eq!((sandbox.lean().requests(), sandbox.lean().issued()), (3, 1));

    sandbox.lean().script().always(Step::status(503));
    assert!(backend(&sandbox, "api").call(None).await.is_err());
    Ok(())
}

async fn a_revoked_token_is_replaced() -> Result {
    let sandbox = Sandbox::start().await?;
    let mut backend = backend(&sandbox, "api");
    backend.call(None).await?;
    sandbox.revoke_all();
    backend.call(None).await?;
    assert_eq!((sandbox.lean().issued(), sandbox.lean().resource_requests()), (2, 3));
    Ok(())
}

async fn a_customer_that_was_created_gets_a_token_and_others_do_not() -> Result {
    let sandbox = Sandbox::builder().known_customers_only().start().await?;
    let created = backend(&sandbox, "api").call(Some(serde_json::json!({ "app_user_id": "user-7" }))).await?;
    let id = created["customer_id"].as_str().ok_or("no customer_id")?;
    backend(&sandbox, &format!("customer.{id}")).token().await?;
    assert!(backend(&sandbox, "customer.00000000-0000-4000-8000-000000000000").token().await.is_err());
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    one_token_is_enough_for_two_calls().await?;
    an_outage_of_the_authorization_server_is_survived().await?;
    a_revoked_token_is_replaced().await?;
    a_customer_that_was_created_gets_a_token_and_others_do_not().await?;
    println!("4 tests passed");
    Ok(())
}
