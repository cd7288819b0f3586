//! Reading the JSON of bodies.

pub mod union;
