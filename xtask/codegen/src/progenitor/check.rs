//! Checks the types that progenitor generated.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};

/// What is wrong with the types, the first of it: items that are there twice, and enums that no value can be.
pub(super) fn types(file: &syn::File) -> Result<(), String> {
    let mut items = Items::default();
    items.visit_file(file);
    match items.wrong {
        Some(wrong) => Err(wrong),
        None => Ok(()),
    }
}

#[derive(Default)]
struct Items {
    visited: BTreeSet<String>,
    module: Vec<String>,
    wrong: Option<String>,
}

impl Items {
    fn named(&mut self, ident: &syn::Ident) {
        let path = format!("{}::{ident}", self.module.join("::"));
        if !self.visited.insert(path) {
            self.wrong.get_or_insert(format!("type {ident}: it would be defined twice"));
        }
    }
}

impl<'ast> Visit<'ast> for Items {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.named(&item.ident);
        let mut fields = BTreeSet::new();
        for ident in item.fields.iter().filter_map(|field| field.ident.as_ref()) {
            if !fields.insert(ident.to_string()) {
                self.wrong.get_or_insert(format!("type {}: its field `{ident}` would be defined twice", item.ident));
            }
        }
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.named(&item.ident);
        let mut variants = BTreeSet::new();
        if item.variants.is_empty() {
            self.wrong.get_or_insert(format!("type {}: it has no values", item.ident));
        }
        for variant in &item.variants {
            if !variants.insert(variant.ident.to_string()) {
                self.wrong.get_or_insert(format!("type {}: `{}` would be defined twice", item.ident, variant.ident));
            }
        }
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.named(&item.ident);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_twice_or_cannot_be_is_told_by_its_type() {
        for (code, words) in [
            ("mod a { struct A; } mod b { struct A; } enum E { X }", None),
            ("struct A; enum A { X }", Some("type A: it would be defined twice")),
            ("struct A { x: u8, x: u8 }", Some("type A: its field `x` would be defined twice")),
            ("enum E {}", Some("type E: it has no values")),
            ("enum E { X, X }", Some("type E: `X` would be defined twice")),
        ] {
            let found = types(&syn::parse_str(code).expect("valid code"));
            assert_eq!(found.err().as_deref(), words, "{code}");
        }
    }
}
