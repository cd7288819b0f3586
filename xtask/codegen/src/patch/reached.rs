//! The generated types that answers are made of.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{File, ImplItem, Item, ReturnType, Type};

use super::types::{items, name};

/// Names of the types that the methods of the client return, as successes and as errors, with everything in them.
pub(super) fn from_answers(file: &File) -> BTreeSet<String> {
    from_answers_of(file, |_| true)
}

/// The same for those of the methods, in their order, that are wanted.
pub(super) fn from_answers_of(file: &File, is_wanted: impl Fn(usize) -> bool) -> BTreeSet<String> {
    let parts = parts(file);
    let answers = file.items.iter().flat_map(returned).enumerate();
    let mut open = answers.filter(|(index, _)| is_wanted(*index)).flat_map(|(_, names)| names).collect::<Vec<_>>();
    let mut reached = BTreeSet::new();
    while let Some(word) = open.pop() {
        if let Some(inner) = parts.get(&word)
            && reached.insert(word)
        {
            open.extend(inner.iter().cloned());
        }
    }
    reached
}

/// These names, and the names of the types with one of them inside.
pub(super) fn holding(file: &File, names: &[&str]) -> BTreeSet<String> {
    let mut holding = names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let mut parts = parts(file);
    loop {
        let (found, others) = parts.into_iter().partition(|(_, inner)| inner.iter().any(|name| holding.contains(name)));
        parts = others;
        let found: BTreeMap<String, Vec<String>> = found;
        if found.is_empty() {
            return holding;
        }
        holding.extend(found.into_keys());
    }
}

/// The names in a type.
pub(super) fn names(kind: &Type) -> Vec<String> {
    words(&text(kind))
}

/// The names in each type of the module `types`.
fn parts(file: &File) -> BTreeMap<String, Vec<String>> {
    types(file).filter_map(|item| Some((name(item)?, words(&item_body(item))))).collect()
}

/// The structs, enums and aliases of the module `types`.
pub(super) fn types(file: &File) -> impl Iterator<Item = &Item> {
    items(file).filter(|item| name(item).is_some())
}

/// The types of the members of an item, as text.
fn item_body(item: &Item) -> String {
    let of = |fields: &syn::Fields| fields.iter().map(|field| text(&field.ty)).collect::<Vec<_>>().join(" ");
    match item {
        Item::Struct(item) => of(&item.fields),
        Item::Enum(item) => item.variants.iter().map(|variant| of(&variant.fields)).collect::<Vec<_>>().join(" "),
        Item::Type(item) => text(&item.ty),
        _ => String::new(),
    }
}

/// The names in the return type of each of the client's methods.
fn returned(item: &Item) -> Vec<Vec<String>> {
    let Item::Impl(item) = item else { return Vec::new() };
    let methods = item.items.iter().filter_map(|inner| match inner {
        ImplItem::Fn(function) if function.sig.asyncness.is_some() => Some(&function.sig.output),
        _ => None,
    });
    let types = methods.filter_map(|output| match output {
        ReturnType::Type(_, output) => Some(words(&text(output))),
        ReturnType::Default => None,
    });
    types.collect()
}

fn text(tokens: &dyn ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_reached_from_successes_and_errors_but_not_from_arguments() {
        let file = syn::parse_str(
            "pub mod types {
                 pub struct A { pub b: ::std::option::Option<::std::vec::Vec<B>>, pub a: ::std::boxed::Box<A> }
                 pub enum B { One(C), Two { d: D } }
                 pub struct C(pub E);
                 pub type D = ::std::collections::HashMap<String, F>;
                 pub struct E; pub enum F {} pub struct Sent { pub e: G } pub struct G; pub struct Refused;
             }
             impl Client {
                 pub async fn a(&self, body: &types::Sent) -> Result<ResponseValue<types::A>, Error<types::Refused>> {}
                 fn b() -> types::G {}
             }",
        );
        let reached = from_answers(&file.expect("valid code"));
        assert_eq!(reached.into_iter().collect::<Vec<_>>(), ["A", "B", "C", "D", "E", "F", "Refused"]);
    }
}
