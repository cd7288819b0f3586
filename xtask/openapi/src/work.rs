//! How much work was done: tests check that it grows as documents do, by counts and not by seconds.

use std::cell::Cell;

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Counts steps: nodes visited, references followed, names tried, members merged.
#[inline]
pub fn step(count: usize) {
    STEPS.set(STEPS.get() + count);
}

/// The number of steps that `run` takes on this thread.
pub fn of(run: impl FnOnce()) -> usize {
    let before = STEPS.get();
    run();
    STEPS.get() - before
}
