//! Runs cases: one token request each, recorded and checked.

use std::future::Future;

use auth_core::{AccessToken, Scope, TokenCache, TokenEndpoint, TokenError, TransportErrorKind};
use url::Url;

use crate::doubt::{Doubt, inconclusive};
use crate::finding::Place;
use crate::judge::judge_request;
use crate::message::{Request, Response};
use crate::recorder::{Recorder, Trouble};
use crate::{
    CaseReport, ContractDocument, Exchange, Expected, Finding, Layer, RedactedExchange, Severity, Side, judge,
};

/// A token request and its expected outcome.
pub(crate) struct Case<'a> {
    /// A short description of the request.
    pub(crate) name: String,
    /// The document to compare the exchange with.
    pub(crate) document: &'a ContractDocument,
    /// The base URL that the client was configured with.
    pub(crate) base_url: &'a str,
    /// The query of the URL that the client was configured with.
    pub(crate) query: Option<&'a str>,
    /// The expected response.
    pub(crate) expected: Expected,
    /// Other reasons for which the case may fail; none for the sandbox, which is part of the run.
    pub(crate) doubt: Option<Doubt>,
}

/// A recorded exchange and its context.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recorded {
    /// The name of its case.
    pub case: String,
    /// The name of the document.
    pub document: String,
    /// The expected response.
    pub expected: Expected,
    /// The traffic on the socket.
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

    /// Sends the request of a case and judges the exchange.
    pub(crate) async fn ask(&mut self, case: Case<'_>, endpoint: impl TokenEndpoint, scope: &Scope) {
        let answer = request(endpoint, scope).await;
        let exchanges = self.recorder.take(case.base_url, case.query);
        let Judgement { findings, inconclusive } = judgement(&case, &answer, &exchanges);
        let outcome = match &answer {
            Ok(token) => format!("a token for {} s", token.remaining().as_secs()),
            Err(error) => describe(error),
        };
        let Case { name, document, base_url, expected, .. } = case;
        self.cases.push(CaseReport {
            name: name.clone(),
            document: document.file.clone(),
            server: base_url.to_owned(),
            expected,
            got: exchanges.iter().rev().find_map(|(exchange, _)| Response::status(&exchange.received)),
            outcome,
            inconclusive,
            findings,
            exchanges: exchanges.iter().map(|(exchange, _)| RedactedExchange::of(exchange)).collect(),
        });
        let recorded =
            |(exchange, _)| Recorded { case: name.clone(), document: document.name.clone(), expected, exchange };
        self.recorded.extend(exchanges.into_iter().map(recorded));
    }
}

/// The result of a case.
struct Judgement {
    findings: Vec<Finding>,
    /// Why the case is inconclusive, if it is.
    inconclusive: Option<String>,
}

