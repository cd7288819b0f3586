//! The run against a real server: a handful of requests, and none that could lock anybody out unless that is asked for.

use auth_core::{ApiToken, ClientCredentials, LeanTokenEndpoint, LeanixTokenEndpoint, Scope, lean, leanix};
use url::Url;

use crate::oauth2::OAuth2TokenEndpoint;
use crate::recorder::Recorder;
use crate::session::{Case, Session};
use crate::settings::{OAuth2Server, Settings, Target};
use crate::upstream::Upstream;
use crate::{Documents, Report, RunError};

/// Asks a real server for a token for each scope; with `errors`, also once with a scope that it cannot know and once with
/// credentials that it cannot accept. Never more than four requests.
///
/// # Errors
/// [`RunError::Variable`] names a variable of the environment that is missing or wrong. Then, as after every other
/// error, nothing was sent.
pub async fn live(
    documents: &Documents,
    target: Target,
    errors: bool,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Report, RunError> {
    let settings = Settings::read(target, variable)?;
    let (name, cases) = match settings {
        Settings::Lean { base_url, credentials, customer } => {
            ("lean", lean_cases(documents, &base_url, &credentials, customer, errors).await?)
        }
        Settings::Leanix { base_url, api_token } => {
            ("leanix", leanix_cases(documents, &base_url, api_token, errors).await?)
        }
        Settings::OAuth2(server) => ("oauth2", oauth2_cases(documents, server, errors).await?),
    };
    Ok(Report::new(name, documents, cases.cases))
}

/// A session whose recorder stands before the server at `base_url`.
async fn session(base_url: &str) -> Result<Session, RunError> {
    let upstream = if base_url.starts_with("https:") {
        Upstream::asked()?
    } else {
        let found = Url::parse(base_url).ok().and_then(|url| url.socket_addrs(|| None).ok()?.into_iter().next());
        Upstream::Loopback(found.ok_or_else(|| RunError::Recorder("the server has no address".to_owned()))?)
    };
    Ok(Session::new(Recorder::start(upstream).await?))
}

async fn lean_cases(
    documents: &Documents,
    base_url: &str,
    credentials: &ClientCredentials,
    customer: lean::CustomerId,
    errors: bool,
) -> Result<Session, RunError> {
    let mut session = session(base_url).await?;
    let (address, transport) = session.recorder().route(base_url)?;
    let client = lean::Client::over(&address, transport)?;
    let bad = ClientCredentials::new(credentials.client_id(), "not-the-secret")?;
    let api: Scope = lean::Scope::Api.into();
    let mut cases = vec![
        ("token for the scope api", credentials, api.clone(), 200),
        ("token for a customer", credentials, lean::Scope::Customer(customer).into(), 200),
    ];
    if errors {
        cases.push(("unknown scope", credentials, "unknown".parse().unwrap_or_default(), 400));
        cases.push(("wrong client secret", &bad, api, 401));
    }
    for (name, credentials, scope, expected) in cases {
        let endpoint = LeanTokenEndpoint::new(client.clone(), credentials.clone());
        let case = Case { name: name.to_owned(), document: &documents.lean, base_url, expected };
        session.ask(case, endpoint, &scope).await;
    }
    Ok(session)
}

async fn leanix_cases(
    documents: &Documents,
    base_url: &str,
    api_token: ApiToken,
    errors: bool,
) -> Result<Session, RunError> {
    let mut session = session(base_url).await?;
    let (address, transport) = session.recorder().route(base_url)?;
    let client = leanix::Client::over(&address, transport)?;
    let mut cases = vec![("token", api_token, 200)];
    if errors {
        cases.push(("wrong API token", ApiToken::new("not-the-token")?, 401));
    }
    for (name, api_token, expected) in cases {
        let endpoint = LeanixTokenEndpoint::new(client.clone(), api_token);
        let case = Case { name: name.to_owned(), document: &documents.leanix, base_url, expected };
        session.ask(case, endpoint, &Scope::empty()).await;
    }
    Ok(session)
}

async fn oauth2_cases(documents: &Documents, server: OAuth2Server, errors: bool) -> Result<Session, RunError> {
    let OAuth2Server { url, credentials, authentication, scope } = server;
    // The document's path is one part, the last; what stands before it is the server's address.
    let base_url = url.rsplit_once('/').map_or(url.as_str(), |(base_url, _)| base_url);
    let mut session = session(&url).await?;
    let (address, transport) = session.recorder().route(&url)?;
    let bad = ClientCredentials::new(credentials.client_id(), "not-the-secret")?;
    let mut cases = vec![("token", credentials, 200)];
    if errors {
        cases.push(("wrong client secret", bad, 401));
    }
    for (name, credentials, expected) in cases {
        let (url, transport) = (address.clone(), transport.clone());
        let endpoint = OAuth2TokenEndpoint { url, transport, credentials, authentication };
        let case = Case { name: name.to_owned(), document: &documents.oauth2, base_url, expected };
        session.ask(case, endpoint, &scope).await;
    }
    Ok(session)
}
