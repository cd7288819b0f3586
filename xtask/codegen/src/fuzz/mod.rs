//! Mutated documents and overlays: each run ends with a crate or with a problem that can be rendered.
//!
//! Bounded runs are part of the tests; the same seed gives the same texts. `CONTRIBUTING.md` says how to run them longer.

mod seeds;
mod shapes;
mod steps;
mod text;
mod tree;

use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use openapi::Document;
use serde_json::Value;

use seeds::{DOCUMENT, OVERLAY};
use steps::{Tally, Until, one};
use text::Random;
use tree::Mutator;

/// How long one document may take; most take milliseconds.
const DOCUMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// A mutated document: its file, its text and perhaps an overlay.
type Case = (&'static str, String, Option<String>);

/// Texts of YAML and JSON, mutated like texts.
fn texts(seed: u64) -> Case {
    let json = || Document::parse("a.yaml", DOCUMENT.to_owned()).map(|document| format!("{:#}", document.value));
    let mut random = Random(seed);
    let (file, text) = match random.below(3) {
        0 => ("a.json", json().expect("the document is valid")),
        _ => ("a.yaml", DOCUMENT.to_owned()),
    };
    // Sometimes only one of the two is spoilt, so that what comes after the loader is reached.
    let (document, overlay) = match random.below(4) {
        0 => (random.mutate(&text), OVERLAY.to_owned()),
        1 | 2 => (text, random.mutate(OVERLAY)),
        _ => (random.mutate(&text), random.mutate(OVERLAY)),
    };
    (file, document, Some(overlay))
}

/// Values of the seeds, mutated node by node.
fn trees(mutator: &Mutator, seeds: &[Value], seed: u64) -> Case {
    let mut random = Random(seed);
    let (value, other) = (random.pick(seeds).clone(), random.pick(seeds).clone());
    ("a.json", mutator.mutate(&mut random, &value, &other).to_string(), None)
}

/// Shapes of some size, mutated node by node.
fn shapes(mutator: &Mutator, seed: u64) -> Case {
    let mut random = Random(seed);
    let size = 1 + random.below(40);
    let shapes = shapes::all();
    let ((_, shape), (_, other)) = (random.pick(&shapes), random.pick(&shapes));
    let (value, other) = (shape(size).0, other(2).0);
    ("a.json", mutator.mutate(&mut random, &value, &other).to_string(), None)
}

/// Runs each case through the steps; a panic reports the seed, and a case that takes too long ends the process.
fn run(seed: u64, executions: u64, until: Until, case: &dyn Fn(u64) -> Case) -> Tally {
    let mut tally = Tally::default();
    let mut failed = Vec::new();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || watch(&receiver));
    for number in seed..seed.saturating_add(executions) {
        let (file, document, overlay) = case(number);
        assert!(sender.send(number).is_ok(), "the watch is running");
        let begin = Instant::now();
        let kept = document.clone();
        if panic::catch_unwind(AssertUnwindSafe(|| one(file, document, overlay, until, &mut tally))).is_err() {
            eprintln!("seed {number} failed");
            failed.push(number);
            if let Some(folder) = std::env::var_os("FUZZ_FAILURES") {
                let path = PathBuf::from(folder).join(format!("{number}-{file}"));
                std::fs::write(&path, kept).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            }
        }
        tally.slowest = tally.slowest.max(begin.elapsed());
    }
    assert!(failed.is_empty(), "{} of {executions} failed, the seeds are {failed:?}; {tally:?}", failed.len());
    tally
}

/// Ends the process if a case takes too long, because a thread cannot be ended.
fn watch(receiver: &mpsc::Receiver<u64>) {
    let mut number = None;
    loop {
        match receiver.recv_timeout(DOCUMENT_TIMEOUT) {
            Ok(next) => number = Some(next),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                eprintln!("seed {number:?} takes more than {DOCUMENT_TIMEOUT:?}");
                std::process::abort();
            }
        }
    }
}

#[test]
fn mutated_documents_and_overlays_are_taken_or_refused() {
    let tally = run(1, 500, Until::Adapted, &texts);
    let reached = [tally.loaded, tally.overlaid, tally.lowered, tally.adapted, tally.refused];
    assert!(reached.iter().all(|count| *count > 20), "the run reaches everything: {tally:?}");
}

#[test]
fn documents_of_mutated_values_become_crates_or_are_refused() {
    let (mutator, seeds) = (Mutator::new(), seeds::all(None));
    let tally = run(1, 150, Until::Emitted, &|seed| match seed % 5 {
        0 => shapes(&mutator, seed),
        _ => trees(&mutator, &seeds, seed),
    });
    let reached = [tally.drafted, tally.adapted, tally.generated, tally.left_out, tally.refused];
    assert!(reached.iter().all(|count| *count > 10), "the run reaches everything: {tally:?}");
}

/// Runs `FUZZ_EXECUTIONS` cases from `FUZZ_SEED`; documents in the folder `FUZZ_CORPUS` are seeds as well.
fn long(until: Until, executions: u64, with_texts: bool) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seed = number("FUZZ_SEED").unwrap_or(1_000_000);
    let executions = number("FUZZ_EXECUTIONS").unwrap_or(executions);
    let corpus = std::env::var_os("FUZZ_CORPUS").map(PathBuf::from);
    let (mutator, seeds) = (Mutator::new(), seeds::all(corpus.as_deref()));
    let case = |seed: u64| match seed % 10 {
        5 => shapes(&mutator, seed),
        even if with_texts && even % 2 == 0 => texts(seed),
        _ => trees(&mutator, &seeds, seed),
    };
    let tally = run(seed, executions, until, &case);
    println!("{executions} executions from seed {seed} over {} pieces: {tally:?}", seeds.len());
}

#[test]
#[ignore = "takes as long as `FUZZ_EXECUTIONS` says"]
fn a_long_run_up_to_adapting() {
    long(Until::Adapted, 1_000_000, true);
}

#[test]
#[ignore = "takes as long as `FUZZ_EXECUTIONS` says"]
fn a_long_run_up_to_whole_crates() {
    long(Until::Emitted, 100_000, false);
}
