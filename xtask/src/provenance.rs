//! The table in `specs/README.md` that says which bytes each document has.

use std::fs;

use crate::problem::{Problem, Result};
use crate::workspace::Workspace;

/// Where the table stands.
pub(crate) const FILE: &str = "specs/README.md";

/// The sums that the table states, file by file.
#[derive(Debug)]
pub(crate) struct Provenance {
    rows: Vec<Row>,
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    file: String,
    sha256: Option<String>,
    line: usize,
}

impl Provenance {
    /// Reads the table.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let text = fs::read_to_string(workspace.path(FILE)).map_err(|error| {
            Problem::new(format!("cannot read the record of the documents: {error}"))
                .file(FILE)
                .remedy("restore the file; it holds a table with the columns `file` and `sha256`")
        })?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut columns = None;
        let mut rows = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let Some(cells) = cells(line) else {
                if !rows.is_empty() {
                    break;
                }
                columns = None;
                continue;
            };
            match columns {
                None => {
                    let position = |name: &str| cells.iter().position(|cell| cell.eq_ignore_ascii_case(name));
                    columns = position("file").zip(position("sha256"));
                }
                Some((file, sha256)) => {
                    let (Some(file), Some(sum)) = (cells.get(file), cells.get(sha256)) else {
                        continue;
                    };
                    if file.chars().all(|c| c == '-' || c == ':') {
                        continue;
                    }
                    let is_sum = sum.len() == 64 && sum.chars().all(|c| c.is_ascii_hexdigit());
                    rows.push(Row {
                        file: file.clone(),
                        sha256: is_sum.then(|| sum.to_ascii_lowercase()),
                        line: index + 1,
                    });
                }
            }
        }
        if rows.is_empty() {
            return Err(Problem::new("there is no table with the columns `file` and `sha256`")
                .file(FILE)
                .remedy("add the table; each document needs a row")
                .into());
        }
        Ok(Self { rows })
    }

    /// Compares a document's sum with the table.
    ///
    /// # Errors
    ///
    /// Fails if the document has no row with a sum, or if the sums differ.
    pub(crate) fn check(&self, file: &str, sha256: &str) -> Result<()> {
        let name = file.rsplit('/').next().unwrap_or(file);
        let row = self.rows.iter().find(|row| row.file == name);
        let problem = match row {
            Some(Row { sha256: Some(stated), .. }) if stated == sha256 => return Ok(()),
            Some(Row { sha256: Some(stated), line, .. }) => {
                Problem::new(format!("{file} is not the document on record: its sha256 is {sha256}, not {stated}"))
                    .line(Some(*line))
                    .remedy(format!(
                        "restore {file}; or, if the change is meant, put {sha256} and its source into the row"
                    ))
            }
            Some(Row { line, .. }) => Problem::new(format!("the row of {name} states no sha256"))
                .line(Some(*line))
                .remedy(format!("put {sha256} into the row")),
            None => Problem::new(format!("there is no row for {name}"))
                .remedy(format!("add one with source, date and the sha256 {sha256}")),
        };
        Err(problem.file(FILE).into())
    }
}

/// The cells of a table row, without the code marks around them.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?;
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    Some(inner.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM: &str = "1edeb3bd76a747439fe1f4d66d3a26fb9ff11cc3965c4e57669da771a3dae22a";

    fn table() -> Provenance {
        let text = format!(
            "# x\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n| file | what | sha256 |\n|---|---|---|\n\
             | `a.yaml` | x | `{SUM}` |\n| `b.yaml` | y | – |\n\n| file | sha256 |\n"
        );
        Provenance::parse(&text).expect("a table")
    }

    #[test]
    fn the_sum_on_record_is_accepted() {
        assert!(table().check("specs/a.yaml", SUM).is_ok());
    }

    #[test]
    fn another_sum_is_named_with_both_values_and_the_row() {
        let text = table().check("specs/a.yaml", "00").expect_err("differs").to_string();
        assert!(text.contains("sha256 is 00") && text.contains(SUM) && text.contains("specs/README.md:9"), "{text}");
    }

    #[test]
    fn a_missing_row_and_a_row_without_sum_are_refused() {
        assert!(table().check("specs/c.yaml", SUM).expect_err("no row").to_string().contains("no row for c.yaml"));
        assert!(table().check("specs/b.yaml", SUM).expect_err("no sum").to_string().contains("states no sha256"));
    }

    #[test]
    fn a_readme_without_table_is_refused() {
        assert!(Provenance::parse("# nothing\n").is_err());
    }
}
