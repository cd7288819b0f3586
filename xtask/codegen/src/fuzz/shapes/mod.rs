//! Documents that grow in one direction: a shape of size `n` is about `n` times as large as that of size 1, and the work
//! must grow linearly with it.

mod builders;
mod compositions;
mod documents;
mod keywords;
mod names;
mod operations;
mod references;
mod security;

use openapi::Document;
use openapi::{overlay, work};
use serde_json::{Value, json};

use self::builders::{around, object, schemas, to};
use crate::adapt::adapt;
use crate::home::Home;
use crate::{lint, lower, servers};

/// A document of a size, with an overlay if the shape is one of overlays.
pub(super) type Shape = fn(usize) -> (Value, Option<Value>);

/// All shapes, by name.
pub(super) fn all() -> Vec<(&'static str, Shape)> {
    [
        compositions::SHAPES,
        documents::SHAPES,
        names::SHAPES,
        operations::SHAPES,
        references::SHAPES,
        keywords::SHAPES,
        security::SHAPES,
    ]
    .concat()
}

/// The steps between a document of this shape and one that the generator gets, with all problems and rows shown.
fn walk(shape: Shape, n: usize) {
    let (document, overlay) = shape(n);
    let document = Document::parse("a.json", document.to_string()).expect("a document");
    let overlay = overlay.map(|overlay| Document::parse("o.json", overlay.to_string()).expect("an overlay"));
    let mut value = document.value.clone();
    if let Some(overlay) = overlay {
        overlay::apply(&overlay, "a.json", &mut value).unwrap_or_else(|problems| panic!("{problems}"));
    }
    assert!(document.line("").is_some());
    let Ok(lowered) = lower::lower(&document, &mut value) else { return };
    let done = adapt(&mut value, &Home::alone());
    for rule in lowered.rules.iter().chain(&done.rules) {
        document.line(&rule.pointer);
    }
    let _ = lint::lint(&document, &value, &Home::alone());
    let _ = servers::read(&document, &value);
}

/// Runs this with a stack that is smaller than that of any first thread.
fn with_small_stack(run: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn_scoped(scope, run);
        thread.expect("a thread").join().expect("no panic");
    });
}

#[test]
fn the_work_grows_linearly_with_the_document() {
    let mut failed = Vec::new();
    for (name, shape) in all() {
        let count = |n: usize| work::of(|| walk(shape, n));
        let (one, two) = (count(60), count(120));
        assert!(one > 60, "{name}: {one} steps are not all of them");
        if two * 2 > one * 5 {
            failed.push(format!("{name}: {one} steps, and {two} for twice the size"));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn a_chain_of_hundreds_needs_no_deep_stack() {
    for (name, shape) in all().into_iter().filter(|(name, _)| name.contains("chain") || name.contains("cycle")) {
        println!("{name}");
        with_small_stack(|| walk(shape, 800));
    }
}

#[test]
fn parts_with_many_cycles_end_with_a_reported_limit() {
    let part = |i: usize| json!({ "allOf": [around(i + 1, 20), around(i + 2, 20), object(i)] });
    let (mut value, _) = schemas(20, "3.0.3", part);
    let done = adapt(&mut value, &Home::alone());
    let notes = done.rules.iter().filter(|rule| rule.loses_meaning).map(|rule| rule.note.as_str()).collect::<String>();
    assert!(notes.contains("is merged of more than 100000 members"), "{notes}");
}

#[test]
fn schemas_that_hold_themselves_are_merged_to_an_end() {
    let node =
        |i: usize| json!({ "type": "object", "properties": { "x": to(i, 2), format!("p{i}"): { "type": "string" } } });
    let (mut value, _) = schemas(2, "3.0.3", node);
    value["components"]["schemas"]["A"] = json!({ "allOf": [to(0, 2), to(1, 2)] });
    let steps = work::of(|| drop(adapt(&mut value, &Home::alone())));
    assert!(steps < 5_000, "{steps}");
}

/// Writes each shape at `SHAPES_SIZE` and at twice that size into the folder `SHAPES_FOLDER`, for measurements.
#[test]
#[ignore = "writes files, for measurements of the program as a whole"]
fn shapes_become_files() {
    let folder = std::path::PathBuf::from(std::env::var_os("SHAPES_FOLDER").expect("SHAPES_FOLDER names a folder"));
    let size = std::env::var("SHAPES_SIZE").ok().and_then(|text| text.parse().ok()).unwrap_or(500_usize);
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, shape) in all() {
        for n in [size, size * 2] {
            let (document, overlay) = shape(n);
            let write = |kind: &str, value: &Value| {
                let file = folder.join(format!("{name}.{n}{kind}.json"));
                std::fs::write(&file, value.to_string()).expect("a file that can be written");
            };
            write("", &document);
            overlay.iter().for_each(|overlay| write(".overlay", overlay));
        }
    }
}
