//! Bodies that are returned in parts as they arrive, and redirects that the document describes.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::time::Duration;

use auth_core::Transport;
use auth_sandbox::{FaultServer, Raw};
use auth_transport::{
    ByteStream, Call, Error, ResponseValue, Secret, TimeLimit, TokenSource, Tokens, TransportError, TransportErrorKind,
};
use integration_tests::{Numbered, responding, until};

const EVENTS: &str = "content-type: text/event-stream";

fn transport() -> Transport {
    Transport::builder().only_root_certificates([]).build().unwrap()
}

/// Requests a stream as a generated method does whose document also describes a redirect with `302`.
async fn ask(
    transport: &Transport,
    server: &FaultServer,
    tokens: impl TokenSource,
) -> Result<ResponseValue<ByteStream>, Error> {
    let call = Call::new(transport).of_operation("download").with_api_limits().expecting_stream();
    let call = call.expecting_redirects(&["302"]).with_tokens(&Tokens::new(tokens));
    let request = call.client().get(server.base_url()).build().unwrap();
    let hook = call.clone();
    call.finish(async move {
        let answer = hook.execute(request).await?;
        match answer.status().as_u16() {
            200 | 302 => Ok(hook.stream(answer)),
            _ => Err(progenitor_client::Error::UnexpectedResponse(answer)),
        }
    })
    .await
}

async fn stream(transport: &Transport, server: &FaultServer) -> ByteStream {
    ask(transport, server, Secret::from("t0ken")).await.unwrap().into_inner()
}

/// The number of bytes, and the error if the stream does not end properly.
async fn drain(stream: &mut ByteStream) -> (usize, Option<TransportError>) {
    let mut size = 0;
    loop {
        match stream.chunk().await {
            Ok(Some(part)) => {
                assert!(part.len() <= 64 * 1024, "a part of {} bytes", part.len());
                size += part.len();
            }
            Ok(None) => return (size, None),
            Err(error) => return (size, Some(error)),
        }
    }
}

/// Row: a stream of any size.
#[tokio::test]
async fn a_stream_is_larger_than_any_limit_and_its_parts_are_small() {
    let transport = transport().with_body_limit(1000);
    for size in [0, 300_000, 5_000_000] {
        let server = responding("200 OK", &[], &"x".repeat(size));
        assert_eq!(drain(&mut stream(&transport, &server).await).await, (size, None));
    }
}

/// Row: a stream that lasts longer than any deadline, or stalls.
#[tokio::test]
async fn an_event_arrives_when_it_is_sent_and_a_stream_has_no_deadline() {
    let server = FaultServer::start(Raw::head("200 OK", &[EVENTS]).send("data: 1\n\n").then_silence()).unwrap();
    let mut events = stream(&transport(), &server).await;
    assert_eq!(events.chunk().await.unwrap().unwrap(), "data: 1\n\n");
    assert_eq!(server.open_connections(), 1, "and the stream continues");
    drop(events);
    until("no client is connected", || server.open_connections() == 0).await;

    let slow = Raw::head("200 OK", &[EVENTS]).send_in_parts("0123456789", 1, Duration::from_millis(50));
    let transport = transport().with_timeout(Duration::from_millis(200));
    let server = FaultServer::start(slow).unwrap();
    assert_eq!(drain(&mut stream(&transport, &server).await).await, (10, None));
}

/// Row: a stream that lasts longer than any deadline, or stalls.
#[tokio::test]
async fn a_stream_that_stalls_ends_with_an_error_that_names_the_limit() {
    let server = FaultServer::start(Raw::head("200 OK", &[EVENTS]).send("data: 1\n\n").then_silence()).unwrap();
    let idle = Duration::from_millis(100);
    let mut events = stream(&transport().with_idle_timeout(idle), &server).await;
    let (size, error) = drain(&mut events).await;
    let error = error.unwrap();
    assert_eq!(
        (size, error.kind(), error.time_limit()),
        (9, &TransportErrorKind::Timeout, Some(TimeLimit::Idle(idle)))
    );
    let name = server.base_url().replace("http://", "");
    let words = "stalled: `idle_timeout` is 100ms, raise it with `with_idle_timeout` of the client";
    assert_eq!(error.to_string(), format!("download: the stream of {name} {words}"));
    assert!(error.is_transient());
    assert_eq!(events.chunk().await, Ok(None), "the stream has ended");
    until("no client is connected", || server.open_connections() == 0).await;
}

