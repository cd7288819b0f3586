//! How generated types are read.

mod present;

pub use present::present;
