//! The authorization server, which records what it issues.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use auth_core::ExpiresIn;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Form, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::boot_clock;
use crate::markers::{self, CLIENT_ID, CLIENT_SECRET};
use crate::records::Mint;

/// How long an answer takes, in milliseconds.
const LATENCY: std::ops::RangeInclusive<u64> = 20..=60;

/// A token endpoint on loopback.
#[derive(Clone)]
pub(crate) struct Issuer {
    pub(crate) url: String,
    mints: Arc<Mutex<Vec<Mint>>>,
    lifetime: ExpiresIn,
}

impl Issuer {
    /// Starts to issue tokens that live for so many seconds.
    pub(crate) async fn start(lifetime: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        let issuer = Self { url, mints: Arc::default(), lifetime: ExpiresIn::from_secs(lifetime.into()) };
        let router = Router::new().route("/token", post(issue)).with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    /// What was issued so far.
    pub(crate) fn mints(&self) -> Vec<Mint> {
        self.mints.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn issue(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> impl IntoResponse {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let credentials = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")));
    let scope = form.get("scope").and_then(|scope| markers::number(scope));
    let worker = header(USER_AGENT).parse().ok();
    let (Some(scope), Some(worker), true) = (scope, worker, header(AUTHORIZATION) == credentials) else {
        return (
            StatusCode::UNAUTHORIZED,
            [(CONTENT_TYPE, "application/json")],
            r#"{"error":"invalid_client"}"#.to_owned(),
        );
    };
    // The lifetime begins before the client has the token.
    let at = boot_clock::now();
    let number = {
        let mut mints = issuer.mints.lock().unwrap_or_else(PoisonError::into_inner);
        mints.push(Mint { scope, worker, at });
        mints.len()
    };
    sleep(Duration::from_millis(fastrand::u64(LATENCY))).await;
    let (token, expires_in) = (markers::token(scope, at, number), issuer.lifetime.as_secs());
    let body = format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{expires_in}}}"#);
    (StatusCode::OK, [(CONTENT_TYPE, "application/json")], body)
}
