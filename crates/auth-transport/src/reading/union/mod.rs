//! Which member of a union a value is: what generated code for `oneOf` and `anyOf` uses.
//!
//! - [`Shape`] is a table of what a schema says about JSON: types, members, lists of values.
//! - [`Union`] is the table of a generated enum. It compares a value with the shape of each member before anything is read,
//!   then reads the member that keeps the most of the value.
//! - [`tagged`] writes the tag of a member that does not have one.
//!
//! Only generated code uses this module, and it changes together with [`generated_code_version!`](crate::generated_code_version).

mod choice;
mod compare;
mod fit;
mod json;
mod memory;
mod shape;
mod tagged;

pub use choice::{Member, Text, Union};
pub use shape::{ANY, BOOLEAN, INTEGER, NULL, NUMBER, Property, STRING, Shape, optional, required};
pub use tagged::tagged;
