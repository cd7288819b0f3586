//! `pattern`: translates a regular expression of ECMA-262 into one for the crate `regex`, which does not backtrack.
//!
//! The time of a backtracking engine can double with each letter of a text that a server sends (`^(a+)+$`). Lookaround and
//! backreferences, which need such an engine, have no translation.

mod translator;

use std::cell::RefCell;
use std::collections::HashMap;

use openapi::work::step;
use regex::{Regex, RegexBuilder};
use translator::{Reason, Translator};

/// How long a pattern may be.
const MAX_PATTERN_BYTES: usize = 4_096;
/// How deep its groups may be nested.
const MAX_GROUP_DEPTH: usize = 64;
/// What a pattern takes at most when it is compiled.
const MAX_COMPILED_BYTES: usize = 10 << 20;
/// What a pattern takes at most when it is compiled, so that any number of them is compiled in a moment.
const MAX_QUICK_COMPILED_BYTES: usize = 256 << 10;

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
