//! Files that are written: one command at a time, and the changes of a command all or not at all.
//!
//! What a command needs for that lies in a folder `.xtask` at the root of the workspace, which git ignores: the lock, and
//! while files change, their new and their old contents. It is on the file system of the files, so that each of them is
//! put in place by one rename, and cargo never takes it for a member of the workspace.

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
