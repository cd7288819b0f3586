//! Text of documents, by the place where it may go.
//!
//! A document says what it likes: its descriptions, names and addresses are written by others. Each place that a text can
//! go to has its own type, [`Markdown`], [`Rust`], [`Toml`] and [`Terminal`], and the constructors of a type are the only
//! way from a raw text to that place. What this program says itself is a `&'static str`; no text of a document is one.

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
