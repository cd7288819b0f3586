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

pub(crate) use advice::{
    Access, MAX_DOCUMENT_BYTES, advice, cannot_print, cannot_read, cannot_write, decode, print, read_limited, read_text,
};
pub(crate) use change::Change;
pub(crate) use lock::Lock;
pub(crate) use place::Place;
pub(crate) use undo::recover;

/// The folder at the root.
const FOLDER: &str = ".xtask";

/// In that folder, the stage with the contents of the files that change.
const STAGE: &str = "stage";

/// On the stage, what has to be done to undo the changes; as long as it is there, they are not done.
const JOURNAL: &str = "journal.json";

/// What the journal is called when all changes are done.
const DONE: &str = "done.json";