fn judgement(
    case: &Case<'_>,
    answer: &Result<AccessToken, TokenError>,
    exchanges: &[(Exchange, Option<Trouble>)],
) -> Judgement {
    let document = case.document;
    let inconclusive = doubted(case, answer, exchanges);
    let mut findings = Vec::new();
    let mut own = |side, at: &str, says: String| findings.push(own_finding(document, side, at, says));
    if exchanges.len() != 1 {
        own(Side::Client, "requests", format!("expected 1, got {}", exchanges.len()));
    }
    let expected = case.expected;
    match answer {
        _ if inconclusive.is_some() => {}
        Ok(_) if expected == Expected::Token => {}
        Err(TokenError::Refused(refused)) if expected != Expected::Token && expected.has(refused.status) => {}
        Ok(_) => own(Side::Client, "outcome", format!("is a token, but should be a refusal with {expected}")),
        Err(error) if expected == Expected::Token => {
            own(Side::Server, "outcome", format!("is not a token: {}", describe(error)))
        }
        Err(error) => own(Side::Server, "outcome", format!("should be a refusal with {expected}: {}", describe(error))),
    }
    for (exchange, trouble) in exchanges {
        let is_whole = Response::read(&exchange.received).is_ok();
        match trouble {
            Some(Trouble::Astray) => {
                let says = "is to a server other than the configured one".to_owned();
                findings.push(own_finding(document, Side::Client, "connection", says));
            }
            // After a complete response, the connection may end in any way.
            Some(Trouble::Broken(problem)) if !is_whole && inconclusive.is_none() => {
                findings.push(own_finding(document, Side::Server, "connection", problem.clone()));
            }
            Some(Trouble::Unreachable(problem)) if inconclusive.is_none() => {
                findings.push(own_finding(document, Side::Server, "connection", problem.clone()));
            }
            Some(Trouble::Broken(_) | Trouble::Unreachable(_)) | None => {}
        }
        // If neither side sent anything, there is nothing to judge; the outcome states the reason.
        let is_silent = exchange.sent.is_empty() && exchange.received.is_empty();
        findings.extend(match &inconclusive {
            Some(_) if Request::read(&exchange.sent).is_ok() => judge_request(exchange, document),
            None if !is_silent => judge(exchange, document, expected),
            _ => Vec::new(),
        });
    }
    Judgement { findings, inconclusive }
}

/// Why a case is inconclusive, if it is.
fn doubted(
    case: &Case<'_>,
    answer: &Result<AccessToken, TokenError>,
    exchanges: &[(Exchange, Option<Trouble>)],
) -> Option<String> {
    let doubt = case.doubt?;
    if let Some(problem) = exchanges.iter().find_map(|(_, trouble)| match trouble {
        Some(Trouble::Unreachable(problem)) => Some(problem.clone()),
        _ => None,
    }) {
        return Some(problem);
    }
    let error = answer.as_ref().err()?;
    if let TokenError::Refused(refused) = error
        && case.expected != Expected::Token
        && case.expected.has(refused.status)
    {
        return None;
    }
    let is_silent = exchanges.iter().all(|(exchange, _)| exchange.received.is_empty());
    inconclusive(error, is_silent, &server(case.base_url), &doubt)
}

/// Host and port of an address.
fn server(base_url: &str) -> String {
    let url = Url::parse(base_url).ok();
    let parts = url.as_ref().and_then(|url| Some((url.host_str()?, url.port_or_known_default()?)));
    parts.map_or_else(|| base_url.to_owned(), |(host, port)| format!("{host}:{port}"))
}

/// An error in the form for a report, without customer ids, because the readers of reports may not be allowed to see
/// them, and without host names that a server chose.
fn describe(error: &TokenError) -> String {
    match error {
        TokenError::Transport(error) if matches!(error.kind(), TransportErrorKind::Redirect { .. }) => {
            format!("{} redirects to another URL; redirects are not followed with credentials", error.server())
        }
        // The recorder is the client's proxy and had no connection to the server.
        TokenError::Transport(error) if matches!(error.kind(), TransportErrorKind::Proxy { .. }) => {
            format!("no connection to {}", error.server())
        }
        TokenError::ScopeNotGranted { .. } => "another scope was granted than was requested".to_owned(),
        error => error.to_string(),
    }
}

/// A finding that concerns the whole case; its place is the document's `paths`.
fn own_finding(document: &ContractDocument, side: Side, at: &str, says: String) -> Finding {
    let place = Place { document: document.file.clone(), pointer: "#/paths".to_owned(), line: document.line("/paths") };
    Finding { severity: Severity::Violation, side, at: at.to_owned(), says, place, layer: Layer::Published }
}

/// Sends one request through a new cache, which validates the response.
fn request(endpoint: impl TokenEndpoint, scope: &Scope) -> impl Future<Output = Result<AccessToken, TokenError>> {
    let (tokens, scope) = (TokenCache::builder(endpoint).retries(0).build(), scope.clone());
    async move { tokens.access_token(&scope).await }
}
