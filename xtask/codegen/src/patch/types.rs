//! The module of the generated types.

use std::collections::BTreeSet;

use quote::quote;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, File, Item, Meta, Path, Token, Type, TypePath, parse_quote};

/// The items of the module.
pub(crate) fn items(file: &File) -> impl Iterator<Item = &Item> {
    let modules = file.items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    modules.flat_map(|(_, items)| items)
}

/// The items of the module, in a list of none or one.
pub(super) fn items_mut(file: &mut File) -> impl Iterator<Item = &mut Vec<Item>> {
    file.items.iter_mut().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut().map(|(_, items)| items),
        _ => None,
    })
}

/// The name of a struct, enum or alias.
pub(super) fn name(item: &Item) -> Option<String> {
    match item {
        Item::Struct(item) => Some(item.ident.to_string()),
        Item::Enum(item) => Some(item.ident.to_string()),
        Item::Type(item) => Some(item.ident.to_string()),
        _ => None,
    }
}

/// The names of the structs, enums and aliases of the module.
pub(crate) fn names(file: &File) -> BTreeSet<String> {
    items(file).filter_map(name).collect()
}

/// A type of the module, whose types have these names, as it is called outside of it.
pub(crate) fn from_outside(names: &BTreeSet<String>, mut kind: Type) -> Type {
    Outside(names).visit_type_mut(&mut kind);
    kind
}

/// Puts the module before the names of its types.
struct Outside<'a>(&'a BTreeSet<String>);

impl VisitMut for Outside<'_> {
    fn visit_type_path_mut(&mut self, path: &mut TypePath) {
        visit_mut::visit_type_path_mut(self, path);
        if let Some(name) = path.path.get_ident().filter(|name| self.0.contains(&name.to_string())) {
            *path = parse_quote!(types::#name);
        }
    }
}

/// Whether a type derives a trait with this name.
pub(super) fn derives(attrs: &[Attribute], name: &str) -> bool {
    let mut found = false;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("derive")) {
        // An entry that cannot be read ends the list.
        let _ = attr.parse_nested_meta(|meta| {
            found |= meta.path.segments.last().is_some_and(|last| last.ident == name);
            Ok(())
        });
    }
    found
}

/// Removes a trait from the derived ones.
pub(super) fn remove_derive(attrs: &mut [Attribute], name: &str) {
    for attr in attrs.iter_mut().filter(|attr| attr.path().is_ident("derive")) {
        let Meta::List(list) = &mut attr.meta else { continue };
        let Ok(traits) = list.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated) else { continue };
        let left = traits.into_iter().filter(|path| path.segments.last().is_none_or(|last| last.ident != name));
        let left = left.collect::<Punctuated<Path, Token![,]>>();
        list.tokens = quote!(#left);
    }
}
