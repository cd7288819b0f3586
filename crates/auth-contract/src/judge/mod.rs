//! Exchanges against documents: pure functions from bytes to findings.

mod json;
mod layer;
mod operation;
mod request;
mod response;
mod rfc6749;
mod schema;

use std::cmp::Reverse;

use crate::message::{Malformed, Request, Response};
use crate::{Document, Exchange, Finding, Layer, Severity, Side};

pub(crate) use schema::Schemas;

use layer::Text;

/// What differs between an exchange and a document: from the text as published, from the text after its overlay, and
/// from RFC 6749. An answer with another status than `expected` is a violation as well.
///
/// Where the published text is broken and the overlaid one is not, the overlay knows: [`Severity::Known`].
#[must_use]
pub fn judge(exchange: &Exchange, document: &Document, expected: u16) -> Vec<Finding> {
    let (request, response) = (Request::read(&exchange.sent), Response::read(&exchange.received));
    let by_layer = |layer| by_layer(Text::new(document, layer), exchange, &request, &response, expected);
    let (published, mut findings) = (by_layer(Layer::Published), by_layer(Layer::Overlaid));
    let same = |one: &Finding, other: &Finding| one.side == other.side && one.at == other.at && one.says == other.says;
    for mut finding in published {
        if let Some(overlaid) = findings.iter_mut().find(|overlaid| same(overlaid, &finding)) {
            // Both say so; the vendor's own text is the one to name.
            *overlaid = finding;
        } else {
            if finding.severity > Severity::Known && document.overlay.is_some() {
                finding.severity = Severity::Known;
            }
            findings.push(finding);
        }
    }
    if let (Ok(request), Ok(response)) = (&request, &response) {
        findings.extend(rfc6749::judge(request, response));
    }
    findings.sort_by_key(|finding| Reverse(finding.severity));
    findings
}

fn by_layer(
    mut text: Text<'_>,
    exchange: &Exchange,
    request: &Result<Request, Malformed>,
    response: &Result<Response, Malformed>,
    expected: u16,
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
    match response {
        Ok(response) => response::judge(&mut text, &operation, response, expected),
        Err(problem) => {
            text.violation(Side::Server, "answer", problem.to_string(), &operation.member("responses"));
        }
    }
    text.findings
}
