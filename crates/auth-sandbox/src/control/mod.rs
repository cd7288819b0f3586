//! The sandbox controlled over HTTP: the page at `/`, and the interface below `/_sandbox/v1`.
//!
//! Both exist only if the builder was asked for them. Their requests do not count as requests of clients.

mod access;
mod credentials;
mod failure;
mod headers;
mod json;
mod kept;
mod log;
mod page;
mod place;
mod report;
mod script_document;

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{Method, StatusCode, request::Parts};
use serde::{Deserialize, Serialize};

pub(crate) use kept::Control;

use self::{
    failure::Failure,
    json::parse,
    place::{Place, Target},
    script_document::ScriptDocument,
};
use crate::{Endpoint, Script, Vendor, body, media_type, observe::Arrival, reply, state::Shared};

/// The paths in the router's syntax.
pub(crate) const ROUTES: [&str; 2] = ["/", "/_sandbox/v1/{*place}"];

/// Answers a request to the page or the interface.
pub(crate) async fn handle(shared: &Shared, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match answer(shared, &parts, body::read(shared, body).await).await {
        Ok(response) => response,
        Err(failure) => {
            let code = failure.code();
            let response = failure.into_response();
            if code.is_some() {
                // The program logs it: a page of another site, or a name that is not permitted.
                shared.observe(Arrival::new(None, Endpoint::Other, &parts), &response, code, None);
            }
            response
        }
    }
}

async fn answer(shared: &Shared, parts: &Parts, body: Result<Bytes, body::Failure>) -> Result<Response, Failure> {
    let control = shared.control.as_ref().ok_or_else(Failure::not_found)?;
    control.access.check_host(&parts.uri, &parts.headers)?;
    let Some(path) = parts.uri.path().strip_prefix("/_sandbox/v1/") else {
        // Pages of other sites may have links to the page, so only its host is checked.
        return page::answer(&parts.method);
    };
    access::check_site(&parts.headers)?;
    let place = Place::of(path).ok_or_else(Failure::not_found)?;
    let after = place.query(parts.uri.query().unwrap_or_default())?;
    let body = body.map_err(Failure::body)?;
    match (&place, &parts.method) {
        (Place::State, &Method::GET) => json(&report::state(shared)),
        (Place::Requests, &Method::GET) => json(&control.log.after(after)),
        (Place::Tokens, &Method::GET) => json(&report::tokens(shared)),
        (Place::Tokens, &Method::DELETE) => {
            Vendor::ALL.into_iter().for_each(|vendor| shared.provider(vendor).revoke_all());
            Ok(done())
        }
        (Place::Token(id), &Method::DELETE) => revoke(shared, id),
        (Place::Script(vendor, target), &Method::GET) => json(&report::script(&script(shared, *vendor, *target))),
        (Place::Script(vendor, target), &Method::DELETE) => {
            script(shared, *vendor, *target).reset();
            Ok(done())
        }
        (Place::Script(vendor, target), &Method::PUT | &Method::POST) => {
            let document: ScriptDocument = read(parts, &body)?;
            document.apply(&script(shared, *vendor, *target), parts.method == Method::PUT);
            Ok(done())
        }
        (Place::Lifetime(vendor), &Method::PUT) => {
            let Lifetime { seconds } = read(parts, &body)?;
            shared.provider(*vendor).set_lifetime(seconds);
            Ok(done())
        }
        (Place::Credentials(vendor), &Method::PUT) => {
            is_json(parts)?;
            credentials::replace(shared, *vendor, &body)?;
            Ok(done())
        }
        (Place::Reset, &Method::POST) => {
            shared.reset();
            Ok(done())
        }
        _ => Err(Failure::method_not_allowed(place.methods())),
    }
}

/// The lifetime of tokens that are issued from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifetime {
    seconds: u64,
}

fn revoke(shared: &Shared, id: &str) -> Result<Response, Failure> {
    let provider = |vendor| shared.provider(vendor);
    let Some(vendor) = Vendor::ALL.into_iter().find(|vendor| provider(*vendor).is_known(id)) else {
        return Err(Failure::unknown_token());
    };
    provider(vendor).revoke(id);
    Ok(done())
}

fn script(shared: &Shared, vendor: Vendor, target: Target) -> Script {
    let provider = shared.provider(vendor);
    match target {
        Target::Token => provider.script.clone(),
        Target::Resource => provider.resource_script.clone(),
        Target::Metadata => shared.oauth2.metadata_script.clone(),
    }
}

fn is_json(parts: &Parts) -> Result<(), Failure> {
    // Also keeps out forms of other sites, which cannot have this media type.
    if media_type::is_once(&parts.headers, "application/json") { Ok(()) } else { Err(Failure::not_json()) }
}

fn read<T: for<'de> Deserialize<'de>>(parts: &Parts, body: &[u8]) -> Result<T, Failure> {
    is_json(parts)?;
    parse(body)
}

fn json(content: &impl Serialize) -> Result<Response, Failure> {
    let text = serde_json::to_string(content).map_err(|_| Failure::internal())?;
    Ok(headers::guarded(reply::no_store(StatusCode::OK, text)))
}

fn done() -> Response {
    headers::guarded(StatusCode::NO_CONTENT.into_response())
}
