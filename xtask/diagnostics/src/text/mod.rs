//! Types for text of documents, one for each place that it is written to.
//!
//! The author of a document decides what its descriptions, names and addresses contain. Each place that they are written to
//! has a type: [`Markdown`], [`Rust`], [`Toml`] and [`Terminal`]. Only the constructors of the type turn raw text into text
//! of that place. The program's own words are `&'static str`; text of a document never is.

mod markdown;
mod render;
mod rust;
#[doc(hidden)]
pub mod safe;
mod terminal;
mod toml;

pub use markdown::Markdown;
pub use rust::{Piece, Rust, is_identifier};
pub use safe::{Part, Text, fill, is_hidden};
pub use terminal::Terminal;
pub use toml::Toml;
