//! What was found out about the parts of a text, so that unions in unions are compared once.

use std::cell::RefCell;
use std::collections::HashMap;

use super::super::notes;
use super::fit::Fit;

/// The deepest nesting that is read, as in `serde_json`. A union reads its members as texts of their own, which would start the
/// count of `serde_json` again.
const MAX_DEPTH: usize = 128;

/// The text around everything that is read, and what is known about its parts.
#[derive(Default)]
struct Memory {
    start: usize,
    end: usize,
    /// By the place of a value in memory and that of the shape of a union.
    fits: HashMap<(usize, usize), Option<Fit>>,
    /// By the place of a value in memory, that of a union, and whether what does not fit may be kept: the member that was read.
    choices: HashMap<(usize, usize, bool), Option<usize>>,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// Makes `text` the text that is remembered, unless it is a part of that text; the guard restores the state before.
///
/// Returns `None` if the text is nested too deep.
pub(super) fn enter(text: &str) -> Option<Guard> {
    let (start, end) = (text.as_ptr() as usize, text.as_ptr() as usize + text.len());
    if MEMORY.with_borrow(|memory| memory.start <= start && end <= memory.end) {
        return Some(Guard(None));
    }
    (depth(text) <= MAX_DEPTH).then(|| Guard(Some(MEMORY.replace(Memory { start, end, ..Memory::default() }))))
}

/// Restores the memory of the text around.
pub(super) struct Guard(Option<Memory>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(outer) = self.0.take() {
            MEMORY.set(outer);
        }
    }
}

/// The place of a value, which stays as long as the text around it, and that of a table.
fn key<T>(text: &str, table: &T) -> (usize, usize) {
    (text.as_ptr() as usize, std::ptr::from_ref(table) as usize)
}

fn choice_key<T>(text: &str, table: &T) -> (usize, usize, bool) {
    let (text, table) = key(text, table);
    (text, table, notes::is_tolerant())
}

/// How a value compares with the shape of a union. The first call for both compares them.
pub(super) fn fit<T>(text: &str, table: &T, compare: impl FnOnce() -> Option<Fit>) -> Option<Fit> {
    let key = key(text, table);
    if let Some(known) = MEMORY.with_borrow(|memory| memory.fits.get(&key).copied()) {
        return known;
    }
    let fit = compare();
    MEMORY.with_borrow_mut(|memory| memory.fits.insert(key, fit));
    fit
}

/// The member of a union that was read from this value: `Some(None)` if none could be.
pub(super) fn choice<T>(text: &str, table: &T) -> Option<Option<usize>> {
    MEMORY.with_borrow(|memory| memory.choices.get(&choice_key(text, table)).copied())
}

/// Notes which member of a union was read from this value.
pub(super) fn choose<T>(text: &str, table: &T, member: Option<usize>) {
    MEMORY.with_borrow_mut(|memory| memory.choices.insert(choice_key(text, table), member));
}

/// How deep lists and objects are nested.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut bytes) = (0_usize, 0, text.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next().filter(|byte| *byte != b'"') {
                    if byte == b'\\' {
                        bytes.next();
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_depth_counts_lists_and_objects_outside_of_texts() {
        for (text, deepest) in
            [("1", 0), ("[]", 1), ("[{}]", 2), ("[[],[[]]]", 3), (r#"{"[[{":"\"[[["}"#, 1), (r#"["\\",[]]"#, 2)]
        {
            assert_eq!(depth(text), deepest, "{text}");
        }
    }

    #[test]
    fn a_part_of_a_text_shares_its_memory_and_another_text_does_not() {
        let (text, other) = ("[[1]]".to_owned(), "[2]".to_owned());
        let known = || choice(&text[1..4], &());
        let outer = enter(&text).unwrap();
        choose(&text[1..4], &(), Some(7));
        {
            let _part = enter(&text[1..4]).unwrap();
            assert_eq!(known(), Some(Some(7)));
            let _other = enter(&other).unwrap();
            assert_eq!(known(), None);
        }
        assert_eq!(known(), Some(Some(7)));
        drop(outer);
        assert_eq!(known(), None);
        assert!(enter(&"[".repeat(MAX_DEPTH + 1)).is_none());
    }
}
