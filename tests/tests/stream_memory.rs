//! The memory for a stream. A separate binary, since the peak is that of the process.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]
#![allow(clippy::print_stdout, reason = "measurements are visible with --nocapture")]

use auth_core::Transport;
use auth_sandbox::{FaultServer, Raw};
use auth_transport::{Call, Error, ResponseValue};
use integration_tests::memory;

const MEBIBYTE: usize = 1024 * 1024;

/// Permitted growth of the process.
const ROOM: usize = 16 * MEBIBYTE;

/// Row: a stream of any size.
#[tokio::test]
async fn a_stream_of_a_gibibyte_takes_no_memory() {
    // The whole stream is read on every system; not every system reports the memory of a process.
    let start = memory("VmRSS");
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
    let grown = start.and_then(|start| Some(memory("VmHWM")?.saturating_sub(start)));
    println!("after {size} bytes: {grown:?} bytes above the start");
    assert_eq!(size, 1024 * MEBIBYTE);
    assert!(grown.is_none_or(|grown| grown < ROOM), "{grown:?} bytes");
    assert!(grown.is_some() || !cfg!(target_os = "linux"), "Linux reports the memory of a process");
}
