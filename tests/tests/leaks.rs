//! Known secrets appear in no error, `Debug` output, panic message or log, whatever the server does.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::io::{self, Write as _};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::{
    AccessToken, ApiToken, BuildError, ClientAuthentication, ClientCredentials, Event, EventContext, LeanTokenEndpoint,
    LeanixTokenEndpoint, OAuth2TokenEndpoint, Observer, Scope, SecretFile, SharedCredentials, TokenCache,
    TokenEndpoint, TokenError, TracingObserver, Transport, UnverifiedClaims, lean,
};
use auth_sandbox::{Authority, Certificate, FaultServer, Raw, ServerIdentity, Tls};
use auth_transport::{BasicCredentials, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use integration_tests::{Endpoint, Logs, Markers, Panics, Rendered, TestSecrets, hostile, responding, write_secret};
use reqwest::Proxy;

/// Records the events of a cache as text.
#[derive(Clone, Default)]
struct Overheard(Arc<Mutex<String>>);

impl Observer for Overheard {
    fn on_event(&self, context: &EventContext<'_>, event: &Event<'_>) {
        self.0.lock().unwrap().push_str(&format!("{context:?}\n{event:?}\n{event:#?}\n"));
    }
}

/// Everything that is searched after each case.
struct Watch {
    secrets: TestSecrets,
    markers: Markers,
    logs: Logs,
    panics: Panics,
    logged: String,
    panicked: String,
}

impl Watch {
    /// Ends the process if a secret is found. This is not an assertion, because the recording would find its message as
    /// another leak.
    fn look(&mut self, case: &str, rendered: &Rendered) {
        let (logged, panicked) = (self.logs.take(), self.panics.take());
        for (place, text) in [("rendered", rendered.as_str()), ("logged", &logged), ("panicked", &panicked)] {
            if let Some(leak) = self.markers.find_in(text) {
                // The test harness holds back the output of `eprintln!` until a test ends, and this one does not end.
                let _ = writeln!(io::stderr(), "{place} after {case}: {leak}");
                std::process::exit(1);
            }
        }
        self.logged.push_str(&logged);
        self.panicked.push_str(&panicked);
    }
}

/// Row: the error text echoes the secret.
#[tokio::test]
async fn no_secret_appears_in_any_output() {
    let mut watch = Watch {
        secrets: TestSecrets::MIXED,
        markers: TestSecrets::MIXED.markers(),
        logs: Logs::record(),
        panics: Panics::record(),
        logged: String::new(),
        panicked: String::new(),
    };
    for secrets in [TestSecrets::MIXED, TestSecrets::LETTERS] {
        (watch.secrets, watch.markers) = (secrets, secrets.markers());
        without_tls(&mut watch).await;
        elsewhere(&mut watch).await;
        as_request_ids_and_codes(&mut watch).await;
        over_tls(&mut watch).await;
        through_a_proxy(&mut watch).await;
        before_anything_is_sent(&mut watch).await;
    }

    // Proves that the search finds a secret.
    watch.panics.stop();
    for recorded in
        ["reqwest::connect", "hyper_util::client", "rustls::", "access token requested", "access token request failed"]
    {
        assert!(watch.logged.contains(recorded), "the recording of {recorded} works");
    }
    assert!(watch.panicked.contains("called `Result::unwrap()`"), "the recording of panics works");
}

/// Row: the error text echoes the secret.
#[tokio::test]
async fn a_short_secret_does_not_appear_as_a_whole() {
    let mut secrets = TestSecrets::MIXED;
    (secrets.client_secret, secrets.api_token) = ("qzx-vkwj", "qzx-vkwj");
    let transport = Transport::builder().only_root_certificates([]).build().unwrap();
    for (status, header, body) in [
        ("400 Bad Request", "x-request-id: 7-qzxvkwj", ""),
        ("400 Bad Request", "a: b", r#"{"error":"bad_qzx_vkwj"}"#),
        ("200 OK", "x-request-id: QZXVKWJ", "{}"),
        ("307 Temporary Redirect", "location: https://qzx.vkwj.example.com/", ""),
    ] {
        let server = responding(status, &[header], body);
        for (number, endpoint) in Endpoint::both(&server.base_url(), &transport).into_iter().enumerate() {
            let mut rendered = Rendered::default();
            rendered.error(&endpoint.with_secrets(&secrets).call().await.unwrap_err());
            render_errors_of_generated(&secrets, number, &server.base_url(), &transport, &mut rendered).await;
            let letters = rendered.as_str().to_lowercase().replace(['-', '_', '.'], "");
            assert!(!letters.contains("qzxvkwj"), "{header} {body}: {}", rendered.as_str());
        }
    }
}

async fn without_tls(watch: &mut Watch) {
    let patient = Transport::builder().only_root_certificates([]).build().unwrap();
    let impatient =
        Transport::builder().timeout(Duration::from_millis(100)).only_root_certificates([]).build().unwrap();
    let mut cases = 0;
    for hostile in hostile(&watch.secrets) {
        let server = FaultServer::start(hostile.conversation.clone()).unwrap();
        let transport = if hostile.has_no_end { &impatient } else { &patient };
        let mut rendered = Rendered::default();
        every_way(&watch.secrets, &server.base_url(), transport, &mut rendered).await;
        assert_eq!(server.connections(), 6, "every case reached the server by all six ways: {}", hostile.case);
        watch.look(&hostile.case, &rendered);
        cases += 1;
    }
    assert!(cases > 200, "{cases} cases");
}

/// Redirects to a host whose name is the secret that the server has just received.
async fn elsewhere(watch: &mut Watch) {
    let transport = Transport::builder().only_root_certificates([]).build().unwrap();
    let secrets = watch.secrets;
    for (number, secret) in [secrets.client_secret, secrets.api_token].into_iter().enumerate() {
        let hosts = [format!("{secret}.example.com"), format!("a.{secret}"), secret.replace('_', ".")];
        for host in hosts.into_iter().chain(TestSecrets::words(secret)) {
            let location = format!("location: https://{host}/");
            let server = responding("307 Temporary Redirect", &[&location], "");
            let endpoint = &Endpoint::both(&server.base_url(), &transport)[number].clone().with_secrets(&secrets);
            let mut rendered = Rendered::default();
            rendered.error(&endpoint.call().await.unwrap_err());
            let tokens = endpoint.builder().observer(TracingObserver::default()).build();
            rendered.error(&tokens.access_token(&endpoint.scope).await.unwrap_err());
            assert_eq!(server.connections(), 2);
            watch.look(&location, &rendered);
        }
    }
}

/// Request ids and error codes that repeat what the server has just received.
async fn as_request_ids_and_codes(watch: &mut Watch) {
    let transport = Transport::builder().only_root_certificates([]).build().unwrap();
    let secrets = watch.secrets;
    let (token, basic) = (secrets.access_token(), secrets.basic());
    // The individual part of a JWT.
    let token_part = token[token.len().saturating_sub(40)..].to_owned();
    let sent = [secrets.client_secret, secrets.api_token, &basic, &token_part];
    for (number, secret) in sent.into_iter().enumerate() {
        for id in [secret.to_owned(), secret.to_lowercase(), format!("a-{}", &secret[4..]), secret[..12].to_owned()] {
            let headers = ["x-request-id", "x-correlation-id", "traceparent"].map(|name| format!("{name}: {id}"));
            let headers = headers.each_ref().map(String::as_str);
            let (word, mut rendered) = (id.to_lowercase(), Rendered::default());
            for (status, body) in [
                ("400 Bad Request", format!(r#"{{"error":"{word}","code":"{word}"}}"#)),
                ("403 Forbidden", format!(r#"{{"error":{{"code":"{word}"}}}}"#)),
                ("200 OK", "nonsense".to_owned()),
                ("204 No Content", String::new()),
            ] {
                let server = responding(status, &headers, &body);
                if number == 3 {
                    let client =
                        leanix_poll::Client::over(&server.base_url(), transport.clone(), Secret::from(&*token));
                    rendered.error(&client.unwrap().list_poll_runs().await.unwrap_err());
                } else {
                    let endpoint = Endpoint::both(&server.base_url(), &transport)[number.min(1)].clone();
                    rendered.error(&endpoint.with_secrets(&secrets).call().await.unwrap_err());
                    render_errors_of_generated(&secrets, number.min(1), &server.base_url(), &transport, &mut rendered)
                        .await;
                }
            }
            watch.look(&format!("the id {id}"), &rendered);
        }
    }
}

/// The errors of the generated clients, which have more details than those of a cache.
async fn render_errors_of_generated(
    secrets: &TestSecrets,
    number: usize,
    base_url: &str,
    transport: &Transport,
    rendered: &mut Rendered,
) {
    if number == 0 {
        let client = lean_auth::Client::over(base_url, transport.clone()).unwrap();
        rendered.error(&client.generate_access_token(&token_request(secrets)).await.unwrap_err());
    } else {
        let client = leanix_auth::Client::over(base_url, transport.clone()).unwrap();
        let (credentials, request) = basic_request(secrets);
        rendered.error(&client.create_access_token(&credentials, &request).await.unwrap_err());
    }
}

/// Handshakes that fail in every way, and one that succeeds, with a client that has its own key.
async fn over_tls(watch: &mut Watch) {
    let (authority, other) = (Authority::new().unwrap(), Authority::new().unwrap());
    let here = || Certificate::for_host("127.0.0.1");
    let config = |identity: ServerIdentity| Tls::new(identity.server_config().unwrap());
    let pem = authority.client_identity_pem("my-application").unwrap();
    let key = Markers::new([("the client's key", private_key(&pem))]);
    let good = || authority.issue(here()).unwrap();
    let mut cases = vec![
        ("as it should be", config(good())),
        ("expired", config(authority.issue(here().expired()).unwrap())),
        ("not yet valid", config(authority.issue(here().not_yet_valid()).unwrap())),
        ("another host", config(authority.issue(Certificate::for_host("localhost")).unwrap())),
        ("self-signed", config(ServerIdentity::self_signed(here()).unwrap())),
        ("an unknown authority", config(other.issue(here()).unwrap())),
        ("a known client", Tls::new(good().server_config_demanding_clients_of(&authority).unwrap())),
        ("an unknown client", Tls::new(good().server_config_demanding_clients_of(&other).unwrap())),
    ];
    for (case, raw) in [
        ("closed", Raw::nothing()),
        ("reset", Raw::nothing().then_reset()),
        ("garbage", Raw::new(watch.secrets.echo())),
        ("silence", Raw::nothing().then_silence()),
    ] {
        cases.extend([0, 100].map(|bytes| (case, config(good()).broken_after(bytes, raw.clone()))));
    }
    let root = auth_transport::Certificate::from_pem(authority.root_pem().as_bytes()).unwrap();
    for (case, tls) in cases {
        for answer in [
            Raw::response("200 OK", &[], watch.secrets.echo()),
            Raw::head("200 OK", &[]).send(watch.secrets.echo()).then_cut(),
        ] {
            let server = FaultServer::builder().tls(tls.clone()).always(answer).start().unwrap();
            let mut rendered = Rendered::default();
            let builder =
                Transport::builder().timeout(Duration::from_millis(300)).only_root_certificates([root.clone()]);
            let builder = builder.identity(auth_transport::Identity::from_pem(pem.as_bytes()).unwrap());
            rendered.debug(&builder);
            let transport = builder.build().unwrap();
            rendered.debug(&transport);
            every_way(&watch.secrets, &server.base_url(), &transport, &mut rendered).await;
            assert_eq!(server.connections(), 6, "{case}");
            assert!(key.find_in(rendered.as_str()).is_none() && key.find_in(&watch.logs.text()).is_none(), "{case}");
            watch.look(case, &rendered);
        }
    }
}

/// The bytes of the private key in a text of certificate and key.
fn private_key(pem: &str) -> Vec<u8> {
    let (_, key) = pem.split_once("-----BEGIN PRIVATE KEY-----").unwrap();
    let base64: String = key.lines().take_while(|line| !line.starts_with("-----END")).map(str::trim).collect();
    let key = STANDARD.decode(base64).unwrap();
    // The bytes before identify a key on the curve P-256 and are not secret.
    key[36..68].to_vec()
}

/// A proxy that requires credentials and rejects them.
async fn through_a_proxy(watch: &mut Watch) {
    let echo = format!("proxy-authenticate: Basic realm=\"{}\"", watch.secrets.echo());
    for status in ["407 Proxy Authentication Required", "502 Bad Gateway", "200 Connected"] {
        let proxy = responding(status, &[&echo], &watch.secrets.echo());
        let url = proxy.base_url().replace("http://", &format!("http://user:{}@", watch.secrets.proxy_password));
        let mut rendered = Rendered::default();
        let builder = Transport::builder().only_root_certificates([]).proxy(Proxy::all(&url).unwrap());
        rendered.debug(&builder);
        let transport = builder.build().unwrap();
        rendered.debug(&transport);
        every_way(&watch.secrets, "https://auth.example.com", &transport, &mut rendered).await;
        assert!(proxy.requests().iter().all(|request| request.starts_with("CONNECT auth.example.com:443 ")));
        assert_eq!(proxy.connections(), 6);
        watch.look(status, &rendered);
    }
}

/// Secrets that cannot be sent, from a file, in an address, and one that is replaced.
async fn before_anything_is_sent(watch: &mut Watch) {
    let mut rendered = Rendered::default();
    let (api_token, client_secret) = (watch.secrets.api_token, watch.secrets.client_secret);
    let transport = Transport::builder().only_root_certificates([]).build().unwrap();
    let client = leanix_auth::Client::over("https://auth.example.com", transport).unwrap();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("leaks-secret");
    for content in [format!("{api_token}\u{200b}{api_token}"), api_token.repeat(10_000)] {
        write_secret(&path, &content);
        let endpoint = LeanixTokenEndpoint::new(client.clone(), SecretFile::new(&path));
        rendered.debug(&endpoint);
        ask(endpoint, &Scope::empty(), &mut rendered).await;
    }
    rendered.debug(&SharedCredentials::new(ApiToken::new(api_token).unwrap()));
    for secret in [format!("{api_token}\n"), format!("{client_secret}\u{200b}")] {
        rendered.error(&ApiToken::new(secret.clone()).unwrap_err());
        rendered.error(&ClientCredentials::new("my-application", secret.clone()).unwrap_err());
        rendered.error(&ClientCredentials::new(secret, client_secret).unwrap_err());
    }
    let errors: [Result<_, BuildError>; 3] = [
        lean_auth::Client::new(&format!("https://user:{client_secret}@auth.example.com")).map(drop),
        lean_auth::Client::new(&format!("https://auth.example.com?client_secret={client_secret}")).map(drop),
        leanix_auth::Client::instance(&format!("app@{api_token}")).map(drop),
    ];
    for error in errors {
        rendered.error(&error.unwrap_err());
    }
    watch.look("what was not sent", &rendered);
}

async fn every_way(secrets: &TestSecrets, base_url: &str, transport: &Transport, rendered: &mut Rendered) {
    through_the_cache(secrets, base_url, transport, rendered).await;
    through_the_generated_crates(secrets, base_url, transport, rendered).await;
    with_a_token(secrets, base_url, transport, rendered).await;
}

async fn through_the_cache(secrets: &TestSecrets, base_url: &str, transport: &Transport, rendered: &mut Rendered) {
    let credentials = ClientCredentials::new("my-application", secrets.client_secret).unwrap();
    let endpoint = LeanTokenEndpoint::new(lean_auth::Client::over(base_url, transport.clone()).unwrap(), credentials);
    rendered.debug(&endpoint);
    ask(endpoint, &lean::Scope::Api.into(), rendered).await;

    let endpoint = LeanixTokenEndpoint::new(
        leanix_auth::Client::over(base_url, transport.clone()).unwrap(),
        ApiToken::new(secrets.api_token).unwrap(),
    );
    rendered.debug(&endpoint);
    ask(endpoint, &Scope::empty(), rendered).await;

    let credentials = ClientCredentials::new("my-application", secrets.client_secret).unwrap();
    let endpoint = OAuth2TokenEndpoint::over(&format!("{base_url}/token"), transport.clone(), credentials).unwrap();
    let endpoint = endpoint.with_parameter("assertion", secrets.api_token).unwrap();
    let endpoint = endpoint.with_authentication(ClientAuthentication::BasicRaw);
    rendered.debug(&endpoint);
    ask(endpoint, &lean::Scope::Api.into(), rendered).await;
}

async fn ask(endpoint: impl TokenEndpoint, scope: &Scope, rendered: &mut Rendered) {
    let overheard = Overheard::default();
    let builder = TokenCache::builder(endpoint).observer(overheard.clone()).observer(TracingObserver::default());
    let builder = builder.retries(0);
    rendered.debug(&builder);
    let tokens = builder.build();
    let answer = tokens.access_token(scope).await;
    rendered.debug(&tokens);
    rendered.debug(&tokens.handle(scope));
    rendered.debug(&tokens.handle(scope).keep_warm());
    rendered.debug(&tokens.cached(scope));
    rendered.debug(&answer);
    match answer {
        Ok(token) => {
            rendered.debug(&token);
            rendered.debug(&token.authorization());
            rendered.debug(&UnverifiedClaims::read(&token));
            rendered.debug(&tokens.reject(&token));
        }
        Err(error) => {
            rendered.error(&error);
            assert!(std::panic::catch_unwind(|| unhandled(Err(error))).is_err());
        }
    }
    rendered.debug(&tokens.stats());
    let overheard = overheard.0.lock().unwrap();
    assert!(overheard.contains("Requested"), "the cache reports its events");
    rendered.text(&overheard);
}

/// A program that does not handle errors.
fn unhandled(answer: Result<AccessToken, TokenError>) -> AccessToken {
    answer.unwrap()
}

fn token_request(secrets: &TestSecrets) -> lean_auth::types::TokenRequest {
    let grant_type = lean_auth::types::TokenRequestGrantType::ClientCredentials;
    lean_auth::types::TokenRequest::new("my-application", Secret::from(secrets.client_secret), grant_type, "api")
}

fn basic_request(secrets: &TestSecrets) -> (BasicCredentials, leanix_auth::types::AccessTokenRequest) {
    let grant_type = leanix_auth::types::AccessTokenRequestGrantType::ClientCredentials;
    (BasicCredentials::new("apitoken", secrets.api_token), leanix_auth::types::AccessTokenRequest::new(grant_type))
}

async fn through_the_generated_crates(
    secrets: &TestSecrets,
    base_url: &str,
    transport: &Transport,
    rendered: &mut Rendered,
) {
    let client = lean_auth::Client::over(base_url, transport.clone()).unwrap();
    let request = token_request(secrets);
    rendered.debug(&client);
    rendered.debug(&request);
    assert!(serde_json::to_string(&request).is_err(), "a secret serializes only into a request");
    match client.generate_access_token(&request).await {
        // The members of a response are public and not all of them secret; its token is.
        Ok(answer) => rendered.debug(&answer.into_inner().access_token),
        Err(error) => rendered.error(&error),
    }

    let client = leanix_auth::Client::over(base_url, transport.clone()).unwrap();
    let (credentials, request) = basic_request(secrets);
    rendered.debug(&client);
    rendered.debug(&credentials);
    match client.create_access_token(&credentials, &request).await {
        Ok(answer) => rendered.debug(&answer.into_inner().access_token),
        Err(error) => rendered.error(&error),
    }
}

/// A call with an access token, and one that gets none.
async fn with_a_token(secrets: &TestSecrets, base_url: &str, transport: &Transport, rendered: &mut Rendered) {
    let tokens = Secret::from(secrets.access_token());
    let client = leanix_poll::Client::over(base_url, transport.clone(), tokens).unwrap();
    rendered.debug(&client);
    if let Err(error) = client.list_poll_runs().await {
        rendered.error(&error);
    }
    let client = client.with_tokens(Secret::from(format!("{}\n", secrets.access_token())));
    let answer = client.list_poll_runs().await;
    rendered.debug(&answer);
    rendered.error(answer.as_ref().unwrap_err());
    assert!(std::panic::catch_unwind(AssertUnwindSafe(|| answer.unwrap())).is_err());
}
