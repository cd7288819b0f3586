//! References that cannot be followed, and limits.

use super::*;

#[test]
fn what_cannot_be_followed_is_an_error_with_the_line_of_its_file() {
    let root = |text: &str| format!("openapi: 3.1.0\ncomponents:\n  schemas:\n    A:\n      $ref: {text}\n");
    for (text, files, words) in [
        ("missing.yaml", &[][..], &["`missing.yaml`: no such file", "dir/api.yaml:5", "remedy: check the name"][..]),
        ("b.yaml#/X", &[("b.yaml", "A: {}\n")], &["`b.yaml#/X` has no target", "dir/api.yaml:5"]),
        ("b.yaml#x", &[("b.yaml", "A: {}\n")], &["`b.yaml#x` has no target"]),
        ("b.yaml", &[("b.yaml", "A: [\n")], &["not valid YAML", "dir/b.yaml:1"]),
        ("b.json", &[("b.json", "{\"a\": 1, \"a\": 2}")], &["duplicate key", "dir/b.json:1"]),
        ("b.yaml", &[("b.yaml", "- A\n")], &["another type than its place requires", "dir/api.yaml:5"]),
        (
            "b.yaml",
            &[("b.yaml", "x: 1\nproperties:\n  c: { $ref: c/d.yaml }\n")],
            &["`c/d.yaml`", "dir/b.yaml:3 (#/properties/c/$ref)"],
        ),
        ("b.yaml", &[("b.yaml", "$ref: c.yaml\n"), ("c.yaml", "$ref: b.yaml\n")], &["`b.yaml` refers to itself"]),
    ] {
        let root = root(text);
        let said = error(&[&[("api.yaml", root.as_str())][..], files].concat());
        for word in words {
            assert!(said.contains(word), "no {word} in {said}");
        }
        assert!(said.contains("remedy: "), "{said}");
    }
    let item = "openapi: 3.1.0\npaths: { /a: { $ref: a.yaml } }\n";
    let own = "get: { callbacks: { c: { '{$url}': { $ref: a.yaml } } } }\n";
    assert!(error(&[("api.yaml", item), ("a.yaml", own)]).contains("refers to itself"));
}

#[test]
fn one_missing_file_is_one_error() {
    let root = "openapi: 3.0.3\ncomponents: { schemas: { A: { $ref: 'x.yaml#/A' }, B: { $ref: 'x.yaml#/B' } } }\n";
    assert_eq!(error(&[("api.yaml", root)]).matches("error: ").count(), 1);
}

#[test]
fn the_number_of_files_and_of_copied_nodes_is_limited() {
    let names = (0..=MAX_FILES).map(|index| format!("f{index}.yaml")).collect::<Vec<_>>();
    let list = names.iter().map(|name| format!("{{ $ref: {name} }}")).collect::<Vec<_>>().join(", ");
    let root = format!("openapi: 3.0.3\ncomponents: {{ schemas: {{ A: {{ oneOf: [{list}] }} }} }}\n");
    let files =
        [("api.yaml", root.as_str())].into_iter().chain(names.iter().map(|name| (name.as_str(), "type: string\n")));
    let said = error(&files.collect::<Vec<_>>());
    assert!(said.contains(&format!("more than {MAX_FILES} files")), "{said}");
    // Each file has two copies of the next.
    let names = (0..40).map(|index| format!("f{index}.yaml")).collect::<Vec<_>>();
    let texts = (1..=40).map(|next| {
        let item = format!("{{ $ref: f{next}.yaml }}");
        format!("get: {{ callbacks: {{ a: {{ x: {item}, y: {item} }} }} }}\n")
    });
    let texts = texts.collect::<Vec<_>>();
    let root = "openapi: 3.0.3\npaths: { /a: { $ref: f0.yaml } }\n";
    let mut files = vec![("api.yaml", root), ("f40.yaml", "get: {}\n")];
    files.extend(names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)));
    let said = error(&files);
    assert!(said.contains("nested more than 128 deep") || said.contains("nodes"), "{said}");
}
