//! `tests/examples.rs`: the examples of the document as tests.

use std::collections::HashSet;

use diagnostics::text::{Rust, fill};
use quote::{ToTokens, format_ident};
use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, Item, PathArguments, Type, Variant};

use super::input::Input;
use crate::examples::{Body, Example, Examples};
use crate::patch::{Method, type_items};

/// Writes `tests/examples.rs`; `None` if no example belongs to a type.
pub(super) fn examples(input: &Input<'_>, examples: &Examples) -> Option<Rust> {
    let tests = input.generated.methods.iter().filter_map(|method| test(input, method, examples)).collect::<Vec<_>>();
    if tests.is_empty() {
        return None;
    }
    let tests = Rust::join(tests, "\n");
    let types = if tests.as_str().contains("types::") {
        fill!(Rust, "use {}::types;\n", Rust::name(&input.module()))
    } else {
        Rust::default()
    };
    Some(fill!(
        Rust,
        "{}#![cfg_attr(rustfmt, rustfmt_skip)]\n{}\n//! The examples of the document: each is read as the type of its place, written again, and \
         compared.\n\nuse auth_transport::example::{{check, failures}};\n{}\n{}",
        input.header("// ", "", Rust::comment),
        if input.generated.is_deprecated { "#![allow(deprecated)]\n" } else { "" },
        types,
        tests
    ))
}

/// The test of the examples of one operation.
fn test(input: &Input<'_>, method: &Method, examples: &Examples) -> Option<Rust> {
    let operation = &method.operation;
    let all = examples.of_operation(&operation.method, &operation.path);
    let rows = all.iter().filter_map(|example| row(input, method, example)).collect::<Vec<_>>();
    if rows.is_empty() {
        return None;
    }
    let name = format!("{} {}", operation.method, operation.path);
    Some(fill!(
        Rust,
        "#[test]\nfn {}() {{\n    let failed = failures({}, [\n{}    ]);\n    assert!(failed.is_empty(), \"{{failed}}\");\n}}\n",
        Rust::name(&method.name),
        Rust::literal(&name),
        Rust::join(rows, "")
    ))
}

/// The row of one example; `None` if no type of the method reads it.
fn row(input: &Input<'_>, method: &Method, example: &Example) -> Option<Rust> {
    let kind = match example.body {
        Body::Request => body(method)?,
        Body::Success => method.success.clone(),
        Body::Error => error(input, method, &example.status)?,
    };
    let text = kind.to_token_stream().to_string();
    if text == "()" || text.contains("ByteStream") || text.contains("reqwest") {
        return None;
    }
    let what = match example.body {
        Body::Request => "request".to_owned(),
        Body::Success | Body::Error => format!("answer {}", example.status),
    };
    let source = input.document.source(&example.pointer);
    let file = if source.file == input.document.file { String::new() } else { format!("{} ", source.file) };
    Some(fill!(
        Rust,
        "        check::<{}>({}, {}),\n",
        Rust::kind(&kind),
        Rust::literal(&format!("{what}, {file}#{}", source.pointer)),
        Rust::literal(&example.value.to_string())
    ))
}

/// The type of the body of a request.
fn body(method: &Method) -> Option<Type> {
    let (_, kind) = method.arguments.iter().find(|(name, _)| name == "body")?;
    let kind = match kind {
        Type::Path(path) => match &path.path.segments.last()?.arguments {
            PathArguments::AngleBracketed(inner) if path.path.segments.last()?.ident == "Option" => {
                match inner.args.first()? {
                    GenericArgument::Type(inner) => inner,
                    _ => return None,
                }
            }
            _ => kind,
        },
        kind => kind,
    };
    match kind {
        Type::Reference(reference) => Some((*reference.elem).clone()),
        kind if method.generics.is_empty() => Some(kind.clone()),
        _ => None,
    }
}

/// The type of the body of an error with a status: errors with several bodies have an enum, which is not read as a whole.
fn error(input: &Input<'_>, method: &Method, status: &str) -> Option<Type> {
    let types = type_items(&input.generated.file).collect::<Vec<_>>();
    let Type::Path(path) = &method.error else { return Some(method.error.clone()) };
    let name = &path.path.segments.last()?.ident;
    let by_status = types.iter().find_map(|item| match item {
        Item::Enum(item) if item.ident == *name && item.variants.iter().all(is_of_status) => Some(item),
        _ => None,
    });
    let Some(by_status) = by_status else { return Some(method.error.clone()) };
    let wanted = if status == "default" { "Default".to_owned() } else { format!("Status{status}") };
    let variant = by_status.variants.iter().find(|variant| variant.ident == wanted)?;
    let mut kind = variant.fields.iter().next()?.ty.clone();
    let names = types.iter().filter_map(|item| match item {
        Item::Struct(item) => Some(item.ident.to_string()),
        Item::Enum(item) => Some(item.ident.to_string()),
        Item::Type(item) => Some(item.ident.to_string()),
        _ => None,
    });
    FromOutside(names.collect()).visit_type_mut(&mut kind);
    Some(kind)
}

/// Whether a variant is that of a status.
fn is_of_status(variant: &Variant) -> bool {
    let name = variant.ident.to_string();
    let is_status = |rest: &str| rest.len() == 3 && rest.chars().all(|c| c.is_ascii_digit() || c == 'X');
    name == "Default" || name.strip_prefix("Status").is_some_and(is_status)
}

/// Turns names of the module `types` into those that another module uses.
struct FromOutside(HashSet<String>);

impl VisitMut for FromOutside {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        let is_short = path.leading_colon.is_none() && path.segments.len() == 1;
        if is_short && self.0.contains(&path.segments[0].ident.to_string()) {
            path.segments.insert(0, format_ident!("types").into());
        }
    }
}
