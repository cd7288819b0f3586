//! Unified diffs of two texts.

use similar::TextDiff;

/// How many lines of a diff are printed.
const MAX_LINES_SHOWN: usize = 120;

/// Returns the unified diff of a file, cut after [`MAX_LINES_SHOWN`] lines.
pub fn diff(file: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let text = diff.unified_diff().context_radius(3).header(&format!("a/{file}"), &format!("b/{file}")).to_string();
    cut(&text)
}

fn cut(text: &str) -> String {
    let count = text.lines().count();
    if count <= MAX_LINES_SHOWN {
        return text.to_owned();
    }
    let mut shown = text.lines().take(MAX_LINES_SHOWN).map(|line| format!("{line}\n")).collect::<String>();
    shown.push_str(&format!("... {} more lines of this diff are not shown\n", count - MAX_LINES_SHOWN));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_is_shown_with_its_neighbours() {
        let text = diff("x", "a\nb\nc\n", "a\nB\nc\n");
        assert!(text.starts_with("--- a/x\n+++ b/x\n"), "{text}");
        assert!(text.contains("\n a\n-b\n+B\n c\n"), "{text}");
    }

    #[test]
    fn a_long_diff_is_cut_with_a_note() {
        let new = (0..1000).map(|n| format!("{n}\n")).collect::<String>();
        let text = diff("x", "", &new);
        assert!(text.lines().count() == MAX_LINES_SHOWN + 1 && text.contains("more lines of this diff"), "{text}");
    }
}
