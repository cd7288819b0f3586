//! The cost of a token in a request, compared with the request: `cargo bench -p auth-core --bench bearer`.

#![allow(clippy::unwrap_used, reason = "a failed step of a benchmark is a failed benchmark")]

#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use std::alloc::System;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use auth_core::{BearerClient, TokenHandle};
use reqwest::Client;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::runtime::{Builder, Runtime};

use support::contestants::ours;
use support::customer;
use support::report::{Report, Target, ratio, spread};
use support::rounds::{Contender, nanoseconds};
use support::server::Server;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Number of calls whose allocations are counted.
const COUNTED: u32 = 2_000;

/// Calls the API this many times and reads the responses.
type Call<'run> = Box<dyn Fn(u32) + 'run>;

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let base_url = api();
    let server = Arc::new(Server::new(Duration::ZERO, Duration::from_secs(3_600)));
    let tokens = ours(&server).handle(&customer(0));
    let client = Client::builder().no_proxy().build().unwrap();
    let url = format!("{base_url}/customers/v1");
    let bearer = BearerClient::over(tokens.clone(), &base_url, client.clone()).unwrap();
    let header = runtime.block_on(tokens.access_token()).unwrap().authorization();

    let calls: [(&'static str, Call<'_>); 4] = [
        (
            "floor: reqwest, with a prebuilt header",
            repeating(&runtime, async || {
                let answer = client.get(&url).header("authorization", header.clone()).send().await.unwrap();
                answer.bytes().await.unwrap().len()
            }),
        ),
        (
            "the same again",
            repeating(&runtime, async || {
                let answer = client.get(&url).header("authorization", header.clone()).send().await.unwrap();
                answer.bytes().await.unwrap().len()
            }),
        ),
        ("reqwest, the token requested by hand", repeating(&runtime, async || by_hand(&tokens, &client, &url).await)),
        (
            "BearerClient",
            repeating(&runtime, async || {
                let answer = bearer.get("/customers/v1").send().await.unwrap();
                answer.bytes().await.unwrap().len()
            }),
        ),
    ];
    let allocations: Vec<f64> = calls.iter().map(|(_, call)| allocations(call)).collect();
    let mut contenders: Vec<_> = calls.iter().map(|(name, call)| Contender::repeating(name, call)).collect();
    let figures = nanoseconds(&mut contenders);
    let header = ["", "µs, median of 5", "lowest – highest", "× floor", "target", "", "allocations", "more"];
    let mut report = Report::new("A call on loopback over a kept-alive connection, one thread", &header);
    for (row, (name, _)) in calls.iter().enumerate() {
        let target = (*name == "BearerClient").then_some(Target::AtMost(1.02));
        let times = ratio(&figures[row], &figures[0]);
        let [middle, extremes] = spread(figures[row].map(|nanoseconds| nanoseconds / 1e3), 1);
        let [limit, mark] = Target::cells(target, times);
        let counts = [allocations[row], allocations[row] - allocations[0]].map(|count| format!("{count:.1}"));
        report
            .row([(*name).to_owned(), middle, extremes, format!("{times:.3}"), limit, mark].into_iter().chain(counts));
    }
}

async fn by_hand(tokens: &TokenHandle, client: &Client, url: &str) -> usize {
    let token = tokens.access_token().await.unwrap();
    let answer = client.get(url).header("authorization", token.authorization()).send().await.unwrap();
    answer.bytes().await.unwrap().len()
}

fn repeating<'run>(runtime: &'run Runtime, call: impl AsyncFn() -> usize + 'run) -> Call<'run> {
    Box::new(move |times| {
        runtime.block_on(async {
            for _ in 0..times {
                assert_eq!(call().await, 2);
            }
        });
    })
}

/// Allocations of one call; the server makes none.
fn allocations(call: impl Fn(u32)) -> f64 {
    call(100);
    let region = Region::new(ALLOCATOR);
    call(COUNTED);
    let change = region.change();
    (change.allocations + change.reallocations) as f64 / f64::from(COUNTED)
}

/// An API on a separate thread that answers every request on every connection with `{}`, without an allocation.
fn api() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    format!("http://{address}")
}

fn answer(mut stream: TcpStream) {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    stream.set_nodelay(true).unwrap();
    let (mut buffer, mut filled) = ([0; 8192], 0);
    while let Ok(read @ 1..) = stream.read(&mut buffer[filled..]) {
        filled += read;
        if buffer[..filled].ends_with(b"\r\n\r\n") {
            filled = 0;
            if stream.write_all(ANSWER).is_err() {
                return;
            }
        }
    }
}
