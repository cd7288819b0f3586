//! Reads tables of the configuration. Errors name the file, the line and the field, and never show a value: it may be a secret.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use auth_core::Secret;
use aws_lc_rs::digest::{Context, SHA256};
use toml::de::DeTable;
use zeroize::Zeroizing;

use crate::config::content::{Content, Fields, Placed, fields};
use crate::duration;
use crate::failure::Failure;

/// A file, for errors.
struct Source {
    path: PathBuf,
    text: Zeroizing<String>,
    /// The permissions of the file.
    mode: u32,
}

impl Source {
    fn failure(&self, at: usize, field: &str, problem: impl Display) -> Failure {
        let line = 1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let path = self.path.display();
        let field = if field.is_empty() { String::new() } else { format!("{}: ", field.escape_debug()) };
        Failure::usage(format!("{path}:{line}: {field}{problem}"))
    }
}

/// A table of the configuration. Fields are taken out of it; those that are left are unknown.
#[derive(Clone)]
pub(crate) struct Table {
    source: Arc<Source>,
    /// Its name with those of the tables around it; empty for the whole file.
    name: String,
    at: usize,
    fields: Fields,
    known: Vec<&'static str>,
}

/// The value of a field.
#[derive(Clone)]
pub(crate) struct Value {
    source: Arc<Source>,
    /// The name of the field with those of the tables around it.
    name: String,
    at: usize,
    content: Content,
}

/// A digest of a value of the configuration.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Digest(Vec<u8>);

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Digest")
    }
}

impl Table {
    /// Parses the text of the file at `path`, which has these permissions.
    pub(crate) fn parse(path: &Path, text: Zeroizing<String>, mode: u32) -> Result<Self, Failure> {
        let source = Source { path: path.to_owned(), text, mode };
        let parsed = DeTable::parse(&source.text);
        // The message describes the syntax only, unlike `Display`, which shows the line.
        let parsed =
            parsed.map_err(|error| source.failure(error.span().map_or(0, |at| at.start), "", error.message()))?;
        let fields = fields(parsed.into_inner());
        Ok(Self { source: Arc::new(source), name: String::new(), at: 0, fields, known: Vec::new() })
    }

    /// Takes a field.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.fields.remove(name).map(|field| self.value(name, field))
    }

    /// Takes a field that must be there.
    pub(crate) fn need(&mut self, name: &'static str) -> Result<Value, Failure> {
        self.take(name).ok_or_else(|| self.failure(format_args!("`{name}` is missing")))
    }

    /// Takes all fields, for a table whose fields have names that the user chooses.
    pub(crate) fn into_fields(mut self) -> Vec<(String, Value)> {
        let fields = std::mem::take(&mut self.fields);
        let values = fields.into_iter().map(|(name, field)| {
            let value = self.value(&name, field);
            (name, value)
        });
        let mut values: Vec<_> = values.collect();
        values.sort_by_key(|(_, value)| value.at);
        values
    }

    /// Checks that no field is left.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Some((name, field)) = self.fields.iter().min_by_key(|(_, field)| field.at) else { return Ok(()) };
        let known = self.known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let problem = format_args!("unknown field; the fields here are {known}");
        Err(self.source.failure(field.at, &self.path_of(name), problem))
    }

    /// A failure of the whole table.
    pub(crate) fn failure(&self, problem: impl Display) -> Failure {
        self.source.failure(self.at, &self.name, problem)
    }

    fn value(&self, name: &str, field: Placed) -> Value {
        Value { source: Arc::clone(&self.source), name: self.path_of(name), at: field.at, content: field.content }
    }

    fn path_of(&self, field: &str) -> String {
        if self.name.is_empty() { field.to_owned() } else { format!("{}.{field}", self.name) }
    }
}

impl Value {
    /// A digest of the value, which tells it apart from others without showing it.
    pub(crate) fn digest(&self) -> Digest {
        let mut context = Context::new(&SHA256);
        Placed { at: self.at, content: self.content.clone() }.feed(&mut context);
        Digest(context.finish().as_ref().to_vec())
    }

