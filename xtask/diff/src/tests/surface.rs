//! What of a generated crate programs can name, read from its code.

use std::collections::{BTreeMap, BTreeSet};

use codegen::Target;
use codegen::{Alone, Answers, Home};
use openapi::Document;
use quote::ToTokens;
use serde_json::Value;
use syn::{Fields, ImplItem, Item, Visibility};

/// How the public API of one crate is different from that of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Difference {
    /// Not at all.
    None,
    /// Something was added, and no program can be hurt by it.
    Compatible,
    /// A program may have to be changed.
    Incompatible,
}

/// The public API of a generated crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Surface {
    /// What can be named, `Client::find` or `types::Pet.name`, and its type.
    items: BTreeMap<String, String>,
    /// Types that methods take, and what is in them.
    sent: BTreeSet<String>,
    /// Types that methods return, and what is in them.
    received: BTreeSet<String>,
}

impl Surface {
    /// Generates the crate of a document and reads its code.
    pub(super) fn of(document: &Value) -> Self {
        let document = Document::parse("a.json", document.to_string()).expect("a document");
        let home = Home::Alone(Alone::default());
        let target =
            Target { name: "a", version: None, home: home.clone(), strict: false, answers: Answers::default() };
        let output = codegen::run(&target, &document, None, &mut |_| {});
        let output = output.unwrap_or_else(|problems| panic!("{problems}"));
        let mut surface = Self::default();
        let [shell, generated] =
            ["src/lib.rs", "src/generated.rs"].map(|name| syn::parse_file(&output.files[name]).expect("Rust"));
        let is_types = |item: &Item| matches!(item, Item::Mod(module) if module.ident == "types");
        let types = generated.items.into_iter().filter(is_types).collect::<Vec<_>>();
        surface.read(&types, "");
        let (mut taken, mut returned) = (String::new(), String::new());
        for item in &shell.items {
            let Item::Impl(item) = item else { continue };
            for function in item.items.iter().filter(|_| item.trait_.is_none()) {
                if let ImplItem::Fn(function) = function {
                    taken.push_str(&function.sig.inputs.to_token_stream().to_string());
                    returned.push_str(&function.sig.output.to_token_stream().to_string());
                }
            }
        }
        surface.read(&shell.items, "");
        surface.sent = surface.reachable(&taken);
        surface.received = surface.reachable(&returned);
        surface
    }

    fn read(&mut self, items: &[Item], module: &str) {
        let public = |vis: &Visibility| matches!(vis, Visibility::Public(_));
        let text = |tokens: &dyn ToTokens| tokens.to_token_stream().to_string();
        for item in items {
            match item {
                Item::Mod(inner) if public(&inner.vis) => {
                    let name = format!("{module}{}::", inner.ident);
                    self.read(inner.content.as_ref().map_or(&[], |(_, items)| items), &name);
                }
                Item::Struct(inner) if public(&inner.vis) => {
                    let name = format!("{module}{}", inner.ident);
                    self.attributes(&name, &inner.attrs);
                    let open = inner.fields.iter().all(|field| public(&field.vis));
                    let kind = match inner.fields {
                        Fields::Named(_) => "struct",
                        Fields::Unnamed(_) => "tuple",
                        Fields::Unit => "unit",
                    };
                    self.items
                        .insert(name.clone(), format!("{kind}{}", if open { "" } else { " with private fields" }));
                    for (index, field) in inner.fields.iter().enumerate().filter(|(_, field)| public(&field.vis)) {
                        let field_name = field.ident.as_ref().map_or_else(|| index.to_string(), ToString::to_string);
                        self.items.insert(format!("{name}.{field_name}"), text(&field.ty));
                    }
                }
                Item::Enum(inner) if public(&inner.vis) => {
                    let name = format!("{module}{}", inner.ident);
                    self.attributes(&name, &inner.attrs);
                    self.items.insert(name.clone(), "enum".to_owned());
                    for variant in &inner.variants {
                        self.items.insert(format!("{name}/{}", variant.ident), text(&variant.fields));
                    }
                }
                Item::Type(inner) if public(&inner.vis) => {
                    self.items.insert(format!("{module}{}", inner.ident), format!("alias {}", text(&inner.ty)));
                }
                Item::Const(inner) if public(&inner.vis) => {
                    self.items.insert(format!("{module}{}", inner.ident), text(&inner.ty));
                }
                Item::Impl(inner) => self.implementation(inner, module),
                _ => {}
            }
        }
    }

    /// Derived traits and `#[non_exhaustive]`.
    fn attributes(&mut self, name: &str, attrs: &[syn::Attribute]) {
        for attr in attrs {
            if attr.path().is_ident("non_exhaustive") {
                self.items.insert(format!("#[non_exhaustive] {name}"), String::new());
            }
            if attr.path().is_ident("derive") {
                let all = text_of_list(attr);
                self.items.extend(all.into_iter().map(|derived| (format!("impl {derived} for {name}"), String::new())));
            }
        }
    }

