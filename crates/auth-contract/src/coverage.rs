//! The servers and responses of a document that no case covers.

use serde_json::Value;

use crate::message::{Request, Response};
use crate::pointer::child;
use crate::{ContractDocument, Documents, Layer, Recorded};

/// Servers and documented responses without a recorded exchange, each with its place.
pub(crate) fn missing(documents: &Documents, recorded: &[Recorded]) -> Vec<String> {
    [&documents.lean, &documents.leanix].into_iter().flat_map(|document| of(document, recorded)).collect()
}

fn of(document: &ContractDocument, recorded: &[Recorded]) -> Vec<String> {
    let value = document.value(Layer::Published);
    let recorded: Vec<&Recorded> = recorded.iter().filter(|recorded| recorded.document == document.name).collect();
    let mut missing = Vec::new();
    for (index, _) in list(&value["servers"]).iter().enumerate() {
        let pointer = format!("/servers/{index}");
        if !recorded.iter().any(|recorded| document.serves_at(index, &recorded.exchange.base_url)) {
            missing.push(format!("{} #{pointer}: no case covers this server", place(document, &pointer)));
        }
    }
    for (path, item) in members(&value["paths"]) {
        for (method, operation) in members(item) {
            for (status, _) in members(&operation["responses"]) {
                let is_recorded = recorded.iter().any(|recorded| is(recorded, path, method, status));
                if !is_recorded {
                    let responses = child(&child(&child("/paths", path), method), "responses");
                    let pointer = child(&responses, status);
                    missing.push(format!("{} #{pointer}: no case covers this response", place(document, &pointer)));
                }
            }
        }
    }
    missing
}

fn place(document: &ContractDocument, pointer: &str) -> String {
    document.line(pointer).map_or_else(|| document.file.clone(), |line| format!("{}:{line}", document.file))
}

fn is(recorded: &Recorded, path: &str, method: &str, status: &str) -> bool {
    let exchange = &recorded.exchange;
    let (Ok(request), Ok(response)) = (Request::read(&exchange.sent), Response::read(&exchange.received)) else {
        return false;
    };
    request.target == path && request.method.eq_ignore_ascii_case(method) && response.status.to_string() == status
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
