//! The memory of a process that receives responses without a limit. A separate binary, since the peak is that of the
//! process.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]
#![allow(clippy::print_stdout, reason = "measurements are visible with --nocapture")]

use std::time::Duration;

use auth_core::{TokenError, Transport, TransportErrorKind};
use auth_sandbox::{FaultServer, Raw};
use auth_transport::BaseUrl;
use integration_tests::{Endpoint, memory};

const MEBIBYTE: usize = 1024 * 1024;

/// Permitted growth of the process.
const ROOM: usize = 32 * MEBIBYTE;

/// The outcome of a response without a limit.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    TooLarge,
    /// A content coding, which is not decoded.
    Encoded,
    /// The status decides, whatever the body is.
    Refused,
    Protocol,
    Timeout,
}

/// Responses without a limit.
fn answers() -> Vec<(&'static str, Raw, Outcome)> {
    use Outcome::{Encoded, Protocol, Refused, Timeout, TooLarge};
    let mebibyte = " ".repeat(MEBIBYTE);
    let chunk = format!("{MEBIBYTE:x}\r\n{mebibyte}\r\n");
    let length = format!("content-length: {}", 64 * MEBIBYTE);
    let (chunked, gzip) = ("transfer-encoding: chunked", "content-encoding: gzip");
    vec![
        ("64 MiB, announced", Raw::head("200 OK", &[&length]).send_times(mebibyte.clone(), 64), TooLarge),
        ("64 MiB, unannounced", Raw::head("200 OK", &[]).send_times(mebibyte.clone(), 64), TooLarge),
        ("64 MiB in chunks", Raw::head("200 OK", &[chunked]).send_times(chunk.clone(), 64), TooLarge),
        ("an endless body", Raw::head("200 OK", &[]).then_repeat(mebibyte.clone(), Duration::ZERO), TooLarge),
        ("endless chunks", Raw::head("200 OK", &[chunked]).then_repeat(chunk, Duration::ZERO), TooLarge),
        ("1 GiB in gzip", Raw::head("200 OK", &[gzip, "content-type: application/json"]).send_gzip_bomb(1024), Encoded),
        (
            "an endless header",
            Raw::new("HTTP/1.1 200 OK\r\na: ").then_repeat(mebibyte.clone(), Duration::ZERO),
            Protocol,
        ),
        (
            "endless interim answers",
            Raw::nothing().then_repeat("HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n".repeat(1000), Duration::ZERO),
            Timeout,
        ),
        ("64 MiB of an error", Raw::head("400 Bad Request", &[&length]).send_times(mebibyte.clone(), 64), Refused),
        ("an endless error", Raw::head("400 Bad Request", &[]).then_repeat(mebibyte, Duration::ZERO), Refused),
        ("1 GiB of an error in gzip", Raw::head("400 Bad Request", &[gzip]).send_gzip_bomb(1024), Refused),
    ]
}

/// Row: body over the cap (default 256 KiB, decoded).
#[tokio::test]
async fn memory_stays_small_with_huge_responses() {
    // The outcomes are checked on every system; not every system reports the memory of a process.
    let start = memory("VmRSS");
    let grown = || Some(memory("VmHWM")?.saturating_sub(start?));
    let transport = Transport::to(&BaseUrl::parse("http://127.0.0.1").unwrap()).unwrap();
    let impatient =
        Transport::builder().timeout(Duration::from_millis(300)).only_root_certificates([]).build().unwrap();
    for (case, answer, outcome) in answers() {
        let server = FaultServer::start(answer).unwrap();
        let transport = if outcome == Outcome::Timeout { &impatient } else { &transport };
        for endpoint in Endpoint::both(&server.base_url(), transport) {
            let tokens = endpoint.builder().retries(0).build();
            for error in [endpoint.call().await.unwrap_err(), tokens.access_token(&endpoint.scope).await.unwrap_err()] {
                let is_expected = match &error {
                    TokenError::Transport(error) => match error.kind() {
                        TransportErrorKind::BodyTooLarge { limit: 262_144 } => outcome == Outcome::TooLarge,
                        TransportErrorKind::Encoded { coding: Some("gzip") } => outcome == Outcome::Encoded,
                        TransportErrorKind::Protocol => outcome == Outcome::Protocol,
                        TransportErrorKind::Timeout => outcome == Outcome::Timeout,
                        _ => false,
                    },
                    TokenError::Refused(refused) => refused.status == 400 && outcome == Outcome::Refused,
                    _ => false,
                };
                assert!(is_expected, "{case}: {error:?}");
            }
        }
        assert_eq!(server.connections(), 4, "{case}");
        let grown = grown();
        println!("after {case}: {grown:?} bytes above the start");
        assert!(grown.is_none_or(|grown| grown < ROOM), "{case}: {grown:?} bytes");
    }

    // Proves that the system would report a body that is kept.
    let kept = vec![1_u8; 64 * MEBIBYTE];
    let grown = grown();
    println!("with 64 MiB that are kept: {grown:?} bytes above the start");
    assert!(grown.is_none_or(|grown| grown > ROOM), "{grown:?} bytes beside {}", std::hint::black_box(kept).len());
    assert!(grown.is_some() || !cfg!(target_os = "linux"), "Linux reports the memory of a process");
}
