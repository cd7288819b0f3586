//! The note about alternatives that later steps read: whether several may match, and the discriminator.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::shape::BASE;

/// What is known about alternatives beside their schemas.
#[derive(Debug)]
pub(super) struct Note {
    is_any: bool,
    /// The property of the discriminator.
    property: Option<String>,
    /// Which values of the discriminator select which reference.
    mapping: Map<String, Value>,
    /// The value of the discriminator for the alternative that the others extend.
    base: Option<String>,
    /// The note of an earlier visit.
    noted: Option<Value>,
}

impl Note {
    /// Reads a `discriminator` with its whole mapping, or the note of an earlier visit.
    pub(super) fn new(is_any: bool, discriminator: Option<&Value>, noted: Option<Value>) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let was_any = noted.as_ref().and_then(|noted| noted.get("anyOf")) == Some(&Value::Bool(true));
        let property = match &noted {
            Some(noted) => noted.get("property").and_then(text),
            None => discriminator.and_then(|discriminator| text(discriminator.get("propertyName")?)),
        };
        let mapping = discriminator.and_then(|discriminator| discriminator.get("mapping")?.as_object()).cloned();
        let base = noted.as_ref().or(discriminator).and_then(|outer| text(outer.get(BASE)?));
        Self { is_any: is_any || was_any, property, mapping: mapping.unwrap_or_default(), base, noted }
    }

    /// The values of the discriminator that select each of the alternatives.
    pub(super) fn tags(&self, members: &[Value]) -> Vec<Vec<String>> {
        if let Some(tags) = self.noted.as_ref().and_then(|noted| noted.get("tags")?.as_array()) {
            let texts = |tags: &Value| {
                let tags = tags.as_array().into_iter().flatten();
                tags.filter_map(Value::as_str).map(str::to_owned).collect()
            };
            return tags.iter().map(texts).chain(std::iter::repeat(vec![])).take(members.len()).collect();
        }
        let mut selecting: HashMap<&str, Vec<String>> = HashMap::new();
        for (tag, target) in &self.mapping {
            selecting.entry(target.as_str().unwrap_or_default()).or_default().push(tag.clone());
        }
        let tags = |member: &Value| {
            let references = references(member).into_iter();
            references.filter_map(|reference| selecting.get(reference)).flatten().cloned().collect()
        };
        members.iter().map(tags).collect()
    }

    /// The note for these alternatives, if there is something to note.
    pub(super) fn written<'t>(&self, tags: impl Iterator<Item = &'t Vec<String>>) -> Option<Value> {
        let mut note = Map::new();
        if self.is_any {
            note.insert("anyOf".to_owned(), true.into());
        }
        if let Some(property) = &self.property {
            note.insert("property".to_owned(), property.clone().into());
            note.insert("tags".to_owned(), tags.map(|tags| json!(tags)).collect());
            note.extend(self.base.as_ref().map(|base| (BASE.to_owned(), base.clone().into())));
        }
        (!note.is_empty()).then(|| note.into())
    }
}

/// The references that an alternative consists of.
fn references(member: &Value) -> Vec<&str> {
    let parts = member.get("allOf").and_then(Value::as_array).into_iter().flatten();
    let reference = member.get("$ref").and_then(Value::as_str);
    reference.into_iter().chain(parts.filter_map(|part| part.get("$ref")?.as_str())).collect()
}
