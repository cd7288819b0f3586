//! `PrivateKeyJwt` against the sandbox's server for RFC 6749, which verifies assertions with other code.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::path::{Path, PathBuf};

use auth_core::{
    CredentialError, EndpointIdentity, OAuth2Client, OAuth2TokenEndpoint, PrivateKeyJwt, Scope, Secret,
    SharedCredentials, SigningAlgorithm, TokenCache, TokenEndpoint, TokenError,
};
use auth_sandbox::{ClientKey, Sandbox};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use integration_tests::write_secret;
use serde_json::Value;

const ALGORITHMS: [(&str, SigningAlgorithm); 5] = [
    ("RS256", SigningAlgorithm::Rs256),
    ("PS256", SigningAlgorithm::Ps256),
    ("ES256", SigningAlgorithm::Es256),
    ("ES384", SigningAlgorithm::Es384),
    ("EdDSA", SigningAlgorithm::EdDsa),
];

async fn sandbox() -> Sandbox {
    Sandbox::builder().record_requests().start().await.unwrap()
}

fn client(sandbox: &Sandbox, key: &ClientKey) -> PrivateKeyJwt<Secret> {
    PrivateKeyJwt::new(sandbox.oauth2_client().id(), Secret::from(&*key.pem))
}

fn endpoint<C: OAuth2Client>(sandbox: &Sandbox, client: C) -> OAuth2TokenEndpoint<C> {
    OAuth2TokenEndpoint::new(&sandbox.oauth2().token_url(), client).unwrap()
}

fn scope() -> Scope {
    "orders.read orders.write".parse().unwrap()
}

/// Header and claims of the assertion of the last request.
fn sent(sandbox: &Sandbox) -> [Value; 2] {
    let form = sandbox.oauth2().recorded().pop().unwrap().form();
    let (_, assertion) = form.into_iter().find(|(name, _)| name == "client_assertion").unwrap();
    parts(&assertion)
}

/// Header and claims of a JSON Web Token.
fn parts(jwt: &str) -> [Value; 2] {
    let mut parts = jwt.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    [(); 2].map(|()| serde_json::from_slice(&parts.next().unwrap()).unwrap())
}

#[tokio::test]
async fn the_server_accepts_an_assertion_of_each_algorithm() {
    let sandbox = sandbox().await;
    for (name, algorithm) in ALGORITHMS {
        let key = sandbox.oauth2_client().new_key(name).unwrap();
        let client = client(&sandbox, &key).with_algorithm(algorithm).with_key_id(&key.key_id);
        let tokens = TokenCache::new(endpoint(&sandbox, client));
        let token = tokens.access_token(&scope()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let [_, claims] = parts(token.expose());
        assert_eq!(claims["client_authentication"].as_str(), Some("private_key_jwt"), "{name}");
        let [header, _] = sent(&sandbox);
        assert_eq!((&header["alg"], &header["kid"], &header["typ"]), (&name.into(), &key.key_id.into(), &"JWT".into()));
    }
    assert_eq!((sandbox.oauth2().issued(), sandbox.oauth2().refusals()), (5, 0));
}

#[tokio::test]
async fn the_algorithm_follows_from_the_key_unless_it_is_set() {
    let sandbox = sandbox().await;
    for (name, usual) in [("PS256", "RS256"), ("ES256", "ES256"), ("ES384", "ES384"), ("EdDSA", "EdDSA")] {
        let key = sandbox.oauth2_client().new_key(name).unwrap();
        endpoint(&sandbox, client(&sandbox, &key)).request_token(&scope()).await.unwrap();
        let [header, _] = sent(&sandbox);
        assert_eq!((header["alg"].as_str(), header.get("kid")), (Some(usual), None));
    }
}

#[tokio::test]
async fn a_key_may_be_in_pkcs_8_pkcs_1_or_sec_1() {
    let sandbox = sandbox().await;
    // Where PKCS #8 has the key in the other format.
    for (name, label, start) in [("RS256", "RSA PRIVATE KEY", 26), ("ES256", "EC PRIVATE KEY", 29)] {
        let key = sandbox.oauth2_client().new_key(name).unwrap();
        let base64: String = key.pem.lines().filter(|line| !line.starts_with('-')).collect();
        let inner = STANDARD.encode(&STANDARD.decode(base64).unwrap()[start..]);
        let pem = format!("-----BEGIN {label}-----\n{inner}\n-----END {label}-----\n");
        let client = PrivateKeyJwt::new(sandbox.oauth2_client().id(), Secret::from(pem));
        endpoint(&sandbox, client).request_token(&scope()).await.unwrap_or_else(|error| panic!("{label}: {error}"));
    }
}

#[tokio::test]
async fn each_request_has_an_assertion_of_its_own_that_lives_a_minute() {
    let sandbox = sandbox().await;
    let key = sandbox.oauth2_client().new_key("ES256").unwrap();
    let endpoint = endpoint(&sandbox, client(&sandbox, &key));
    let mut ids = vec![];
    for _ in 0..3 {
        endpoint.request_token(&Scope::empty()).await.unwrap();
        let [_, claims] = sent(&sandbox);
        let id = sandbox.oauth2_client().id();
        assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some(&*id), Some(&*id)));
        assert_eq!(claims["aud"].as_str(), Some(&*sandbox.oauth2().token_url()));
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 70, "from 10 seconds ago");
        ids.push(claims["jti"].as_str().unwrap().to_owned());
    }
    ids.dedup();
    assert!(ids.len() == 3 && ids.iter().all(|id| id.len() == 22), "{ids:?}");
    let form = sandbox.oauth2().recorded().pop().unwrap().form();
    let names: Vec<&str> = form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["grant_type", "client_id", "client_assertion_type", "client_assertion"]);
    assert_eq!(sandbox.oauth2().recorded().pop().unwrap().header("authorization"), None);
}

