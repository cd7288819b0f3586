//! Enums of strings, as typify generates them.

use syn::punctuated::Punctuated;
use syn::{Ident, ItemEnum, Path, Token};

use crate::attributes::{renamed, serde_entry};

/// The values of an enum of strings, each with its variant.
pub(super) fn values(item: &ItemEnum) -> Option<Vec<(Ident, String)>> {
    let is_listed = item.variants.iter().all(|variant| variant.fields.is_empty());
    let derives = derived(item).iter().any(|path| is(path, "Deserialize"));
    if !is_listed || !derives || ["untagged", "tag"].iter().any(|key| serde_entry(&item.attrs, key).is_some()) {
        return None;
    }
    let value = |variant: &syn::Variant| renamed(&variant.attrs).unwrap_or_else(|| variant.ident.to_string());
    Some(item.variants.iter().map(|variant| (variant.ident.clone(), value(variant))).collect())
}

/// The traits that an enum derives.
pub(super) fn derived(item: &ItemEnum) -> Vec<Path> {
    let derives = item.attrs.iter().filter(|attr| attr.path().is_ident("derive"));
    let lists = derives.filter_map(|attr| attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok());
    lists.flatten().collect()
}

/// Whether the last segment of a path is this.
pub(super) fn is(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|last| last.ident == name)
}
