//! Optional members: what is absent is told from what is `null`, and from an empty list or map.

use std::collections::{BTreeMap, BTreeSet};

use openapi::closure::{closure, referred_schemas};
use openapi::operations::METHODS;
use openapi::reference::{referred, schemas};
use openapi::walk::NodeKind;
use quote::ToTokens;
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Expr, ExprLit, Field, File, ItemStruct, Lit, parse_quote};

use super::nullable::{self, Null};
use super::success::first;
use crate::attributes::{remove_entries, renamed, serde_entry};
use crate::media::{FORM, essence};
use crate::names::pascal;
use crate::rule::Adapted;

/// Changes optional members, which are those that progenitor skips when they are `None` or empty.
///
/// | member | before | after |
/// |---|---|---|
/// | a list | `Vec<T>`, skipped if empty | `Option<Vec<T>>` |
/// | a map | `HashMap<String, T>`, skipped if empty | `Option<HashMap<String, T>>` |
/// | nullable | `Option<T>`, read from `null` as `None` | `Option<Option<T>>`, read from `null` as `Some(None)` |
/// | of a type that is `null` itself | `Option<T>`, read from `null` as `None` | `Option<T>`, read from `null` as `Some` |
///
/// Forms have no `null`, so types of bodies that are forms and nothing else keep their nullable members.
pub(super) fn tell_apart(file: &mut File, value: &Value, adapted: &Adapted) {
    let mut nulls = nullable::of_properties(value);
    only_forms(value, adapted).iter().for_each(|name| drop(nulls.remove(&pascal(name))));
    Members { nulls }.visit_file_mut(file);
}

/// The component schemas that are bodies of forms and nothing else. Objects inside a form are JSON, which has `null`.
fn only_forms(value: &Value, adapted: &Adapted) -> BTreeSet<String> {
    let (mut forms, mut others) = (BTreeSet::new(), BTreeSet::new());
    let items = value.get("paths").and_then(Value::as_object).into_iter().flatten();
    for operation in items.flat_map(|(_, item)| METHODS.iter().filter_map(|method| item.get(*method))) {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
        let has_form = adapted.wire.get(id).is_some_and(|wire| wire.form.is_some());
        let content = operation.pointer("/requestBody/content").and_then(Value::as_object);
        for (media, content) in content.into_iter().flatten() {
            match content.get("schema") {
                Some(schema) if has_form || essence(media) == FORM => {
                    form_bodies(value, schema, &mut forms, &mut others);
                }
                _ => others.extend(referred_schemas(content, NodeKind::MediaType)),
            }
        }
        if let Some(responses) = operation.get("responses") {
            others.extend(referred_schemas(responses, NodeKind::Responses));
        }
    }
    let others = closure(value, others);
    forms.into_iter().filter(|name| !others.contains(name)).collect()
}

/// Adds the component schemas that a form consists of to `forms`, and those that its members refer to to `others`.
fn form_bodies(value: &Value, schema: &Value, forms: &mut BTreeSet<String>, others: &mut BTreeSet<String>) {
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        if let Some(name) = referred(schema) {
            let target = schemas(value).and_then(|all| all.get(&name));
            open.extend(target.filter(|_| forms.insert(name)));
            continue;
        }
        for (key, inner) in schema.as_object().into_iter().flatten() {
            match (key.as_str(), inner) {
                ("allOf" | "anyOf" | "oneOf", Value::Array(members)) => open.extend(members),
                ("properties", Value::Object(properties)) => {
                    properties.values().for_each(|inner| others.extend(referred_schemas(inner, NodeKind::Schema)));
                }
                ("additionalProperties", inner) => others.extend(referred_schemas(inner, NodeKind::Schema)),
                _ => {}
            }
        }
    }
}

struct Members<'a> {
    /// For each property of each type, how it can be `null`.
    nulls: BTreeMap<String, BTreeMap<&'a str, Null>>,
}

impl VisitMut for Members<'_> {
    fn visit_item_struct_mut(&mut self, item: &mut ItemStruct) {
        visit_mut::visit_item_struct_mut(self, item);
        let nulls = self.nulls.get(&item.ident.to_string());
        for field in &mut item.fields {
            let name = field.ident.as_ref().map(|ident| ident.to_string().trim_start_matches("r#").to_owned());
            let Some(name) = renamed(&field.attrs).or(name) else { continue };
            let null = nulls.and_then(|nulls| nulls.get(name.as_str())).copied().unwrap_or(Null::Never);
            tell(field, null);
        }
    }
}

fn tell(field: &mut Field, null: Null) {
    let Some(skipped) = skipped(&field.attrs) else { return };
    let is_collection = skipped.ends_with("is_empty");
    if is_collection || null == Null::BesideItsType && !holds_any_json(&mut field.ty.clone()) {
        let kind = &field.ty;
        field.ty = parse_quote!(::std::option::Option<#kind>);
    } else if null == Null::Never {
        return;
    }
    remove_entries(&mut field.attrs, &["default", "skip_serializing_if", "deserialize_with"]);
    field.attrs.push(match null {
        Null::Never => parse_quote!(#[serde(skip_serializing_if = "::std::option::Option::is_none")]),
        _ => parse_quote!(#[serde(
            default,
            skip_serializing_if = "::std::option::Option::is_none",
            deserialize_with = "::auth_transport::present"
        )]),
    });
}

