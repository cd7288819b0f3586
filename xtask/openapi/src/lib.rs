//! OpenAPI documents: text, value, the line of each node, pointers, references, bundles, walks, overlays.
//!
//! [`Document`] is a file as its author wrote it. [`bundle::bundle`] includes the files that it refers to, [`overlay::apply`]
//! corrects its value; [`walk`] visits and changes it.

mod bases;
pub mod bundle;
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

pub use bases::Bases;
pub use document::{Document, Part, Source, sha256};
pub use origins::{Origin, Origins};
pub use parse::MAX_DEPTH;
pub use positions::Positions;
pub use walk::NodeKind;
