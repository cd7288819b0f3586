//! Generated certificates, in handshakes with a client that verifies them.

use std::{error::Error, sync::Arc, time::Duration};

use auth_sandbox::{Authority, Certificate, ServerIdentity, StartError};
use reqwest::{Client, Identity};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// The base URL of a server that answers after a successful handshake.
async fn serve(config: Arc<ServerConfig>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    let acceptor = TlsAcceptor::from(config);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Most of the tests expect the handshake to fail.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4096];
            if stream.read(&mut request).await.is_ok() {
                let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
                stream.write_all(answer).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        }
    });
    base_url
}

/// The result of a request by a client that trusts only this authority: the status, or all causes of the error.
async fn visit(base_url: &str, authority: &Authority, identity: Option<String>) -> Result<u16, String> {
    let root = reqwest::Certificate::from_pem(authority.root_pem().as_bytes()).unwrap();
    let mut client = Client::builder().no_proxy().timeout(Duration::from_secs(60)).tls_certs_only([root]);
    if let Some(pem) = identity {
        client = client.identity(Identity::from_pem(pem.as_bytes()).unwrap());
    }
    match client.build().unwrap().get(base_url).send().await {
        Ok(response) => Ok(response.status().as_u16()),
        Err(error) => {
            let mut causes = error.to_string();
            let mut source = error.source();
            while let Some(cause) = source {
                causes = format!("{causes}: {cause}");
                source = cause.source();
            }
            Err(causes)
        }
    }
}

#[tokio::test]
async fn clients_that_trust_the_authority_accept_its_certificates() {
    let (authority, other) = (Authority::new().unwrap(), Authority::new().unwrap());
    let identity = authority.issue(Certificate::for_host("127.0.0.1")).unwrap();
    let base_url = serve(identity.server_config().unwrap()).await;
    assert_eq!(visit(&base_url, &authority, None).await, Ok(204));
    assert!(visit(&base_url, &other, None).await.unwrap_err().contains("UnknownIssuer"));

    let named = authority.issue(Certificate::for_host("localhost")).unwrap();
    let base_url = serve(named.server_config().unwrap()).await.replace("127.0.0.1", "localhost");
    assert_eq!(visit(&base_url, &authority, None).await, Ok(204));
}

#[tokio::test]
async fn each_certificate_is_wrong_in_its_own_way() {
    let authority = Authority::new().unwrap();
    let here = || Certificate::for_host("127.0.0.1");
    for (identity, cause) in [
        (authority.issue(here().expired()), "expired"),
        (authority.issue(here().not_yet_valid()), "not valid yet"),
        (authority.issue(Certificate::for_host("localhost")), "not valid for name"),
        (authority.issue(Certificate::for_host("127.0.0.2")), "not valid for name"),
        (ServerIdentity::self_signed(here()), "UnknownIssuer"),
    ] {
        let base_url = serve(identity.unwrap().server_config().unwrap()).await;
        let causes = visit(&base_url, &authority, None).await.unwrap_err();
        assert!(causes.contains(cause), "{cause}: {causes}");
    }
}

#[tokio::test]
async fn mutual_tls_admits_only_clients_of_the_authority() {
    let (authority, other) = (Authority::new().unwrap(), Authority::new().unwrap());
    let identity = authority.issue(Certificate::for_host("127.0.0.1")).unwrap();
    let base_url = serve(identity.server_config_demanding_clients_of(&authority).unwrap()).await;
    let client = authority.client_identity_pem("client").unwrap();
    assert_eq!(visit(&base_url, &authority, Some(client)).await, Ok(204));
    assert!(visit(&base_url, &authority, None).await.is_err());
    let stranger = other.client_identity_pem("client").unwrap();
    assert!(visit(&base_url, &authority, Some(stranger)).await.is_err());
}

#[test]
fn a_host_that_no_certificate_can_name_is_an_error() {
    let error = Authority::new().unwrap().issue(Certificate::for_host("\u{e4}")).unwrap_err();
    assert!(matches!(error, StartError::Certificate(_)), "{error:?}");
    assert_eq!(error.to_string(), "cannot create a certificate or set up TLS with it");
    assert!(error.source().is_some());
}

#[test]
fn no_key_is_shown() {
    let authority = Authority::new().unwrap();
    let identity = authority.issue(Certificate::for_host("localhost")).unwrap();
    assert_eq!(format!("{authority:?} {identity:?}"), "Authority { .. } ServerIdentity { .. }");
}
