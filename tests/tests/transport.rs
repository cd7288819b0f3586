//! Failures of an exchange below the semantics of HTTP, and their outcomes.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::path::Path;
use std::time::Duration;

use auth_core::{
    BuildError, CertificateProblem, Secret, TokenCacheBuilder, TokenError, Transport, TransportErrorKind as Kind,
};
use auth_sandbox::{
    Authority, Certificate, Conversation, FaultServer, FaultServerBuilder, Raw, ServerIdentity, StartError, Tls,
};
use auth_transport::{BaseUrl, Identity};
use integration_tests::{ClosedPort, Endpoint, ManualClock, RecordingObserver, until, within};
use tokio::task::JoinSet;

const TOKEN: &str = r#"{"access_token":"abc","token_type":"Bearer","expires_in":3599}"#;
const LIMIT: usize = 256 * 1024;

/// Without TLS, so that the root certificates of the system need not be loaded each time.
fn plain() -> Transport {
    Transport::to(&BaseUrl::parse("http://127.0.0.1").unwrap()).unwrap()
}

/// A transport with a short timeout.
fn impatient(authority: &Authority) -> Transport {
    Transport::builder().timeout(Duration::from_millis(500)).only_root_certificates([root(authority)]).build().unwrap()
}

/// A transport that trusts only this authority.
fn trusting(authority: &Authority) -> Transport {
    Transport::builder().only_root_certificates([root(authority)]).build().unwrap()
}

fn root(authority: &Authority) -> auth_transport::Certificate {
    auth_transport::Certificate::from_pem(authority.root_pem().as_bytes()).unwrap()
}

/// The text as gzip, in one uncompressed block (RFC 1951 section 3.2.4). Its checksum is not verified here.
fn gzip_of(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_le_bytes();
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1, length[0], length[1], !length[0], !length[1]];
    [&header, text.as_bytes(), &[0; 4], &length, &[0; 2]].concat()
}

fn good() -> Raw {
    Raw::response("200 OK", &["content-type: application/json"], TOKEN)
}

/// An authority, and TLS with its certificate for the address of every server here.
fn identified() -> (Authority, Tls) {
    let authority = Authority::new().unwrap();
    let identity = authority.issue(Certificate::for_host("127.0.0.1")).unwrap();
    (authority, Tls::new(identity.server_config().unwrap()))
}

fn kind_of(error: &TokenError) -> &Kind {
    let TokenError::Transport(error) = error else { panic!("{error:?}") };
    error.kind()
}

/// Checks that this results in an error of this kind, that a second attempt on a new connection gets the token, and
/// that nothing of a first attempt is kept.
async fn is_transient(
    case: &str,
    start: impl Fn() -> FaultServerBuilder,
    fault: Conversation,
    kind: Kind,
    transport: &Transport,
) {
    for number in 0..2 {
        let server = start().always(fault.clone()).start().unwrap();
        let endpoint = &Endpoint::both(&server.base_url(), transport)[number];
        let case = format!("{}: {case}", endpoint.vendor());
        let error = endpoint.call().await.unwrap_err();
        assert_eq!(kind_of(&error), &kind, "{case}");
        assert!(error.is_transient(), "{case}");
        assert!(error.to_string().contains(server.base_url().split_once("//").unwrap().1), "{case}: {error}");
        let tokens = endpoint.builder().retries(0).build();
        let error = tokens.access_token(&endpoint.scope).await.unwrap_err();
        assert_eq!((kind_of(&error), error.is_transient()), (&kind, true), "{case}");
        assert!(tokens.cached(&endpoint.scope).is_none(), "{case}");
        assert_eq!(server.connections(), 2, "{case}");

        let server = start().then(fault.clone()).always(good()).start().unwrap();
        let endpoint = &Endpoint::both(&server.base_url(), transport)[number];
        let tokens = endpoint.builder().retries(1).build();
        assert_eq!(tokens.access_token(&endpoint.scope).await.unwrap().expose(), "abc", "{case}");
        assert_eq!(server.connections(), 2, "{case}");
    }
}

/// Checks that this results in an error of this kind, and that the request is not retried.
async fn is_final(case: &str, server: FaultServerBuilder, kind: Kind, transport: &Transport) {
    for number in 0..2 {
        let server = server.clone().start().unwrap();
        let endpoint = &Endpoint::both(&server.base_url(), transport)[number];
        let case = format!("{}: {case}", endpoint.vendor());
        let error = endpoint.call().await.unwrap_err();
        assert_eq!((kind_of(&error), error.is_transient()), (&kind, false), "{case}");
        let tokens = endpoint.builder().retries(2).build();
        let error = tokens.access_token(&endpoint.scope).await.unwrap_err();
        assert_eq!(kind_of(&error), &kind, "{case}");
        assert!(!error.is_transient() && !error.refuses_credentials(), "{case}");
        assert!(error.to_string().contains(server.base_url().split_once("//").unwrap().1), "{case}: {error}");
        assert!(tokens.cached(&endpoint.scope).is_none(), "{case}");
        assert_eq!(server.connections(), 2, "{case}");
        // The client has closed the connection, even if the server still sends.
        until("the other side has hung up", || server.open_connections() == 0).await;
    }
}

