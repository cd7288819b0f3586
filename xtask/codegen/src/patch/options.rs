//! The optional parameters of an operation as one argument, so that a new one breaks no caller.

use std::collections::BTreeSet;

use diagnostics::text::Markdown;
use openapi::walk::{self, NodeKind};
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Field, File, FnArg, ImplItemFn, Item, ItemStruct, Type, parse_quote};

use super::corrections::inherent_methods;
use super::deprecated::attribute;
use super::success::first;
use super::types::{derives, items_mut};
use crate::attributes::{doc_text, is_doc};
use crate::names::{TAKEN, UsedNames, free, pascal, snake};
use crate::operation::{Operation, is_deprecated};

/// The optional parameters of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// The name of their type.
    pub(crate) kind: String,
    /// The name of the method that takes them.
    pub(crate) method: String,
    /// The parameters, in the order of the document.
    pub(crate) fields: Vec<Passed>,
}

/// How a method passes a parameter on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Passed {
    /// The name of its field, which is that of the argument.
    pub(crate) name: String,
    /// The conversion into the argument, `.as_deref()`.
    pub(crate) conversion: &'static str,
}

/// Adds a type for the optional parameters of each operation that has some; returns them by operation.
pub(super) fn add(file: &mut File, value: &Value, operations: &[Operation]) -> Vec<Option<Options>> {
    let mut taken = UsedNames::new(pascal, []);
    let mut copied = BTreeSet::new();
    for item in items_mut(file).flatten() {
        let (name, attrs) = match item {
            Item::Struct(item) => (&item.ident, &item.attrs),
            Item::Enum(item) => (&item.ident, &item.attrs),
            Item::Type(item) => (&item.ident, &item.attrs),
            _ => continue,
        };
        taken.take(&name.to_string());
        if derives(attrs, "Copy") {
            copied.insert(name.to_string());
        }
    }
    let mut names = UsedNames::new(snake, TAKEN.iter().copied());
    inherent_methods(file).for_each(|method| {
        names.take(&method.sig.ident.to_string());
    });
    let mut added = Vec::new();
    let methods = inherent_methods(file).filter(|method| method.sig.asyncness.is_some());
    let all = methods.zip(operations).map(|(method, operation)| {
        let parameters = value.pointer(&operation.pointer).and_then(|it| it.get("parameters")?.as_array());
        let fields = parameters.into_iter().flatten().filter_map(|parameter| field(method, parameter, &copied));
        let (passed, fields): (Vec<_>, Vec<_>) = fields.unzip();
        if passed.is_empty() {
            return None;
        }
        let kind = free(&format!("{}Options", pascal(&operation.id)), &mut taken);
        let kind = pascal(&kind);
        let method_with = snake(&free(&format!("{}_with", method.sig.ident), &mut names));
        leave_out_of_docs(method, &passed);
        added.push(Item::Struct(object(&kind, operation, fields)));
        Some(Options { kind, method: method_with, fields: passed })
    });
    let all = all.collect();
    if let Some(items) = items_mut(file).next() {
        items.extend(added);
    }
    all
}

fn object(kind: &str, operation: &Operation, fields: Vec<Field>) -> ItemStruct {
    let name = quote::format_ident!("{kind}");
    let doc = format!(" Optional parameters of {}.", Markdown::code(&operation.id).as_str());
    parse_quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct #name { #(#fields),* }
    }
}

/// Whether a parameter of the document is deprecated; the client passes such a field on.
pub(super) fn have_deprecated(value: &Value) -> bool {
    let mut found = false;
    walk::visit(value, NodeKind::Document, "", &mut |inner, node, _| {
        found |= node == NodeKind::Parameter && is_deprecated(inner);
    });
    found
}

