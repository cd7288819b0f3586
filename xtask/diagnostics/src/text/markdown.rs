//! Text for Markdown: doc comments, README and changelog.

use super::render;
use super::safe::{Text, one_line};

/// The place: Markdown that rustdoc, the registry and GitHub render.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InMarkdown;

/// Text of a Markdown file or a doc comment.
pub type Markdown = Text<InMarkdown>;

impl Markdown {
    /// A description: Markdown by the author of the document.
    ///
    /// Code blocks become `text` blocks, HTML is shown as text, links lead to the web only, and headings are below those
    /// around the description.
    pub fn description(raw: &str) -> Self {
        Self::safe(render::blocks(raw))
    }

    /// A description on one line.
    pub fn line(raw: &str) -> Self {
        Self::safe(render::line(raw))
    }

    /// A description as the text of an item in a list, `- item`.
    pub fn item(raw: &str) -> Self {
        let text = render::blocks(raw);
        let start = if render::begins_with_words(&text) { "" } else { "\n\n  " };
        let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!("  {line}") });
        let text = lines.collect::<Vec<_>>().join("\n");
        Self::safe(format!("{start}{}", text.trim_start()))
    }

    /// A text that is not Markdown, such as a title, on one line.
    pub fn plain(raw: &str) -> Self {
        Self::safe(render::plain(raw))
    }

    /// A name, an address or a value as a code span, on one line.
    pub fn code(raw: &str) -> Self {
        Self::safe(render::code(raw))
    }

    /// The text of an HTML comment.
    pub fn comment(raw: &str) -> Self {
        Self::safe(one_line(raw).replace('>', " "))
    }

    /// The line, escaped for a cell of a table.
    pub fn in_cell(&self) -> Self {
        let mut text = String::new();
        let mut escaped = false;
        for c in self.as_str().chars() {
            if c == '|' && !escaped {
                text.push('\\');
            }
            escaped = c == '\\' && !escaped;
            text.push(if c == '\n' { ' ' } else { c });
        }
        Self::safe(text)
    }
}
