//! What the document marks as deprecated.

use std::collections::{BTreeSet, HashMap};

use openapi::reference::schemas;
use serde_json::Value;
use syn::{Attribute, File, Item, parse_quote};

use super::types::items_mut;
use crate::attributes::renamed;
use crate::names::pascal;
use crate::operation::is_deprecated;

/// Marks the types of deprecated schemas and the fields of deprecated properties; returns whether there are any.
pub(super) fn mark(file: &mut File, value: &Value) -> bool {
    let by_type = schemas(value).into_iter().flatten().map(|(name, schema)| (pascal(name), Marks::of(schema)));
    let by_type = by_type.filter(|(_, marks)| marks.is_any()).collect::<HashMap<_, _>>();
    let mut found = false;
    for item in items_mut(file).flatten() {
        let (name, attrs) = match item {
            Item::Struct(item) => (&item.ident, &mut item.attrs),
            Item::Enum(item) => (&item.ident, &mut item.attrs),
            Item::Type(item) => (&item.ident, &mut item.attrs),
            _ => continue,
        };
        let Some(marks) = by_type.get(&name.to_string()) else { continue };
        if marks.is_deprecated {
            attrs.push(attribute());
            found = true;
        }
        let Item::Struct(object) = item else { continue };
        for field in object.fields.iter_mut() {
            let own = field.ident.as_ref().map(|name| name.to_string().trim_start_matches("r#").to_owned());
            if renamed(&field.attrs).or(own).is_some_and(|name| marks.properties.contains(&name)) {
                field.attrs.push(attribute());
                found = true;
            }
        }
    }
    found
}

/// The attribute of what is deprecated.
pub(super) fn attribute() -> Attribute {
    parse_quote!(#[deprecated])
}

/// What of a schema is deprecated.
struct Marks {
    is_deprecated: bool,
    properties: BTreeSet<String>,
}

impl Marks {
    fn of(schema: &Value) -> Self {
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let properties = properties.filter(|(_, property)| is_deprecated(property)).map(|(name, _)| name.clone());
        Self { is_deprecated: is_deprecated(schema), properties: properties.collect() }
    }

    fn is_any(&self) -> bool {
        self.is_deprecated || !self.properties.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_and_fields_are_marked() {
        let value = json!({ "components": { "schemas": {
            "a_b": { "properties": { "x-y": { "deprecated": true }, "type": { "deprecated": true }, "z": {} } },
            "Old": { "deprecated": true },
            "Kind": { "deprecated": true, "enum": ["a"] },
        } } });
        let code = "pub mod types {
            pub struct AB { #[serde(rename = \"x-y\")] pub x_y: u8, #[serde(rename = \"type\")] pub type_: u8, pub z: u8 }
            pub struct Old(pub u8); pub enum Kind { A } pub struct New {} }";
        let mut file = syn::parse_str(code).expect("valid code");
        assert!(mark(&mut file, &value));
        let after = "pub mod types {
            pub struct AB { #[serde(rename = \"x-y\")] #[deprecated] pub x_y: u8,
                #[serde(rename = \"type\")] #[deprecated] pub type_: u8, pub z: u8 }
            #[deprecated] pub struct Old(pub u8); #[deprecated] pub enum Kind { A } pub struct New {} }";
        let after = syn::parse_str::<File>(after).expect("valid code");
        assert_eq!(prettyplease::unparse(&file), prettyplease::unparse(&after));
        assert!(!mark(&mut file, &json!({})));
    }
}
