//! How much work was done: tests hold that it grows as documents do, by counts and not by seconds.

/// Notes that this many steps were taken: nodes visited, references followed, names tried, members merged.
#[inline]
pub(crate) fn step(count: usize) {
    #[cfg(test)]
    counted::add(count);
    let _ = count;
}

#[cfg(test)]
pub(crate) use counted::of;

#[cfg(test)]
mod counted {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn add(count: usize) {
        STEPS.set(STEPS.get() + count);
    }

    /// The number of steps that this takes.
    pub(crate) fn of(run: impl FnOnce()) -> usize {
        let before = STEPS.get();
        run();
        STEPS.get() - before
    }
}
