//! What generated types are made of, so that they read what servers send and write it back.

mod further_members;

pub use further_members::FurtherMembers;