/// Checks that the generated client and the cache both get the token.
async fn works(case: &str, server: FaultServerBuilder, transport: &Transport) {
    let server = server.start().unwrap();
    for endpoint in Endpoint::both(&server.base_url(), transport) {
        assert_eq!(endpoint.call().await.unwrap().expose(), "abc", "{}: {case}", endpoint.vendor());
        let tokens = endpoint.builder().build();
        assert_eq!(tokens.access_token(&endpoint.scope).await.unwrap().expose(), "abc", "{case}");
    }
    assert_eq!(server.connections(), 4, "{case}");
}

fn always(conversation: impl Into<Conversation>) -> FaultServerBuilder {
    FaultServer::builder().always(conversation)
}

/// Row: connection refused, DNS failure.
#[tokio::test]
async fn refused_connections_and_unknown_hosts_are_distinguished_and_retried() {
    let closed = ClosedPort::new();
    let closed_port = format!("http://{}", closed.address());
    let authority = Authority::new().unwrap();
    for (base_url, kind, server) in [
        (closed_port.as_str(), Kind::Connect, closed_port.strip_prefix("http://").unwrap()),
        ("https://no-such-host.invalid", Kind::Dns, "no-such-host.invalid:443"),
        ("https://no-such-host.invalid:8443", Kind::Dns, "no-such-host.invalid:8443"),
    ] {
        for endpoint in Endpoint::both(base_url, &trusting(&authority)) {
            let error = endpoint.call().await.unwrap_err();
            assert_eq!((kind_of(&error), error.is_transient()), (&kind, true), "{base_url}");
            assert!(error.to_string().contains(server), "{error} names {server}");
            let observer = RecordingObserver::new();
            let tokens = endpoint.builder().retries(1).observer(observer.clone()).build();
            let error = tokens.access_token(&endpoint.scope).await.unwrap_err();
            assert_eq!(kind_of(&error), &kind, "{base_url}");
            assert!(error.to_string().contains(server), "{error} names {server}");
            assert_eq!(observer.names()[..4], ["Requested 1", "Failed 1", "Requested 2", "Failed 2"], "{base_url}");
        }
    }
}

/// Row: accepts and stays silent; slow headers; slow body; endless headers; endless body.
#[tokio::test]
async fn one_deadline_covers_the_whole_exchange() {
    let (authority, tls) = identified();
    let transport = impatient(&authority);
    let pause = Duration::from_millis(20);
    let head = Raw::head("200 OK", &[]);
    let endless_chunk = Raw::head("200 OK", &["transfer-encoding: chunked"]);
    let mut cases = JoinSet::new();
    for (case, fault) in [
        ("silent after the request", Raw::nothing().then_silence().into()),
        ("silent before the request", Conversation::new(Raw::nothing().then_deafness()).at_once()),
        ("silent in the middle of the request", Conversation::new(Raw::nothing().then_deafness()).after_bytes(10)),
        ("silent after an interim answer", Raw::new("HTTP/1.1 100 Continue\r\n\r\n").then_silence().into()),
        (
            "slow headers",
            Raw::new("HTTP/1.1 200 OK\r\n").send_in_parts("a: b\r\n".repeat(90), 6, pause).then_silence().into(),
        ),
        ("slow body", head.clone().send_in_parts(TOKEN, 1, pause).then_silence().into()),
        ("silent in the body", Raw::head("200 OK", &["content-length: 62"]).send("{").then_silence().into()),
        ("silent in a chunk", endless_chunk.clone().send("ff\r\n{").then_silence().into()),
        ("endless interim answers", Raw::nothing().then_repeat("HTTP/1.1 103 Early Hints\r\n\r\n", pause).into()),
        ("an endless header", Raw::new("HTTP/1.1 200 OK\r\na: ").then_repeat("b", pause).into()),
        ("an endless body", head.then_repeat(" ", pause).into()),
        ("endless chunks", endless_chunk.then_repeat("1\r\n \r\n", pause).into()),
    ] {
        let transport = transport.clone();
        // All cases in parallel, since each takes its time.
        cases.spawn(async move {
            is_transient(case, FaultServer::builder, fault, Kind::Timeout, &transport).await;
        });
    }
    let (secure, silent_over_tls) = (tls.clone(), transport.clone());
    cases.spawn(async move {
        let over_tls = || FaultServer::builder().tls(secure.clone());
        let silence = Raw::nothing().then_silence().into();
        is_transient("silent over TLS", over_tls, silence, Kind::Timeout, &silent_over_tls).await;
    });
    within("every call has ended", cases.join_all()).await;

    // A handshake that stalls, and a server whose connections only the operating system accepts.
    let stalled = [0, 1, 500].map(|bytes| tls.clone().broken_after(bytes, Raw::nothing().then_silence()));
    let stalled = stalled.map(|tls| always(Raw::nothing()).tls(tls).start().unwrap());
    let unaccepted = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut base_urls: Vec<_> = stalled.iter().map(FaultServer::base_url).collect();
    base_urls.push(format!("http://{}", unaccepted.local_addr().unwrap()));
    let mut calls = JoinSet::new();
    for endpoint in base_urls.iter().flat_map(|base_url| Endpoint::both(base_url, &transport)) {
        calls.spawn(async move { endpoint.call().await.unwrap_err() });
    }
    for error in within("every call has ended", calls.join_all()).await {
        assert_eq!((kind_of(&error), error.is_transient()), (&Kind::Timeout, true));
    }
}

