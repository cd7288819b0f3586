//! The run against a real server: few requests, and none that could lock an account unless requested.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use auth_core::{
    ApiToken, ClientAuthentication, ClientCredentials, LeanTokenEndpoint, LeanixTokenEndpoint, OAuth2TokenEndpoint,
    Scope, lean, leanix,
};
use url::{Host, Url};

use crate::doubt::Doubt;
use crate::recorder::Recorder;
use crate::session::{Case, Session};
use crate::settings::{OAuth2Server, Settings, Target};
use crate::upstream::Upstream;
use crate::{Documents, Expected, Report, RunError, Severity};

/// Requests a token from a real server for each scope. With `errors`, it also sends one request with wrong credentials and, to Lean,
/// one with an unknown scope. Sends at most four requests.
///
/// # Errors
/// [`RunError::Variable`] names an environment variable that is missing or invalid. After any error, nothing was sent.
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
    Ok(Report::new(name, documents, cases.cases, Severity::Violation))
}

/// A session with a recorder in front of the server at `base_url`.
async fn session(base_url: &str) -> Result<Session, RunError> {
    let upstream = if base_url.starts_with("https:") {
        Upstream::asked()?
    } else {
        let found = Url::parse(base_url).ok().and_then(|url| loopback(&url));
        Upstream::Loopback(found.ok_or_else(|| RunError::Recorder("the server has no address".to_owned()))?)
    };
    Ok(Session::new(Recorder::start(upstream).await?))
}

/// The addresses of a server on this machine. `localhost` always is this machine, even if a resolver returns another
/// address.
fn loopback(url: &Url) -> Option<Vec<SocketAddr>> {
    let port = url.port_or_known_default()?;
    let hosts: Vec<IpAddr> = match url.host()? {
        Host::Ipv4(address) => vec![address.into()],
        Host::Ipv6(address) => vec![address.into()],
        Host::Domain(_) => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
    };
    Some(hosts.into_iter().map(|host| SocketAddr::new(host, port)).collect())
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
    let ours = Doubt { credentials: Some("LEAN_CLIENT_ID and LEAN_CLIENT_SECRET"), scope: None };
    let with_customer = Doubt { scope: Some("LEAN_CUSTOMER_ID"), ..ours };
    let customer = lean::Scope::Customer(customer).into();
    let mut cases = vec![
        ("token for the scope api", credentials, api.clone(), Expected::Token, ours),
        ("token for a customer", credentials, customer, Expected::Token, with_customer),
    ];
    if errors {
        cases.push(("unknown scope", credentials, "unknown".parse().unwrap_or_default(), Expected::Refusal(400), ours));
        cases.push(("wrong client secret", &bad, api, Expected::RefusedForm, Doubt::WRONG_ON_PURPOSE));
    }
    for (name, credentials, scope, expected, doubt) in cases {
        let endpoint = LeanTokenEndpoint::new(client.clone(), credentials.clone());
        let (name, document, doubt) = (name.to_owned(), &documents.lean, Some(doubt));
        let case = Case { name, document, base_url, query: None, expected, doubt };
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
    let ours = Doubt { credentials: Some("LEANIX_API_TOKEN"), scope: None };
    let mut cases = vec![("token", api_token, Expected::Token, ours)];
    if errors {
        let bad = ApiToken::new("not-the-token")?;
        cases.push(("wrong API token", bad, Expected::Refusal(401), Doubt::WRONG_ON_PURPOSE));
    }
    for (name, api_token, expected, doubt) in cases {
        let endpoint = LeanixTokenEndpoint::new(client.clone(), api_token);
        let (name, document, doubt) = (name.to_owned(), &documents.leanix, Some(doubt));
        let case = Case { name, document, base_url, query: None, expected, doubt };
        session.ask(case, endpoint, &Scope::empty()).await;
    }
    Ok(session)
}

async fn oauth2_cases(documents: &Documents, server: OAuth2Server, errors: bool) -> Result<Session, RunError> {
    let OAuth2Server { url, credentials, authentication, scope } = server;
    let (document, base_url) = (documents.oauth2.at(url.url()), url.url().origin().ascii_serialization());
    let mut session = session(url.as_str()).await?;
    let (address, transport) = session.recorder().route(url.as_str())?;
    let bad = ClientCredentials::new(credentials.client_id(), "not-the-secret")?;
    let ours = Doubt { credentials: Some("OAUTH2_CLIENT_ID and OAUTH2_CLIENT_SECRET"), scope: Some("OAUTH2_SCOPE") };
    let refused = match authentication {
        ClientAuthentication::Form => Expected::RefusedForm,
        _ => Expected::Refusal(401),
    };
    let mut cases = vec![("token", credentials, Expected::Token, ours)];
    if errors {
        cases.push(("wrong client secret", bad, refused, Doubt::WRONG_ON_PURPOSE));
    }
    for (name, credentials, expected, doubt) in cases {
        let endpoint =
            OAuth2TokenEndpoint::over(&address, transport.clone(), credentials)?.with_authentication(authentication);
        let (name, doubt) = (name.to_owned(), Some(doubt));
        let case = Case { name, document: &document, base_url: &base_url, query: url.url().query(), expected, doubt };
        session.ask(case, endpoint, &scope).await;
    }
    Ok(session)
}