#[tokio::test]
async fn a_truncated_stream_is_an_error() {
    for cut in [
        Raw::head("200 OK", &["content-length: 10"]).send("half"),
        Raw::head("200 OK", &["transfer-encoding: chunked"]).send("4\r\nhalf\r\n"),
        Raw::head("200 OK", &["content-length: 10"]).send("half").then_reset(),
    ] {
        let server = FaultServer::start(cut).unwrap();
        let mut stream = stream(&transport(), &server).await;
        let (size, error) = drain(&mut stream).await;
        assert!(size <= 4);
        assert_eq!(error.unwrap().kind(), &TransportErrorKind::Closed);
        assert_eq!(stream.chunk().await, Ok(None), "the stream has ended");
    }
}

#[tokio::test]
async fn the_deadline_is_for_the_head_of_a_stream_and_for_the_body_of_an_error() {
    let transport = transport().with_timeout(Duration::from_millis(100));
    let silent = FaultServer::start(Raw::nothing().then_silence()).unwrap();
    let error = ask(&transport, &silent, Secret::from("t0ken")).await.unwrap_err();
    let Error::Transport(error) = error else { panic!("{error:?}") };
    assert_eq!(error.time_limit(), Some(TimeLimit::Exchange(Duration::from_millis(100))));
    let head = Raw::head("404 Not Found", &["content-length: 10"]).send("half").then_silence();
    let error = ask(&transport, &FaultServer::start(head).unwrap(), Secret::from("t0ken")).await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.raw_body()), (404, None));
    let whole = responding("404 Not Found", &[], "no such file");
    let error = ask(&transport, &whole, Secret::from("t0ken")).await.unwrap_err();
    assert_eq!(error.raw_body(), Some(&b"no such file"[..]));
}

#[tokio::test]
async fn a_rejected_token_is_replaced_before_a_stream_is_returned() {
    let refusal = Raw::response("401 Unauthorized", &[], "");
    let server = FaultServer::builder().then(refusal).always(Raw::response("200 OK", &[], "whole")).start().unwrap();
    let tokens = Numbered::default();
    let mut stream = ask(&transport(), &server, tokens).await.unwrap().into_inner();
    assert_eq!(drain(&mut stream).await, (5, None));
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for (number, request) in requests.iter().enumerate() {
        assert!(request.contains(&format!("authorization: Bearer token-{number}\r\n")), "{request}");
    }
}

/// Row: a redirect that the document describes.
#[tokio::test]
async fn a_documented_redirect_is_a_response_and_is_not_followed() {
    let other = responding("200 OK", &[], "whole");
    let location = format!("location: {}/x", other.base_url());
    let server = responding("302 Found", &[&location], "elsewhere");
    let answer = ask(&transport(), &server, Secret::from("t0ken")).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (302, &location[10..]));
    assert_eq!(drain(&mut answer.into_inner()).await.1, None);
    // A redirect does not fail if its body is incomplete.
    let cut = Raw::head("302 Found", &[&location, "content-length: 9"]).send("else");
    let answer = ask(&transport(), &FaultServer::start(cut).unwrap(), Secret::from("t0ken")).await.unwrap();
    assert_eq!(answer.status().as_u16(), 302);
    let server = responding("307 Temporary Redirect", &[&location], "elsewhere");
    let error = ask(&transport(), &server, Secret::from("t0ken")).await.unwrap_err();
    let Error::Transport(error) = error else { panic!("{error:?}") };
    assert!(matches!(error.kind(), TransportErrorKind::Redirect { status: 307, .. }), "{error:?}");
    assert_eq!(other.connections(), 0);
}
