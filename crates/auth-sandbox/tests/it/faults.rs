//! `FaultServer`, tested with a client that sends and reads bytes only.

use std::{io, sync::Arc, time::Duration};

use crate::common::within;
use auth_sandbox::{Authority, Certificate, Conversation, FaultServer, Raw, Tls};
use rustls::{ClientConfig, ClientConnection, RootCertStore, pki_types::pem::PemObject as _};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

const REQUEST: &[u8] = b"POST /a HTTP/1.1\r\ncontent-length: 3\r\n\r\nb=c";

async fn connect(server: &FaultServer) -> TcpStream {
    let base_url = server.base_url();
    TcpStream::connect(base_url.split_once("//").unwrap().1).await.unwrap()
}

/// Sends a request and reads to the end. Returns the received text, and how the connection ended.
async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> (String, Result<(), io::ErrorKind>) {
    // A server that resets the connection immediately may be faster.
    let _ = stream.write_all(REQUEST).await;
    let mut answer = Vec::new();
    let end = within("the connection has ended", stream.read_to_end(&mut answer)).await;
    (String::from_utf8(answer).unwrap(), end.map(drop).map_err(|error| error.kind()))
}

#[tokio::test]
async fn each_connection_has_its_own_conversation_and_the_last_is_for_all_others() {
    let server = FaultServer::builder().then(Raw::new("one")).then(Raw::new("two")).always(Raw::new("more"));
    let server = server.start().unwrap();
    for wanted in ["one", "two", "more", "more"] {
        assert_eq!(talk(connect(&server).await).await, (wanted.to_owned(), Ok(())));
    }
    assert_eq!((server.connections(), server.received()), (4, vec![REQUEST.to_vec(); 4]));
    assert_eq!(server.requests()[3].as_bytes(), REQUEST);

    let silent = FaultServer::builder().start().unwrap();
    assert_eq!(silent.connections(), 0);
    assert_eq!(talk(connect(&silent).await).await, (String::new(), Ok(())));
}

#[tokio::test]
async fn an_answer_may_come_before_the_request_or_in_its_middle() {
    let server = FaultServer::builder()
        .then(Conversation::new(Raw::new("early").then_silence()).at_once())
        .then(Conversation::new(Raw::new("half").then_silence()).after_bytes(4));
    let server = server.start().unwrap();
    let mut early = connect(&server).await;
    let mut answer = [0; 5];
    within("an early answer", early.read_exact(&mut answer)).await.unwrap();
    assert_eq!((&answer, server.received()), (b"early", vec![vec![]]));

    let mut half = connect(&server).await;
    half.write_all(b"POST").await.unwrap();
    within("an answer to half a request", half.read_exact(&mut answer[..4])).await.unwrap();
    assert_eq!((&answer[..4], &server.received()[1][..]), (&b"half"[..], &b"POST"[..]));
}

#[tokio::test]
async fn a_connection_ends_as_the_script_says() {
    let server = FaultServer::builder()
        .then(Conversation::new(Raw::nothing().then_reset()).at_once())
        .then(Raw::new("x").then_reset())
        .then(Raw::new("x").then_cut());
    let server = server.start().unwrap();
    assert_eq!(talk(connect(&server).await).await, (String::new(), Err(io::ErrorKind::ConnectionReset)));
    assert_eq!(talk(connect(&server).await).await.1, Err(io::ErrorKind::ConnectionReset));
    assert_eq!(talk(connect(&server).await).await, ("x".to_owned(), Ok(())), "without TLS, a cut equals a close");
}

#[tokio::test]
async fn parts_are_written_one_by_one_and_nothing_is_lost() {
    let text = "HTTP/1.1 200 OK\r\n\r\nabc";
    let pause = Duration::from_millis(1);
    let server = FaultServer::start(Raw::nothing().send_in_parts(text, 1, pause).send_times("de", 3)).unwrap();
    let mut stream = connect(&server).await;
    stream.write_all(REQUEST).await.unwrap();
    let (mut answer, mut reads) = (Vec::new(), 0);
    while within("the next part comes", stream.read_buf(&mut answer)).await.unwrap() > 0 {
        reads += 1;
    }
    assert_eq!(String::from_utf8(answer).unwrap(), format!("{text}dedede"));
    assert!(reads > 1, "{reads} read");
}