/// Row: accepts and stays silent; slow headers; slow body; endless headers; endless body.
#[tokio::test]
async fn the_deadline_of_a_cache_covers_the_same() {
    let pause = Duration::from_millis(20);
    for fault in [
        Raw::nothing().then_silence(),
        Raw::new("HTTP/1.1 200 OK\r\na: ").then_repeat("b", pause),
        Raw::head("200 OK", &[]).then_repeat(" ", pause),
    ] {
        let server = FaultServer::start(fault).unwrap();
        for endpoint in Endpoint::both(&server.base_url(), &plain()) {
            let deadline = Duration::from_millis(100);
            let tokens = endpoint.builder().request_deadline(deadline).build();
            let error = tokens.access_token(&endpoint.scope).await.unwrap_err();
            assert!(matches!(error, TokenError::Timeout { after } if after == deadline), "{error:?}");
            assert!(error.is_transient() && tokens.cached(&endpoint.scope).is_none());
        }
    }
}

/// Row: accepts and stays silent; slow headers; slow body; endless headers; endless body.
#[tokio::test]
async fn fast_endless_responses_exceed_a_limit_before_the_deadline() {
    let chunk = format!("40\r\n{}\r\n", " ".repeat(0x40)).repeat(100);
    let line = "a: bcdefghijklmnopqrstuvwxyz\r\n".repeat(100);
    for (case, fault, kind) in [
        ("headers", Raw::new("HTTP/1.1 200 OK\r\n").then_repeat(line, Duration::ZERO), Kind::Protocol),
        (
            "a header",
            Raw::new("HTTP/1.1 200 OK\r\na: ").then_repeat("b".repeat(65_536), Duration::ZERO),
            Kind::Protocol,
        ),
        (
            "a body",
            Raw::head("200 OK", &[]).then_repeat(" ".repeat(4096), Duration::ZERO),
            Kind::BodyTooLarge { limit: LIMIT },
        ),
        (
            "chunks",
            Raw::head("200 OK", &["transfer-encoding: chunked"]).then_repeat(chunk, Duration::ZERO),
            Kind::BodyTooLarge { limit: LIMIT },
        ),
    ] {
        is_final(case, always(fault), kind, &plain()).await;
    }
}

/// Row: closed or reset before any reply.
#[tokio::test]
async fn a_connection_that_ends_before_the_reply_is_replaced_by_a_fresh_one() {
    let reset = || Raw::nothing().then_reset();
    for (case, fault) in [
        ("closed after the request", Raw::nothing().into()),
        ("closed before the request", Conversation::new(Raw::nothing()).at_once()),
        ("closed in the middle of the request", Conversation::new(Raw::nothing()).after_bytes(10)),
        ("reset after the request", reset().into()),
        ("reset before the request", Conversation::new(reset()).at_once()),
        ("reset in the middle of the request", Conversation::new(reset()).after_bytes(10)),
        ("closed in the status line", Raw::new("HTTP/1.1 20").into()),
        ("closed in the headers", Raw::new("HTTP/1.1 200 OK\r\ncontent-le").into()),
        ("closed after an interim answer", Raw::new("HTTP/1.1 100 Continue\r\n\r\n").into()),
        ("reset in the headers", Raw::new("HTTP/1.1 200 OK\r\ncontent-le").then_reset().into()),
    ] {
        is_transient(case, FaultServer::builder, fault, Kind::Closed, &plain()).await;
    }
    let (authority, tls) = identified();
    for (case, fault) in
        [("closed", Raw::nothing()), ("cut", Raw::nothing().then_cut()), ("reset", Raw::nothing().then_reset())]
    {
        let over_tls = || FaultServer::builder().tls(tls.clone());
        is_transient(case, over_tls, fault.clone().into(), Kind::Closed, &trusting(&authority)).await;
        for bytes in [0, 1, 500] {
            let server = always(Raw::nothing()).tls(tls.clone().broken_after(bytes, fault.clone())).start().unwrap();
            for endpoint in Endpoint::both(&server.base_url(), &trusting(&authority)) {
                let error = endpoint.call().await.unwrap_err();
                assert_eq!(kind_of(&error), &Kind::Closed, "a handshake that is {case} after {bytes} bytes");
            }
        }
    }
}