/// The field of an optional parameter, and how it is passed on.
fn field(method: &ImplItemFn, parameter: &Value, copied: &BTreeSet<String>) -> Option<(Passed, Field)> {
    if parameter.get("required") == Some(&Value::Bool(true)) {
        return None;
    }
    let name = snake(parameter.get("name")?.as_str()?);
    let arguments = method.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some(input),
        FnArg::Receiver(_) => None,
    });
    let argument =
        arguments.into_iter().find(|argument| matches!(&*argument.pat, syn::Pat::Ident(it) if it.ident == name))?;
    let mut kind = first(&mut (*argument.ty).clone(), "Option")?.clone();
    let mut conversion = if is_copied(&kind, copied) { "" } else { ".clone()" };
    if let Type::Reference(reference) = kind {
        (kind, conversion) = match *reference.elem {
            Type::Path(path) if path.path.is_ident("str") => (parse_quote!(::std::string::String), ".as_deref()"),
            Type::Slice(list) => {
                let item = list.elem;
                (parse_quote!(::std::vec::Vec<#item>), ".as_deref()")
            }
            // A list is passed on as a slice.
            Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Vec") => {
                (Type::Path(path), ".as_deref()")
            }
            other => (other, ".as_ref()"),
        };
    }
    Inside.visit_type_mut(&mut kind);
    let ident = quote::format_ident!("{name}");
    let doc =
        parameter.get("description").and_then(Value::as_str).map(|text| -> Attribute { parse_quote!(#[doc = #text]) });
    let deprecated = is_deprecated(parameter).then(attribute);
    let (doc, deprecated) = (doc.into_iter(), deprecated.into_iter());
    let field = parse_quote! { #(#doc)* #(#deprecated)* pub #ident: ::std::option::Option<#kind> };
    Some((Passed { name, conversion }, field))
}

/// Whether a type of an argument is `Copy`: numbers, truth values and such types of the module.
fn is_copied(kind: &Type, copied: &BTreeSet<String>) -> bool {
    let Type::Path(path) = kind else { return false };
    let name = path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    match path.path.segments.first() {
        Some(first) if first.ident == "types" => copied.contains(&name),
        _ => true,
    }
}

/// Writes the types of the module as they are called inside it.
struct Inside;

impl VisitMut for Inside {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        if path.leading_colon.is_none() && path.segments.len() > 1 && path.segments[0].ident == "types" {
            path.segments = std::mem::take(&mut path.segments).into_iter().skip(1).collect();
        }
    }
}

/// Leaves parameters out of the list of arguments in the documentation.
fn leave_out_of_docs(method: &mut ImplItemFn, passed: &[Passed]) {
    const HEAD: &str = "Arguments:\n";
    let Some(text) = doc_text(&method.attrs) else { return };
    let Some((before, list)) = text.rsplit_once(HEAD) else { return };
    let mut is_kept = true;
    let kept = list.lines().filter(|line| {
        if let Some(item) = line.strip_prefix("- `") {
            is_kept = !passed.iter().any(|it| item.split('`').next() == Some(&it.name));
        }
        is_kept
    });
    let kept = kept.map(|line| format!("{line}\n")).collect::<String>();
    let head = if kept.contains("- `") { HEAD } else { "" };
    let text = format!("{before}{head}{kept}");
    let text = text.trim_end();
    method.attrs.retain(|attr| !is_doc(attr));
    method.attrs.insert(0, parse_quote!(#[doc = #text]));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(file: &mut File, parameters: Value, id: &str) -> Option<Options> {
        let value = json!({ "paths": { "/a": { "get": { "parameters": parameters } } } });
        add(file, &value, &[Operation::get(id, "/a")]).remove(0)
    }

    const METHOD: &str = "
        pub mod types { #[derive(Copy)] pub enum Copied { A } pub enum Order { A } pub struct ListOptions {} }
        impl Client { /// List\n///\n/// Arguments:\n/// - `id`: the id\n/// - `q`: words\n///   more words\n/// - `body`
        pub async fn list<'a>(&'a self, id: &'a str, q: Option<&'a str>, n: Option<i64>, copied: Option<types::Copied>,
            order: Option<types::Order>, list: Option<&'a ::std::vec::Vec<types::Order>>, null: Option<&'a str>,
            body: &'a types::ListOptions) -> R {}
        pub async fn list_with(&self) {} }";

    #[test]
    fn a_deprecated_parameter_is_found() {
        for (parameter, expected) in [(json!({ "deprecated": true }), true), (json!({ "name": "deprecated" }), false)] {
            let value = json!({ "paths": { "/a": { "get": { "parameters": [parameter] } } } });
            assert_eq!(have_deprecated(&value), expected, "{value}");
        }
    }

    #[test]
    fn optional_parameters_become_fields_in_the_order_of_the_document() {
        let mut file = syn::parse_str(METHOD).expect("valid code");
        let parameters = json!([
            { "name": "list" }, { "name": "id", "required": true }, { "name": "null", "required": true },
            { "name": "q", "description": "words", "deprecated": true }, { "name": "N" }, { "name": "order" },
            { "name": "copied", "required": false }, { "name": "unknown" },
        ]);
        let options = run(&mut file, parameters, "list").expect("options");
        let passed = options.fields.iter().map(|passed| format!("{}{}", passed.name, passed.conversion));
        let passed = passed.collect::<Vec<_>>();
        assert_eq!(passed, ["list.as_deref()", "q.as_deref()", "n", "order.clone()", "copied"]);
        assert_eq!((options.kind.as_str(), options.method.as_str()), ("ListOptions2", "list_with_2"));
        let code = prettyplease::unparse(&file);
        let after = "    /// Optional parameters of `list`.
    #[derive(Clone, Debug, Default, PartialEq)]
    #[non_exhaustive]
    pub struct ListOptions2 {
        pub list: ::std::option::Option<::std::vec::Vec<Order>>,
        ///words
        #[deprecated]
        pub q: ::std::option::Option<::std::string::String>,
        pub n: ::std::option::Option<i64>,
        pub order: ::std::option::Option<Order>,
        pub copied: ::std::option::Option<Copied>,
    }
";
        assert!(code.contains(after), "{code}");
        assert!(code.contains("- `id`: the id") && code.contains("- `body`") && !code.contains("more words"), "{code}");
    }

    #[test]
    fn an_operation_without_optional_parameters_has_no_options() {
        let mut file = syn::parse_str(METHOD).expect("valid code");
        assert_eq!(run(&mut file, json!([{ "name": "q", "required": true }]), "list"), None);
        assert!(!prettyplease::unparse(&file).contains("Optional parameters"));
    }
}
