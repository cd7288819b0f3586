//! What sharing tokens costs, on a `redis-server` that it starts and on a folder: `cargo bench -p auth-fleet --bench fleet [PART]...`.
//!
//! The parts are `hits`, `renewal`, `warming`, `memory` and `growth`; without one, all of them are measured.
#![cfg_attr(unix, allow(clippy::unwrap_used, reason = "a failed step of a benchmark is a failed benchmark"))]

#[cfg(unix)]
mod growth;
#[cfg(unix)]
mod hits;
#[cfg(unix)]
mod memory;
#[cfg(unix)]
mod renewal;
#[cfg(unix)]
#[allow(dead_code, reason = "the benchmarks use a part of it")]
mod support;
#[cfg(unix)]
mod warming;

#[cfg(not(unix))]
fn main() {
    eprintln!("these benchmarks are for Linux and Apple's systems");
}

#[cfg(unix)]
fn main() {
    use tokio::runtime::Builder;

    if growth::is_child() {
        return;
    }
    let parts: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let is_wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    if !support::redis_server::is_installed("redis-server") {
        return;
    }
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let all: [(&str, &dyn Fn()); 5] = [
        ("hits", &|| hits::measure(&runtime)),
        ("renewal", &|| renewal::measure(&runtime)),
        ("warming", &|| warming::measure(&runtime)),
        ("memory", &|| memory::measure(&runtime)),
        ("growth", &growth::measure),
    ];
    for (part, measure) in all {
        if is_wanted(part) {
            measure();
        }
    }
}
