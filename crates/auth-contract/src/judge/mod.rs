//! Compares exchanges with documents: pure functions from bytes to findings.

mod challenge;
mod json;
mod layer;
mod operation;
mod request;
mod response;
mod rfc6749;

use std::cmp::Reverse;

use crate::message::{Malformed, Request, Response};
use crate::{ContractDocument, Exchange, Expected, Finding, Layer, Severity, Side};

use layer::Text;

/// Compares an exchange with three texts: the document as published, the document after its overlay, and RFC 6749. An
/// unexpected response is a violation as well.
///
/// If the exchange contradicts only the published document and not the overlaid one, the finding is
/// [`Severity::Known`].
#[must_use]
pub fn judge(exchange: &Exchange, document: &ContractDocument, expected: Expected) -> Vec<Finding> {
    let response = Response::read(&exchange.received);
    both(exchange, document, Some((&response, expected)))
}

/// Compares the request of an exchange with a document, but not the response.
pub(crate) fn judge_request(exchange: &Exchange, document: &ContractDocument) -> Vec<Finding> {
    both(exchange, document, None)
}

/// A response, or why it is malformed, and the expected response.
type Answer<'a> = (&'a Result<Response, Malformed>, Expected);

fn both(exchange: &Exchange, document: &ContractDocument, answer: Option<Answer<'_>>) -> Vec<Finding> {
    let request = Request::read(&exchange.sent);
    let by_layer = |layer| by_layer(Text::new(document, layer), exchange, &request, answer);
    let (published, mut findings) = (by_layer(Layer::Published), by_layer(Layer::Overlaid));
    let same = |one: &Finding, other: &Finding| one.side == other.side && one.at == other.at && one.says == other.says;
    for mut finding in published {
        if let Some(overlaid) = findings.iter_mut().find(|overlaid| same(overlaid, &finding)) {
            // Both layers have the finding; it names the published one.
            *overlaid = finding;
        } else {
            if finding.severity > Severity::Known && document.overlay.is_some() {
                finding.severity = Severity::Known;
            }
            findings.push(finding);
        }
    }
    if let (Ok(request), Some((Ok(response), _))) = (&request, answer) {
        findings.extend(rfc6749::judge(request, response));
    }
    findings.sort_by_key(|finding| Reverse(finding.severity));
    findings
}

fn by_layer(
    mut text: Text<'_>,
    exchange: &Exchange,
    request: &Result<Request, Malformed>,
    answer: Option<Answer<'_>>,
) -> Vec<Finding> {
    let request = match request {
        Ok(request) => request,
        Err(problem) => {
            text.violation(Side::Client, "request", problem.to_string(), "/paths");
            return text.findings;
        }
    };
    let Some(operation) = operation::find(&mut text, exchange, request) else { return text.findings };
    request::judge(&mut text, &operation, request);
    match answer {
        None => {}
        Some((Ok(response), expected)) => response::judge(&mut text, &operation, response, expected),
        Some((Err(problem), _)) => {
            text.violation(Side::Server, "answer", problem.to_string(), &operation.member("responses"));
        }
    }
    text.findings
}
