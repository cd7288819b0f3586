//! Counts work, so that tests can check without a clock that it grows linearly with the document.

use std::cell::Cell;

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Counts steps: nodes visited, references followed, names tried, members merged.
#[inline]
pub fn step(count: usize) {
    STEPS.set(STEPS.get() + count);
}

/// The number of steps that `run` performs on this thread.
pub fn of(run: impl FnOnce()) -> usize {
    let before = STEPS.get();
    run();
    STEPS.get() - before
}
