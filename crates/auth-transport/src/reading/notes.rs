//! What types that read a part of a body tell the reader around them.
//!
//! serde gives a type nothing but its own part, so its notes go through the thread, which reads one body at a time: they are
//! taken by the reader as soon as the type has returned.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use super::drift::{Differences, Drift, DriftKind};
use super::path::{Path, Segment};

/// The deepest nesting that is read, as in `serde_json`; each level takes room on the stack.
pub(super) const MAX_DEPTH: usize = 128;

/// A body may be read this many times in total, nested parts included. After that, members are kept as text untried.
const MAX_PASSES: usize = 64;

/// Room for small bodies, in bytes.
const LEAST_WORK: usize = 64 * 1024;

/// The state of the body that this thread reads.
#[derive(Debug)]
struct State {
    /// Whether one is being read.
    reads: Cell<bool>,
    /// Whether the current pass keeps what does not fit.
    tolerant: Cell<bool>,
    /// The depth of the part whose text was last passed on.
    depth: Cell<usize>,
    /// The number of bytes that may still be read.
    work: Cell<usize>,
    has_notes: Cell<bool>,
    notes: RefCell<Differences>,
}

thread_local! {
    static STATE: State = const {
        State {
            reads: Cell::new(false),
            tolerant: Cell::new(false),
            depth: Cell::new(0),
            work: Cell::new(0),
            has_notes: Cell::new(false),
            notes: RefCell::new(Differences { drifts: vec![] }),
        }
    };
}

/// The part of a body that is read next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) depth: usize,
    /// Whether what does not fit may be kept.
    pub(super) tolerant: bool,
}

/// Begins a part of this many bytes, which is a whole body if none is being read. `None` if too much has been read already.
pub(super) fn begin(bytes: usize) -> Option<(Part, Guard)> {
    STATE.with(|state| {
        let outermost = !state.reads.replace(true);
        if outermost {
            state.work.set(bytes.saturating_mul(MAX_PASSES).saturating_add(LEAST_WORK));
            state.tolerant.set(true);
            state.depth.set(0);
        }
        let part = Part { depth: state.depth.get(), tolerant: state.tolerant.get() };
        let guard = Guard { outermost, part };
        // If no work is left, dropping the guard ends the part.
        spend(bytes).then_some((part, guard))
    })
}

/// Ends a part, also after a panic.
#[derive(Debug)]
pub(super) struct Guard {
    outermost: bool,
    part: Part,
}

impl Drop for Guard {
    fn drop(&mut self) {
        STATE.with(|state| {
            state.depth.set(self.part.depth);
            state.tolerant.set(self.part.tolerant);
            if self.outermost {
                state.reads.set(false);
                take();
            }
        });
    }
}

/// Counts bytes that are read; false if there were too many.
pub(super) fn spend(bytes: usize) -> bool {
    STATE.with(|state| {
        let left = state.work.get().checked_sub(bytes);
        left.inspect(|left| state.work.set(*left)).is_some()
    })
}

/// States where the text that is passed on next comes from.
pub(super) fn passes_on(part: Part) {
    STATE.with(|state| {
        state.depth.set(part.depth);
        state.tolerant.set(part.tolerant);
    });
}

/// Whether the value being read may keep what does not fit.
pub(super) fn is_tolerant() -> bool {
    STATE.with(|state| state.reads.get() && state.tolerant.get())
}

/// Notes that the value being read is different.
pub(super) fn note(kind: DriftKind) {
    note_at(Path::default(), kind);
}

/// Notes a difference inside of the value being read.
pub(super) fn note_at(path: Path, kind: DriftKind) {
    note_all(|notes| notes.add(Drift::at(path, kind)));
}

/// Notes that a member of the object being read is absent although it is required.
pub(super) fn note_absent(name: &str) {
    note_at(Path(vec![Segment::Known(Cow::Owned(name.to_owned()))]), DriftKind::Absent);
}

/// Notes differences inside of the value being read.
pub(super) fn note_part(part: Differences) {
    if !part.is_empty() {
        note_all(|notes| notes.add_all(part, &[]));
    }
}

/// Reads a part whose place inside of the current value is not known, and moves its notes to there.
pub(super) fn inside<T>(read: impl FnOnce() -> T) -> T {
    let before = take();
    let value = read();
    let found = take();
    before.into_iter().for_each(note_part);
    if let Some(found) = found {
        note_all(|notes| notes.add_all(found, &[Segment::Any]));
    }
    value
}

fn note_all(add: impl FnOnce(&mut Differences)) {
    STATE.with(|state| {
        if state.reads.get() {
            add(&mut state.notes.borrow_mut());
            state.has_notes.set(true);
        }
    });
}

/// Takes the notes, if there are any.
pub(super) fn take() -> Option<Differences> {
    STATE.with(|state| state.has_notes.replace(false).then(|| state.notes.take()))
}