/// Row: FIN or RST in mid-body, cut chunk.
#[tokio::test]
async fn a_partial_body_is_not_parsed_even_if_it_is_valid_json() {
    let length = |length: usize| Raw::head("200 OK", &[&format!("content-length: {length}")]);
    let chunked = || Raw::head("200 OK", &["transfer-encoding: chunked"]);
    let chunk = format!("{:x}\r\n{TOKEN}\r\n", TOKEN.len());
    for (case, fault) in [
        ("FIN in a body", length(TOKEN.len()).send(&TOKEN[..20])),
        ("FIN before a body", length(TOKEN.len())),
        ("FIN one byte before the end of white space", length(TOKEN.len() + 1).send(TOKEN)),
        ("FIN in a chunk", chunked().send(chunk[..20].to_owned())),
        ("FIN in the length of a chunk", chunked().send("f")),
        ("FIN where a chunk could follow", chunked().send(chunk.clone())),
        ("FIN in the last chunk", chunked().send(format!("{chunk}0\r\n"))),
        ("RST in a body", length(TOKEN.len() + 1).send(TOKEN).then_reset()),
        ("RST in a chunk", chunked().send(chunk[..20].to_owned()).then_reset()),
        ("RST where a chunk could follow", chunked().send(chunk.clone()).then_reset()),
    ] {
        is_transient(case, FaultServer::builder, fault.into(), Kind::Closed, &plain()).await;
    }
    // Over TLS, a body that ends with the connection is complete only if the server announces the end.
    let (authority, tls) = identified();
    let over_tls = || FaultServer::builder().tls(tls.clone());
    let cut = Raw::head("200 OK", &[]).send(TOKEN).then_cut();
    is_transient("cut under TLS", over_tls, cut.into(), Kind::Closed, &trusting(&authority)).await;
    let reset = Raw::head("200 OK", &[]).send(TOKEN).pause(Duration::from_millis(20)).then_reset();
    is_transient("RST under TLS", over_tls, reset.into(), Kind::Closed, &trusting(&authority)).await;
}

