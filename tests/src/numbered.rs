//! A token source without a server.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use auth_transport::TokenSource;
use reqwest::header::HeaderValue;

/// A source of numbered tokens that records rejected ones.
#[derive(Clone, Debug, Default)]
pub struct Numbered {
    given: Arc<AtomicUsize>,
    rejected: Arc<Mutex<Vec<String>>>,
}

impl TokenSource for Numbered {
    type Token = String;
    type Error = Infallible;

    async fn token(&self) -> Result<String, Infallible> {
        Ok(format!("token-{}", self.given.fetch_add(1, Ordering::SeqCst)))
    }

    fn authorization(&self, token: &String) -> Result<HeaderValue, Infallible> {
        Ok(HeaderValue::from_str(&format!("Bearer {token}")).unwrap())
    }

    fn reject(&self, token: &String) {
        self.rejected.lock().unwrap().push(token.clone());
    }
}

impl Numbered {
    /// Number of tokens returned so far.
    #[must_use]
    pub fn given(&self) -> usize {
        self.given.load(Ordering::SeqCst)
    }

    /// The tokens that were rejected, in order.
    #[must_use]
    pub fn rejected(&self) -> Vec<String> {
        self.rejected.lock().unwrap().clone()
    }
}
