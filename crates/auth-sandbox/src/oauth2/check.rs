//! The rules for a token request.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{header, request::Parts};
use serde_json::{Map, Value, json};

use crate::{
    Vendor, basic,
    form::Form,
    grant::Grant,
    oauth2::{
        assertion::{self, TYPE},
        certificate::{is_accepted, thumbprint},
        registration::{BASIC, POST, PRIVATE_KEY_JWT, Registration, SELF_SIGNED_TLS, TLS},
    },
    peer::Peer,
    refusal::Refusal,
    state::Shared,
};

const CHALLENGE: &str = r#"Basic realm="auth-sandbox", charset="UTF-8""#;

/// Parameters that may occur more than once (RFC 8707 section 2).
const REPEATABLE: [&str; 2] = ["audience", "resource"];

/// Checks the client authentication, the grant type and the scope, in this order.
pub(crate) fn check(shared: &Shared, parts: &Parts, body: &[u8]) -> Result<Grant, Refusal> {
    let form = Form::parse_with(body, &REPEATABLE).map_err(Refusal::invalid_request)?;
    let client = shared.oauth2.registration();
    let peer = parts.extensions.get::<Peer>();
    let method = authenticate(shared, &client, parts, &form, peer)?;
    match form.value("grant_type") {
        None => return Err(Refusal::invalid_request("grant_type is missing")),
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::unsupported_grant_type()),
    }
    let scope = form.value("scope").unwrap_or_default();
    if !(scope.is_empty() || scope.split(' ').all(is_scope_token)) {
        return Err(Refusal::invalid_scope());
    }
    let mut claims = Map::new();
    claims.insert("client_id".to_owned(), client.id.as_str().into());
    claims.insert("client_authentication".to_owned(), method.into());
    let audiences: Vec<&str> = REPEATABLE.iter().flat_map(|name| form.values(name)).collect();
    match audiences[..] {
        [] => {}
        [one] => drop(claims.insert("aud".to_owned(), one.into())),
        _ => drop(claims.insert("aud".to_owned(), audiences.into())),
    }
    if let Some(leaf) = peer.and_then(|peer| peer.chain().first()) {
        // The token is bound to the certificate (RFC 8705 section 3.1).
        claims.insert("cnf".to_owned(), json!({ "x5t#S256": URL_SAFE_NO_PAD.encode(thumbprint(leaf)) }));
    }
    Ok(Grant { subject: client.id.clone(), scope: scope.to_owned(), claims: Value::Object(claims) })
}

/// Verifies how the request authenticates the client, and returns the name of that. A request must use exactly one way
/// (RFC 6749 section 2.3).
fn authenticate(
    shared: &Shared,
    client: &Registration,
    parts: &Parts,
    form: &Form,
    peer: Option<&Peer>,
) -> Result<&'static str, Refusal> {
    let mut headers = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (basic, second) = (headers.next(), headers.next());
    if second.is_some() {
        return Err(Refusal::invalid_request("the Authorization header occurs more than once"));
    }
    let secret = form.value("client_secret");
    let signed = form.value("client_assertion");
    if form.value("client_assertion_type").is_some_and(|name| name != TYPE)
        || signed.is_some() && form.value("client_assertion_type").is_none()
    {
        return Err(Refusal::invalid_request(
            "client_assertion_type must be that of RFC 7523, with a client_assertion",
        ));
    }
    if [basic.is_some(), secret.is_some(), signed.is_some()].into_iter().filter(|is_used| *is_used).count() > 1 {
        return Err(Refusal::invalid_request("the client must not authenticate in more than one way"));
    }
    let id = form.value("client_id");
    let is_other = id.is_some_and(|id| id != client.id);
    let accepted = client.methods();
    let require = |method| if accepted.contains(&method) { Ok(method) } else { Err(Refusal::not_accepted(method)) };
    if let Some(basic) = basic {
        let method = require(BASIC)?;
        return match basic::decode(basic.as_bytes()) {
            Some((user, secret)) if user == client.id && secret == client.secret && !is_other => Ok(method),
            _ => Err(Refusal::invalid_client(Some(CHALLENGE))),
        };
    }
    if let Some(secret) = secret {
        let method = require(POST)?;
        let is_right = id.is_some() && !is_other && secret == client.secret;
        return if is_right { Ok(method) } else { Err(Refusal::invalid_client(None)) };
    }
    if let Some(signed) = signed {
        let method = require(PRIVATE_KEY_JWT)?;
        if is_other {
            return Err(Refusal::invalid_client(None));
        }
        let audiences = [Some(shared.base_url.as_str()), shared.secure.as_ref().map(|secure| secure.base_url.as_str())];
        let audiences: Vec<String> = audiences
            .into_iter()
            .flatten()
            .flat_map(|base| [Vendor::OAuth2.issuer(base), format!("{base}{}", Vendor::OAuth2.token_path())])
            .collect();
        return assertion::verify(&shared.oauth2, client, signed, &audiences)
            .map(|()| method)
            .map_err(Refusal::unauthenticated);
    }
    let chain = peer.map_or(&[][..], Peer::chain);
    if chain.is_empty() || id.is_none() {
        return Err(Refusal::unauthenticated("the request does not authenticate the client"));
    }
    let method = require(if accepted.contains(&TLS) { TLS } else { SELF_SIGNED_TLS })?;
    let is_registered = client
        .certificate
        .as_ref()
        .zip(shared.secure.as_ref())
        .is_some_and(|(registered, secure)| is_accepted(chain, registered, &secure.authority));
    if is_registered && !is_other {
        Ok(method)
    } else {
        Err(Refusal::unauthenticated("the certificate is not the registered one, or client_id is wrong"))
    }
}

/// RFC 6749 section 3.3.
fn is_scope_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