/// The function that says whether a member is left out.
fn skipped(attrs: &[Attribute]) -> Option<String> {
    match serde_entry(attrs, "skip_serializing_if")?? {
        Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) => Some(name.value()),
        _ => None,
    }
}

/// Whether this is an `Option` of any JSON, which `null` is.
fn holds_any_json(kind: &mut syn::Type) -> bool {
    let inner = first(kind, "Option").map(|inner| inner.to_token_stream().to_string());
    inner.is_some_and(|inner| inner.split_whitespace().collect::<String>() == "::serde_json::Value")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::requests::BodyForm;
    use crate::rule::Wire;

    fn told(code: &str, value: &Value) -> String {
        let mut file = syn::parse_str(code).expect("valid code");
        tell_apart(&mut file, value, &Adapted::default());
        prettyplease::unparse(&file).split_whitespace().collect::<String>()
    }

    fn schema(properties: Value) -> Value {
        json!({ "components": { "schemas": { "a": { "properties": properties }, "N": { "nullable": true } } } })
    }

    const NONE: &str = "\"::std::option::Option::is_none\"";

    #[test]
    fn optional_members_tell_absent_from_null_and_from_empty() {
        let present =
            format!("#[serde(default,skip_serializing_if={NONE},deserialize_with=\"::auth_transport::present\")]");
        let (option, list) = ("::std::option::Option", "::std::vec::Vec<u8>");
        let skipped = format!("skip_serializing_if = {NONE}");
        let empty = "default, skip_serializing_if = \"::std::vec::Vec::is_empty\"";
        let plain = format!("#[serde(skip_serializing_if={NONE})]");
        for (schema_of, before, after) in [
            (json!({ "type": "array" }), (empty, list.to_owned()), format!("{plain}puba-b:{option}<{list}>")),
            (json!({ "type": "string" }), (&*skipped, format!("{option}<T>")), format!("{plain}puba-b:{option}<T>")),
            (
                json!({ "type": "string", "nullable": true }),
                (&*skipped, format!("{option}<T>")),
                format!("{present}puba-b:{option}<{option}<T>>"),
            ),
            (
                json!({ "$ref": "#/components/schemas/N" }),
                (&*skipped, format!("{option}<N>")),
                format!("{present}puba-b:{option}<N>"),
            ),
            (
                json!({ "nullable": true }),
                (&*skipped, format!("{option}<::serde_json::Value>")),
                format!("{present}puba-b:{option}<::serde_json::Value>"),
            ),
            (
                json!({ "type": "string", "nullable": true }),
                ("deserialize_with = \"::std::option::Option::deserialize\"", format!("{option}<T>")),
                format!("#[serde(deserialize_with=\"::std::option::Option::deserialize\")]puba-b:{option}<T>"),
            ),
        ] {
            let code = format!("pub struct A {{ #[serde({})] pub x: {} }}", before.0, before.1);
            let expected = after.replace("puba-b", "pubx");
            assert_eq!(
                told(&code, &schema(json!({ "x": schema_of }))),
                format!("pubstructA{{{expected},}}"),
                "{schema_of}"
            );
        }
    }

    #[test]
    fn other_entries_of_serde_stay() {
        let code = "pub struct A { #[serde(rename = \"x-y\", default, skip_serializing_if = \"::serde_json::Map::is_empty\")] pub x_y: M }";
        let told = told(code, &schema(json!({ "x-y": { "type": "object" } })));
        assert!(
            told.contains(&format!("#[serde(rename=\"x-y\")]#[serde(skip_serializing_if={NONE})]pubx_y")),
            "{told}"
        );
    }

    #[test]
    fn types_of_forms_have_no_null() {
        let mut value = schema(json!({
            "x": { "type": "string", "nullable": true }, "b": { "$ref": "#/components/schemas/B" },
        }));
        value["components"]["schemas"]["B"] = json!({ "properties": { "y": { "type": "string", "nullable": true } } });
        let field = |name: &str| format!("#[serde(skip_serializing_if = {NONE})] pub {name}: Option<T>");
        let code = format!("pub struct A {{ {} }} pub struct B {{ {} }}", field("x"), field("y"));
        let body = |media: &str| {
            json!({ "post": { "operationId": "send", "requestBody": { "content": {
                media: { "schema": { "allOf": [{ "$ref": "#/components/schemas/a" }] } } } } } })
        };
        let null = |told: &str, name: &str| told.contains(&format!("{name}:::std::option::Option<Option<T>>"));
        let multipart = Wire { form: Some(BodyForm::Form(vec![])), ..Wire::default() };
        for (media, wire, is_form) in [
            (FORM, Wire::default(), true),
            ("application/json", multipart, true),
            ("application/json", Wire::default(), false),
        ] {
            value["paths"]["/a"] = body(media);
            let adapted = Adapted { wire: BTreeMap::from([("send".to_owned(), wire)]), ..Adapted::default() };
            let mut file = syn::parse_str(&code).expect("valid code");
            tell_apart(&mut file, &value, &adapted);
            let told = prettyplease::unparse(&file).split_whitespace().collect::<String>();
            assert_eq!((null(&told, "x"), null(&told, "y")), (!is_form, true), "{told}");
        }
    }
}
