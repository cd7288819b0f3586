//! One token request (RFC 6749 section 4.4.2) and its response.

use auth_transport::{Call, ExpiresIn, Secret, TokenUrl, Transport};
use progenitor_client::RequestBuilderExt as _;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

use crate::token::error::token_error::TokenError;
use crate::token::response::TokenResponse;
use crate::token::scope::Scope;
use crate::vendor::oauth2::client::Presented;

/// The parameters that a request has itself.
pub(crate) const OWN_PARAMETERS: [&str; 6] =
    ["grant_type", "scope", "client_id", "client_secret", "client_assertion", "client_assertion_type"];

/// The type of a JSON Web Token that authenticates a client (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Requests a token for `scope` from `url`.
pub(crate) async fn request(
    transport: &Transport,
    url: &TokenUrl,
    scope: &Scope,
    presented: &Presented,
    parameters: &[(String, Secret)],
) -> Result<TokenResponse, TokenError> {
    let call = Call::new(transport).expecting_object();
    let call = match presented.basic() {
        Some(basic) => call.with_basic(basic),
        None => call,
    };
    let form = Form { scope, presented, parameters };
    let send = async {
        let request = call.client().post(url.url().clone()).header("accept", "application/json");
        let response = call.execute(request.form_urlencoded(&form)?.build()?).await?;
        if response.status().is_success() {
            call.read::<Answer, ()>(response).await
        } else {
            Err(progenitor_client::Error::UnexpectedResponse(response))
        }
    };
    let answer = call.clone().finish(send).await;
    let secrets: Vec<&Secret> =
        presented.secret().into_iter().chain(parameters.iter().map(|(_, value)| value)).collect();
    let answer = answer.map_err(|error| {
        let error = TokenError::from_call(error, |()| None, &secrets);
        match presented.hint() {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    });
    let answer = answer?.into_inner();
    let mut response = TokenResponse::of_success(answer.access_token, answer.error.as_deref(), &secrets)?;
    response.token_type = answer.token_type;
    response.expires_in = answer.expires_in;
    response.scope = answer.scope;
    Ok(response)
}

/// The form of a request.
struct Form<'a> {
    scope: &'a Scope,
    presented: &'a Presented,
    parameters: &'a [(String, Secret)],
}

impl Serialize for Form<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_map(None)?;
        form.serialize_entry("grant_type", "client_credentials")?;
        if !self.scope.is_empty() {
            form.serialize_entry("scope", self.scope.as_str())?;
        }
        match self.presented {
            Presented::Basic(..) => {}
            Presented::Secret(id, secret) => {
                form.serialize_entry("client_id", id)?;
                form.serialize_entry("client_secret", secret)?;
            }
            Presented::Certificate(id) => form.serialize_entry("client_id", id)?,
            Presented::Assertion(id, assertion) => {
                form.serialize_entry("client_id", id)?;
                form.serialize_entry("client_assertion_type", ASSERTION_TYPE)?;
                form.serialize_entry("client_assertion", assertion)?;
            }
        }
        for (name, value) in self.parameters {
            form.serialize_entry(name, value)?;
        }
        form.end()
    }
}

/// The members of a success that are read (RFC 6749 section 5.1), and the error that some servers send as a success.
#[derive(Deserialize)]
struct Answer {
    access_token: Secret,
    token_type: Option<String>,
    expires_in: Option<ExpiresIn>,
    scope: Option<String>,
    error: Option<String>,
}
