//! How generated types are read.

mod open_enum;

pub use open_enum::read_open_enum;
