//! Cases: one question of a client each, recorded and judged.

use std::future::Future;

use auth_core::{AccessToken, Scope, TokenCache, TokenEndpoint, TokenError, TransportErrorKind};

use crate::finding::Place;
use crate::recorder::Recorder;
use crate::{CaseReport, Document, Exchange, Finding, Layer, Severity, ShownExchange, Side, judge};

/// A question, and what has to come of it.
pub(crate) struct Case<'a> {
    /// What is asked, in a few words.
    pub(crate) name: String,
    /// What the exchange is held against.
    pub(crate) document: &'a Document,
    /// The address that the client was given.
    pub(crate) base_url: &'a str,
    /// The status that the server has to answer with.
    pub(crate) expected: u16,
}

/// An exchange as it was, and what it was held against.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recorded {
    /// The name of its case.
    pub case: String,
    /// The name of the document.
    pub document: String,
    /// The status that the server had to answer with.
    pub expected: u16,
    /// What went over the socket.
    pub exchange: Exchange,
}

/// The cases of one run.
pub(crate) struct Session {
    recorder: Recorder,
    pub(crate) cases: Vec<CaseReport>,
    pub(crate) recorded: Vec<Recorded>,
}

impl Session {
    pub(crate) fn new(recorder: Recorder) -> Self {
        Self { recorder, cases: Vec::new(), recorded: Vec::new() }
    }

    pub(crate) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Lets a client ask, and judges what it sent and what came.
    pub(crate) async fn ask(&mut self, case: Case<'_>, endpoint: impl TokenEndpoint, scope: &Scope) {
        let answer = request(endpoint, scope).await;
        let Case { name, document, base_url, expected } = case;
        let mut findings = Vec::new();
        let mut shown = Vec::new();
        let exchanges = self.recorder.take(base_url);
        let mut own = |side, at: &str, says: String| findings.push(own_finding(document, side, at, says));
        if exchanges.len() != 1 {
            own(Side::Client, "requests", format!("there are {} and should be one", exchanges.len()));
        }
        match (&answer, expected) {
            (Ok(_), 200) => {}
            (Err(TokenError::Refused(refused)), status) if refused.status == status && status != 200 => {}
            (Ok(_), status) => {
                own(Side::Client, "outcome", format!("is a token and should be a refusal with {status}"))
            }
            (Err(error), 200) => own(Side::Server, "outcome", format!("is no token: {}", told(error))),
            (Err(error), status) => {
                own(Side::Server, "outcome", format!("should be a refusal with {status}: {}", told(error)))
            }
        }
        for (exchange, trouble) in exchanges {
            if let Some(trouble) = trouble {
                findings.push(own_finding(document, Side::Server, "connection", trouble));
            }
            // Without a word from either side there is nothing to judge; the outcome says why.
            if !exchange.sent.is_empty() || !exchange.received.is_empty() {
                findings.extend(judge(&exchange, document, expected));
            }
            shown.push(ShownExchange::of(&exchange));
            let (case, document) = (name.clone(), document.name.clone());
            self.recorded.push(Recorded { case, document, expected, exchange });
        }
        let outcome = match &answer {
            Ok(token) => format!("a token for {} s", token.remaining().as_secs()),
            Err(error) => told(error),
        };
        let (document, server) = (document.file.clone(), base_url.to_owned());
        self.cases.push(CaseReport { name, document, server, expected, outcome, findings, exchanges: shown });
    }
}

/// An error as a report shows it, which may be read by more people than those who know the customers; and a host that a
/// server names can be anything.
fn told(error: &TokenError) -> String {
    match error {
        TokenError::Transport(error) if matches!(error.kind(), TransportErrorKind::Redirect { .. }) => {
            format!("{} redirects elsewhere, which is not followed with credentials", error.server())
        }
        TokenError::ScopeNotGranted { .. } => "another scope was granted than was requested".to_owned(),
        error => error.to_string(),
    }
}

/// What concerns the case as a whole; the document's paths are the place that says what should have happened.
fn own_finding(document: &Document, side: Side, at: &str, says: String) -> Finding {
    let place = Place { document: document.file.clone(), pointer: "#/paths".to_owned(), line: document.line("/paths") };
    Finding { severity: Severity::Violation, side, at: at.to_owned(), says, place, layer: Layer::Published }
}

/// One request through a cache of its own, which takes the answer for a token or does not.
fn request(endpoint: impl TokenEndpoint, scope: &Scope) -> impl Future<Output = Result<AccessToken, TokenError>> {
    let (tokens, scope) = (TokenCache::builder(endpoint).retries(0).build(), scope.clone());
    async move { tokens.access_token(&scope).await }
}