/// Row: garbage instead of HTTP, two different Content-Length.
#[tokio::test]
async fn invalid_http_is_a_protocol_error_and_the_connection_is_dropped() {
    let cases: [(&str, Vec<u8>); 13] = [
        ("text", "this is not HTTP at all\r\n\r\n".into()),
        ("binary", vec![0xff, 0, 0xfe, b'\r', b'\n', b'\r', b'\n']),
        ("a TLS alert", vec![21, 3, 3, 0, 2, 2, 40]),
        ("HTTP/0.9", TOKEN.into()),
        ("another protocol", "SSH-2.0-OpenSSH_9.6\r\n".into()),
        ("a version that is none", format!("HTTP/9.9 200 OK\r\n\r\n{TOKEN}").into()),
        ("a status that is none", format!("HTTP/1.1 abc OK\r\n\r\n{TOKEN}").into()),
        ("a header without a name", format!("HTTP/1.1 200 OK\r\n: b\r\n\r\n{TOKEN}").into()),
        ("a header with NUL", format!("HTTP/1.1 200 OK\r\na: \0\r\n\r\n{TOKEN}").into()),
        ("two lengths", format!("HTTP/1.1 200 OK\r\ncontent-length: 62\r\ncontent-length: 63\r\n\r\n{TOKEN} ").into()),
        ("two lengths in one", format!("HTTP/1.1 200 OK\r\ncontent-length: 62, 63\r\n\r\n{TOKEN} ").into()),
        ("a length that is none", format!("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{TOKEN}").into()),
        ("a chunk that is none", format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n{TOKEN}").into()),
    ];
    for (case, garbage) in cases {
        is_final(case, always(Raw::new(garbage).then_silence()), Kind::Protocol, &plain()).await;
    }
}

/// Row: body over the cap (default 256 KiB, decoded).
#[tokio::test]
async fn a_body_is_read_up_to_the_cap_and_no_further() {
    const MEBIBYTE: usize = 1024 * 1024;
    let mebibyte = " ".repeat(MEBIBYTE);
    let chunk = format!("{MEBIBYTE:x}\r\n{mebibyte}\r\n");
    let length = format!("content-length: {}", 64 * MEBIBYTE);
    for (case, fault) in [
        ("64 MiB, announced", Raw::head("200 OK", &[&length]).send_times(mebibyte.clone(), 64)),
        ("64 MiB, unannounced", Raw::head("200 OK", &[]).send_times(mebibyte, 64)),
        (
            "64 MiB in chunks",
            Raw::head("200 OK", &["transfer-encoding: chunked"]).send_times(chunk, 64).send("0\r\n\r\n"),
        ),
        (
            "a chunk of 2^64 bytes",
            Raw::head("200 OK", &["transfer-encoding: chunked"])
                .send("ffffffffffffffff\r\n")
                .send(" ".repeat(LIMIT + 1)),
        ),
        ("announced and never sent", Raw::head("200 OK", &["content-length: 9223372036854775807"]).then_silence()),
    ] {
        is_final(case, always(fault), Kind::BodyTooLarge { limit: LIMIT }, &plain()).await;
    }
}

/// Row: content coding, such as gzip.
#[tokio::test]
async fn no_coding_is_accepted_and_an_answer_in_one_is_not_decoded_and_names_it() {
    let token = gzip_of(TOKEN);
    for (lines, coding) in [
        (&["content-encoding: gzip"][..], Some("gzip")),
        (&["content-encoding: GZip"], Some("gzip")),
        (&["content-encoding: x-gzip"], Some("x-gzip")),
        (&["content-encoding: br"], Some("br")),
        (&["content-encoding: zstd"], Some("zstd")),
        (&["content-encoding: deflate"], Some("deflate")),
        (&["content-encoding: identity , gzip"], Some("gzip")),
        (&["content-encoding: identity", "content-encoding: br, gzip"], Some("br")),
        // No error shows a text of the server in this place.
        (&["content-encoding: s3cret-MARKER"], None),
        (&["content-encoding: \u{e9}"], None),
    ] {
        let server = always(Raw::head("200 OK", lines).send(token.clone()));
        is_final(&format!("{lines:?}"), server, Kind::Encoded { coding }, &plain()).await;
    }
    let bomb = Raw::head("200 OK", &["content-encoding: gzip", "content-type: application/json"]).send_gzip_bomb(1024);
    is_final("a gibibyte in gzip", always(bomb), Kind::Encoded { coding: Some("gzip") }, &plain()).await;
    for lines in
        [&["content-encoding: identity"][..], &["content-encoding: Identity, identity"], &["content-encoding:"]]
    {
        works(&format!("{lines:?}"), always(Raw::response("200 OK", lines, TOKEN)), &plain()).await;
    }

    let server = FaultServer::start(Raw::head("200 OK", &["content-encoding: gzip"]).send(token.clone())).unwrap();
    for endpoint in Endpoint::both(&server.base_url(), &plain()) {
        let error = endpoint.call().await.unwrap_err().to_string();
        assert!(error.contains("gzip") && error.contains("identity"), "{error}");
    }
    let customers = lean_customers::Client::over(&server.base_url(), plain(), Secret::from("abc")).unwrap();
    let error = customers.list_customers().await.unwrap_err().to_string();
    assert!(error.contains("gzip"), "{error}");
    for request in server.requests() {
        let lines: Vec<_> =
            request.lines().filter(|line| line.to_ascii_lowercase().starts_with("accept-encoding")).collect();
        assert_eq!(lines, ["accept-encoding: identity"], "{request}");
    }
    // For an error, the status is sufficient.
    let refusal = Raw::head("503 Service Unavailable", &["content-encoding: gzip"]).send(token);
    let server = always(refusal).start().unwrap();
    for endpoint in Endpoint::both(&server.base_url(), &plain()) {
        let error = endpoint.call().await.unwrap_err();
        assert!(error.is_transient() && error.to_string().contains("503"), "{error}");
    }
}

/// Row: body over the cap (default 256 KiB, decoded).
#[tokio::test]
async fn a_body_of_exactly_the_limit_is_accepted() {
    let body = format!("{TOKEN}{}", " ".repeat(70_000));
    for limit in [LIMIT, body.len(), body.len() - 1, 65_536] {
        let transport = Transport::builder().body_limit(limit).only_root_certificates([]).build().unwrap();
        for (announced, answer) in [
            (true, Raw::response("200 OK", &[], body.clone())),
            (false, Raw::head("200 OK", &[]).send_in_parts(body.clone(), 10_000, Duration::ZERO)),
        ] {
            if limit >= body.len() {
                works(&format!("limit {limit}, announced {announced}"), always(answer), &transport).await;
            } else {
                is_final("too long", always(answer), Kind::BodyTooLarge { limit }, &transport).await;
            }
        }
    }
}

/// Row: 301, 302, 303, 307, 308 to anywhere.
#[tokio::test]
async fn a_redirect_is_not_followed_and_nothing_reaches_the_other_origin() {
    let other = FaultServer::start(good()).unwrap();
    let (authority, tls) = identified();
    let secure = always(good()).tls(tls).start().unwrap();
    let transport = trusting(&authority);
    for status in [301, 302, 303, 307, 308] {
        let itself = "itself";
        for (location, target) in [
            (Some(format!("{}/oauth2/token?client_secret=s%26cret", other.base_url())), Some(other.base_url())),
            (Some(format!("{}/oauth2/token#a", secure.base_url())), Some(secure.base_url())),
            (Some(format!("//{}", other.base_url().replace("http://", "user:word@"))), Some(other.base_url())),
            (Some("/oauth2/token".to_owned()), Some(itself.to_owned())),
            (Some("?a=b".to_owned()), Some(itself.to_owned())),
            (Some("http://[".to_owned()), None),
            (Some("javascript:alert(1)".to_owned()), None),
            (Some("app://callback/".to_owned()), None),
            (Some(String::new()), Some(itself.to_owned())),
            (None, None),
        ] {
            let header = location.as_ref().map(|location| format!("location: {location}"));
            let headers: Vec<&str> = header.iter().map(String::as_str).collect();
            let server = FaultServer::start(Raw::response(&format!("{status} Moved"), &headers, TOKEN)).unwrap();
            let target = target.map(|target| if target == itself { server.base_url() } else { target });
            for endpoint in Endpoint::both(&server.base_url(), &transport) {
                let before = server.connections();
                let tokens = endpoint.builder().retries(2).build();
                for error in
                    [endpoint.call().await.unwrap_err(), tokens.access_token(&endpoint.scope).await.unwrap_err()]
                {
                    assert!(!error.is_transient(), "{status} {location:?}");
                    let kind = Kind::Redirect { status, target: target.clone() };
                    assert_eq!(kind_of(&error), &kind, "{location:?}: origin alone, without path and query");
                    assert!(target.as_ref().is_none_or(|target| error.to_string().contains(target)), "{error}");
                }
                assert!(tokens.cached(&endpoint.scope).is_none());
                assert_eq!(server.connections() - before, 2, "{status} {location:?}");
            }
        }
    }
    // The client can reach both servers, so only the rule prevented the requests.
    assert_eq!((other.connections(), secure.connections()), (0, 0));
    for server in [&other, &secure] {
        assert_eq!(Endpoint::lean(&server.base_url(), &transport).call().await.unwrap().expose(), "abc");
    }
}

/// Row: `http://` base URL.
#[test]
fn plain_http_is_for_loopback_only() {
    type New = fn(&str) -> Result<(), BuildError>;
    let both: [New; 4] = [
        |url| lean_auth::Client::new(url).map(drop),
        |url| leanix_auth::Client::new(url).map(drop),
        |url| lean_auth::Client::over(url, plain()).map(drop),
        |url| leanix_auth::Client::over(url, plain()).map(drop),
    ];
    for new in both {
        for url in ["http://127.0.0.1:8080", "http://127.8.8.8", "http://[::1]", "http://localhost:80/a"] {
            assert!(new(url).is_ok(), "{url}");
        }
        for url in [
            "http://auth.leantech.me",
            "HTTP://auth.leantech.me",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://169.254.169.254",
            "http://[::ffff:127.0.0.1]",
            "http://[::]",
            "http://127.0.0.1.nip.io",
            "http://localhost.example.com",
            "http://localhost@example.com",
            "ws://127.0.0.1",
            "file:///etc/hosts",
        ] {
            let error = new(url).unwrap_err();
            assert!(matches!(error, BuildError::BaseUrl(_)), "{url}: {error:?}");
            assert!(error.to_string().starts_with("base URL: "), "{error}");
        }
    }
}

/// Row: TLS: expired, wrong host, self-signed, not yet valid.
#[tokio::test]
async fn an_invalid_certificate_is_final_and_nothing_is_sent() {
    let (authority, other) = (Authority::new().unwrap(), Authority::new().unwrap());
    let here = || Certificate::for_host("127.0.0.1");
    let transport = trusting(&authority);
    let cases: [(&str, Result<ServerIdentity, StartError>); 7] = [
        ("expired", authority.issue(here().expired())),
        ("not yet valid", authority.issue(here().not_yet_valid())),
        ("another host", authority.issue(Certificate::for_host("auth.leantech.me"))),
        ("another address", authority.issue(Certificate::for_host("127.0.0.2"))),
        ("self-signed", ServerIdentity::self_signed(here())),
        ("an unknown authority", other.issue(here())),
        ("both", other.issue(here().expired())),
    ];
    for (case, identity) in cases {
        let tls = Tls::new(identity.unwrap().server_config().unwrap());
        is_final(case, always(good()).tls(tls.clone()), Kind::Tls, &transport).await;
        let server = always(good()).tls(tls).start().unwrap();
        for endpoint in Endpoint::both(&server.base_url(), &transport) {
            assert!(endpoint.call().await.is_err());
        }
        assert_eq!(server.received(), vec![Vec::<u8>::new(); 2], "{case}: only a handshake");
    }
    let (authority, tls) = identified();
    works("as it should be", always(good()).tls(tls.clone()), &trusting(&authority)).await;
    let no_tls = always(Conversation::new(Raw::response("400 Bad Request", &[], "")).at_once());
    let server = no_tls.start().unwrap();
    for endpoint in Endpoint::both(&server.base_url().replace("http:", "https:"), &trusting(&authority)) {
        let error = endpoint.call().await.unwrap_err();
        assert_eq!((kind_of(&error), error.is_transient()), (&Kind::Tls, false), "a server that speaks no TLS");
    }
    // None of the system's authorities has issued this certificate.
    let server = always(good()).tls(tls).start().unwrap();
    let error = Endpoint::lean(&server.base_url(), &Transport::new().unwrap()).call().await.unwrap_err();
    assert_eq!(kind_of(&error), &Kind::Tls);
}

/// Row: TLS: expired, wrong host, self-signed, not yet valid.
#[test]
fn no_setting_disables_the_verification_of_certificates() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let names =
        ["auth-transport", "auth-core", "lean-auth", "leanix-auth", "lean-customers", "leanix-poll", "access-token"];
    let mut paths: Vec<_> = names.iter().map(|name| crates.join(name).join("src")).collect();
    let mut read = 0;
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(std::fs::read_dir(path).unwrap().map(|file| file.unwrap().path()));
            continue;
        }
        let mut code = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).to_ascii_lowercase();
        if path.ends_with("auth-transport/src/tls.rs") {
            // `rustls` marks every verifier but its own as dangerous, even that of the system.
            let verifier =
                "rustls_platform_verifier::verifier::new_with_extra_roots(certificate::all(more), provider);";
            let switch =
                "config.dangerous().with_custom_certificate_verifier(arc::new(verifier.map_err(build_error)?))";
            assert!(code.contains(&format!("let verifier = {verifier}")) && code.contains(switch), "{code}");
            code = code.replacen(switch, "", 1);
        }
        // The names of such switches in reqwest, rustls and other crates.
        for switch in ["danger", "insecure", "accept_invalid", "tls_sni(false"] {
            assert!(!code.contains(switch), "{switch} in {}", path.display());
        }
        read += 1;
    }
    assert!(read > 40, "{read} files");
}

