//! The methods of the generated client, as the shell around it needs them.

use std::collections::HashSet;

use diagnostics::text::{Markdown, Rust};
use diagnostics::{Problem, Problems, Result};
use openapi::Document;
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, GenericArgument, ImplItem, Item, ItemImpl, PathArguments, ReturnType, Type};

use super::options::{Options, Passed};
use crate::attributes::doc_text;
use crate::by_status::ByStatus;
use crate::names::TAKEN;
use crate::operation::Operation;
use crate::progenitor::GENERATOR;

/// One method.
#[derive(Clone, Debug)]
pub(crate) struct Method {
    /// Its operation.
    pub(crate) operation: Operation,
    /// Its name in Rust.
    pub(crate) name: String,
    /// Its generic parameters without lifetimes, `<B: Into<reqwest::Body>>` or nothing.
    pub(crate) generics: Rust,
    /// Its arguments without `self`, lifetimes elided.
    pub(crate) arguments: Vec<(String, Type)>,
    /// Those of them that are optional parameters.
    pub(crate) options: Option<Options>,
    /// Type of a successful answer.
    pub(crate) success: Type,
    /// Type of an error answer.
    pub(crate) error: Type,
    /// The statuses of the variants of these types, if they are enums of them.
    pub(crate) by_status: ByStatus,
    /// Its documentation.
    pub(crate) doc: Markdown,
}

impl Method {
    /// Whether a successful answer is a stream.
    pub(crate) fn streams(&self) -> bool {
        super::success::is_stream(&self.success)
    }

    /// The arguments that are no optional parameters.
    pub(crate) fn required(&self) -> impl Iterator<Item = &(String, Type)> {
        self.arguments.iter().filter(|(name, _)| self.passed(name).is_none())
    }

    /// How an argument is passed on, if it is an optional parameter.
    pub(crate) fn passed(&self, name: &str) -> Option<&Passed> {
        self.options.iter().flat_map(|options| &options.fields).find(|passed| passed.name == *name)
    }

    /// This name, or one like it that no argument has.
    pub(crate) fn free(&self, name: &str) -> String {
        let mut name = name.to_owned();
        while self.arguments.iter().any(|(argument, _)| *argument == name) {
            name.push('_');
        }
        name
    }
}

/// Reads the methods and pairs them with the operations they were made from.
pub(super) fn read(
    document: &Document,
    file: &syn::File,
    operations: &[Operation],
    options: &[Option<Options>],
) -> Result<Vec<Method>> {
    let functions = file.items.iter().filter_map(inherent).flat_map(|inner| &inner.items);
    let functions = functions.filter_map(|item| match item {
        ImplItem::Fn(function) if function.sig.asyncness.is_some() => Some(function),
        _ => None,
    });
    let mut methods = Vec::new();
    let mut problems = Vec::new();
    for ((function, operation), options) in functions.zip(operations).zip(options) {
        match read_one(document, function, operation, options.clone()) {
            Ok(method) => methods.push(method),
            Err(problem) => problems.push(problem),
        }
    }
    let mut names = HashSet::new();
    for method in &methods {
        let taken = TAKEN.contains(&method.name.as_str());
        if !names.insert(&method.name) || taken {
            let why = if taken { "which the client uses itself" } else { "which another operation has" };
            let message = format!("`operationId: {}` becomes the method `{}`, {why}", method.operation.id, method.name);
            problems.push(
                document
                    .problem(&method.operation.pointer, message)
                    .remedy("give it another `operationId` with an overlay action"),
            );
        }
    }
    Problems::check(problems)?;
    Ok(methods)
}

fn inherent(item: &Item) -> Option<&ItemImpl> {
    match item {
        Item::Impl(inner) if inner.trait_.is_none() => Some(inner),
        _ => None,
    }
}

fn read_one(
    document: &Document,
    function: &syn::ImplItemFn,
    operation: &Operation,
    options: Option<Options>,
) -> Result<Method, Problem> {
    let unexpected = |what: &str| {
        document
            .problem(&operation.pointer, format!("{GENERATOR} generated unexpected code for {}: {what}", operation.id))
            .remedy("this is a fault of the generator: look at xtask/codegen/src/patch/methods.rs")
    };
    let doc = doc_text(&function.attrs).unwrap_or_default();
    let sends = format!("Sends a {} request to {}", operation.method, operation.path);
    if !words(&doc).contains(&words(&sends)) {
        return Err(unexpected("the method belongs to another operation"));
    }
    let (success, error) = outcome(&function.sig.output).ok_or_else(|| unexpected("its return type"))?;
    let mut arguments = Vec::new();
    for input in &function.sig.inputs {
        match input {
            FnArg::Receiver(_) => {}
            FnArg::Typed(input) => {
                let mut kind = (*input.ty).clone();
                ElideLifetimes.visit_type_mut(&mut kind);
                arguments.push((input.pat.to_token_stream().to_string(), kind));
            }
        }
    }
    let mut generics = function.sig.generics.clone();
    generics.params = generics.params.into_iter().filter(|it| !matches!(it, syn::GenericParam::Lifetime(_))).collect();
    let (name, generics) = (function.sig.ident.to_string(), Rust::generics(&generics));
    let doc = Markdown::description(&once(&doc));
    let operation = operation.clone();
    Ok(Method { operation, name, generics, arguments, options, success, error, by_status: ByStatus::default(), doc })
}

