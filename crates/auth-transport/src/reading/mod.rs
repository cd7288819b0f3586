//! How generated types are read.

mod present;

pub use present::present;
//! What generated types are made of, so that they read what servers send and write it back.

mod further_members;

pub use further_members::FurtherMembers;
