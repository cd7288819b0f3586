//! The run on this machine: the clients of both vendors and every published server, with the sandbox in place of all servers.

use auth_core::{ApiToken, ClientCredentials, LeanTokenEndpoint, LeanixTokenEndpoint, Scope, lean, leanix};
use auth_sandbox::{Reply, Sandbox};
use serde_json::{Value, json};

use crate::recorder::Recorder;
use crate::session::{Case, Session};
use crate::upstream::Upstream;
use crate::{Documents, Expected, Report, RunError, Severity, coverage};

/// A customer that does not exist.
const CUSTOMER: &str = "a1b2c3d4-e5f6-7890-abcd-ef0123456789";

/// A run and its recordings.
#[derive(Debug)]
#[non_exhaustive]
pub struct Run {
    /// The report.
    pub report: Report,
    /// The recorded exchanges, credentials included.
    pub recorded: Vec<crate::Recorded>,
}

/// Requests a token from each published server for each scope, and provokes each documented error; `sandbox` answers
/// for every server.
///
/// # Errors
/// [`RunError`] if the recorder or a client cannot be set up.
pub async fn local(documents: &Documents, sandbox: &Sandbox) -> Result<Run, RunError> {
    let address = sandbox.base_url().trim_start_matches("http://").parse();
    let address = address.map_err(|_| RunError::Recorder("the sandbox has no address".to_owned()))?;
    let mut session = Session::new(Recorder::start(Upstream::Loopback(vec![address])).await?);
    ask_lean(&mut session, documents, sandbox).await?;
    ask_leanix(&mut session, documents, sandbox).await?;
    let mut report = Report::new("sandbox", documents, session.cases, Severity::Drift);
    report.uncovered = coverage::missing(documents, &session.recorded);
    Ok(Run { report, recorded: session.recorded })
}

async fn ask_lean(session: &mut Session, documents: &Documents, sandbox: &Sandbox) -> Result<(), RunError> {
    let document = &documents.lean;
    let good = ClientCredentials::new(sandbox.lean_client_id(), sandbox.lean_client_secret())?;
    let bad = ClientCredentials::new(sandbox.lean_client_id(), "not-the-secret")?;
    let customer: Scope = match CUSTOMER.parse() {
        Ok(customer) => lean::Scope::Customer(customer).into(),
        Err(error) => return Err(RunError::Recorder(format!("{error}"))),
    };
    let api: Scope = lean::Scope::Api.into();
    let unknown: Scope = "unknown".parse().unwrap_or_default();
    let servers = [lean::Client::production_uae()?, lean::Client::sandbox_uae()?, lean::Client::sandbox_ksa()?];
    let mut cases = Vec::new();
    for server in &servers {
        cases.push(("token for the scope api", server, &good, &api, Expected::Token));
        cases.push(("token for a customer", server, &good, &customer, Expected::Token));
    }
    cases.push(("unknown scope", &servers[0], &good, &unknown, Expected::Refusal(400)));
    cases.push(("wrong client secret", &servers[0], &bad, &api, Expected::Refusal(401)));
    for (name, server, credentials, scope, expected) in cases {
        let base_url = server.base_url().as_str();
        let (_, transport) = session.recorder().route(base_url)?;
        let endpoint = LeanTokenEndpoint::new(server.clone().with_transport(transport), credentials.clone());
        let case = Case { name: name.to_owned(), document, base_url, query: None, expected, doubt: None };
        session.ask(case, endpoint, scope).await;
    }
    Ok(())
}

async fn ask_leanix(session: &mut Session, documents: &Documents, sandbox: &Sandbox) -> Result<(), RunError> {
    let document = &documents.leanix;
    let good = ApiToken::new(sandbox.leanix_api_token())?;
    let bad = ApiToken::new("not-the-token")?;
    let default = leanix::Client::instance(leanix::Client::DEFAULT_SUBDOMAIN)?;
    let dedicated = leanix::Client::instance("demo-eu")?;
    let oauth = json!({ "error": "invalid_request", "error_description": "no" });
    let envelope = json!({
        "status": "ERROR",
        "type": "about:blank",
        "message": "no",
        "errors": [{ "value": "grant_type", "messages": ["no"] }],
    });
    let scripted = |status: u16, body: &Value| Some(Reply::json(status, body));
    for (name, server, credentials, expected, script) in [
        ("token", &default, &good, 200, None),
        ("token of a dedicated instance", &dedicated, &good, 200, None),
        ("wrong API token", &default, &bad, 401, None),
        ("refused as malformed", &default, &good, 400, scripted(400, &oauth)),
        ("refused as malformed, in the vendor's envelope", &default, &good, 400, scripted(400, &envelope)),
        (
            "too many requests",
            &default,
            &good,
            429,
            scripted(429, &envelope).map(|reply| reply.header("retry-after", "7")),
        ),
    ] {
        if let Some(reply) = script {
            sandbox.leanix().script().push(reply);
        }
        let base_url = server.base_url().as_str();
        let (_, transport) = session.recorder().route(base_url)?;
        let endpoint = LeanixTokenEndpoint::new(server.clone().with_transport(transport), credentials.clone());
        let expected = if expected == 200 { Expected::Token } else { Expected::Refusal(expected) };
        let case = Case { name: name.to_owned(), document, base_url, query: None, expected, doubt: None };
        session.ask(case, endpoint, &Scope::empty()).await;
    }
    Ok(())
}
