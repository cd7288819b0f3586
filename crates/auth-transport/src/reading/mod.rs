//! What generated types are made of, so that they read what servers send and write it back.

mod further_members;
mod present;

pub use further_members::FurtherMembers;
pub use present::present;