#[tokio::test]
async fn a_server_that_demands_a_client_certificate_gets_the_one_of_the_transport() {
    let (authority, other) = (Authority::new().unwrap(), Authority::new().unwrap());
    let identity = authority.issue(Certificate::for_host("127.0.0.1")).unwrap();
    let server = always(good()).tls(Tls::new(identity.server_config_demanding_clients_of(&authority).unwrap()));
    let identified_by = |authority: &Authority| {
        let identity = authority.client_identity_pem("my-application").unwrap();
        Identity::from_pem(identity.as_bytes()).unwrap()
    };
    let builder = || Transport::builder().only_root_certificates([root(&authority)]);
    let known = builder().identity(identified_by(&authority)).build().unwrap();
    works("mutual TLS", server.clone(), &known).await;
    let stranger = builder().identity(identified_by(&other)).build().unwrap();
    for transport in [trusting(&authority), stranger] {
        is_final("no certificate, or a stranger's", server.clone(), Kind::Tls, &transport).await;
    }
}

#[test]
fn a_key_of_another_certificate_is_refused_when_the_transport_is_built() {
    let authority = Authority::new().unwrap();
    let pem = || authority.client_identity_pem("my-application").unwrap();
    let (one, other) = (pem(), pem());
    let key = "-----BEGIN PRIVATE KEY-----";
    let ((certificate, _), (_, key_of_other)) = (one.split_once(key).unwrap(), other.split_once(key).unwrap());
    let mixed = format!("{certificate}{key}{key_of_other}");
    let identity = Identity::from_pem(mixed.as_bytes()).unwrap();
    let error = Transport::builder().only_root_certificates([]).identity(identity).build().unwrap_err();
    assert!(matches!(error, BuildError::Certificate(CertificateProblem::Key)), "{error:?}");
    assert!(error.to_string().contains("the private key does not belong to the certificate"), "{error}");
}

