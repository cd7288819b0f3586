//! The names of the components that targets become.
//!
//! A name does not depend on the order of the references. The components of the document keep their names. A target takes the
//! name that it has in its file, or that of the file. If two targets would have one name, or the document has the name
//! already, the names of the file and of its folders precede it: `Error` of `schemas/common.yaml` becomes `commonError`.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::discover::Target;
use crate::pointer::parts;
use crate::work::step;

/// The name of each target; `components` are the names that the document has, `taken` the targets that have one of them.
pub(super) fn names<'a>(
    components: &BTreeSet<(&'static str, String)>,
    targets: impl Iterator<Item = &'a Target>,
    taken: &HashMap<Target, String>,
) -> HashMap<Target, String> {
    let mut names = taken.clone();
    let mut open = targets.filter(|target| !names.contains_key(target)).collect::<Vec<_>>();
    open.sort();
    open.dedup();
    let mut used: HashMap<&str, HashSet<String>> = HashMap::new();
    let mut count: HashMap<(&str, String), usize> = HashMap::new();
    for target in &open {
        *count.entry((target.home, form(&own(target).0))).or_default() += 1;
    }
    for (home, name) in components {
        used.entry(home).or_default().insert(form(name));
    }
    let is_single = |target: &Target| count.get(&(target.home, form(&own(target).0))) == Some(&1);
    let (single, shared): (Vec<_>, Vec<_>) = open.into_iter().partition(|target| is_single(target));
    for (target, first) in single.into_iter().map(|it| (it, 0)).chain(shared.into_iter().map(|it| (it, 1))) {
        let used = used.entry(target.home).or_default();
        let (name, _) = own(target);
        let longer = candidates(target).skip(first);
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let free = longer.chain(numbered).find(|name| {
            step(1);
            !used.contains(&form(name))
        });
        let name = free.unwrap_or(name);
        used.insert(form(&name));
        names.insert(target.clone(), name);
    }
    names
}

/// The form in which names are compared: in Rust, names that differ in case or punctuation may be the same.
fn form(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The name of a target without the names of folders, and the names that may precede it, the nearest first.
fn own(target: &Target) -> (String, Vec<&str>) {
    let mut around = target.path.split('/').collect::<Vec<_>>();
    if let Some(file) = around.last_mut() {
        *file = file.rsplit_once('.').map_or(*file, |(stem, _)| stem);
    }
    if around.len() > 1 && around.last() == Some(&"index") {
        around.pop();
    }
    around.reverse();
    let inside = inside(&target.pointer);
    let name = if inside.is_empty() { plain(around.remove(0)) } else { inside };
    (name, around)
}

/// The names of a target, the shortest first.
fn candidates(target: &Target) -> impl Iterator<Item = String> {
    let (name, around) = own(target);
    (0..=around.len()).map(move |count| {
        let before = around[..count].iter().rev().map(|word| plain(word));
        before.chain([name.clone()]).reduce(|all, word| all + &capital(&word)).unwrap_or_default()
    })
}

/// A name made of a pointer, without the words that every pointer has.
fn inside(pointer: &str) -> String {
    let mut name = String::new();
    for part in parts(pointer) {
        let word = match part.as_str() {
            "components" | "schemas" | "definitions" | "$defs" | "paths" | "properties" | "parameters"
            | "responses" | "requestBodies" | "headers" | "examples" | "content" | "schema" => continue,
            "items" => "Item".to_owned(),
            "additionalProperties" => "Value".to_owned(),
            part => plain(part),
        };
        name.push_str(&if name.is_empty() { word } else { capital(&word) });
    }
    name
}

/// A text with the characters that a name of a component may have, beginning with a letter.
fn plain(text: &str) -> String {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).filter(|word| !word.is_empty());
    let name = words.map(str::to_owned).reduce(|all, word| all + &capital(&word)).unwrap_or_default();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("Part{name}") }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_does_not_depend_on_the_order_of_references() {
        let target = |path: &str, pointer: &str| Target {
            path: path.to_owned(),
            pointer: pointer.to_owned(),
            home: "/components/schemas",
            file: 1,
        };
        let components = ["Cat", "dog"].map(|name| ("/components/schemas", name.to_owned())).into();
        let rows = [
            (target("schemas/pet.yaml", ""), "pet"),
            (target("schemas/owner/index.yaml", ""), "owner"),
            (target("common.yaml", "/definitions/Tag"), "Tag"),
            (target("common.yaml", "/Tag/properties/first name/items"), "TagFirstNameItem"),
            // One name for two targets.
            (target("a/common.yaml", "/components/schemas/Error"), "aCommonError"),
            (target("b/common.yaml", "/Error"), "commonError"),
            // Names of the document.
            (target("schemas/cat.yaml", ""), "schemasCat"),
            (target("Dog.yaml", ""), "Dog2"),
            (target("x.yaml", "/200"), "Part200"),
        ];
        for turned in [false, true] {
            let mut all = rows.iter().map(|(target, _)| target).collect::<Vec<_>>();
            if turned {
                all.reverse();
            }
            let names = names(&components, all.into_iter(), &HashMap::new());
            for (target, name) in &rows {
                let expected = match (*name, target.path.as_str()) {
                    ("aCommonError", _) => "commonError",
                    ("commonError", "b/common.yaml") => "bCommonError",
                    (name, _) => name,
                };
                assert_eq!(names[target], expected, "{target:?}");
            }
        }
    }
}
