//! What a token costs a shell and a program in another language: `cargo bench -p auth-cli --bench program [PART]...`.
//!
//! The parts are `get`, `serve`, `memory` and `size`; without one, all of them are measured. `build` is measured only if it is
//! named.
#![cfg_attr(unix, allow(clippy::unwrap_used, reason = "a failed step of a benchmark is a failed benchmark"))]

#[cfg(unix)]
mod get;
#[cfg(unix)]
mod memory;
#[cfg(unix)]
mod serve;
#[cfg(unix)]
mod size;
#[cfg(unix)]
#[allow(dead_code, reason = "the benchmarks use a part of it")]
mod support;

#[cfg(not(unix))]
fn main() {
    eprintln!("these benchmarks are for Linux and Apple's systems");
}

#[cfg(unix)]
fn main() {
    if support::bare::is_child() {
        return;
    }
    let parts: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let all: [(&str, fn()); 5] = [
        ("get", get::measure),
        ("serve", serve::measure),
        ("memory", memory::measure),
        ("size", size::measure),
        ("build", size::measure_build),
    ];
    for (part, measure) in all {
        let is_wanted = if parts.is_empty() { part != "build" } else { parts.iter().any(|wanted| wanted == part) };
        if is_wanted {
            measure();
        }
    }
}
