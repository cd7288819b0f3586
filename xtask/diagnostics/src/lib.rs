//! Problems with their places, and text that is safe at the place where it goes.
//!
//! A [`Problem`] says what went wrong, where, and what to do about it; [`render()`] shows it with the offending lines. [`text`]
//! has a type for each place that the text of a document may go to.

pub mod conflict;
mod problem;
mod render;
pub mod text;

pub use problem::{Problem, Problems, Result, Severity, plural};
pub use render::{one, render};