    fn implementation(&mut self, item: &syn::ItemImpl, module: &str) {
        let owner = format!("{module}{}", item.self_ty.to_token_stream());
        if let Some((_, path, _)) = &item.trait_ {
            let path = path.to_token_stream().to_string();
            if !path.contains("ClientHooks") {
                self.items.insert(format!("impl {path} for {owner}"), String::new());
            }
            return;
        }
        for inner in &item.items {
            match inner {
                ImplItem::Fn(function) if matches!(function.vis, Visibility::Public(_)) => {
                    // Names of arguments are nothing that callers see.
                    let inputs = function.sig.inputs.iter().map(|input| match input {
                        syn::FnArg::Receiver(receiver) => receiver.to_token_stream().to_string(),
                        syn::FnArg::Typed(input) => input.ty.to_token_stream().to_string(),
                    });
                    let inputs = inputs.collect::<Vec<_>>().join(", ");
                    let (generics, output) = (&function.sig.generics, &function.sig.output);
                    let output = output.to_token_stream();
                    let signature = format!("{}({inputs}) {output}", generics.to_token_stream());
                    self.items.insert(format!("{owner}::{}", function.sig.ident), signature);
                }
                ImplItem::Const(inner) => {
                    let kind = inner.ty.to_token_stream().to_string();
                    self.items.insert(format!("{owner}::{}", inner.ident), kind);
                }
                _ => {}
            }
        }
    }

    /// The types that a text names, and those that they are made of.
    fn reachable(&self, text: &str) -> BTreeSet<String> {
        let mut open = words(text);
        let mut found = BTreeSet::new();
        while let Some(word) = open.pop_first() {
            let name = format!("types::{word}");
            let Some(own) = self.items.get(&name) else { continue };
            if found.insert(name.clone()) {
                open.extend(words(own));
                let inner =
                    |key: &&String| key.starts_with(&format!("{name}.")) || key.starts_with(&format!("{name}/"));
                open.extend(self.items.keys().filter(inner).flat_map(|key| words(&self.items[key])));
            }
        }
        found
    }

    /// Whether programs cannot build a type as a literal.
    fn is_open(&self, owner: &str) -> bool {
        self.items.contains_key(&format!("#[non_exhaustive] {owner}"))
    }

    /// Whether this is the constructor of a type that is only received.
    fn is_unused_constructor(&self, name: &str) -> bool {
        name.strip_suffix("::new").is_some_and(|owner| owner.starts_with("types::") && !self.sent.contains(owner))
    }

    /// How a newer crate is different, and by what.
    pub(super) fn difference(&self, newer: &Self) -> (Difference, Vec<String>) {
        let mut worst = Difference::None;
        let mut notes = Vec::new();
        let mut note = |level: Difference, what: String| {
            worst = worst.max(level);
            notes.push(format!("{level:?}: {what}"));
        };
        for (name, old) in &self.items {
            match newer.items.get(name) {
                // What is only received is never made up.
                None if name.strip_prefix("impl Default for ").is_some_and(|owner| !self.sent.contains(owner)) => {
                    note(Difference::Compatible, format!("- {name}"));
                }
                None if name.starts_with("#[non_exhaustive]") => note(Difference::Compatible, format!("- {name}")),
                new if new != Some(old) && self.is_unused_constructor(name) => {
                    note(Difference::Compatible, format!("{name}: {old} -> {new:?}"));
                }
                None => note(Difference::Incompatible, format!("- {name}")),
                Some(new) if new != old => note(Difference::Incompatible, format!("{name}: {old} -> {new}")),
                Some(_) => {}
            }
        }
        for name in newer.items.keys().filter(|name| !self.items.contains_key(*name)) {
            let level = match name.split_once(['.', '/']) {
                _ if name.strip_prefix("#[non_exhaustive] ").is_some_and(|owner| self.items.contains_key(owner)) => {
                    Difference::Incompatible
                }
                // Types that are sent may be built as literals, those that are received are only read.
                Some((owner, _)) if name.contains('.') && self.sent.contains(owner) && !self.is_open(owner) => {
                    Difference::Incompatible
                }
                // Enums that are received are matched on, those that are sent are only built.
                Some((owner, _))
                    if name.contains('/')
                        && self.received.contains(owner)
                        && !self.items.contains_key(&format!("#[non_exhaustive] {owner}")) =>
                {
                    Difference::Incompatible
                }
                _ => Difference::Compatible,
            };
            note(level, format!("+ {name}"));
        }
        (worst, notes)
    }
}

fn text_of_list(attr: &syn::Attribute) -> Vec<String> {
    let mut all = Vec::new();
    let read = attr.parse_nested_meta(|meta| {
        all.push(meta.path.to_token_stream().to_string());
        Ok(())
    });
    read.expect("a list of traits");
    all
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
