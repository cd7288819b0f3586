//! The bounded runs: seeds from the repository, mutated in the same order on every machine.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;

use fastrand::Rng;

/// Number of mutated inputs for each target.
const EXECUTIONS: u32 = 20_000;

/// Maximum size of an input in bytes.
const MAX_INPUT_BYTES: usize = 4_096;

/// Texts with a meaning for one of the parsers.
const WORDS: &[&str] = &[
    "\"",
    "\\",
    "\\u0041",
    "\\ud800",
    "\\\"",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    " ",
    "\n",
    "\t",
    "=",
    ".",
    "-",
    "null",
    "true",
    "0",
    "1e400",
    "-1",
    "1.5",
    "9223372036854775808",
    "\"error\":\"Marker7x\"",
    "\"access_token\":\"a\"",
    "bearer",
    "Bearer",
    "Basic",
    "realm=\"Marker7x\"",
    "error=\"invalid_token\"",
    "scope",
    "\u{feff}",
    "\u{e9}",
    "\u{10ffff}",
    "GMT",
];

/// Prints the input if the test panics while it exists.
struct Input(Vec<u8>);

impl Drop for Input {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("failed for the input b\"{}\"", self.0.escape_ascii());
        }
    }
}

/// The seeds of a target, in an order that does not depend on the file system.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

fn below(random: &mut Rng, bound: usize) -> usize {
    // The same on machines with another pointer size.
    random.u32(0..u32::try_from(bound).unwrap()) as usize
}

fn mutate(random: &mut Rng, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[below(random, seeds.len())].clone();
    for _ in 0..random.u32(1..4) {
        let at = below(random, bytes.len() + 1);
        let until = at + below(random, bytes.len() - at + 1).min(16);
        match random.u32(0..6) {
            0 => drop(bytes.splice(at..at, WORDS[below(random, WORDS.len())].bytes())),
            1 => drop(bytes.splice(at..until, WORDS[below(random, WORDS.len())].bytes())),
            2 => drop(bytes.drain(at..until)),
            3 => {
                let piece = bytes[at..until].to_vec();
                let to = below(random, bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            4 => {
                let other = &seeds[below(random, seeds.len())];
                let from = below(random, other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ if at < bytes.len() => bytes[at] = random.u8(..),
            _ => bytes.push(random.u8(..)),
        }
    }
    bytes.truncate(MAX_INPUT_BYTES);
    bytes
}

fn run(name: &str, target: fn(&[u8]) -> bool) {
    let seeds = seeds(name);
    let mut random = Rng::with_seed(1);
    let mut accepted = 0;
    let cases = seeds.iter().cloned().chain((0..EXECUTIONS).map(|_| mutate(&mut random, &seeds)));
    for case in cases {
        let case = Input(case);
        accepted += u32::from(target(&case.0));
    }
    let reached = EXECUTIONS / 20..EXECUTIONS / 20 * 19;
    assert!(reached.contains(&accepted), "{name}: {accepted} of {EXECUTIONS} accepted, which tests one side only");
}

#[test]
fn every_target_has_seeds_and_can_be_run_guided_by_coverage() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let names = |of: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(folder.join(of)).unwrap();
        entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("seeds"), names("fuzz_targets"));
    for name in names("seeds") {
        let target = fs::read_to_string(folder.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("auth_core::fuzz::{name}(data)")), "{name}");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        assert!(include_str!("run.rs").contains(&format!("run(\"{name}\", super::{name})")), "{name}");
    }
}

#[test]
fn a_response_is_a_token_if_and_only_if_it_meets_all_requirements() {
    run("token_response", super::token_response);
}

#[test]
fn a_metadata_document_leads_to_a_server_with_tls_or_to_an_error_without_its_text() {
    run("metadata", super::metadata);
}

#[test]
fn retry_after_is_a_number_or_a_date_and_bounded() {
    run("retry_after", super::retry_after);
}

#[test]
fn challenges_survive_being_written_and_show_no_word_of_the_server() {
    run("challenge", super::challenge);
}

#[test]
fn a_scope_is_the_set_of_its_tokens() {
    run("scope", super::scope);
}

#[test]
fn claims_are_those_of_the_payload_and_lengthen_no_lifetime() {
    run("claims", super::claims);
}

#[test]
fn a_lifetime_is_every_number_and_every_text_that_is_one() {
    run("expires_in", super::expires_in);
}