/// Row: Set-Cookie, Cache-Control, Date, Age.
#[tokio::test]
async fn headers_for_browsers_are_ignored() {
    let headers = [
        "set-cookie: session=MARKERcookie; Path=/",
        "cache-control: public, max-age=86400",
        "etag: \"MARKERetag\"",
        "last-modified: Sun, 06 Nov 1994 08:49:37 GMT",
        "expires: Thu, 01 Jan 1970 00:00:00 GMT",
        "age: 3500",
    ];
    for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 2999 23:59:59 GMT", "nonsense"] {
        let date = format!("date: {date}");
        let answer = Raw::response("200 OK", &[&headers[..], &[&date]].concat(), TOKEN);
        let server = FaultServer::start(answer).unwrap();
        for endpoint in Endpoint::both(&server.base_url(), &plain()) {
            let before = server.connections();
            assert!(endpoint.call().await.is_ok() && endpoint.call().await.is_ok());
            let clock = ManualClock::new();
            let builder: TokenCacheBuilder = endpoint.builder().clock(clock.clone());
            let tokens = builder.build();
            let token = tokens.access_token(&endpoint.scope).await.unwrap();
            assert_eq!(clock.until_end_of(&token), Duration::from_secs(3599), "{date}: only our clock counts");
            tokens.reject(&token);
            // The server may send the same response; the client sends a new request.
            let _ = tokens.access_token(&endpoint.scope).await;
            assert_eq!(server.connections() - before, 4, "no response comes from an HTTP cache");
        }
        for request in server.requests() {
            let request = request.to_ascii_lowercase();
            for header in ["cookie", "if-none-match", "if-modified-since", "marker"] {
                let sent = request.lines().any(|line| line.starts_with(header));
                assert!(!sent, "{header} in {request}");
            }
        }
    }
}

