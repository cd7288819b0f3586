//! Which line of a document a JSON pointer means.

use std::collections::HashMap;

use granit_parser::{Event, Parser};

/// The line of every node in a text, for YAML and, being a part of it, JSON.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    lines: HashMap<String, usize>,
}

impl Positions {
    /// Reads the lines. A text that cannot be parsed to its end has those of its readable part.
    pub(crate) fn of(text: &str) -> Self {
        let mut reader = Reader::default();
        for next in Parser::new_from_str(text) {
            let Ok((event, span)) = next else { break };
            reader.event(event, span.start.line());
        }
        Self { lines: reader.lines }
    }

    /// The line of every node.
    pub(crate) fn lines(&self) -> &HashMap<String, usize> {
        &self.lines
    }

    /// The line of this node, or of its nearest ancestor that is in the text.
    pub(crate) fn line(&self, pointer: &str) -> Option<usize> {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.lines.get(pointer) {
                return Some(*line);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }
}

/// A pointer to a member or an item of the node that `parent` points to.
pub(crate) fn child(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The parts of a pointer, unescaped.
pub(crate) fn parts(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
}

enum Frame {
    Mapping { pointer: String, key: Option<String> },
    Sequence { pointer: String, next: usize },
}

#[derive(Default)]
struct Reader {
    lines: HashMap<String, usize>,
    stack: Vec<Frame>,
}

impl Reader {
    fn event(&mut self, event: Event<'_>, line: usize) {
        match event {
            Event::Scalar(text, ..) => {
                if let Some(Frame::Mapping { pointer, key: key @ None }) = self.stack.last_mut() {
                    self.lines.insert(child(pointer, &text), line);
                    *key = Some(text.into_owned());
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
                let pointer = self.node(line);
                self.stack.push(Frame::Mapping { pointer, key: None });
            }
            Event::SequenceStart(..) => {
                let pointer = self.node(line);
                self.stack.push(Frame::Sequence { pointer, next: 0 });
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.stack.pop();
                self.done();
            }
            _ => {}
        }
    }

    /// Notes where a node begins; a member begins at its key, which was noted before.
    fn node(&mut self, line: usize) -> String {
        let pointer = match self.stack.last() {
            None => String::new(),
            Some(Frame::Mapping { pointer, key }) => child(pointer, key.as_deref().unwrap_or_default()),
            Some(Frame::Sequence { pointer, next }) => child(pointer, &next.to_string()),
        };
        self.lines.entry(pointer.clone()).or_insert(line);
        pointer
    }

    /// Moves on to the next member or item.
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
    fn members_and_items_have_the_line_they_begin_on() {
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

    #[test]
    fn pointers_are_taken_apart_as_they_were_put_together() {
        let pointer = child(&child("", "a/b"), "~1");
        assert_eq!(pointer, "/a~1b/~01");
        assert_eq!(parts(&pointer), ["a/b", "~1"]);
    }
}
