//! A token endpoint of your own, for any OAuth 2.0 server: `cargo run -p auth-core --example own_endpoint`.
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

use std::error::Error;

use auth_core::{
    ErrorCode, ExpiresIn, NotAToken, OldTokens, Scope, Secret, TokenCache, TokenEndpoint, TokenError, TokenResponse,
    Transport,
};
use auth_sandbox::Sandbox;
use auth_transport::{BasicCredentials, Call, ResponseValue};
use progenitor_client::RequestBuilderExt as _;
use serde::Deserialize;
use serde_json::Value;

/// [`Call`] follows no redirects, limits the size of bodies, and its errors do not show what was sent or received.
struct OwnTokenEndpoint {
    transport: Transport,
    url: String,
    client_id: String,
    client_secret: Secret,
}

#[derive(Deserialize)]
struct Issued {
    access_token: Secret,
    token_type: Option<String>,
    expires_in: Option<ExpiresIn>,
    scope: Option<String>,
    error: Option<String>,
}

impl TokenEndpoint for OwnTokenEndpoint {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        let credentials = BasicCredentials::new(&self.client_id, self.client_secret.clone());
        let call = Call::new(&self.transport).with_basic(&credentials).expecting_object();
        let scope = Some(scope.as_str()).filter(|scope| !scope.is_empty());
        let form = [("grant_type", Some("client_credentials")), ("scope", scope)];
        let answer = call.clone().finish(async {
            let request = call.client().post(&self.url).form_urlencoded(&form)?.build()?;
            let answer = call.execute(request).await?;
            if answer.status().is_success() {
                return ResponseValue::<Issued>::from_response(answer).await;
            }
            Err(progenitor_client::Error::ErrorResponse(ResponseValue::<Value>::from_response(answer).await?))
        });
        let secrets = [&self.client_secret];
        let issued =
            answer.await.map_err(|error| TokenError::from_call(error, |body| body["error"].as_str(), &secrets))?;
        let Issued { access_token, token_type, expires_in, scope, error } = issued.into_inner();
        // Some servers report an error with status 200.
        if let Some(code) = error {
            return Err(TokenError::NotAToken(NotAToken::Error(ErrorCode::read(&code, &secrets))));
        }
        let mut response = TokenResponse::new(access_token);
        (response.token_type, response.expires_in, response.scope) = (token_type, expires_in, scope);
        Ok(response)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The sandbox replaces that server here: one that requires HTTP Basic (RFC 6749 section 2.3.1).
    let sandbox = Sandbox::start().await?;
    let endpoint = OwnTokenEndpoint {
        transport: Transport::new()?,
        url: sandbox.leanix().token_url(),
        client_id: "apitoken".to_owned(),
        client_secret: sandbox.leanix_api_token().into(),
    };
    let tokens = TokenCache::new(endpoint);
    println!("a token from this endpoint: {:?}", tokens.access_token(&Scope::empty()).await?);

    // Errors are the same as those of the provided endpoints.
    sandbox.set_leanix_api_token("another token");
    tokens.rotate(OldTokens::Drop);
    match tokens.access_token(&Scope::empty()).await {
        Err(error) if error.refuses_credentials() => println!("an error from this endpoint: {error}"),
        _ => return Err("the credentials should have been refused".into()),
    }
    Ok(())
}
