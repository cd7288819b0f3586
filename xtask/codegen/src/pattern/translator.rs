//! The translator: reads a pattern of ECMA-262 character by character and writes one of the crate `regex`.

use std::iter::Peekable;
use std::str::Chars;

/// Why a pattern is not checked, as the end of a sentence that begins with the pattern.
pub(super) type Reason = String;

const DIGITS: &str = "0-9";
const WORD: &str = "0-9A-Za-z_";
/// WhiteSpace and LineTerminator of ECMA-262.
const SPACE: &str = r"\t\n\x0B\x0C\r \u{A0}\u{1680}\u{2000}-\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}\u{FEFF}";

/// One part of a class, or a character outside one.
enum Atom {
    Char(char),
    /// Ranges without brackets.
    Class(String),
}

pub(super) struct Translator<'a> {
    pub(super) rest: Peekable<Chars<'a>>,
    pub(super) unicode: bool,
    pub(super) out: String,
}

impl Translator<'_> {
    pub(super) fn pattern(&mut self) -> Result<(), Reason> {
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
                // Closes a count, or is a literal.
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

    /// The meaning of an escape that is the same inside and outside a class.
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
            // Beside a class, a hyphen is a literal.
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
