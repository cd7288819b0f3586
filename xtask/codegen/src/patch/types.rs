//! The module of the generated types.

use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, File, Item, Meta, Path, Token};

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