/// Row: interim 100 or 103, HTTP/1.0, body that ends with the connection.
#[tokio::test]
async fn rare_forms_of_correct_answers_work() {
    let length = TOKEN.len();
    let (half, rest) = TOKEN.split_at(20);
    let (authority, tls) = identified();
    for (case, answer) in [
        ("100", format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{TOKEN}")),
        (
            "103",
            format!(
                "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{TOKEN}"
            ),
        ),
        (
            "100, 102 and 103",
            format!(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{TOKEN}"
            ),
        ),
        ("HTTP/1.0 with a length", format!("HTTP/1.0 200 OK\r\ncontent-length: {length}\r\n\r\n{TOKEN}")),
        ("HTTP/1.0 without", format!("HTTP/1.0 200 OK\r\n\r\n{TOKEN}")),
        ("a body that ends with the connection", format!("HTTP/1.1 200 OK\r\n\r\n{TOKEN}")),
        ("no reason", format!("HTTP/1.1 200 \r\ncontent-length: {length}\r\n\r\n{TOKEN}")),
        (
            "the same length twice",
            format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\ncontent-length: {length}\r\n\r\n{TOKEN}"),
        ),
        (
            "chunks with extensions and trailers",
            format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n{:X};a=b\r\n{half}\r\n{:x}\r\n{rest}\r\n0\r\nx: y\r\n\r\n",
                half.len(),
                rest.len(),
            ),
        ),
        (
            "more than was announced",
            format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{TOKEN}HTTP/1.1 500 No\r\n\r\n"),
        ),
    ] {
        works(case, always(Raw::new(answer.clone())), &plain()).await;
        works(case, always(Raw::new(answer.clone())).tls(tls.clone()), &trusting(&authority)).await;
        let parts = |size| Raw::nothing().send_in_parts(answer.clone(), size, Duration::ZERO);
        for size in [1, 2, 7] {
            works(&format!("{case}, in parts of {size}"), always(parts(size)), &plain()).await;
        }
    }
    let early = Conversation::new(good()).at_once();
    let server = FaultServer::start(early).unwrap();
    for endpoint in Endpoint::both(&server.base_url(), &plain()) {
        // A response that arrived before its request may or may not count, depending on timing; it must not count
        // twice.
        match endpoint.call().await {
            Ok(token) => assert_eq!(token.expose(), "abc"),
            Err(error) => assert!(matches!(kind_of(&error), Kind::Closed | Kind::Protocol), "{error:?}"),
        }
    }
}
