//! `pattern`: translates a regular expression of ECMA-262 into one for the crate `regex`, which does not backtrack.
//!
//! The time of a backtracking engine can double with each letter of a text that a server sends (`^(a+)+$`). Lookaround and
//! backreferences, which need such an engine, have no translation.

use std::cell::RefCell;
use std::collections::HashMap;
use std::iter::Peekable;
use std::str::Chars;

use openapi::work::step;
use regex::{Regex, RegexBuilder};

/// How long a pattern may be.
const MAX_PATTERN_BYTES: usize = 4_096;
/// How deep its groups may be nested.
const MAX_GROUP_DEPTH: usize = 64;
/// What a pattern takes at most when it is compiled.
const MAX_COMPILED_BYTES: usize = 10 << 20;
/// What a pattern takes at most when it is compiled, so that any number of them is compiled in a moment.
const MAX_QUICK_COMPILED_BYTES: usize = 256 << 10;

/// Why a pattern is not checked, as the end of a sentence that begins with the pattern.
type Reason = String;

thread_local! {
    /// What became of the patterns so far: several steps ask about each, and documents repeat them.
    static KNOWN: RefCell<HashMap<String, Result<String, Reason>>> = RefCell::default();
}

/// Translates a pattern; the error says why it has no translation.
///
/// A pattern that is valid with the flag `u`, which JSON Schema recommends, is read with it, any other one without.
pub(crate) fn translate(pattern: &str) -> Result<String, Reason> {
    if let Some(known) = KNOWN.with_borrow(|known| known.get(pattern).cloned()) {
        return known;
    }
    let translated = translated(pattern).and_then(|translated| match build(&translated, MAX_COMPILED_BYTES) {
        Ok(_) => Ok(translated),
        Err(regex::Error::CompiledTooBig(_)) => {
            Err(format!("takes more than {} MiB when it is compiled", MAX_COMPILED_BYTES >> 20))
        }
        Err(_) => Err("is not supported by the crate `regex`".to_owned()),
    });
    KNOWN.with_borrow_mut(|known| known.insert(pattern.to_owned(), translated.clone()));
    translated
}

/// Whether it takes a noticeable time to compile a pattern.
pub(crate) fn is_large(pattern: &str) -> bool {
    translated(pattern)
        .is_ok_and(|text| matches!(build(&text, MAX_QUICK_COMPILED_BYTES), Err(regex::Error::CompiledTooBig(_))))
}

/// Compiles a translated pattern that takes at most so many bytes.
fn build(translated: &str, size: usize) -> Result<Regex, regex::Error> {
    step(1);
    RegexBuilder::new(translated).size_limit(size).build()
}

/// Translates a pattern, and leaves open whether it can be compiled.
fn translated(pattern: &str) -> Result<String, Reason> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(format!("is longer than {MAX_PATTERN_BYTES} bytes"));
    }
    if nesting(pattern) > MAX_GROUP_DEPTH {
        return Err(format!("nests groups more than {MAX_GROUP_DEPTH} deep"));
    }
    let unicode = regress::Regex::with_flags(pattern, "u").is_ok();
    if !unicode && regress::Regex::new(pattern).is_err() {
        return Err("is not a regular expression of ECMA-262".to_owned());
    }
    let mut translator = Translator { rest: pattern.chars().peekable(), unicode, out: String::new() };
    translator.pattern()?;
    Ok(translator.out)
}

/// A translated pattern, ready to be asked.
pub(crate) fn compiled(translated: &str) -> Option<Regex> {
    Regex::new(translated).ok()
}

/// How deep groups are nested, or a little more.
fn nesting(pattern: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for c in pattern.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

const DIGITS: &str = "0-9";
const WORD: &str = "0-9A-Za-z_";
/// WhiteSpace and LineTerminator of ECMA-262.
const SPACE: &str = r"\t\n\x0B\x0C\r \u{A0}\u{1680}\u{2000}-\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}\u{FEFF}";

/// One part of a class, or a character outside of one.
enum Atom {
    Char(char),
    /// Ranges without brackets.
    Class(String),
}

struct Translator<'a> {
    rest: Peekable<Chars<'a>>,
    unicode: bool,
    out: String,
}

