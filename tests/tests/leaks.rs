//! Planted marker secrets show up in no error, no Debug, no panic message and no log, whatever the server does.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::error::Error as StdError;
use std::fmt::{Debug, Display};
use std::path::Path;
use std::sync::{Arc, Mutex};

use auth_core::{
    AccessToken, ApiToken, ClientCredentials, Event, LeanTokenEndpoint, LeanixTokenEndpoint, Observer, Scope,
    SecretFile, SharedCredentials, TokenCache, TokenEndpoint, TokenError, TracingObserver, UnverifiedClaims, lean,
};
use auth_transport::{BasicCredentials, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract_tests::{Logs, responding};

const CLIENT_SECRET: &str = "MARKERclientSecret7f3a";
const API_TOKEN: &str = "MARKERapiToken91cc";
const ACCESS_TOKEN: &str = "MARKERaccessToken.e5d2";
/// Stands in bodies where neither a credential nor a token is: raw response bytes must not show up either.
const BODY: &str = "MARKERbody04b8";

/// Everything the test has seen, to be searched once at the end of each case.
#[derive(Default)]
struct Seen(String);

impl Seen {
    fn debug(&mut self, value: &impl Debug) {
        self.0.push_str(&format!("{value:?}\n{value:#?}\n"));
    }

    fn error(&mut self, error: &(impl StdError + 'static)) {
        self.show(error);
        let mut source = error.source();
        while let Some(error) = source {
            self.0.push_str(&format!("{error}\n{error:#}\n{error:?}\n{error:#?}\n"));
            source = error.source();
        }
    }

    fn show(&mut self, value: &(impl Display + Debug)) {
        self.0.push_str(&format!("{value}\n{value:#}\n"));
        self.debug(value);
    }
}

/// Keeps what a cache tells, as text.
#[derive(Clone, Default)]
struct Overheard(Arc<Mutex<String>>);

impl Observer for Overheard {
    fn on_event(&self, scope: &Scope, event: &Event<'_>) {
        self.0.lock().unwrap().push_str(&format!("{scope}\n{event:?}\n{event:#?}\n"));
    }
}

/// The markers in every form in which they could be written.
fn needles() -> Vec<String> {
    let mut needles = vec!["MARKER".to_owned(), "4d41524b4552".to_owned()];
    for secret in [CLIENT_SECRET, API_TOKEN, ACCESS_TOKEN, BODY] {
        needles.push(STANDARD.encode(secret).trim_end_matches('=').to_owned());
        needles.push(format!("{:?}", secret.as_bytes()).trim_matches(['[', ']']).to_owned());
    }
    needles.push(STANDARD.encode(format!("apitoken:{API_TOKEN}")));
    needles
}

/// What a hostile or broken authorization server may answer: status line, header lines, body.
fn answers() -> Vec<(&'static str, Vec<String>, String)> {
    let basic = STANDARD.encode(format!("apitoken:{API_TOKEN}"));
    let echo = format!("client_secret={CLIENT_SECRET} {API_TOKEN} Basic {basic} {ACCESS_TOKEN} {BODY}");
    let token = |rest: &str| format!(r#"{{"access_token":"{ACCESS_TOKEN}","token_type":"bearer"{rest}}}"#);
    let mut answers: Vec<(&str, Vec<String>, String)> = Vec::new();
    for body in [
        token(""),
        token(r#","expires_in":0"#),
        token(&format!(r#","expires_in":"{BODY}""#)),
        token(&format!(r#","error":"{CLIENT_SECRET}""#)),
        token(&format!(r#","error":"{API_TOKEN}""#)),
        token(&format!(r#","scope":"{BODY}\u0001""#)),
        token(r#","scope":"customer.somebody-else""#),
        token(&format!(r#","scope":"{CLIENT_SECRET} {ACCESS_TOKEN} {BODY}""#)),
        token(r#","expired":true"#),
        token("}{"),
        token(&format!(",{BODY}")),
        format!(r#"{{"access_token":"{ACCESS_TOKEN}","token_type":"bea"#),
        format!(r#"{{"access_token":"{ACCESS_TOKEN} {BODY}","token_type":"bearer"}}"#),
        format!(r#"{{"access_token":"{ACCESS_TOKEN}\r\nx: {BODY}","token_type":"bearer"}}"#),
        format!(r#"{{"access_token":"{ACCESS_TOKEN}","token_type":"{BODY}"}}"#),
        format!(r#"{{"access_token":["{ACCESS_TOKEN}"],"token_type":"bearer"}}"#),
        format!(r#"{{"access_token":{{"{ACCESS_TOKEN}":1}},"token_type":"bearer"}}"#),
        format!(r#"{{"access_token":"{ACCESS_TOKEN}","access_token":"{ACCESS_TOKEN}"}}"#),
        format!(r#"{{"token":"{ACCESS_TOKEN}"}}"#),
        format!(r#""{ACCESS_TOKEN}""#),
        format!(r#"["{ACCESS_TOKEN}"]"#),
        format!("access_token={ACCESS_TOKEN}&token_type=bearer"),
        format!("<html>{echo}</html>"),
        format!("{ACCESS_TOKEN}\u{0}\u{1}"),
    ] {
        answers.push(("200 OK", vec!["content-type: application/json".to_owned()], body));
    }
    let echoing_headers = vec![
        format!("www-authenticate: Basic realm=\"{echo}\", Bearer error_description=\"{echo}\""),
        format!("set-cookie: {ACCESS_TOKEN}={CLIENT_SECRET}"),
        format!("location: https://{API_TOKEN}:{CLIENT_SECRET}@127.0.0.1:1/{ACCESS_TOKEN}?{BODY}#{BODY}"),
        format!("retry-after: {BODY}"),
    ];
    for status in [
        "204 No Content",
        "206 Partial Content",
        "300 Multiple Choices",
        "307 Temporary Redirect",
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "407 Proxy Authentication Required",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "503 Service Unavailable",
        "999 MARKERreason",
    ] {
        for body in [
            echo.clone(),
            format!(r#"{{"error":"{CLIENT_SECRET}","error_description":"{echo}","error_uri":"{echo}"}}"#),
            format!(r#"{{"error":"{API_TOKEN}","message":"{echo}","errors":[{{"value":"{echo}"}}]}}"#),
            format!(r#"{{"error":"invalid_client","error_description":"{echo}"}}"#),
            format!(r#"{{"error":{{"{echo}":1}}}}"#),
            token(""),
        ] {
            answers.push((status, echoing_headers.clone(), body));
        }
    }
    answers
}

/// Row: the error text echoes the secret.
#[tokio::test]
async fn markers_show_up_nowhere() {
    let logs = Logs::record();
    let panics = Arc::new(Mutex::new(String::new()));
    let record = Arc::clone(&panics);
    std::panic::set_hook(Box::new(move |panic| record.lock().unwrap().push_str(&format!("{panic}\n{panic:?}\n"))));

    let needles = needles();
    let mut answered = 0;
    for (status, headers, body) in answers() {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let server = responding(status, &headers, &body);
        let mut seen = Seen::default();
        through_the_cache(&server.base_url(), &mut seen).await;
        through_the_generated_crates(&server.base_url(), &mut seen).await;
        answered += server.connections();
        for (place, text) in [("shown", &seen.0), ("logged", &logs.text()), ("panicked", &panics.lock().unwrap())] {
            for needle in &needles {
                let leak = text.lines().find(|line| line.contains(needle.as_str()));
                // Not an assertion, whose panic message the hook would take for one more leak.
                if let Some(line) = leak {
                    eprintln!("{place} after {status} {body:?}: {needle} in {line}");
                    std::process::exit(1);
                }
            }
        }
    }

    // The search would find something if there were something to find.
    drop(std::panic::take_hook());
    assert!(answered >= 4 * answers().len(), "every case reached the server by all four ways: {answered}");
    let logged = logs.text();
    for recorded in ["reqwest::connect", "hyper_util::client", "access token requested", "access token request failed"]
    {
        assert!(logged.contains(recorded), "the recording of {recorded} works");
    }
    let panicked = panics.lock().unwrap();
    assert!(panicked.contains("called `Result::unwrap()`"), "the recording of panics works: {panicked}");
}

async fn through_the_cache(base_url: &str, seen: &mut Seen) {
    let credentials = ClientCredentials::new("my-application", CLIENT_SECRET).unwrap();
    let endpoint = LeanTokenEndpoint::new(lean_auth::Client::new(base_url).unwrap(), credentials);
    seen.debug(&endpoint);
    ask(endpoint, &lean::Scope::Api.into(), seen).await;

    let endpoint =
        LeanixTokenEndpoint::new(leanix_auth::Client::new(base_url).unwrap(), ApiToken::new(API_TOKEN).unwrap());
    seen.debug(&endpoint);
    ask(endpoint, &Scope::empty(), seen).await;
    through_the_sources(base_url, seen).await;
}

/// Secrets that cannot be sent, from a file, and one that is replaced.
async fn through_the_sources(base_url: &str, seen: &mut Seen) {
    let client = leanix_auth::Client::new(base_url).unwrap();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("leaks-secret");
    for content in [format!("{API_TOKEN} {API_TOKEN}"), API_TOKEN.repeat(10_000)] {
        std::fs::write(&path, content).unwrap();
        let endpoint = LeanixTokenEndpoint::new(client.clone(), SecretFile::new(&path));
        seen.debug(&endpoint);
        ask(endpoint, &Scope::empty(), seen).await;
    }
    seen.debug(&SharedCredentials::new(ApiToken::new(API_TOKEN).unwrap()));
}

async fn ask(endpoint: impl TokenEndpoint, scope: &Scope, seen: &mut Seen) {
    let overheard = Overheard::default();
    let builder = TokenCache::builder(endpoint).observer(overheard.clone()).observer(TracingObserver::default());
    let builder = builder.retries(0);
    seen.debug(&builder);
    let tokens = builder.build();
    let answer = tokens.access_token(scope).await;
    seen.debug(&tokens);
    seen.debug(&tokens.handle(scope));
    seen.debug(&tokens.handle(scope).keep_warm());
    seen.debug(&tokens.cached(scope));
    seen.debug(&answer);
    match answer {
        Ok(token) => {
            seen.debug(&token);
            seen.debug(&token.authorization());
            seen.debug(&UnverifiedClaims::read(&token));
            seen.debug(&tokens.reject(&token));
        }
        Err(error) => {
            seen.error(&error);
            assert!(std::panic::catch_unwind(|| unhandled(Err(error))).is_err());
        }
    }
    seen.debug(&tokens.stats());
    let overheard = overheard.0.lock().unwrap();
    assert!(overheard.contains("Requested"), "the cache tells what it does: {overheard}");
    seen.0.push_str(&overheard);
}

/// What a program does that does not handle errors.
fn unhandled(answer: Result<AccessToken, TokenError>) -> AccessToken {
    answer.unwrap()
}

async fn through_the_generated_crates(base_url: &str, seen: &mut Seen) {
    let client = lean_auth::Client::new(base_url).unwrap();
    let request = lean_auth::types::TokenRequest {
        client_id: "my-application".to_owned(),
        client_secret: Secret::from(CLIENT_SECRET),
        grant_type: lean_auth::types::TokenRequestGrantType::ClientCredentials,
        scope: "api".to_owned(),
    };
    seen.debug(&client);
    seen.debug(&request);
    assert!(serde_json::to_string(&request).is_err(), "a request with a secret serializes for the wire alone");
    match client.generate_access_token(&request).await {
        // The members of an answer are public and not all of them secrets; its token is.
        Ok(answer) => seen.debug(&answer.into_inner().access_token),
        Err(error) => seen.error(&error),
    }

    let client = leanix_auth::Client::new(base_url).unwrap();
    let credentials = BasicCredentials::new("apitoken", API_TOKEN);
    let request = leanix_auth::types::AccessTokenRequest {
        grant_type: leanix_auth::types::AccessTokenRequestGrantType::ClientCredentials,
    };
    seen.debug(&client);
    seen.debug(&credentials);
    match client.create_access_token(&credentials, &request).await {
        Ok(answer) => seen.debug(&answer.into_inner().access_token),
        Err(error) => seen.error(&error),
    }
}
