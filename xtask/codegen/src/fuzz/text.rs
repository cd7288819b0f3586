//! Mutated texts: most of what comes out is refused by the loader.

/// Texts that mean something to a reader of YAML, JSON or JSONPath.
const WORDS: &[&str] = &[
    "&a ",
    "*a",
    "<<: *a\n",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "\n  ",
    "\t",
    "- ",
    ": ",
    ", ",
    "? ",
    "| ",
    "> ",
    "|+2\n",
    "'",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "!!binary ",
    "!x ",
    "# ",
    "~",
    "null",
    "true",
    ".inf",
    ".nan",
    "1e999",
    "-0",
    "0x1F",
    "99999999999999999999999",
    "\u{feff}",
    "\u{0}",
    "\u{85}",
    "\u{2028}",
    "é",
    "\r\n",
    "\r",
    "$",
    "$..*",
    "$..",
    "[0]",
    "[-1]",
    "[*]",
    "[?@]",
    "[?length(@) > 1]",
    "[?match(@, '(a*)*b')]",
    "['a','a']",
    "[::2]",
    "[::-1]",
    "$ref: '#'\n",
    "copy: $\n",
    "remove: true\n",
    "update: []\n",
    "target: $\n",
    "/~1~0~2",
    "type: [\"null\"]",
    "3.0.3",
    "1.0.0",
];

/// SplitMix64, so that a seed is all that is needed to see a text again.
#[derive(Debug)]
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or_default()
    }

    /// One of these.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// The boundary of a character, this far or a bit farther.
    fn boundary(text: &str, at: usize) -> usize {
        (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
    }

    fn place(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        Self::boundary(text, at)
    }

    fn range(&mut self, text: &str) -> (usize, usize) {
        let from = self.place(text);
        let length = if self.below(4) == 0 { text.len() } else { 24 };
        let to = from + self.below(length);
        (from, Self::boundary(text, to))
    }

    /// One to four changes.
    pub(super) fn mutate(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..=self.below(4) {
            let (from, to) = self.range(&text);
            let part = text[from..to].to_owned();
            let word = WORDS[self.below(WORDS.len())];
            match self.below(8) {
                0 => text.replace_range(from..to, ""),
                1 => text.insert_str(self.place(&text.clone()), &part),
                2 => text.replace_range(from..to, word),
                3 => text.insert_str(from, &word.repeat(1 + self.below(300))),
                4 => {
                    let lines: Vec<&str> = text.lines().collect();
                    let moved = (self.below(lines.len()), self.below(lines.len()));
                    let mut lines = lines;
                    if !lines.is_empty() {
                        lines.swap(moved.0, moved.1);
                    }
                    text = lines.join("\n");
                }
                _ => text.insert_str(from, word),
            }
        }
        text
    }
}
