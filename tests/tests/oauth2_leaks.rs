//! The keys of `PrivateKeyJwt` and `ClientCertificate`, and assertions, appear in no error, `Debug` output or log.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::path::Path;

use auth_core::{
    Certificate, ClientCertificate, OAuth2TokenEndpoint, PrivateKeyJwt, Scope, Secret, SecretFile, TokenCache,
    TokenEndpoint, Transport,
};
use auth_sandbox::{ClientKey, Reply, Sandbox};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use integration_tests::{Logs, Markers, Rendered, write_secret};

fn scope() -> Scope {
    "orders.read".parse().unwrap()
}

/// The secret number of a key on the curve P-256 in PKCS #8, and its text.
fn private_part(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(text).unwrap()[36..68].to_vec()
}

/// Row: the error text echoes the secret.
#[tokio::test]
async fn neither_key_nor_assertion_nor_token_appears_in_any_output() {
    let logs = Logs::record();
    let sandbox = Sandbox::builder().record_requests().start().await.unwrap();
    let ClientKey { pem, .. } = sandbox.oauth2_client().new_key("ES256").unwrap();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oauth2-leaks.pem");
    write_secret(&path, &pem);
    let client = PrivateKeyJwt::new(sandbox.oauth2_client().id(), SecretFile::new(&path).permit_line_breaks());
    let endpoint = OAuth2TokenEndpoint::new(&sandbox.oauth2().token_url(), client).unwrap();
    let tokens = TokenCache::builder(endpoint.clone()).retries(0).build();
    let token = tokens.access_token(&scope()).await.unwrap();
    let mut rendered = Rendered::default();
    rendered.debug(&endpoint);
    rendered.debug(&token);
    rendered.debug(&tokens);
    // The next server repeats the assertion as a code, and as a request id.
    let mut echoed = vec![];
    for status in [400, 401] {
        let assertion = assertion(&sandbox);
        let part = &assertion[assertion.len() - 40..];
        let reply = Reply::oauth_error(status, part).header("x-request-id", part);
        sandbox.oauth2().script().push(reply);
        rendered.error(&endpoint.request_token(&scope()).await.unwrap_err());
        echoed.push(assertion);
    }
    let key = with_certificate(&mut rendered).await;
    let signature = |jwt: &str| jwt.rsplit_once('.').unwrap().1.to_owned();
    let markers = Markers::new([("the key", private_part(&pem)), ("the key of the certificate", key)]);
    for (place, text) in [("rendered", rendered.as_str()), ("logged", &logs.text())] {
        assert!(markers.find_in(text).is_none(), "{place}");
        assert!(!text.contains(&signature(token.expose())), "the token, {place}");
        for assertion in echoed.iter().chain([&self::assertion(&sandbox)]) {
            assert!(!text.contains(&signature(assertion)), "an assertion, {place}");
        }
    }
    for recorded in ["hyper_util::client", "rustls::"] {
        assert!(logs.text().contains(recorded), "the recording of {recorded} works");
    }
}

/// Requests tokens over TLS with a certificate that the server accepts, and then no longer. Returns the secret part of its key.
async fn with_certificate(rendered: &mut Rendered) -> Vec<u8> {
    let sandbox = Sandbox::builder().tls().start().await.unwrap();
    let pem = sandbox.oauth2_client().new_certificate().unwrap();
    let client = ClientCertificate::new(sandbox.oauth2_client().id(), Secret::from(pem.chain), Secret::from(&*pem.key));
    let root = Certificate::from_pem(sandbox.root_pem().unwrap().as_bytes()).unwrap();
    let builder = Transport::builder().only_root_certificates([root]).shared_identity(client.shared_identity());
    rendered.debug(&builder);
    rendered.debug(client.shared_identity());
    let url = format!("{}/generic", sandbox.secure_base_url().unwrap());
    let endpoint = OAuth2TokenEndpoint::discover_over(&url, builder.build().unwrap(), client).unwrap();
    endpoint.request_token(&scope()).await.unwrap();
    sandbox.oauth2_client().new_self_signed_certificate().unwrap();
    sandbox.oauth2_client().accept_only(["tls_client_auth", "self_signed_tls_client_auth"]);
    rendered.error(&endpoint.request_token(&scope()).await.unwrap_err());
    rendered.debug(&endpoint);
    private_part(&pem.key)
}

fn assertion(sandbox: &Sandbox) -> String {
    let form = sandbox.oauth2().recorded().pop().unwrap().form();
    form.into_iter().find(|(name, _)| name == "client_assertion").unwrap().1
}
