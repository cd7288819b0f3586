//! How much memory a stream takes. A binary of its own, since a process has one peak.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]
#![allow(clippy::print_stdout, reason = "what is measured is to be seen with --nocapture")]

use auth_core::Transport;
use auth_sandbox::{FaultServer, Raw};
use auth_transport::{Call, Error, ResponseValue};
use integration_tests::memory;

const MEBIBYTE: usize = 1024 * 1024;

/// A process may grow by this.
const ROOM: usize = 16 * MEBIBYTE;

/// Row: a stream of any size.
#[tokio::test]
async fn a_stream_of_a_gibibyte_takes_no_memory() {
    let Some(start) = memory("VmRSS") else {
        println!("skipped: this system does not say how much memory a process takes");
        return;
    };
    let mebibyte = "x".repeat(MEBIBYTE);
    let server = FaultServer::start(Raw::head("200 OK", &[]).send_times(mebibyte, 1024)).unwrap();
    let transport = Transport::builder().only_root_certificates([]).build().unwrap();
    let call = Call::new(&transport).expecting_stream();
    let request = call.client().get(server.base_url()).build().unwrap();
    let hook = call.clone();
    let answer = call.finish(async move { Ok(hook.stream(hook.execute(request).await?)) });
    let answer: Result<ResponseValue<_>, Error> = answer.await;
    let mut stream = answer.unwrap().into_inner();
    let mut size = 0;
    while let Some(part) = stream.chunk().await.unwrap() {
        size += part.len();
    }
    let grown = memory("VmHWM").unwrap().saturating_sub(start);
    println!("after {size} bytes: {:.1} MiB above the start", grown as f64 / MEBIBYTE as f64);
    assert_eq!(size, 1024 * MEBIBYTE);
    assert!(grown < ROOM, "{grown} bytes");
}
