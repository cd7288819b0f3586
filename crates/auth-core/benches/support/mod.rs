//! Shared code of the benchmarks.

pub(crate) mod contestants;
pub(crate) mod process;
pub(crate) mod report;
pub(crate) mod rounds;
pub(crate) mod server;

use auth_core::Scope;

/// The scope of a Lean customer, as long as a real one.
pub(crate) fn customer(number: usize) -> Scope {
    let scope = format!("customer.{:08x}-0000-4000-8000-{number:012x}", number.wrapping_mul(0x9E37_79B1) & 0xFFFF_FFFF);
    scope.parse().unwrap()
}
