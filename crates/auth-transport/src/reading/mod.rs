//! What generated types are made of, so that they read what servers send and write it back.

mod further_members;
mod open_enum;
pub mod union;

pub use further_members::FurtherMembers;
pub use open_enum::read_open_enum;
