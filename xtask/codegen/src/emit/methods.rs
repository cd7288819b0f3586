//! The methods of the shell: one for each operation.

use std::collections::BTreeSet;

use diagnostics::text::{Markdown, Rust, fill};
use syn::{Fields, Item};

use super::security;
use super::settings::Setting;
use crate::by_status::{Outcome, StatusBody};
use crate::patch::{Method, Options, type_items};

/// The method of an operation, and beside it the one that also takes optional parameters, if there are any.
pub(super) fn method(method: &Method, objects: &BTreeSet<String>, settings: &[Setting]) -> Rust {
    let Some(options) = &method.options else {
        return sending(method, objects, settings, method_docs(method, settings));
    };
    let name = |name: &str| Markdown::code(&format!("Client::{name}"));
    let (own, with) = (name(&method.name), name(&options.method));
    let more = fill!(Markdown, "\n\n[{}] takes optional parameters as well.", with);
    let like = fill!(Markdown, "Like [{}], with optional parameters.\n\n# Errors\n\nFails as [{}] does.", own, own);
    let credentials = security::arguments(method);
    let mut passed = credentials.iter().map(|argument| Rust::name(&argument.name)).collect::<Vec<_>>();
    passed.extend(method.required().map(|(name, _)| Rust::name(name)));
    passed.push(fill!(Rust, "&types::{}::default()", Rust::name(&options.kind)));
    let mut code = head(method, &method.name, &described(method, settings, more), None);
    code.push(fill!(
        Rust,
        "        self.{}({}).await\n    }}\n\n",
        Rust::name(&options.method),
        Rust::join(passed, ", ")
    ));
    code.push(sending(method, objects, settings, like));
    code
}

/// Documentation, attributes and signature of a method, up to its body.
fn head(method: &Method, name: &str, docs: &Markdown, options: Option<(&str, &Options)>) -> Rust {
    let mut arguments = vec![Rust::from("&self")];
    arguments.extend(security::arguments(method).iter().map(security::Argument::declared));
    let own = |(name, kind): &(String, _)| fill!(Rust, "{}: {}", Rust::name(name), Rust::kind(kind));
    arguments.extend(method.required().map(own));
    arguments.extend(
        options.map(|(name, options)| fill!(Rust, "{}: &types::{}", Rust::name(name), Rust::name(&options.kind))),
    );
    let mut code = Rust::docs("///", "    ", docs);
    if method.operation.is_deprecated {
        code.push("    #[deprecated]\n");
    }
    code.push(fill!(
        Rust,
        "    pub async fn {}{}({}) -> Result<ResponseValue<{}>, Error<{}>> {{\n",
        Rust::name(name),
        method.generics,
        Rust::join(arguments, ", "),
        Rust::kind(&method.success),
        Rust::kind(&method.error)
    ));
    code
}

/// The method that sends the request.
fn sending(method: &Method, objects: &BTreeSet<String>, settings: &[Setting], docs: Markdown) -> Rust {
    let [call, client] = ["call", "client"].map(|name| Rust::name(&method.free(name)));
    let name = method.options.as_ref().map_or(&method.name, |options| &options.method);
    let parameters = method.free("options");
    let passed = method.arguments.iter().map(|(name, _)| match method.passed(name) {
        Some(passed) => {
            let (options, name) = (Rust::name(&parameters), Rust::name(name));
            fill!(Rust, "{}.{}{}", options, name, passed.conversion)
        }
        None => Rust::name(name),
    });
    let passed = Rust::join(passed, ", ");
    let mut code = head(method, name, &docs, method.options.as_ref().map(|options| (parameters.as_str(), options)));
    code.push(security::call(
        &method.operation.security,
        &security::arguments(method),
        settings,
        &call,
        &expecting(method, objects),
        "        ",
    ));
    code.push(fill!(
        Rust,
        "        let {} = generated::Client::new_with_client(self.base_url.as_str(), {}.client(), {}.clone());\n\
         \x20       {}.finish({}.{}({})).await\n    }}\n",
        client,
        call,
        call,
        call,
        client,
        Rust::name(&method.name),
        passed
    ));
    code
}

/// The names of the types that are objects with members of their own.
pub(super) fn objects(file: &syn::File) -> BTreeSet<String> {
    let structs = type_items(file).filter_map(|item| match item {
        Item::Struct(it) if matches!(it.fields, Fields::Named(_)) => Some(it.ident.to_string()),
        _ => None,
    });
    structs.collect()
}

/// The arguments of a call about its operation and the documented responses.
fn expecting(method: &Method, objects: &BTreeSet<String>) -> Rust {
    let operation = &method.operation;
    let mut text = fill!(Rust, ".of_operation({})", Rust::literal(&operation.id));
    if !operation.requests_tokens {
        text.push(".with_api_limits()");
    }
    let success = Rust::kind(&method.success).into_string();
    let named = success.strip_prefix("Option<").and_then(|inner| inner.strip_suffix('>')).unwrap_or(&success);
    if named.strip_prefix("types::").is_some_and(|name| objects.contains(name)) {
        text.push(".expecting_object()");
    }
    if method.streams() {
        text.push(".expecting_stream()");
    }
    if !operation.redirects.is_empty() {
        let statuses = operation.redirects.iter().map(|status| Rust::literal(status));
        text.push(fill!(Rust, ".expecting_redirects(&[{}])", Rust::join(statuses, ", ")));
    }
    text
}

fn method_docs(method: &Method, settings: &[Setting]) -> Markdown {
    described(method, settings, Markdown::default())
}

/// The documentation of a method, with more text before its errors.
fn described(method: &Method, settings: &[Setting], more: Markdown) -> Markdown {
    let mut text = method.doc.clone();
    text.push(more);
    let [successes, own_errors] = Outcome::ALL.map(|outcome| method.by_status.of(outcome));
    if !successes.is_empty() {
        let kind = Markdown::code(Rust::kind(&method.success).as_str());
        text.push(fill!(Markdown, "\n\nThe value is a [{}], which has a variant for each of these statuses:\n", kind));
        text.push(listed(successes.iter().map(StatusBody::described)));
    }
    text.push(security::docs(&method.operation.security, &security::arguments(method), settings));
    let errors = method.operation.errors.iter().map(|(status, description)| (status.as_str(), description.as_str()));
    let errors: Vec<(&str, &str)> =
        if own_errors.is_empty() { errors.collect() } else { own_errors.iter().map(StatusBody::described).collect() };
    let documented = if errors.is_empty() { "." } else { ", such as:\n" };
    let token = if method.operation.security.wants_token() { "the source has no token, if " } else { "" };
    text.push(fill!(
        Markdown,
        "\n\n# Errors\n\nFails if {}the request cannot be sent or takes too long, or if the response is an error{}",
        token,
        documented
    ));
    text.push(listed(errors));
    if !own_errors.is_empty() {
        let kind = Markdown::code(Rust::kind(&method.error).as_str());
        text.push(fill!(Markdown, "\n\nThe body of an error is a [{}], which has a variant for each of these.", kind));
    }
    text
}

/// Statuses with their descriptions, a line each.
fn listed<'a>(statuses: impl IntoIterator<Item = (&'a str, &'a str)>) -> Markdown {
    let mut text = Markdown::default();
    for (status, description) in statuses {
        text.push(fill!(Markdown, "\n- {}: {}", Markdown::code(status), Markdown::line(description)));
    }
    text
}
