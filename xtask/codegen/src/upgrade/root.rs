//! The root of the document: its version, and the maps of components.

use openapi::pointer::child;
use serde_json::{Map, Value};

use super::change::Change;
use crate::rule::LOWERED;

/// The maps of Swagger 2.0 and the folders of `components` that take their place. Parameters that are bodies become request
/// bodies, see [`super::bodies`].
const FOLDERS: [(&str, &str); 4] = [
    ("definitions", "schemas"),
    ("parameters", "parameters"),
    ("responses", "responses"),
    ("securityDefinitions", "securitySchemes"),
];

/// Rules `swagger` and `components`.
pub(super) fn apply(value: &mut Value, change: &mut Change) {
    let Some(object) = value.as_object_mut() else { return };
    let mut root = Map::new();
    let mut components = Map::new();
    root.insert("openapi".to_owned(), LOWERED.into());
    change.moved("/openapi".to_owned(), "/swagger".to_owned());
    change.kept("swagger", "/openapi", format!("Swagger 2.0 became OpenAPI {LOWERED}"));
    for (key, member) in std::mem::take(object) {
        match FOLDERS.iter().find(|(from, _)| *from == key) {
            Some((from, to)) => {
                change.moved(child("/components", to), child("", from));
                components.insert((*to).to_owned(), member);
            }
            None if key == "swagger" => {}
            None => drop(root.insert(key, member)),
        }
    }
    root.insert("components".to_owned(), components.into());
    *object = root;
}
