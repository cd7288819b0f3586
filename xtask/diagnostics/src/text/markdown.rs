//! Text in Markdown: doc comments, the README, the changelog.

use super::render;
use super::safe::{Text, one_line};

/// The place: Markdown that rustdoc, the registry and GitHub show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InMarkdown;

/// Text of a file of Markdown, or of a doc comment.
pub type Markdown = Text<InMarkdown>;

impl Markdown {
    /// A description: Markdown of the document's author. Its code blocks are `text`, its HTML is shown and not obeyed, its
    /// links lead to the web, its headings are below those around it.
    pub fn description(raw: &str) -> Self {
        Self::safe(render::blocks(raw))
    }

    /// A description as one line.
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

    /// A text that is no Markdown, such as a title, as one line.
    pub fn plain(raw: &str) -> Self {
        Self::safe(render::plain(raw))
    }

    /// A name, an address or a value in code type, as one line.
    pub fn code(raw: &str) -> Self {
        Self::safe(render::code(raw))
    }

    /// The inside of a comment.
    pub fn comment(raw: &str) -> Self {
        Self::safe(one_line(raw).replace('>', " "))
    }

    /// The same line, in a cell of a table.
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
