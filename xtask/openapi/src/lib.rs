//! OpenAPI documents: text, value, the line of each node, pointers, references, walks, overlays.
//!
//! [`Document`] is a file as its author wrote it. [`overlay::apply`] corrects its value; [`walk`] visits and changes it.

pub mod closure;
mod document;
pub mod operations;
mod origins;
pub mod overlay;
mod parse;
pub mod pointer;
mod positions;
pub mod reference;
pub mod walk;
#[doc(hidden)]
pub mod work;

pub use document::{Document, sha256};
pub use origins::Origins;
pub use parse::MAX_DEPTH;
pub use positions::Positions;
pub use walk::NodeKind;
