//! `tests/examples.rs`: the examples of the document as tests.

use diagnostics::text::{Rust, fill};
use quote::ToTokens;
use syn::{GenericArgument, Item, PathArguments, Type};

use super::input::Input;
use crate::by_status::Outcome;
use crate::examples::{Body, Example, Examples};
use crate::patch::{Method, from_outside, type_items, type_names};

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
        Body::Success => of_status(input, method, Outcome::Success, &example.status)?,
        Body::Error => of_status(input, method, Outcome::Error, &example.status)?,
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

/// The type of the body of a status: successes and errors with several bodies have an enum, which is not read as a whole.
fn of_status(input: &Input<'_>, method: &Method, outcome: Outcome, status: &str) -> Option<Type> {
    let kind = match outcome {
        Outcome::Success => &method.success,
        Outcome::Error => &method.error,
    };
    let statuses = method.by_status.of(outcome);
    if statuses.is_empty() {
        return Some(kind.clone());
    }
    let Type::Path(path) = kind else { return None };
    let name = &path.path.segments.last()?.ident;
    let own = type_items(&input.generated.file).find_map(|item| match item {
        Item::Enum(item) if item.ident == *name => Some(item),
        _ => None,
    })?;
    let wanted = statuses.iter().find(|it| it.name.eq_ignore_ascii_case(status))?.variant();
    let variant = own.variants.iter().find(|variant| variant.ident == wanted)?;
    let kind = variant.fields.iter().next()?.ty.clone();
    Some(from_outside(&type_names(&input.generated.file), kind))
}
