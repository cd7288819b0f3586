//! The record of the documents: the table in `specs/README.md` with their sources and checksums.

mod cells;

use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

use diagnostics::conflict;
use diagnostics::text::Markdown;
use diagnostics::{Problem, Result};

use self::cells::{cells, with_cells};
use crate::files;
use crate::files::sha256;
use crate::workspace::Workspace;

/// The file with the table.
pub const FILE: &str = "specs/README.md";

/// The record of the documents.
#[derive(Debug)]
pub struct Provenance {
    text: Arc<str>,
    columns: Columns,
    rows: Vec<Row>,
}

/// The position of each column.
#[derive(Clone, Copy, Debug)]
struct Columns {
    count: usize,
    file: usize,
    sha256: usize,
    source: Option<usize>,
    retrieved: Option<usize>,
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    file: String,
    sha256: Option<String>,
    line: usize,
}

impl Provenance {
    /// Reads the table.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read or does not have the table.
    pub fn read(workspace: &Workspace) -> Result<Self> {
        let bytes = fs::read(workspace.path(FILE)).map_err(|error| {
            let problem = files::cannot_read("the record of the documents", FILE, &error);
            match error.kind() {
                ErrorKind::NotFound => {
                    problem.remedy("restore the file; it must have a table with the columns `file` and `sha256`")
                }
                _ => problem,
            }
        })?;
        let text = files::decode(bytes, "the record of the documents", FILE)?;
        conflict::refuse(FILE, &text)?;
        Self::parse(&text)
    }

