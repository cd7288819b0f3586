//! The cells of a row of a table in Markdown.

/// The cells of a table row, without the code marks around them.
pub(super) fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?;
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    Some(split(inner).map(|cell| cell.trim().trim_matches('`').to_owned()).collect())
}

/// Returns a table row with new contents in some of its cells.
pub(super) fn with_cells(line: &str, changes: &[(usize, String)]) -> String {
    let change = |(index, cell): (usize, &str)| {
        // The text before the first bar is not a cell.
        let new = index.checked_sub(1).and_then(|index| changes.iter().find(|(at, _)| *at == index));
        new.map_or_else(|| cell.to_owned(), |(_, text)| format!(" {text} "))
    };
    split(line).enumerate().map(change).collect::<Vec<_>>().join("|")
}

/// Splits a row at its bars; a bar after a backslash is text.
pub(super) fn split(line: &str) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    line.split(move |c| {
        let is_bar = c == '|' && !escaped;
        escaped = c == '\\' && !escaped;
        is_bar
    })
}
