//! Documents of several files, in memory.

mod components;
mod failures;
mod references;
mod sources;

use std::collections::BTreeMap;

use diagnostics::{Problem, Result};
use serde_json::{Value, json};

use super::*;

/// Files by their paths, and how often each was read.
struct InMemory<'a>(BTreeMap<&'a str, &'a str>, Vec<String>);

impl Files for InMemory<'_> {
    fn read(&mut self, path: &str) -> Result<File, Problem> {
        self.1.push(path.to_owned());
        let text = self.0.get(path).ok_or_else(|| Problem::new("no such file").remedy("check the name"))?;
        Ok(File { path: path.to_owned(), name: format!("dir/{path}"), text: (*text).to_owned() })
    }
}

fn run(files: &[(&str, &str)]) -> Result<Document> {
    let mut others = InMemory(files.iter().copied().collect(), vec![]);
    let document = Document::parse("dir/api.yaml", files[0].1.to_owned())?;
    let bundled = bundle(document, Some("api.yaml"), &mut others)?;
    let mut read = others.1;
    read.sort();
    let count = read.len();
    read.dedup();
    assert_eq!(read.len(), count, "each file is read once");
    Ok(bundled)
}

#[track_caller]
fn value(files: &[(&str, &str)]) -> Value {
    run(files).unwrap_or_else(|problems| panic!("{problems}")).value
}

#[track_caller]
fn error(files: &[(&str, &str)]) -> String {
    run(files).expect_err("refused").to_string()
}

const ROOT: &str = "\
openapi: 3.0.3
paths:
  /pets:
    $ref: paths/pets.yaml
  /tags:
    get:
      parameters:
        - $ref: 'parameters.yaml#/limit'
      responses:
        default:
          $ref: ./responses.yaml#/Error
components:
  schemas:
    Pet:
      $ref: schemas/pet.yaml
";

const PETS: &str = "\
get:
  parameters:
    - $ref: ../parameters.yaml#/limit
  responses:
    '200':
      description: pets
      content:
        application/json:
          schema:
            type: array
            items:
              $ref: ../schemas/pet.yaml
    default:
      $ref: ../responses.yaml#/Error
";

const PET: &str = "\
type: object
properties:
  tag:
    $ref: './tag.json'
  parent:
    $ref: '#'
  friends:
    type: array
    items:
      $ref: ../api.yaml#/components/schemas/Pet
";

const FILES: [(&str, &str); 6] = [
    ("api.yaml", ROOT),
    ("paths/pets.yaml", PETS),
    ("schemas/pet.yaml", PET),
    ("schemas/tag.json", "{\"type\": \"string\",\n \"description\": \"t\"}"),
    ("parameters.yaml", "limit: { name: limit, in: query, schema: { $ref: '#/number' } }\nnumber: { type: integer }\n"),
    (
        "responses.yaml",
        "Error:\n  description: an error\n  content:\n    application/json:\n      schema: { $ref: schemas/pet.yaml }\n",
    ),
];
