//! Writes files: one command at a time, and all changes of a command or none.
//!
//! The lock is in the folder `.xtask` at the root of the workspace, which git ignores. So are the new and the old contents
//! of files while they change: on the file system of the files, so that one rename puts each in place, and where cargo
//! finds no member of the workspace.

mod advice;
mod change;
mod disk;
mod lock;
mod place;
mod undo;

pub use advice::{
    Access, MAX_DOCUMENT_BYTES, advice, cannot_print, cannot_read, cannot_write, decode, print, read_limited, read_text,
};
pub use change::Change;
pub use disk::sha256;
pub use lock::Lock;
pub use place::Place;
pub use undo::recover;
