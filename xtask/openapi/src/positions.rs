//! The line in a document of the node at each JSON pointer.

use std::collections::HashMap;

use granit_parser::{Event, Parser};

use crate::pointer::{child, parts};
use crate::work::step;

/// The line of every node of a text in YAML or JSON.
///
/// A tree, because the pointers of all nodes together may be far longer than the text.
#[derive(Clone, Debug, Default)]
pub struct Positions {
    /// The line of each node, by the node's number; the root is the first node.
    lines: Vec<usize>,
    /// The number of each member and item, by the number of its parent and its key.
    children: HashMap<(usize, String), usize>,
}

impl Positions {
    /// Reads the lines of a text; for a text that cannot be parsed, those of the part before the error.
    pub fn of(text: &str) -> Self {
        let mut reader = Reader::default();
        for next in Parser::new_from_str(text) {
            let Ok((event, span)) = next else { break };
            reader.event(event, span.start.line());
        }
        reader.positions
    }

    /// The line of every node, by its pointer.
    pub fn lines(&self) -> HashMap<String, usize> {
        let mut pointers = vec![String::new(); self.lines.len()];
        let mut children = self.children.iter().collect::<Vec<_>>();
        children.sort_by_key(|(_, node)| **node);
        for ((parent, key), node) in children {
            pointers[*node] = child(&pointers[*parent], key);
        }
        pointers.into_iter().zip(self.lines.iter().copied()).collect()
    }

    /// The line of a node, or of its nearest ancestor in the text.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        let mut node = 0;
        for part in parts(pointer) {
            match self.children.get(&(node, part)) {
                Some(inner) => node = *inner,
                None => break,
            }
        }
        self.lines.get(node).copied()
    }
}

enum Frame {
    Mapping { node: usize, key: Option<String> },
    Sequence { node: usize, next: usize },
}

#[derive(Default)]
struct Reader {
    positions: Positions,
    stack: Vec<Frame>,
}

impl Reader {
    fn event(&mut self, event: Event<'_>, line: usize) {
        match event {
            Event::Scalar(text, ..) => {
                if let Some(Frame::Mapping { node, key: key @ None }) = self.stack.last_mut() {
                    let node = *node;
                    *key = Some(text.clone().into_owned());
                    // Of two equal keys, the last one counts.
                    let found = self.child(node, text.into_owned(), line);
                    self.positions.lines[found] = line;
                } else {
                    self.node(line);
                    self.done();
                }
            }
            Event::Alias(_) => {
                self.node(line);
                self.done();
            }
            Event::MappingStart(..) => {
                let node = self.node(line);
                self.stack.push(Frame::Mapping { node, key: None });
            }
            Event::SequenceStart(..) => {
                let node = self.node(line);
                self.stack.push(Frame::Sequence { node, next: 0 });
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.stack.pop();
                self.done();
            }
            _ => {}
        }
    }

    /// Records the line of a node; the line of a member is that of its key, which was recorded before.
    fn node(&mut self, line: usize) -> usize {
        let (parent, key) = match self.stack.last() {
            None => {
                if self.positions.lines.is_empty() {
                    self.positions.lines.push(line);
                }
                return 0;
            }
            Some(Frame::Mapping { node, key }) => (*node, key.clone().unwrap_or_default()),
            Some(Frame::Sequence { node, next }) => (*node, next.to_string()),
        };
        self.child(parent, key, line)
    }

    /// The number of a member or an item; a new one gets the next number.
    fn child(&mut self, parent: usize, key: String, line: usize) -> usize {
        step(1);
        let lines = &mut self.positions.lines;
        *self.positions.children.entry((parent, key)).or_insert_with(|| {
            lines.push(line);
            lines.len() - 1
        })
    }

    /// Advances to the next member or item.
    fn done(&mut self) {
        match self.stack.last_mut() {
            Some(Frame::Mapping { key, .. }) => *key = None,
            Some(Frame::Sequence { next, .. }) => *next += 1,
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_items_have_the_line_on_which_they_begin() {
        let text = "a: 1\nb:\n  - x\n  - c: 2\n    'd/e': 3\nf: {g: [h,\n  i]}\n";
        let positions = Positions::of(text);
        for (pointer, line) in [
            ("/a", 1),
            ("/b", 2),
            ("/b/0", 3),
            ("/b/1", 4),
            ("/b/1/c", 4),
            ("/b/1/d~1e", 5),
            ("/f/g/0", 6),
            ("/f/g/1", 7),
            ("/b/1/added/by/an/overlay", 4),
        ] {
            assert_eq!(positions.line(pointer), Some(line), "{pointer}");
        }
    }

    #[test]
    fn json_has_lines_too() {
        let positions = Positions::of("{\n\t\"a\": {\n\t\t\"b\": [1,\n2]\n\t}\n}\n");
        assert_eq!(positions.line("/a/b/1"), Some(4));
    }
}
