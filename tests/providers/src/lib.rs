//! What the tests share: the first message of a client, and a token that a server gives over TLS. The tests are in `tests`, each
//! file a process of its own, since a TLS provider is installed for a whole process.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::io::Read;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use auth_core::lean::{self, Client};
use auth_core::{
    BuildError, Certificate, ClientCertificate, ClientCredentials, CredentialSource, Identity, LeanTokenEndpoint,
    OAuth2TokenEndpoint, PrivateKeyJwt, Scope, Secret, SharedCredentials, SigningAlgorithm, TokenCache, TokenEndpoint,
    TokenError, Transport, TransportErrorKind,
};
use auth_sandbox::{Authority, FaultServer, OAuth2Client, Raw, Sandbox, Tls};
use rustls::server::Acceptor;
use rustls::{CipherSuite, NamedGroup};

/// Waits with a deadline, shared with the integration tests.
#[allow(dead_code, unreachable_pub, reason = "the integration tests use all of it")]
#[path = "../../src/deadlines.rs"]
mod deadlines;

pub use deadlines::cargo_output;
use deadlines::{within, within_blocking};

/// What a client offers when it opens a connection, by which its provider is recognized.
#[derive(Debug)]
#[non_exhaustive]
pub struct Offer {
    /// The cipher suites.
    pub suites: Vec<CipherSuite>,
    /// The groups for key exchange.
    pub groups: Vec<NamedGroup>,
}

/// A cache of the tokens of Lean at this address.
fn tokens(address: &str, transport: Transport) -> TokenCache {
    let credentials = ClientCredentials::new("my-application", "s3cret").unwrap();
    let client = Client::over(address, transport).unwrap();
    TokenCache::builder(LeanTokenEndpoint::new(client, credentials)).retries(0).build()
}

/// What the client of this transport offers to a server, which does not answer.
pub async fn offer(transport: Transport) -> Offer {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut acceptor = Acceptor::default();
        loop {
            assert_ne!(acceptor.read_tls(&mut connection.by_ref()).unwrap(), 0, "the client closed the connection");
            if let Some(accepted) = acceptor.accept().unwrap() {
                let hello = accepted.client_hello();
                let groups = hello.named_groups().unwrap_or_default().to_vec();
                return Offer { suites: hello.cipher_suites().to_vec(), groups };
            }
        }
    });
    let tokens = tokens(&address, transport);
    let error = within("the server has closed the connection", tokens.access_token(&lean::Scope::Api.into())).await;
    let error = error.unwrap_err();
    let TokenError::Transport(error) = error else { panic!("{error:?}") };
    assert_ne!(error.kind(), &TransportErrorKind::Connect, "{error}");
    within_blocking("the server has read what the client offers", move || server.join().unwrap())
}

/// A server with TLS that gives one token to whoever asks, and the certificate of its authority.
pub fn server() -> (FaultServer, Certificate) {
    let authority = Authority::new().unwrap();
    let identity = authority.issue(auth_sandbox::Certificate::for_host("127.0.0.1")).unwrap();
    let tls = Tls::new(identity.server_config().unwrap());
    let server = FaultServer::builder().tls(tls).always(answer()).start().unwrap();
    (server, Certificate::from_pem(authority.root_pem().as_bytes()).unwrap())
}

/// Transports that trust this authority, and perhaps those of the system.
pub fn transports(root: &Certificate) -> [Result<Transport, BuildError>; 2] {
    [
        Transport::builder().only_root_certificates([root.clone()]).build(),
        Transport::builder().add_root_certificate(root.clone()).build(),
    ]
}

/// Gets tokens from servers of that authority, one of which demands a client certificate, and none from one of another.
pub async fn gets_tokens() {
    let (server, root) = server();
    for transport in transports(&root) {
        token(&server, transport.unwrap()).await.unwrap();
    }
    assert_eq!(server.connections(), 2);
    let authority = Authority::new().unwrap();
    let root = Certificate::from_pem(authority.root_pem().as_bytes()).unwrap();
    for transport in transports(&root) {
        let error = token(&server, transport.unwrap()).await.unwrap_err();
        let TokenError::Transport(error) = error else { panic!("{error:?}") };
        assert_eq!(error.kind(), &TransportErrorKind::Tls, "{error}");
    }
    let identity = authority.issue(auth_sandbox::Certificate::for_host("127.0.0.1")).unwrap();
    let tls = Tls::new(identity.server_config_demanding_clients_of(&authority).unwrap());
    let server = FaultServer::builder().tls(tls).always(answer()).start().unwrap();
    let identity = Identity::from_pem(authority.client_identity_pem("my-application").unwrap().as_bytes()).unwrap();
    let transport = Transport::builder().only_root_certificates([root]).identity(identity).build().unwrap();
    token(&server, transport).await.unwrap();
}

/// Gets tokens with assertions that the provider signs with each algorithm, and that the sandbox verifies.
pub async fn signs_assertions() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.oauth2_client();
    for name in ["RS256", "PS256", "ES256", "ES384", "EdDSA"] {
        let key = Secret::from(client.new_key(name).unwrap().pem);
        let jwt = PrivateKeyJwt::new(client.id(), key).with_algorithm(SigningAlgorithm::read(name).unwrap());
        let endpoint = OAuth2TokenEndpoint::new(&sandbox.oauth2().token_url(), jwt).unwrap();
        endpoint.request_token(&Scope::empty()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// Gets tokens with client certificates, each of which replaces the one before.
pub async fn presents_certificates() {
    let sandbox = Sandbox::builder().tls().start().await.unwrap();
    let registered = sandbox.oauth2_client();
    let current = SharedCredentials::new((Secret::from(""), Secret::from("")));
    let part = |part: fn((Secret, Secret)) -> Secret| {
        let current = current.clone();
        move || {
            let current = current.clone();
            async move { current.credentials().await.map(part) }
        }
    };
    let client = ClientCertificate::new(registered.id(), part(|(chain, _)| chain), part(|(_, key)| key));
    let root = Certificate::from_pem(sandbox.root_pem().unwrap().as_bytes()).unwrap();
    let transport = Transport::builder().only_root_certificates([root]).shared_identity(client.shared_identity());
    let url = format!("{}/generic/token", sandbox.secure_base_url().unwrap());
    let endpoint = OAuth2TokenEndpoint::over(&url, transport.build().unwrap(), client).unwrap();
    for register in [OAuth2Client::new_certificate, OAuth2Client::new_self_signed_certificate] {
        let pem = register(&registered).unwrap();
        current.replace((Secret::from(pem.chain), Secret::from(pem.key)));
        endpoint.request_token(&Scope::empty()).await.unwrap();
    }
}

/// Gets a token from this server.
async fn token(server: &FaultServer, transport: Transport) -> Result<(), TokenError> {
    tokens(&server.base_url(), transport).access_token(&lean::Scope::Api.into()).await.map(drop)
}

fn answer() -> Raw {
    let token = r#"{"access_token":"abc","token_type":"bearer","expires_in":3599}"#;
    Raw::response("200 OK", &["content-type: application/json"], token)
}
