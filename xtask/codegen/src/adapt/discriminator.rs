//! Discriminators: progenitor ignores them, so each alternative gets the values of its tag.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use openapi::pointer::child;
use openapi::reference::{referred, schemas, schemas_mut, to_schema};
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value, json};

use super::merge::Merger;
use super::merge_losses::Losses;
use crate::rule::Adapted;

/// Applies rule `discriminator`.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let mut tags: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    let mut bases = Vec::new();
    walk::visit(value, NodeKind::Document, "", &mut |schema, node, pointer| {
        let Some(discriminator) = schema.get("discriminator").filter(|_| node == NodeKind::Schema) else { return };
        let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else { return };
        let members = ["oneOf", "anyOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
        let members = members.filter_map(referred).collect::<Vec<_>>();
        if members.is_empty() {
            bases.push(pointer.to_owned());
        }
        let mut mapping: HashMap<&str, BTreeSet<String>> = HashMap::new();
        for (tag, target) in discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten() {
            mapping.entry(target.as_str().unwrap_or_default()).or_default().insert(tag.clone());
        }
        for member in members {
            let pointer = to_schema(&member);
            let targets = [pointer["$ref"].as_str().unwrap_or_default(), member.as_str()];
            let mut names =
                targets.iter().filter_map(|target| mapping.get(target)).flatten().cloned().collect::<BTreeSet<_>>();
            if names.is_empty() {
                names.insert(member.clone());
            }
            tags.entry(member).or_insert_with(|| (property.to_owned(), BTreeSet::new())).1.extend(names);
        }
    });
    let snapshot = value.clone();
    let mut extended = BTreeSet::new();
    walk::visit(&snapshot, NodeKind::Document, "", &mut |schema, _, _| {
        let all = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        extended.extend(all.filter_map(|part| part.get("$ref")?.as_str()?.strip_prefix('#').map(str::to_owned)));
    });
    for base in bases {
        if let Some(schema) = value.pointer_mut(&base).and_then(Value::as_object_mut) {
            schema.shift_remove("discriminator");
        }
        if extended.contains(&base) {
            done.lost("discriminator", &base, "a value of this type loses the members of the types that extend it");
        } else {
            done.applied("discriminator", &base, "a discriminator without alternatives was dropped");
        }
    }
    let mut merger = Merger::new(&snapshot);
    for (name, (property, tags)) in tags {
        tell(&snapshot, &mut merger, value, &name, &property, &tags, done);
    }
}

/// Makes one schema require the property that tells it apart, with its own values.
fn tell(
    snapshot: &Value,
    merger: &mut Merger<'_>,
    value: &mut Value,
    name: &str,
    property: &str,
    tags: &BTreeSet<String>,
    done: &mut Adapted,
) -> Option<()> {
    let old = schemas(snapshot)?.get(name)?;
    let flat = merger.flatten(old, &mut Losses::default())?;
    if flat.contains_key("oneOf") || flat.contains_key("anyOf") || flat.get("type").is_some_and(|kind| kind != "object")
    {
        return None;
    }
    let own = flat.get("properties").and_then(|all| all.get(property));
    let own = own.map(|schema| merger.flatten(schema, &mut Losses::default()).unwrap_or_default());
    let listed = own.as_ref().and_then(|own| own.get("enum")).and_then(Value::as_array);
    let single = listed.is_some_and(|values| values.len() <= tags.len());
    let required =
        flat.get("required").and_then(Value::as_array).is_some_and(|all| all.iter().any(|it| it == property));
    if single && required {
        return Some(());
    }
    let typed = own.as_ref().and_then(|own| own.get("type")).is_none_or(|kind| kind == "string");
    let possible =
        tags.iter().filter(|tag| listed.is_none_or(|values| values.iter().any(|value| value == tag.as_str())));
    let possible = possible.collect::<Vec<_>>();
    let mut schema = Map::new();
    if let Some(description) = own.as_ref().and_then(|own| own.get("description")) {
        schema.insert("description".to_owned(), description.clone());
    }
    schema.insert("type".to_owned(), "string".into());
    schema.insert("enum".to_owned(), json!(possible));
    let object = schemas_mut(value)?.get_mut(name)?.as_object_mut()?;
    let has_parts = object.contains_key("allOf");
    if !single && typed && !possible.is_empty() {
        let properties = json!({ property: schema });
        if has_parts {
            let part = json!({ "type": "object", "properties": properties, "required": [property] });
            object.get_mut("allOf")?.as_array_mut()?.push(part);
        } else {
            let own = object.entry("properties").or_insert_with(|| Map::new().into());
            own.as_object_mut()?.extend(properties.as_object().cloned()?);
        }
    } else if has_parts {
        object.get_mut("allOf")?.as_array_mut()?.push(json!({ "type": "object", "required": [property] }));
    }
    if !has_parts {
        object.entry("type").or_insert_with(|| "object".into());
        let list = object.entry("required").or_insert_with(|| Value::Array(vec![])).as_array_mut()?;
        if !list.iter().any(|it| it == property) {
            list.push(property.into());
        }
    }
    let tags = tags.iter().map(|tag| format!("`{tag}`")).collect::<Vec<_>>().join(" or ");
    done.applied(
        "discriminator",
        &child("/components/schemas", name),
        format!("`{property}` identifies this alternative: {tags}"),
    );
    Some(())
}
