//! What generated types are made of, so that they read what servers send and write it back.

#[cfg(feature = "decimal")]
mod decimal;
mod open_enum;
mod verbatim;

#[cfg(feature = "decimal")]
pub use decimal::DecimalNumber;
pub use open_enum::read_open_enum;
pub use verbatim::{InvalidText, Verbatim};
mod further_members;

pub use further_members::FurtherMembers;