#[tokio::test]
async fn the_audience_may_be_the_issuer() {
    let sandbox = sandbox().await;
    let key = sandbox.oauth2_client().new_key("EdDSA").unwrap();
    let client = client(&sandbox, &key).with_audience(sandbox.oauth2().issuer());
    endpoint(&sandbox, client.clone()).request_token(&scope()).await.unwrap();
    assert_eq!(sent(&sandbox)[1]["aud"].as_str(), Some(&*sandbox.oauth2().issuer()));
    let error = endpoint(&sandbox, client.with_audience("https://other.example")).request_token(&scope()).await;
    let error = error.unwrap_err();
    assert!(error.refuses_credentials(), "{error:?}");
    assert!(error.to_string().ends_with("the audience of the assertion and the clock of this machine"), "{error}");
}

/// Row: credentials replaced while running.
#[tokio::test]
async fn a_key_that_was_replaced_meanwhile_is_tried_once() {
    let sandbox = sandbox().await;
    let [old, new] = [(); 2].map(|()| sandbox.oauth2_client().new_key("ES256").unwrap().pem);
    let source = SharedCredentials::new(Secret::from(&*old));
    let replacing = {
        let (source, new) = (source.clone(), new.clone());
        // The first call returns the old key and then replaces it.
        move || {
            let (source, new) = (source.clone(), new.clone());
            async move {
                let current = auth_core::CredentialSource::credentials(&source).await;
                source.replace(Secret::from(&*new));
                current
            }
        }
    };
    let id = sandbox.oauth2_client().id();
    endpoint(&sandbox, PrivateKeyJwt::new(&*id, replacing)).request_token(&scope()).await.unwrap();
    assert_eq!((sandbox.oauth2().requests(), sandbox.oauth2().refusals()), (2, 1));

    let same = endpoint(&sandbox, PrivateKeyJwt::new(id, Secret::from(&*old)));
    assert!(same.request_token(&scope()).await.unwrap_err().refuses_credentials());
    assert_eq!((sandbox.oauth2().requests(), sandbox.oauth2().refusals()), (3, 2), "the same key is sent once");
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[tokio::test]
async fn a_key_file_is_read_again_for_each_request() {
    let sandbox = sandbox().await;
    let path = path("oauth2-key.pem");
    let endpoint = endpoint(&sandbox, PrivateKeyJwt::from_file(sandbox.oauth2_client().id(), &path));
    for name in ["ES256", "RS256", "EdDSA"] {
        write_secret(&path, &sandbox.oauth2_client().new_key(name).unwrap().pem);
        endpoint.request_token(&scope()).await.unwrap();
    }
    assert_eq!((sandbox.oauth2().issued(), sandbox.oauth2().refusals()), (3, 0));
}

#[tokio::test]
async fn a_key_that_cannot_be_used_is_an_error_and_nothing_is_sent() {
    let sandbox = sandbox().await;
    let ClientKey { pem, .. } = sandbox.oauth2_client().new_key("ES256").unwrap();
    let id = sandbox.oauth2_client().id();
    let truncated = format!("{}\n-----END PRIVATE KEY-----\n", &pem[..80]);
    let encrypted = pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let error = async |client: PrivateKeyJwt<Secret>| {
        let error = endpoint(&sandbox, client).request_token(&scope()).await.unwrap_err();
        assert!(matches!(error, TokenError::Credentials(CredentialError::Unavailable { .. })), "{error:?}");
        error.to_string()
    };
    for (text, wanted) in [
        (
            "MARKER-7q2ZxV9kLm",
            "the text holds no private key (`-----BEGIN PRIVATE KEY-----`); decrypt a key that is encrypted",
        ),
        (&*encrypted, "the text holds no private key (`-----BEGIN PRIVATE KEY-----`); decrypt a key that is encrypted"),
        (&pem[..80], "the text is not in PEM format"),
        (
            &truncated,
            "it cannot be read, or the TLS provider does not support its type; use RSA with 2048 bits or more, the curve P-256 or P-384, or Ed25519",
        ),
    ] {
        let found = error(PrivateKeyJwt::new(&*id, Secret::from(text))).await;
        assert_eq!(found, format!("no credentials: private key: {wanted}"), "{text}");
    }
    let wrong = PrivateKeyJwt::new(&*id, Secret::from(&*pem)).with_algorithm(SigningAlgorithm::Es384);
    let found = error(wrong).await;
    assert_eq!(found, "no credentials: private key: it cannot sign with ES384; use another algorithm or another key");

    let missing = endpoint(&sandbox, PrivateKeyJwt::from_file(&*id, path("never-written.pem")));
    let found = missing.request_token(&scope()).await.unwrap_err().to_string();
    assert!(found.ends_with("is missing"), "{found}");
    let invisible = PrivateKeyJwt::new("id\n", Secret::from(&*pem));
    let found = endpoint(&sandbox, invisible).request_token(&scope()).await.unwrap_err().to_string();
    assert!(found.starts_with("client_id: holds U+000A"), "{found}");
    assert_eq!(sandbox.connections(), 0);
}

async fn identity<C: OAuth2Client>(url: &str, client: C) -> Vec<u8> {
    let identity: EndpointIdentity = OAuth2TokenEndpoint::new(url, client).unwrap().identity().await.unwrap();
    let mut bytes = vec![];
    identity.feed(|part| bytes.extend_from_slice(part));
    bytes
}

#[tokio::test]
async fn the_identity_tells_clients_keys_and_servers_apart_and_has_no_private_key() {
    let sandbox = sandbox().await;
    let [one, two] = [(); 2].map(|()| sandbox.oauth2_client().new_key("ES256").unwrap().pem);
    let client = |id: &str, pem: &str| PrivateKeyJwt::new(id, Secret::from(pem));
    let url = "http://127.0.0.1:1/token";
    let all = [
        identity(url, client("a", &one)).await,
        identity(url, client("a", &two)).await,
        identity(url, client("b", &one)).await,
        identity("http://127.0.0.1:2/token", client("a", &one)).await,
    ];
    for (index, identity) in all.iter().enumerate() {
        assert!(!all[..index].contains(identity), "{index}");
    }
    let commented = format!("a comment\n{one}");
    assert_eq!(identity(url, client("a", &commented).with_key_id("kid")).await, all[0]);
    let secret = private_part(&one);
    assert!(!all[0].windows(16).any(|part| secret.windows(16).any(|secret| part == secret)));
}

/// The secret number of a key on the curve P-256 in PKCS #8, and its text.
fn private_part(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(text).unwrap()[36..68].to_vec()
}
