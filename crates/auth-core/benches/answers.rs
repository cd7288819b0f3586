//! The cost of reading answers tolerantly: `cargo bench -p auth-core --bench answers`.

#![allow(clippy::unwrap_used, reason = "a failed step of a benchmark is a failed benchmark")]

#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use std::alloc::System;

use auth_transport::{Received, read_json};
use lean_customers::types::Customer;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use support::report::{Report, ratio, spread};
use support::rounds::{Contender, nanoseconds};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Number of customers in the answer.
const CUSTOMERS: usize = 100;

/// Reads an answer.
type Row<'run> = (&'static str, Box<dyn Fn() + 'run>);

/// The same members without tolerance; other members are skipped.
#[derive(Deserialize)]
#[allow(dead_code, reason = "only reading is measured")]
struct Plain<Time> {
    app_id: Option<String>,
    app_user_id: Option<String>,
    created_at: Option<Time>,
    customer_id: String,
}

fn main() {
    compare(|customer| customer.created_at);
}

/// The argument tells the type of the time, whose crate is not in scope.
fn compare<Time: DeserializeOwned>(_: fn(Customer) -> Received<Time>) {
    let documented = answer(|_| String::new());
    let undocumented = answer(|_| r#","new_field":{"a":[1,"text"]}"#.to_owned());
    let digits = answer(|_| r#","new_field":123456789012345678901234567890"#.to_owned());
    let other = answer(|index| if index == 50 { r#","app_user_id":7"#.to_owned() } else { String::new() });
    let plain = |text: &str| drop(serde_json::from_str::<Vec<Plain<Time>>>(text).unwrap());
    let parsed = |text: &str| drop(serde_json::from_str::<Vec<Customer>>(text).unwrap());
    let read = |text: &str| drop(read_json::<Vec<Customer>>(text).unwrap());
    let rows: [Row<'_>; 8] = [
        ("floor: serde_json, plain members", Box::new(|| plain(&documented))),
        ("the same, an undocumented member in each object", Box::new(|| plain(&undocumented))),
        ("serde_json, generated type", Box::new(|| parsed(&documented))),
        ("the same, an undocumented member in each object", Box::new(|| parsed(&undocumented))),
        ("read_json, as documented", Box::new(|| read(&documented))),
        ("read_json, an undocumented member in each object", Box::new(|| read(&undocumented))),
        ("read_json, such a member with 30 digits", Box::new(|| read(&digits))),
        ("read_json, one member has another type", Box::new(|| read(&other))),
    ];
    let allocations = rows.iter().map(|(_, run)| {
        let region = Region::new(ALLOCATOR);
        run();
        let change = region.change();
        change.allocations + change.reallocations
    });
    let allocations = allocations.collect::<Vec<_>>();
    let figures = nanoseconds(&mut rows.iter().map(|(name, run)| Contender::of(name, run)).collect::<Vec<_>>());
    let header = ["", "µs, median of 5", "lowest – highest", "× floor", "allocations"];
    let mut report = Report::new(format!("An answer with {CUSTOMERS} customers, {} bytes", documented.len()), &header);
    for (row, (name, _)) in rows.iter().enumerate() {
        let [middle, extremes] = spread(figures[row].map(|nanoseconds| nanoseconds / 1e3), 1);
        let times = format!("{:.2}", ratio(&figures[row], &figures[0]));
        report.row([(*name).to_owned(), middle, extremes, times, allocations[row].to_string()]);
    }
}

/// A list of customers with more members.
fn answer(more: impl Fn(usize) -> String) -> String {
    let customers = (0..CUSTOMERS).map(|index| {
        let user = if more(index).contains("app_user_id") { "" } else { r#""app_user_id":"user-5f0c21","# };
        format!(
            r#"{{"app_id":"67e55044-10b1-426f-9247-bb680e5fe0c8",{user}"created_at":"2025-02-25T11:40:31.981Z","customer_id":"f08fb010-{index:04}-4a0e-9c58-3a1c4f0e2d51"{}}}"#,
            more(index)
        )
    });
    format!("[{}]", customers.collect::<Vec<_>>().join(","))
}