    /// Reads the table in a text.
    ///
    /// # Errors
    ///
    /// Fails if the text does not have the table.
    pub fn parse(text: &str) -> Result<Self> {
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
                None => columns = Columns::of(&cells),
                Some(columns) => rows.extend(Row::of(columns, &cells, index + 1)),
            }
        }
        match columns {
            Some(columns) if !rows.is_empty() => Ok(Self { text: text.into(), columns, rows }),
            _ => Err(Problem::new("there is no table with the columns `file` and `sha256`")
                .file(FILE)
                .remedy("add the table; each document needs a row")
                .into()),
        }
    }

    /// The files that have a row, in the order of the table.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|row| row.file.as_str())
    }

    /// Whether the record has a checksum for this file.
    pub fn has_sum(&self, file: &str) -> bool {
        self.row(file).is_some_and(|row| row.sha256.is_some())
    }

    /// The line of a file's row.
    pub fn line(&self, file: &str) -> Option<usize> {
        self.row(file).map(|row| row.line)
    }

    /// Returns a problem for each row whose file has an earlier row.
    pub fn repeated(&self) -> Vec<Problem> {
        let is_repeated = |(index, row): &(usize, &Row)| self.rows[..*index].iter().any(|other| other.file == row.file);
        let repeated = self.rows.iter().enumerate().filter(is_repeated);
        let problem = |(_, row): (usize, &Row)| {
            self.problem(format!("{} has two rows", row.file)).line(Some(row.line)).remedy("keep one of the two")
        };
        repeated.map(problem).collect()
    }

    /// Returns the text of the file with a new checksum and date in a document's row, and a new source if one is given.
    ///
    /// # Errors
    ///
    /// Fails if the document has no row, or if the table lacks a column.
    pub fn updated(&self, file: &str, sha256: &str, retrieved: &str, source: Option<&str>) -> Result<String> {
        let Some(row) = self.row(file) else {
            return Err(self.missing(file, sha256).into());
        };
        let mut changes = vec![(self.columns.sha256, format!("`{sha256}`"))];
        changes.push((self.column(self.columns.retrieved, "retrieved")?, retrieved.to_owned()));
        if let Some(source) = source {
            changes.push((self.column(self.columns.source, "source")?, linked(source)));
        }
        let mut out = String::with_capacity(self.text.len());
        for (index, line) in self.text.split_inclusive('\n').enumerate() {
            if index + 1 == row.line {
                out.push_str(&with_cells(line, &changes));
            } else {
                out.push_str(line);
            }
        }
        Ok(out)
    }

    /// Returns the text of the file with these rows after the last one.
    ///
    /// # Errors
    ///
    /// Fails if one of the files already has a row, or if the table lacks a column.
    pub fn with(&self, rows: &[NewRow]) -> Result<String> {
        let (source, retrieved) =
            (self.column(self.columns.source, "source")?, self.column(self.columns.retrieved, "retrieved")?);
        let named = [self.columns.file, self.columns.sha256, source, retrieved];
        // The first column without another meaning describes the file.
        let what = (0..self.columns.count).find(|column| !named.contains(column));
        let mut lines = String::new();
        for row in rows {
            if let Some(old) = self.row(&row.file) {
                return Err(self
                    .problem(format!("there is a row for {}", old.file))
                    .line(Some(old.line))
                    .remedy("choose another name; or remove the row if the file does not exist any more")
                    .into());
            }
            let mut cells = vec![String::new(); self.columns.count];
            cells[self.columns.file] = format!("`{}`", row.file);
            cells[self.columns.sha256] = row.sha256.clone();
            cells[source] = row.source.clone();
            cells[retrieved] = row.retrieved.clone();
            if let Some(what) = what {
                cells[what] = row.what.in_cell().into_string();
            }
            lines.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        let last = self.rows.last().map_or(0, |row| row.line);
        let mut out = String::with_capacity(self.text.len() + lines.len());
        for (index, line) in self.text.split_inclusive('\n').enumerate() {
            out.push_str(line);
            if index + 1 == last {
                // The last line of a file may have no line break.
                out.push_str(if line.ends_with('\n') { "" } else { "\n" });
                out.push_str(&lines);
            }
        }
        Ok(out)
    }

    /// Returns the text of the file without the rows of these files.
    pub fn without(&self, files: &[String]) -> String {
        let gone = self.rows.iter().filter(|row| files.contains(&row.file)).map(|row| row.line).collect::<Vec<_>>();
        let lines = self.text.split_inclusive('\n').enumerate();
        lines.filter(|(index, _)| !gone.contains(&(index + 1))).map(|(_, line)| line).collect()
    }

    fn column(&self, column: Option<usize>, name: &str) -> Result<usize> {
        Ok(column.ok_or_else(|| {
            self.problem(format!("the table has no column `{name}`"))
                .remedy("add the column, and run the command again")
        })?)
    }

    fn row(&self, file: &str) -> Option<&Row> {
        let name = recorded(file);
        self.rows.iter().find(|row| row.file == name)
    }

    fn problem(&self, message: String) -> Problem {
        Problem::new(message).file(FILE).source(Arc::clone(&self.text))
    }

    fn missing(&self, file: &str, sha256: &str) -> Problem {
        let name = recorded(file);
        self.problem(format!("there is no row for {name}"))
            .remedy(format!("add one with source, date and the sha256 {sha256}"))
    }

    /// Compares the checksum of a document with the table; `text` is the document, without a byte order mark.
    ///
    /// # Errors
    ///
    /// Fails if the document has no row with a checksum, or if the checksums differ.
    pub fn check(&self, file: &str, sha256: &str, text: &[u8]) -> Result<()> {
        let problem = match self.row(file) {
            Some(Row { sha256: Some(stated), .. }) if stated == sha256 => return Ok(()),
            Some(Row { sha256: Some(stated), line, .. }) if is_converted(text, stated) => self
                .problem(format!("{file} is the document on record, but its line breaks have been converted"))
                .line(Some(*line))
                .remedy(format!(
                    "add the line `specs/** -text` to .gitattributes, delete {file}, and run `git checkout -- {file}`"
                )),
            Some(Row { sha256: Some(stated), line, .. }) => self
                .problem(format!("{file} is not the document on record: its sha256 is {sha256}, not {stated}"))
                .line(Some(*line))
                .remedy(format!(
                    "restore {file}; or, if the change is intended, put {sha256} and the source into the row"
                )),
            Some(Row { file, line, .. }) => self
                .problem(format!("the row of {file} has no sha256"))
                .line(Some(*line))
                .remedy(format!("put {sha256} into the row")),
            None => self.missing(file, sha256),
        };
        Err(problem.into())
    }
}

/// The name of a file in its row: its path in `specs/`.
fn recorded(file: &str) -> &str {
    file.strip_prefix("specs/").unwrap_or(file)
}

/// Whether a text with the line breaks of another system has this checksum.
fn is_converted(text: &[u8], stated: &str) -> bool {
    let text = String::from_utf8_lossy(text);
    let unix = text.replace("\r\n", "\n");
    [unix.replace('\n', "\r\n"), unix].iter().any(|other| sha256(other.as_bytes()) == stated)
}

/// A row to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRow {
    /// The file, by its path in `specs/`.
    pub file: String,
    /// The description of the file.
    pub what: Markdown,
    /// The source.
    pub source: String,
    /// The date.
    pub retrieved: String,
    /// The checksum, or a word in its place.
    pub sha256: String,
}

/// An address as a link.
pub fn linked(address: &str) -> String {
    format!("<{}>", address.replace('|', "%7C"))
}

impl Columns {
    fn of(cells: &[String]) -> Option<Self> {
        let position = |name: &str| cells.iter().position(|cell| cell.eq_ignore_ascii_case(name));
        let (file, sha256) = position("file").zip(position("sha256"))?;
        let (source, retrieved) = (position("source"), position("retrieved"));
        Some(Self { count: cells.len(), file, sha256, source, retrieved })
    }
}