    /// A failure of this field.
    pub(crate) fn failure(&self, problem: impl Display) -> Failure {
        self.source.failure(self.at, &self.name, problem)
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self.content, Content::Text(_))
    }

    /// A text that is not empty.
    pub(crate) fn text(&self) -> Result<&str, Failure> {
        match &self.content {
            Content::Text(text) if !text.is_empty() => Ok(text),
            Content::Text(_) => Err(self.failure("is empty")),
            _ => Err(self.failure("must be a text in quotes")),
        }
    }

    /// A text that is a secret, which only the owner of the file may be able to read.
    pub(crate) fn secret(&self) -> Result<Secret, Failure> {
        let secret = Secret::from(self.text()?);
        let Source { mode, path, .. } = &*self.source;
        if mode & 0o044 == 0 {
            return Ok(secret);
        }
        Err(self.failure(format_args!(
            "is a secret in clear text, and other users may read the file (mode {mode:04o}); run `chmod 600 {}`, or name a file, a \
             variable, a command or an entry of the keyring that has it",
            path.display()
        )))
    }

    /// A text that `parse` accepts.
    pub(crate) fn parsed<T, E: Display>(&self, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, Failure> {
        parse(self.text()?).map_err(|problem| self.failure(problem))
    }

    /// One of these words.
    pub(crate) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, Failure> {
        let text = self.text()?;
        choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice).ok_or_else(|| {
            let words = choices.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            self.failure(format_args!("must be one of {words}"))
        })
    }

    pub(crate) fn boolean(&self) -> Result<bool, Failure> {
        match self.content {
            Content::Boolean(value) => Ok(value),
            _ => Err(self.failure("must be `true` or `false`")),
        }
    }

    /// A whole number from 0.
    #[cfg_attr(not(feature = "sidecar"), allow(dead_code, reason = "for the sidecar"))]
    pub(crate) fn number(&self) -> Result<u64, Failure> {
        match self.content {
            Content::Number(number) => Ok(number),
            _ => Err(self.failure("must be a whole number")),
        }
    }

    /// A duration such as `90s`, `10m` or `1h`.
    #[cfg_attr(not(feature = "sidecar"), allow(dead_code, reason = "for the sidecar"))]
    pub(crate) fn duration(&self) -> Result<Duration, Failure> {
        self.parsed(duration::parse)
    }

    /// A duration of 1 second or more.
    pub(crate) fn positive_duration(&self) -> Result<Duration, Failure> {
        self.parsed(duration::parse_positive)
    }

    /// A path; a relative one starts at the folder of the file.
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        let folder = self.source.path.parent().unwrap_or(Path::new(""));
        let path = self.text()?;
        // A file of such a name is possible, but nobody means it.
        if path.starts_with(['~', '$']) {
            return Err(self.failure(format_args!(
                "`~` and variables are not expanded; write the path from `/`, or from the folder {}",
                folder.display()
            )));
        }
        Ok(folder.join(path))
    }

    /// A list.
    pub(crate) fn list(&self) -> Result<Vec<Self>, Failure> {
        let Content::List(values) = &self.content else { return Err(self.failure("must be a list in `[` and `]`")) };
        let value = |value: &Placed| Self {
            source: Arc::clone(&self.source),
            name: self.name.clone(),
            at: value.at,
            content: value.content.clone(),
        };
        Ok(values.iter().map(value).collect())
    }

    /// A list of texts.
    pub(crate) fn texts(&self) -> Result<Vec<String>, Failure> {
        self.list()?.iter().map(|value| value.text().map(str::to_owned)).collect()
    }

    pub(crate) fn table(self) -> Result<Table, Failure> {
        let Self { source, name, at, content } = self;
        match content {
            Content::Table(fields) => Ok(Table { source, name, at, fields, known: Vec::new() }),
            _ => Err(source.failure(at, &name, "must be a table")),
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Table").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Value").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Table, Failure> {
        Table::parse(Path::new("/a/config.toml"), Zeroizing::new(text.to_owned()), 0o600)
    }

    #[test]
    fn errors_name_file_line_and_field_and_show_no_value() {
        let text = "# a comment\n[profiles.a]\nprovider = \"marker\"\nmarked = 5\n";
        let mut file = table(text).unwrap();
        let mut profile = file.need("profiles").unwrap().table().unwrap().into_fields().remove(0).1.table().unwrap();
        let error = profile.need("provider").unwrap().choice(&[("lean", ()), ("oauth2", ())]).unwrap_err();
        assert_eq!(error.message, "/a/config.toml:3: profiles.a.provider: must be one of `lean`, `oauth2`");
        let error = profile.need("marked").unwrap().text().unwrap_err();
        assert_eq!(error.message, "/a/config.toml:4: profiles.a.marked: must be a text in quotes");
        let error = profile.need("region").unwrap_err();
        assert_eq!(error.message, "/a/config.toml:2: profiles.a: `region` is missing");
    }

    #[test]
    fn the_first_unknown_field_is_named_with_those_that_are_known() {
        let mut file = table("b = 1\nz = 2\na = 3\n").unwrap();
        file.take("b");
        file.take("c");
        let error = file.finish().unwrap_err();
        assert_eq!(error.message, "/a/config.toml:2: z: unknown field; the fields here are `b`, `c`");
    }

    #[test]
    fn mistakes_of_syntax_are_reported_without_the_text_of_the_line() {
        for text in [
            "secret = marker",
            "secret = \"marker",
            "secret = 'marker\nmarker'",
            "secret = { file = marker }",
            "secret = \"\"\"marker",
            "secret = \"marker\\q\"",
            "secret = [\"marker\", \"marker\"",
            "secret = marker = marker",
            "secret = \"a\"\nsecret = \"marker\"",
            "[a]\nb = \"marker\"\n[a]\nb = \"marker\"",
            "secret = 0xmarker",
            "secret \"marker\"",
            "\"marker",
            "secret = 2020-marker",
            "secret = \"\u{0}marker\"",
        ] {
            let error = table(text).unwrap_err();
            assert!(!error.message.contains("marker"), "{}", error.message);
            assert!(error.message.starts_with("/a/config.toml:"), "{}", error.message);
        }
    }

    #[test]
    fn paths_start_at_the_folder_of_the_file() {
        let mut file = table("a = \"b/c\"\nd = \"/e\"\n").unwrap();
        assert_eq!(file.need("a").unwrap().path().unwrap(), Path::new("/a/b/c"));
        assert_eq!(file.need("d").unwrap().path().unwrap(), Path::new("/e"));
        for path in ["~/b", "~", "~user/b", "$HOME/b", "${HOME}/b"] {
            let error = table(&format!("a = \"{path}\"\n")).unwrap().need("a").unwrap().path().unwrap_err();
            assert!(error.message.starts_with("/a/config.toml:1: a: `~` and variables are not expanded"), "{error}");
        }
    }
}
