//! `ClientCertificate` against the sandbox's server for RFC 6749, over TLS.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use auth_core::{
    Certificate, ClientCertificate, CredentialError, CredentialSource, MetadataProblem, OAuth2Client,
    OAuth2TokenEndpoint, Scope, Secret, TokenCache, TokenEndpoint, TokenError, Transport,
};
use auth_sandbox::{Sandbox, TokenReply};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use integration_tests::write_secret;
use serde_json::Value;

async fn sandbox() -> Sandbox {
    Sandbox::builder().tls().record_requests().start().await.unwrap()
}

fn scope() -> Scope {
    "orders.read".parse().unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::from(text)
}

/// A transport that trusts the sandbox and presents the certificate of this client.
fn transport<C, K>(sandbox: &Sandbox, client: &ClientCertificate<C, K>) -> Transport
where
    C: CredentialSource<Secret>,
    K: CredentialSource<Secret>,
{
    let root = Certificate::from_pem(sandbox.root_pem().unwrap().as_bytes()).unwrap();
    Transport::builder().only_root_certificates([root]).shared_identity(client.shared_identity()).build().unwrap()
}

fn token_url(sandbox: &Sandbox) -> String {
    format!("{}/generic/token", sandbox.secure_base_url().unwrap())
}

/// The endpoint at the token URL with TLS.
fn endpoint<C, K>(sandbox: &Sandbox, client: ClientCertificate<C, K>) -> OAuth2TokenEndpoint<ClientCertificate<C, K>>
where
    C: CredentialSource<Secret>,
    K: CredentialSource<Secret>,
{
    OAuth2TokenEndpoint::over(&token_url(sandbox), transport(sandbox, &client), client).unwrap()
}

/// The way in which the client of a token authenticated, and the thumbprint of its certificate.
fn confirmed(token: &str) -> (String, String) {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&claims["client_authentication"]), text(&claims["cnf"]["x5t#S256"]))
}

async fn request(endpoint: &impl TokenEndpoint) -> (String, String) {
    confirmed(endpoint.request_token(&scope()).await.unwrap().access_token.expose())
}

#[tokio::test]
async fn a_certificate_authenticates_the_client_with_its_id_in_the_form() {
    let sandbox = sandbox().await;
    let registered = sandbox.oauth2_client();
    for wanted in ["tls_client_auth", "self_signed_tls_client_auth"] {
        let is_issued = wanted == "tls_client_auth";
        let pem = if is_issued { registered.new_certificate() } else { registered.new_self_signed_certificate() };
        let pem = pem.unwrap();
        let client = ClientCertificate::new(registered.id(), secret(&pem.chain), secret(&pem.key));
        let tokens = TokenCache::new(endpoint(&sandbox, client));
        let token = tokens.access_token(&scope()).await.unwrap_or_else(|error| panic!("{wanted}: {error}"));
        assert_eq!(confirmed(token.expose()).0, wanted);
        let sent = sandbox.oauth2().recorded().pop().unwrap();
        let names: Vec<_> = sent.form().into_iter().map(|(name, _)| name).collect();
        assert_eq!((names.join(" "), sent.header("authorization")), ("grant_type scope client_id".to_owned(), None));
    }
}

