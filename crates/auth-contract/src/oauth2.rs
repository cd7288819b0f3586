//! Any authorization server that implements RFC 6749, with the client authentication that it expects.

use std::fmt;
use std::str::FromStr;

use auth_core::{
    ClientCredentials, ErrorCode, ExpiresIn, NotAToken, Scope, Secret, TokenEndpoint, TokenError, TokenResponse,
    Transport,
};
use auth_transport::{BasicCredentials, Call, ResponseValue};
use progenitor_client::RequestBuilderExt as _;
use serde::{Deserialize, Serialize};

/// How a client authenticates (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuthentication {
    /// In the form.
    Form,
    /// By HTTP Basic, user and password percent-encoded.
    Basic,
    /// By HTTP Basic, user and password as they are.
    BasicRaw,
}

impl FromStr for ClientAuthentication {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "form" => Ok(Self::Form),
            "basic" => Ok(Self::Basic),
            "basic-raw" => Ok(Self::BasicRaw),
            _ => Err("must be `form`, `basic` or `basic-raw`".to_owned()),
        }
    }
}

/// A token endpoint with an address of any form.
pub(crate) struct OAuth2TokenEndpoint {
    /// Path and query included, as they are.
    pub(crate) url: String,
    pub(crate) transport: Transport,
    pub(crate) credentials: ClientCredentials,
    pub(crate) authentication: ClientAuthentication,
}

#[derive(Serialize)]
struct Form<'a> {
    grant_type: &'static str,
    #[serde(skip_serializing_if = "Scope::is_empty", serialize_with = "text")]
    scope: &'a Scope,
    #[serde(flatten)]
    credentials: Option<FormCredentials<'a>>,
}

#[derive(Serialize)]
struct FormCredentials<'a> {
    client_id: &'a str,
    client_secret: &'a Secret,
}

fn text<S: serde::Serializer>(text: impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&text)
}

#[derive(Deserialize)]
struct Answer {
    access_token: Secret,
    token_type: Option<String>,
    expires_in: Option<ExpiresIn>,
    scope: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl TokenEndpoint for OAuth2TokenEndpoint {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        let (id, secret) = (self.credentials.client_id(), self.credentials.client_secret());
        let basic = BasicCredentials::new(id, secret.clone());
        let (call, in_form) = match self.authentication {
            ClientAuthentication::Form => (Call::new(&self.transport), true),
            ClientAuthentication::Basic => (Call::new(&self.transport).with_basic(&basic), false),
            ClientAuthentication::BasicRaw => (Call::new(&self.transport).with_basic(&basic.raw()), false),
        };
        let credentials = in_form.then_some(FormCredentials { client_id: id, client_secret: secret });
        let form = Form { grant_type: "client_credentials", scope, credentials };
        let send = async {
            let request =
                call.client().post(&self.url).header("accept", "application/json").form_urlencoded(&form)?.build()?;
            let response = call.execute(request).await?;
            match response.status().as_u16() {
                200 => ResponseValue::<Answer>::from_response::<Refusal>(response).await,
                400 | 401 => {
                    let refusal = ResponseValue::<Refusal>::from_response::<Refusal>(response).await?;
                    Err(progenitor_client::Error::ErrorResponse(refusal))
                }
                _ => Err(progenitor_client::Error::UnexpectedResponse(response)),
            }
        };
        let answer = call.clone().finish(send).await;
        let answer = answer.map_err(|error| TokenError::from_call(error, |body| Some(&body.error), &[secret]))?;
        let answer = answer.into_inner();
        if let Some(code) = answer.error {
            return Err(TokenError::NotAToken(NotAToken::Error(ErrorCode::read(&code, &[secret]))));
        }
        let mut response = TokenResponse::new(answer.access_token);
        response.token_type = answer.token_type;
        response.expires_in = answer.expires_in;
        response.scope = answer.scope;
        Ok(response)
    }
}