impl Row {
    fn of(columns: Columns, cells: &[String], line: usize) -> Option<Self> {
        let (file, sum) = cells.get(columns.file).zip(cells.get(columns.sha256))?;
        let is_rule = file.chars().all(|c| c == '-' || c == ':');
        let is_sum = sum.len() == 64 && sum.chars().all(|c| c.is_ascii_hexdigit());
        let sha256 = is_sum.then(|| sum.to_ascii_lowercase());
        (!is_rule).then(|| Self { file: file.clone(), sha256, line })
    }
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
        assert!(table().check("specs/a.yaml", SUM, b"").is_ok());
    }

    #[test]
    fn another_sum_is_named_with_both_values_and_the_row() {
        let text = table().check("specs/a.yaml", "00", b"").expect_err("differs").to_string();
        assert!(text.contains("sha256 is 00") && text.contains(SUM) && text.contains("specs/README.md:9"), "{text}");
    }

    #[test]
    fn a_missing_row_and_a_row_without_sum_are_refused() {
        assert!(table().check("specs/c.yaml", SUM, b"").expect_err("no row").to_string().contains("no row for c.yaml"));
        assert!(table().check("specs/b.yaml", SUM, b"").expect_err("no sum").to_string().contains("has no sha256"));
    }

    #[test]
    fn a_readme_without_table_is_refused() {
        assert!(Provenance::parse("# nothing\n").is_err());
    }

    #[test]
    fn an_update_touches_only_its_row_and_cells() {
        let text = format!(
            "# x\n\n| file | what | source | retrieved | sha256 |\n|---|---|---|---|---|\n\
             | `a.yaml` | x \\| y | there | long ago | `{SUM}` |\n| `b.yaml` | y | | | `{SUM}` |\n\ntext | more |\n"
        );
        let table = Provenance::parse(&text).expect("a table");
        let new = "0".repeat(64);
        let kept = table.updated("specs/a.yaml", &new, "2026-11-23", None).expect("a row");
        let row = format!("| `a.yaml` | x \\| y | there | 2026-11-23 | `{new}` |");
        assert_eq!(
            kept,
            text.replacen(&format!("| there | long ago | `{SUM}` |"), &format!("| there | 2026-11-23 | `{new}` |"), 1)
        );
        assert!(kept.contains(&row), "{kept}");
        assert!(Provenance::parse(&kept).expect("a table").check("specs/a.yaml", &new, b"").is_ok());
        let moved = table.updated("a.yaml", &new, "2026-11-23", Some("https://a.example/x|y")).expect("a row");
        assert!(moved.contains("| <https://a.example/x%7Cy> | 2026-11-23 |"), "{moved}");
        assert!(table.updated("specs/c.yaml", &new, "2026-11-23", None).is_err());
    }

    #[test]
    fn new_rows_follow_the_last_one_whatever_the_columns() {
        let row = |file: &str| NewRow {
            file: file.to_owned(),
            what: "a | b".into(),
            source: linked("https://a.example/x|y"),
            retrieved: "today".to_owned(),
            sha256: format!("`{SUM}`"),
        };
        let head = format!(
            "| sha256 | what | file | retrieved | source | more |\n|---|---|---|---|---|---|\n| {SUM} | x | a.yaml | then | there | |"
        );
        for end in ["", "\n", "\n\ntext\n"] {
            let text = format!("{head}{end}");
            let table = Provenance::parse(&text).expect("a table");
            let new = table.with(&[row("c.yaml"), row("d.yaml")]).expect("added");
            let line =
                |file: &str| format!("| `{SUM}` | a \\| b | `{file}` | today | <https://a.example/x%7Cy> |  |\n");
            let rest = end.strip_prefix('\n').unwrap_or_default();
            assert_eq!(new, format!("{head}\n{}{}{rest}", line("c.yaml"), line("d.yaml")));
            let read = Provenance::parse(&new).expect("a table");
            assert_eq!(read.files().collect::<Vec<_>>(), ["a.yaml", "c.yaml", "d.yaml"]);
            assert!(read.check("specs/d.yaml", SUM, b"").is_ok());
            let error = table.with(&[row("a.yaml")]).expect_err("has one").to_string();
            assert!(error.contains("there is a row for a.yaml\n  --> specs/README.md:3"), "{error}");
        }
        assert!(table().with(&[row("c.yaml")]).expect_err("no column").to_string().contains("no column `source`"));
    }

    #[test]
    fn what_cannot_be_recorded_is_refused() {
        let error = table().updated("a.yaml", SUM, "2026-11-23", None).expect_err("no column").to_string();
        assert!(error.contains("no column `retrieved`"), "{error}");
    }

    #[test]
    fn a_file_with_two_rows_is_told() {
        let text = format!("| file | sha256 |\n|---|---|\n| a | {SUM} |\n| a | {SUM} |\n");
        let found = Provenance::parse(&text).expect("a table").repeated();
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().contains("a has two rows\n  --> specs/README.md:4"), "{}", found[0]);
    }
}
