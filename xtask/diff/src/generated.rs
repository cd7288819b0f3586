//! The generated code of a document in pieces, to find those that a change leaves unchanged.

use std::collections::{BTreeMap, BTreeSet};

use codegen::Target;
use codegen::names::pascal;
use codegen::{Answers, Files, Home};
use diagnostics::Result;
use openapi::Document;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use serde_json::Value;
use syn::{FnArg, ImplItem, ImplItemFn, Item};

/// In front of a method's name, what it does.
pub(super) const BODY: &str = "body of ";

/// Tokens by what they belong to, documentation left out: `types::Pet`, `Client::find`, `const OPERATIONS`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Code(pub(super) BTreeMap<String, String>);

impl Code {
    /// Generates the crate of a document, after its overlay, in memory.
    ///
    /// # Errors
    ///
    /// Fails if nothing can be generated from the document.
    pub(super) fn of(document: &Value, home: &Home) -> Result<Self> {
        // Errors are discarded, so their lines, and with them the text, do not matter.
        let document = Document::parse("document.json", document.to_string())?;
        let target =
            Target { name: "document", version: None, home: home.clone(), strict: false, answers: Answers::default() };
        Ok(Self::read(&codegen::run(&target, &document, None, &mut |_| {})?.files))
    }

    fn read(files: &Files) -> Self {
        let mut code = Self::default();
        for file in ["src/lib.rs", "src/generated.rs"] {
            let parsed = files.get(file).and_then(|text| syn::parse_file(text).ok());
            for item in parsed.into_iter().flat_map(|file| file.items) {
                code.item(&item);
            }
        }
        code
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                let items = module.content.as_ref().map_or(&[][..], |(_, items)| items);
                let names = items.iter().filter_map(name).collect::<BTreeSet<_>>();
                items.iter().for_each(|item| self.of_types(item, &names));
            }
            Item::Impl(inner) if inner.trait_.is_none() && inner.self_ty.to_token_stream().to_string() == "Client" => {
                for item in &inner.items {
                    if let ImplItem::Fn(function) = item {
                        self.function(function);
                    }
                }
            }
            Item::Const(inner) => self.put(format!("const {}", inner.ident), inner.to_token_stream()),
            _ => {}
        }
    }

    /// What callers see, which are no names of arguments, and what is behind it.
    fn function(&mut self, function: &ImplItemFn) {
        let (signature, name) = (&function.sig, &function.sig.ident);
        let arguments = signature.inputs.iter().map(|input| match input {
            FnArg::Receiver(receiver) => receiver.to_token_stream(),
            FnArg::Typed(input) => input.ty.to_token_stream(),
        });
        let visited = [function.vis.to_token_stream(), signature.generics.to_token_stream()].into_iter();
        let visited = visited.chain(arguments).chain([signature.output.to_token_stream()]).collect::<Vec<_>>();
        visited.into_iter().for_each(|tokens| self.put(format!("Client::{name}"), tokens));
        self.put(format!("{BODY}Client::{name}"), function.to_token_stream());
    }

    fn of_types(&mut self, item: &Item, names: &BTreeSet<String>) {
        let key = match item {
            Item::Impl(inner) => {
                let trait_path = inner.trait_.as_ref().map(|(_, path, _)| path.to_token_stream().to_string());
                let said = format!("{} {}", inner.self_ty.to_token_stream(), trait_path.unwrap_or_default());
                let mut words = said.split(|c: char| !c.is_alphanumeric() && c != '_');
                words.find(|word| names.contains(*word)).map(str::to_owned)
            }
            Item::Mod(module) if module.ident == "defaults" => {
                for item in module.content.as_ref().map_or(&[][..], |(_, items)| items) {
                    // Named after type and property; what many of them use has no type in front.
                    if let Item::Fn(function) = item
                        && !function.sig.ident.to_string().starts_with("default_")
                    {
                        let owner = pascal(&function.sig.ident.to_string());
                        self.put(format!("types::{owner}"), function.to_token_stream());
                    }
                }
                return;
            }
            item => name(item),
        };
        if let Some(key) = key {
            self.put(format!("types::{key}"), item.to_token_stream());
        }
    }

    fn put(&mut self, key: String, tokens: TokenStream) {
        self.0.entry(key).or_default().push_str(&undocumented(tokens).to_string());
    }

    /// The names of the pieces that are not the same in both.
    pub(super) fn different<'a>(&'a self, other: &'a Self) -> BTreeSet<&'a str> {
        let names = self.0.keys().chain(other.0.keys());
        names.filter(|name| self.0.get(*name) != other.0.get(*name)).map(String::as_str).collect()
    }
}

fn name(item: &Item) -> Option<String> {
    match item {
        Item::Struct(inner) => Some(inner.ident.to_string()),
        Item::Enum(inner) => Some(inner.ident.to_string()),
        Item::Type(inner) => Some(inner.ident.to_string()),
        _ => None,
    }
}

/// Tokens without the attributes that are documentation.
fn undocumented(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket && is_doc(&group.stream()) => {
                if matches!(kept.last(), Some(TokenTree::Punct(mark)) if mark.as_char() == '#') {
                    kept.pop();
                }
            }
            TokenTree::Group(group) => {
                let inner = undocumented(group.stream());
                kept.push(proc_macro2::Group::new(group.delimiter(), inner).into());
            }
            token => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

fn is_doc(tokens: &TokenStream) -> bool {
    matches!(tokens.clone().into_iter().next(), Some(TokenTree::Ident(name)) if name == "doc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_told_apart_by_what_it_belongs_to() {
        let file = |lib: &str, types: &str| {
            let generated = format!("pub mod types {{ {types} }} impl Client {{ fn a() {{}} }}");
            let files = [("src/lib.rs", lib.to_owned()), ("src/generated.rs", generated)];
            Code::read(&files.map(|(name, text)| (name.to_owned(), text)).into())
        };
        let types = "pub struct A { /// text\n pub a: B } impl From<&A> for String {} pub enum B {} mod defaults { fn a_b() {} }";
        let one = file("impl Client { pub fn a() {} fn b() {} }", types);
        let names = one.0.keys().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(
            names,
            ["Client::a", "Client::b", "body of Client::a", "body of Client::b", "types::A", "types::AB", "types::B"]
        );
        for (lib, types, different) in [
            ("impl Client { pub fn a() {} fn b() {} }", types.replace("text", "another"), vec![]),
            ("impl Client { pub fn a() {} fn b() -> u8 {} }", types.to_owned(), vec!["Client::b", "body of Client::b"]),
            ("impl Client { pub fn a() { 1 } fn b() {} }", types.to_owned(), vec!["body of Client::a"]),
            ("impl Client { pub fn a() {} fn b() {} }", types.replace("for String", "for Str"), vec!["types::A"]),
        ] {
            let other = file(lib, &types);
            assert_eq!(one.different(&other).into_iter().collect::<Vec<_>>(), different);
        }
    }
}
