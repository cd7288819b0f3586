//! What generated types are made of, so that they read what servers send and write it back.

#[cfg(feature = "decimal")]
mod decimal;
mod further_members;
mod open_enum;
mod verbatim;

#[cfg(feature = "decimal")]
pub use decimal::DecimalNumber;
pub use further_members::FurtherMembers;
pub use open_enum::read_open_enum;
pub use verbatim::{InvalidText, Verbatim};
