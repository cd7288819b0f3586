//! Errors and warnings with their places, and types for text that is safe to write in one place.
//!
//! A [`Problem`] has a message, a place and a remedy; [`render()`] prints it with the lines of the file. [`text`] has a type
//! for each place that text of a document is written to.

pub mod conflict;
mod problem;
mod render;
pub mod text;

pub use problem::{Problem, Problems, Result, Severity, plural};
pub use render::{render, render_problem};
