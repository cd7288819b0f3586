//! Files as the sources of nodes.

use super::*;

#[test]
fn a_document_without_references_into_files_is_not_changed() {
    let text = "openapi: 3.0.3\npaths: {}\ncomponents: { schemas: { A: { $ref: '#/components/schemas/B' }, B: {} } }\n";
    let document = run(&[("api.yaml", text)]).expect("bundled");
    assert_eq!(document.value, Document::parse("api.yaml", text.to_owned()).expect("valid").value);
    assert_eq!((document.parts().len(), document.parts_sha256()), (0, None));
}

#[test]
fn every_node_has_the_line_of_its_file() {
    let document = run(&FILES).expect("bundled");
    for (pointer, file, line) in [
        ("/paths/~1tags/get/parameters/0", "dir/api.yaml", 8),
        ("/paths/~1pets/get/responses/200/description", "dir/paths/pets.yaml", 6),
        ("/components/schemas/Pet/properties/parent", "dir/schemas/pet.yaml", 5),
        ("/components/schemas/tag/description", "dir/schemas/tag.json", 2),
        ("/components/parameters/limit/schema", "dir/parameters.yaml", 1),
        ("/components/responses/Error/content", "dir/responses.yaml", 3),
    ] {
        let source = document.source(pointer);
        assert_eq!((source.file, source.line), (file, Some(line)), "{pointer}");
    }
    let text = document.problem("/components/schemas/Pet/properties/tag", "wrong").to_string();
    assert!(text.contains("--> dir/schemas/pet.yaml:3 (#/properties/tag)"), "{text}");
}

#[test]
fn the_checksum_of_the_files_is_that_of_their_contents() {
    let sum = run(&FILES).expect("bundled").parts_sha256();
    let mut changed = FILES;
    changed[3].1 = "{\"type\": \"string\"}";
    assert!(sum.is_some());
    assert_ne!(run(&changed).expect("bundled").parts_sha256(), sum);
}