#[tokio::test]
async fn a_response_announces_its_body_and_a_bomb_is_far_smaller_than_what_is_in_it() {
    let server = FaultServer::builder()
        .then(Raw::response("200 OK", &["a: b"], "{}"))
        .then(Raw::head("200 OK", &["content-encoding: gzip"]).send_gzip_bomb(1024));
    let server = server.start().unwrap();
    let response = "HTTP/1.1 200 OK\r\na: b\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    assert_eq!(talk(connect(&server).await).await.0, response);

    let mut stream = connect(&server).await;
    stream.write_all(REQUEST).await.unwrap();
    let mut answer = Vec::new();
    within("the connection has ended", stream.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f\x8b"));
    assert!((1024 * 1024..2 * 1024 * 1024).contains(&answer.len()), "{} bytes for a gibibyte", answer.len());
}

/// The settings of a client that trusts this authority.
fn client(authority: &Authority) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(rustls::pki_types::CertificateDer::from_pem_slice(authority.root_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

/// A server with a certificate of `authority`, and a handshake with it.
async fn handshake(authority: &Authority, tls: Tls, raw: Raw) -> io::Result<(FaultServer, TlsStream<TcpStream>)> {
    let server = FaultServer::builder().tls(tls).always(raw).start().unwrap();
    assert!(server.base_url().starts_with("https://127.0.0.1:"));
    let handshake =
        TlsConnector::from(client(authority)).connect("127.0.0.1".try_into().unwrap(), connect(&server).await);
    let stream = within("the handshake has ended", handshake).await?;
    Ok((server, stream))
}

fn identified() -> (Authority, Tls) {
    let authority = Authority::new().unwrap();
    let identity = authority.issue(Certificate::for_host("127.0.0.1")).unwrap();
    (authority, Tls::new(identity.server_config().unwrap()))
}

#[tokio::test]
async fn what_comes_over_tls_is_kept_decrypted_and_a_cut_shows() {
    let (authority, tls) = identified();
    for (raw, end) in [
        (Raw::new("x"), Ok(())),
        (Raw::new("x").then_cut(), Err(io::ErrorKind::UnexpectedEof)),
        (Raw::nothing().then_reset(), Err(io::ErrorKind::ConnectionReset)),
    ] {
        let (server, stream) = handshake(&authority, tls.clone(), raw).await.unwrap();
        assert_eq!(talk(stream).await.1, end);
        assert_eq!(server.received(), [REQUEST]);
    }
}

#[tokio::test]
async fn a_handshake_can_be_broken_off_at_any_byte() {
    let (authority, tls) = identified();
    for bytes in [0, 1, 100, 500] {
        let cut = tls.clone().broken_after(bytes, Raw::nothing());
        let error = handshake(&authority, cut, Raw::new("x")).await.map(drop).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "after {bytes} bytes");
        let reset = tls.clone().broken_after(bytes, Raw::nothing().then_reset());
        let error = handshake(&authority, reset, Raw::new("x")).await.map(drop).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "after {bytes} bytes");
    }
    let garbage = tls.broken_after(0, Raw::new("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert_eq!(
        handshake(&authority, garbage, Raw::new("x")).await.map(drop).unwrap_err().kind(),
        io::ErrorKind::InvalidData
    );
}

#[tokio::test]
async fn a_handshake_can_stall_at_any_byte_until_the_client_hangs_up() {
    let (authority, tls) = identified();
    for bytes in [0, 1, 100, 500] {
        // The last byte shows that the server has sent all others.
        let stalled = tls.clone().broken_after(bytes, Raw::new("x").then_silence());
        let server = FaultServer::builder().tls(stalled).always(Raw::nothing()).start().unwrap();
        let mut hello = Vec::new();
        ClientConnection::new(client(&authority), "127.0.0.1".try_into().unwrap())
            .unwrap()
            .write_tls(&mut hello)
            .unwrap();
        let mut stream = connect(&server).await;
        stream.write_all(&hello).await.unwrap();
        let mut answer = vec![0; bytes + 1];
        within("the bytes of the handshake", stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!((answer.last(), server.open_connections()), (Some(&b'x'), 1), "after {bytes} bytes");
        stream.shutdown().await.unwrap();
        let end = within("the connection has ended", stream.read_to_end(&mut answer)).await;
        assert_eq!((end.unwrap(), answer.len()), (0, bytes + 1));
    }
}