/// `T` and `E` of `Result<ResponseValue<T>, Error<E>>`.
pub(super) fn outcome(output: &ReturnType) -> Option<(Type, Type)> {
    let ReturnType::Type(_, output) = output else {
        return None;
    };
    let [value, error] = generic_arguments(output, "Result")?.try_into().ok()?;
    let [success] = generic_arguments(&value, "ResponseValue")?.try_into().ok()?;
    let [error] = generic_arguments(&error, "Error")?.try_into().ok()?;
    Some((success, error))
}

fn generic_arguments(kind: &Type, name: &str) -> Option<Vec<Type>> {
    let Type::Path(path) = kind else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let types = arguments.args.iter().map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner.clone()),
        _ => None,
    });
    types.collect()
}

/// The letters and digits of a text, which are the same however Markdown writes the rest.
fn words(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

struct ElideLifetimes;

impl VisitMut for ElideLifetimes {
    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        reference.lifetime = None;
        visit_mut::visit_type_reference_mut(self, reference);
    }
}

/// Drops a paragraph that the next one begins with, because many documents say the same as summary and as description;
/// the others end like sentences.
fn once(doc: &str) -> String {
    let paragraphs = doc.split("\n\n").map(str::trim_end).collect::<Vec<_>>();
    let said = |index: usize| {
        let plain = |text: &str| text.trim_end_matches('.').to_lowercase();
        paragraphs.get(index + 1).is_some_and(|next| plain(next).starts_with(&plain(paragraphs[index])))
    };
    let kept = (0..paragraphs.len()).filter(|index| !said(*index)).map(|index| sentence(paragraphs[index]));
    kept.collect::<Vec<_>>().join("\n\n")
}

/// A single line that ends in a word gets a full stop.
fn sentence(paragraph: &str) -> String {
    let is_list = paragraph.starts_with(['-', '*', '#', '|', '>', '~']) || paragraph.starts_with("```");
    let ends_in_word = paragraph.ends_with(|c: char| c.is_alphanumeric() || c == '`' || c == ')');
    let stop = if ends_in_word && !is_list && !paragraph.contains('\n') { "." } else { "" };
    format!("{paragraph}{stop}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, path: &str) -> Result<Vec<Method>> {
        let code = format!(
            "impl Client {{ /// Get it\n///\n/// Get it now.\n///\n/// Sends a `GET` request to `/a`\n\
             pub async fn {name}<'a>(&'a self, id: &'a str, limit: Option<&'a types::L>) \
             -> Result<ResponseValue<types::T>, Error<()>> {{}} }}"
        );
        let document = Document::parse("specs/a.json", "{}".to_owned()).expect("valid JSON");
        read(&document, &syn::parse_str(&code).expect("valid code"), &[Operation::get("getIt", path)], &[None])
    }

    #[test]
    fn a_method_is_read_without_its_lifetimes() {
        let methods = run("get_it", "/a").expect("as expected");
        let method = &methods[0];
        let arguments = method.arguments.iter().map(|(name, kind)| format!("{name}: {}", kind.to_token_stream()));
        assert_eq!(arguments.collect::<Vec<_>>(), ["id: & str", "limit: Option < & types :: L >"]);
        assert_eq!(method.success.to_token_stream().to_string(), "types :: T");
        assert_eq!(method.error.to_token_stream().to_string(), "()");
        assert!(method.generics.is_empty());
        assert_eq!(method.doc.as_str(), "Get it now.\n\nSends a `GET` request to `/a`.");
    }

    #[test]
    fn a_name_beside_the_arguments_is_one_of_its_own() {
        let method = run("get_it", "/a").expect("as expected").remove(0);
        assert_eq!((method.free("call"), method.free("limit")), ("call".to_owned(), "limit_".to_owned()));
    }

    #[test]
    fn a_method_that_does_not_belong_to_its_operation_is_an_error() {
        assert!(run("get_it", "/b").expect_err("refused").to_string().contains("another operation"));
    }

    #[test]
    fn a_name_that_is_taken_is_an_error() {
        let error = run("post", "/a").expect_err("refused").to_string();
        assert!(error.contains("becomes the method `post`, which the client uses itself"), "{error}");
    }
}