impl Translator<'_> {
    fn pattern(&mut self) -> Result<(), Reason> {
        while let Some(c) = self.rest.next() {
            match c {
                '\\' => self.escaped()?,
                '[' => self.class()?,
                '(' => self.group()?,
                '.' => self.out.push_str(r"[^\n\r\u{2028}\u{2029}]"),
                '{' => {
                    let counts = self.rest.clone().take_while(|c| *c != '}').collect::<String>();
                    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                    let (low, high) = counts.split_once(',').unwrap_or((&counts, "0"));
                    let closed = self.rest.clone().any(|c| c == '}');
                    self.out.push_str(if closed && digits(low) && (high.is_empty() || digits(high)) {
                        "{"
                    } else {
                        r"\{"
                    });
                }
                // Closes a count, or stands for itself.
                '}' => {
                    let open = self.out.rfind('{').filter(|at| !self.out[..*at].ends_with('\\'));
                    let counts = open
                        .is_some_and(|at| self.out[at + 1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b','));
                    self.out.push_str(if counts { "}" } else { r"\}" });
                }
                '^' | '$' | '|' | '*' | '+' | '?' | ')' => self.out.push(c),
                c => self.literal(c),
            }
        }
        Ok(())
    }

    fn literal(&mut self, c: char) {
        if c.is_ascii_punctuation()
            && !matches!(c, '/' | '"' | '\'' | '_' | '<' | '>' | ',' | ':' | ';' | '=' | '!' | '@' | '%' | '`')
        {
            self.out.push('\\');
        }
        self.out.push(c);
    }

    /// No group is referred to, so none captures.
    fn group(&mut self) -> Result<(), Reason> {
        self.out.push_str("(?:");
        if self.rest.next_if_eq(&'?').is_none() {
            return Ok(());
        }
        let look = || Err("uses lookahead or lookbehind, which needs backtracking".to_owned());
        match self.rest.next() {
            Some(':') => Ok(()),
            Some('<') if !matches!(self.rest.peek(), Some('=' | '!')) => {
                // Its name.
                self.rest.by_ref().find(|c| *c == '>');
                Ok(())
            }
            Some('=' | '!' | '<') => look(),
            _ => Err("sets flags for a part of the pattern".to_owned()),
        }
    }

    fn escaped(&mut self) -> Result<(), Reason> {
        match self.rest.peek() {
            Some('b') => self.out.push_str(r"(?-u:\b)"),
            Some('B') => self.out.push_str(r"(?-u:\B)"),
            _ => {
                match self.atom()? {
                    Atom::Char(c) => self.literal(c),
                    Atom::Class(ranges) => self.out.push_str(&format!("[{ranges}]")),
                }
                return Ok(());
            }
        }
        self.rest.next();
        Ok(())
    }

    /// What an escape stands for that is the same in a class and outside of one.
    fn atom(&mut self) -> Result<Atom, Reason> {
        let class = |text: &str| Ok(Atom::Class(text.to_owned()));
        let Some(c) = self.rest.next() else { return Err("ends in the middle of an escape".to_owned()) };
        let plain = match c {
            'd' => return class(DIGITS),
            'D' => return Ok(Atom::Class(format!("[^{DIGITS}]"))),
            'w' => return class(WORD),
            'W' => return Ok(Atom::Class(format!("[^{WORD}]"))),
            's' => return class(SPACE),
            'S' => return Ok(Atom::Class(format!("[^{SPACE}]"))),
            'p' | 'P' if self.unicode => {
                let name = self.rest.by_ref().take_while(|c| *c != '}').collect::<String>();
                return Ok(Atom::Class(format!("\\{c}{name}}}")));
            }
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'v' => '\u{b}',
            'f' => '\u{c}',
            '0' if !self.rest.peek().is_some_and(char::is_ascii_digit) => '\0',
            '0'..='9' | 'k' => {
                return Err("refers back to a group, which needs backtracking".to_owned());
            }
            'c' => match self.rest.next().filter(char::is_ascii_alphabetic) {
                Some(letter) => char::from(letter as u8 % 32),
                None => return Err("has an escape `\\c` without a letter".to_owned()),
            },
            'x' => self.hex(2).map_or(Ok('x'), character)?,
            'u' => return self.unit(),
            c => c,
        };
        Ok(Atom::Char(plain))
    }

    /// `\u0041`, `\u{1F600}`, or two halves of one character.
    fn unit(&mut self) -> Result<Atom, Reason> {
        if self.unicode && self.rest.next_if_eq(&'{').is_some() {
            let digits = self.rest.by_ref().take_while(|c| *c != '}').collect::<String>();
            return character(u32::from_str_radix(&digits, 16).unwrap_or(u32::MAX)).map(Atom::Char);
        }
        let Some(first) = self.hex(4) else { return Ok(Atom::Char('u')) };
        if !(0xD800..0xDC00).contains(&first) {
            return character(first).map(Atom::Char);
        }
        let second = (self.rest.next() == Some('\\') && self.rest.next() == Some('u')).then(|| self.hex(4)).flatten();
        match second.filter(|second| (0xDC00..0xE000).contains(second)) {
            Some(second) => character(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)).map(Atom::Char),
            None => character(first).map(Atom::Char),
        }
    }

    /// So many hexadecimal digits, if they are there.
    fn hex(&mut self, digits: usize) -> Option<u32> {
        let text = self.rest.clone().take(digits).filter(char::is_ascii_hexdigit).collect::<String>();
        if text.len() < digits {
            return None;
        }
        self.rest.by_ref().take(digits).for_each(drop);
        u32::from_str_radix(&text, 16).ok()
    }

    fn class(&mut self) -> Result<(), Reason> {
        let negated = self.rest.next_if_eq(&'^').is_some();
        if self.rest.next_if_eq(&']').is_some() {
            self.out.push_str(if negated { "(?s:.)" } else { "[a&&b]" });
            return Ok(());
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        while let Some(first) = self.member()? {
            let mut ahead = self.rest.clone();
            let is_range = ahead.next() == Some('-') && ahead.next().is_some_and(|c| c != ']');
            if !is_range {
                self.part(&first);
                continue;
            }
            self.rest.next();
            let Some(last) = self.member()? else { break };
            self.part(&first);
            // Beside a class, a hyphen stands for itself.
            let both = matches!((&first, &last), (Atom::Char(_), Atom::Char(_)));
            self.out.push_str(if both { "-" } else { r"\-" });
            self.part(&last);
        }
        self.out.push(']');
        Ok(())
    }

    /// The next member of a class, or nothing at its end.
    fn member(&mut self) -> Result<Option<Atom>, Reason> {
        Ok(match self.rest.next() {
            None | Some(']') => None,
            Some('\\') if self.rest.next_if_eq(&'b').is_some() => Some(Atom::Char('\u{8}')),
            Some('\\') => Some(self.atom()?),
            Some(c) => Some(Atom::Char(c)),
        })
    }

    fn part(&mut self, atom: &Atom) {
        match atom {
            Atom::Char(c) => self.literal(*c),
            Atom::Class(ranges) => self.out.push_str(ranges),
        }
    }
}