#[tokio::test]
async fn a_discovered_endpoint_has_an_alias_for_certificates() {
    let sandbox = sandbox().await;
    let pem = sandbox.oauth2_client().new_certificate().unwrap();
    let client = ClientCertificate::new(sandbox.oauth2_client().id(), secret(&pem.chain), secret(&pem.key));
    // The issuer is without TLS, so only the alias has it.
    let discovered = || {
        let transport = transport(&sandbox, &client);
        OAuth2TokenEndpoint::discover_over(&sandbox.oauth2().issuer(), transport, client.clone()).unwrap()
    };
    assert_eq!(request(&discovered()).await.0, "tls_client_auth");

    sandbox.oauth2_client().metadata_script().push(TokenReply::new().without("mtls_endpoint_aliases"));
    let error = discovered().request_token(&scope()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid token request, nothing was sent: a client certificate needs a token URL with https"
    );
    sandbox.oauth2_client().accept_only(["client_secret_basic"]);
    let TokenError::Metadata(error) = discovered().request_token(&scope()).await.unwrap_err() else { panic!() };
    let wanted =
        MetadataProblem::ClientAuthentication { configured: "tls_client_auth", accepted: vec!["client_secret_basic"] };
    assert_eq!((error.problem, sandbox.oauth2().requests()), (wanted, 1));
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Row: credentials replaced while running.
#[tokio::test]
async fn files_that_are_replaced_are_presented_by_the_next_connection() {
    let sandbox = sandbox().await;
    let (chain, key) = (path("oauth2-chain.pem"), path("oauth2-certificate-key.pem"));
    let client = ClientCertificate::from_files(sandbox.oauth2_client().id(), &chain, &key);
    let endpoint = endpoint(&sandbox, client);
    let mut thumbprints = vec![];
    for number in 0..4 {
        let registered = sandbox.oauth2_client();
        let pem = if number % 2 == 0 { registered.new_certificate() } else { registered.new_self_signed_certificate() };
        let pem = pem.unwrap();
        write_secret(&key, &pem.key);
        std::fs::write(&chain, &pem.chain).unwrap();
        // Twice, so that a session could be resumed with the certificate of the last one.
        for _ in 0..2 {
            thumbprints.push(request(&endpoint).await.1);
        }
    }
    thumbprints.dedup();
    assert_eq!(thumbprints.len(), 4);
    assert_eq!(sandbox.oauth2().refusals(), 0);
}

#[tokio::test]
async fn a_certificate_that_was_replaced_meanwhile_is_tried_once() {
    let sandbox = sandbox().await;
    let [old, new] = [(); 2].map(|()| sandbox.oauth2_client().new_self_signed_certificate().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let chains = {
        let (calls, chains) = (Arc::clone(&calls), [old.chain.clone(), new.chain]);
        move || {
            let chain = secret(&chains[calls.fetch_add(1, SeqCst).min(1)]);
            async move { Ok::<_, CredentialError>(chain) }
        }
    };
    let keys = {
        let (calls, keys) = (Arc::clone(&calls), [old.key.clone(), new.key]);
        move || {
            let key = secret(&keys[calls.load(SeqCst).saturating_sub(1).min(1)]);
            async move { Ok::<_, CredentialError>(key) }
        }
    };
    let id = sandbox.oauth2_client().id();
    request(&endpoint(&sandbox, ClientCertificate::new(&*id, chains, keys))).await;
    assert_eq!((sandbox.oauth2().requests(), sandbox.oauth2().refusals()), (2, 1));

    let same = endpoint(&sandbox, ClientCertificate::new(id, secret(&old.chain), secret(&old.key)));
    let error = same.request_token(&scope()).await.unwrap_err();
    assert!(error.refuses_credentials(), "{error:?}");
    let hint = "check the client certificate, and which one the server knows of this client";
    assert!(error.to_string().ends_with(hint), "{error}");
    assert_eq!(sandbox.oauth2().requests(), 3, "the same certificate is presented once");
}

/// The issuer for a process that trusts the root certificate in `SSL_CERT_FILE`.
#[cfg(target_os = "linux")]
const ISSUER: &str = "INTEGRATION_TESTS_ISSUER";

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_endpoint_with_its_own_transport_presents_the_certificate() {
    const TEST: &str = "an_endpoint_with_its_own_transport_presents_the_certificate";
    let [chain, key, root] = ["chain", "key", "root"].map(|name| path(&format!("oauth2-own-{name}.pem")));
    if let Ok(issuer) = std::env::var(ISSUER) {
        let client = || ClientCertificate::from_files("client", &chain, &key);
        let discovered = OAuth2TokenEndpoint::discover(&issuer, client()).unwrap();
        let known = OAuth2TokenEndpoint::new(&format!("{issuer}/token"), client()).unwrap();
        assert_eq!(request(&discovered).await, request(&known).await);
        return;
    }
    let sandbox = Sandbox::builder().tls().oauth2_client_id("client").start().await.unwrap();
    let pem = sandbox.oauth2_client().new_certificate().unwrap();
    write_secret(&key, &pem.key);
    std::fs::write(&chain, &pem.chain).unwrap();
    std::fs::write(&root, sandbox.root_pem().unwrap()).unwrap();
    let issuer = format!("{}/generic", sandbox.secure_base_url().unwrap());
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", TEST]).env("SSL_CERT_FILE", &root).env(ISSUER, issuer);
    let output = integration_tests::output(command).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(sandbox.oauth2().issued(), 2);
}

#[tokio::test]
async fn a_transport_without_the_certificate_is_an_error_that_says_what_to_do() {
    let sandbox = sandbox().await;
    let pem = sandbox.oauth2_client().new_certificate().unwrap();
    let client = || ClientCertificate::new("id", secret(&pem.chain), secret(&pem.key));
    // That of another client.
    let transport = transport(&sandbox, &client());
    let endpoint = OAuth2TokenEndpoint::over(&token_url(&sandbox), transport, client()).unwrap();
    let error = endpoint.request_token(&scope()).await.unwrap_err().to_string();
    assert!(error.ends_with("build it with `shared_identity(client.shared_identity())`"), "{error}");
    assert_eq!(sandbox.connections(), 0);
}

#[tokio::test]
async fn files_that_are_replaced_one_after_the_other_are_read_once_more() {
    let sandbox = sandbox().await;
    let [old, new] = [(); 2].map(|()| sandbox.oauth2_client().new_certificate().unwrap());
    let calls = AtomicUsize::new(0);
    let id = sandbox.oauth2_client().id();
    // The key has been replaced already, the chain only after the first time.
    let chains = [old.chain.clone(), new.chain];
    let chain = move || {
        let chain = secret(&chains[calls.fetch_add(1, SeqCst).min(1)]);
        async move { Ok::<_, CredentialError>(chain) }
    };
    request(&endpoint(&sandbox, ClientCertificate::new(&*id, chain, secret(&new.key)))).await;
    let connections = sandbox.connections();
    let key = "-----BEGIN PRIVATE KEY-----\nTUFSS0VS\n-----END PRIVATE KEY-----\n";
    let belongs = "the private key does not belong to the certificate, or the TLS provider does not support its type";
    for (chain, key, wanted) in [
        (&*old.chain, &*new.key, belongs),
        (&*old.chain, key, belongs),
        (&*old.key, &*old.key, "the text holds no certificate (`-----BEGIN CERTIFICATE-----`)"),
        (&*old.chain, &*old.chain, "the text holds no private key (`-----BEGIN PRIVATE KEY-----`)"),
        ("MARKER", &*old.key, "the text holds no certificate (`-----BEGIN CERTIFICATE-----`)"),
    ] {
        let client = ClientCertificate::new(&*id, secret(chain), secret(key));
        let error = endpoint(&sandbox, client).request_token(&scope()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("no credentials: certificate: {wanted}"));
    }
    assert_eq!(sandbox.connections(), connections);
}

async fn identity<C: OAuth2Client>(client: C) -> Vec<u8> {
    let transport = Transport::builder().only_root_certificates([]).build().unwrap();
    let endpoint = OAuth2TokenEndpoint::over("https://a.example/token", transport, client).unwrap();
    let mut bytes = vec![];
    endpoint.identity().await.unwrap().feed(|part| bytes.extend_from_slice(part));
    bytes
}

#[tokio::test]
async fn the_identity_tells_certificates_apart_and_has_no_key() {
    let sandbox = sandbox().await;
    let [one, two] = [(); 2].map(|()| sandbox.oauth2_client().new_certificate().unwrap());
    let client = |id: &str, pem: &auth_sandbox::ClientCertificate| {
        ClientCertificate::new(id, secret(&pem.chain), secret(&pem.key))
    };
    let all = [identity(client("a", &one)).await, identity(client("a", &two)).await, identity(client("b", &one)).await];
    assert!(all[0] != all[1] && all[0] != all[2] && all[1] != all[2]);
    let line = one.key.lines().nth(1).unwrap().as_bytes();
    assert!(!all[0].windows(line.len()).any(|part| part == line));
}