fn character(code: u32) -> Result<char, Reason> {
    char::from_u32(code).ok_or_else(|| "contains half of a surrogate pair".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 58] = [
        "",
        "a",
        "b",
        "aa",
        "ab",
        "aaab",
        "abc",
        "A",
        "z",
        "Z",
        "_",
        "-",
        "&",
        "~",
        "#",
        " ",
        "\t",
        "\n",
        "\r",
        "\u{8}",
        "\u{b}",
        "\0",
        "\u{1}",
        "\u{85}",
        "\u{a0}",
        "\u{2028}",
        "\u{feff}",
        "é",
        "éa",
        "aé",
        "Ω",
        "1",
        "٣",
        "12",
        "😀",
        "[",
        "]",
        "{",
        "}",
        "x{,3}",
        "{1}",
        "(",
        ")",
        "/",
        "\\",
        "<a>",
        "a-b",
        "a.b",
        "a/b",
        "x41",
        "uu",
        "p{L}",
        "\"",
        "'",
        "^",
        "$",
        "a\nb",
        "2026-11-27",
    ];

    /// What the two engines say of every text, where the pattern is translated.
    #[track_caller]
    fn agrees(pattern: &str) -> String {
        let translated = translate(pattern).unwrap_or_else(|why| panic!("{pattern} {why}"));
        let ecma = regress::Regex::with_flags(pattern, "u").or_else(|_| regress::Regex::new(pattern)).expect("valid");
        let regex = compiled(&translated).expect("it was compiled before");
        for text in TEXTS {
            let said = regex.is_match(text);
            assert_eq!(said, ecma.find(text).is_some(), "{pattern} is {translated}, for {text:?}");
        }
        translated
    }

    #[test]
    fn what_is_translated_accepts_what_ecma_262_accepts() {
        for pattern in [
            r"^(a+)+$",
            r"^.$",
            r"^\d+$",
            r"\D",
            r"^\w+$",
            r"^\W$",
            r"^\s$",
            r"^\S$",
            r"a\b",
            r"\ba",
            r"\Ba",
            r"[^]",
            r"[]",
            r"^\cA$",
            r"\/",
            r"a\-b",
            r"\<a\>",
            r"[a&&b]",
            r"[~~a]",
            r"[[a]",
            r"[a\-z]",
            r"[a-z]",
            r"[-a]",
            r"[a-]",
            r"[\w-]",
            r"[\w-z]",
            r"[^\W]",
            r"[^\s]",
            r"[\s\S]",
            r"^[^\n]$",
            r"x{,3}",
            r"{",
            r"}",
            r"{1}?\}",
            r"a{2}",
            r"a{1,}",
            r"a{1,2}?",
            r"^\u0041$",
            r"^\u{1F600}$",
            r"^\uD83D\uDE00$",
            r"^[\uD83D\uDE00]$",
            r"^\p{L}+$",
            r"^\P{Lu}$",
            r"[\p{L}-]",
            r"\p{Script=Greek}",
            r"(?<year>\d{4})-\d\d",
            r"(?:a|b)*c",
            r"(a)(b)",
            r"\x41",
            r"\xZZ",
            r"\0",
            r"[\b]",
            r"\v",
            r"\_",
            r"\#",
            r"\z",
            r"\A",
            r"\pL",
            r"\x{41}",
            r"\e",
            r"#",
            r"a b",
            r"^\^$",
            r"^\$$",
            r"^\\$",
            r"]",
            r"\.",
            r"a|",
            r"^[^.]+$",
            r#"["']"#,
            r"[$^]",
            r"\u",
            r"^[\]]$",
            r"^[\\]$",
            r"[[:alpha:]]",
            r"\(",
            r"^\[$",
            r"\b{1}a",
        ] {
            // Annex B lets an assertion have a count, which regress does not.
            if regress::Regex::new(pattern).is_ok() {
                agrees(pattern);
            }
        }
    }

    #[test]
    fn a_pattern_is_compiled_once_however_often_it_is_asked_about() {
        let asked = || (0..9).for_each(|_| drop(translate("^asked about many times$")));
        assert_eq!(openapi::work::of(asked), 1);
    }

    #[test]
    fn what_cannot_be_checked_says_why() {
        let long = "a".repeat(5_000);
        let deep = format!("{}a{}", "(".repeat(1_000), ")".repeat(1_000));
        for (pattern, why) in [
            (r"(?=a)b", "uses lookahead or lookbehind"),
            (r"(?!a)b", "uses lookahead or lookbehind"),
            (r"(?<=a)b", "uses lookahead or lookbehind"),
            (r"(?<!a)b", "uses lookahead or lookbehind"),
            (r"(a)\1", "refers back"),
            (r"(?<n>a)\k<n>", "refers back"),
            (r"\uD83D", "half of a surrogate pair"),
            (r"(((a{1,100}){1,100}){1,100}){1,100}", "more than 10 MiB"),
            (r"(", "not a regular expression"),
            (r"a**", "not a regular expression"),
            (long.as_str(), "longer than 4096 bytes"),
            (deep.as_str(), "more than 64 deep"),
        ] {
            let said = translate(pattern).expect_err(pattern);
            assert!(said.contains(why), "{pattern}: {said}");
        }
    }

    #[test]
    fn patterns_of_pieces_accept_what_ecma_262_accepts() {
        let pieces = [
            "a", "b", ".", "^", "$", "[a-b]", "[^a]", r"\w", r"\S", r"\b", "(", ")", "|", "*", "+", "?", "{1,2}", "{",
            "}", r"\-", "[", "]", "-", r"\.", r"\u0041", "é",
        ];
        let mut state = 1_u64;
        let mut translated = 0;
        for _ in 0..2_000 {
            let mut pattern = String::new();
            for _ in 0..6 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                pattern.push_str(pieces[usize::try_from(state >> 33).expect("small") % pieces.len()]);
            }
            if translate(&pattern).is_ok() {
                agrees(&pattern);
                translated += 1;
            }
        }
        assert!(translated > 200, "{translated} patterns are valid");
    }
}
