//! Attributes of generated code.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token, parse_quote};

/// The name in `#[serde(rename = "..")]`.
pub(crate) fn renamed(attrs: &[Attribute]) -> Option<String> {
    match serde_entry(attrs, "rename")?? {
        Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) => Some(name.value()),
        _ => None,
    }
}

/// The last entry of `#[serde(..)]` with a name; `Some(None)` if it has no value.
pub(crate) fn serde_entry(attrs: &[Attribute], name: &str) -> Option<Option<Expr>> {
    let mut entry = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        // Other entries of the list are skipped; an entry that cannot be read ends the list.
        let _ = attr.parse_nested_meta(|meta| {
            let value = if meta.input.peek(Token![=]) { Some(meta.value()?.parse::<Expr>()?) } else { None };
            if meta.path.is_ident(name) {
                entry = Some(value);
            }
            Ok(())
        });
    }
    entry
}

/// Removes entries of `#[serde(..)]`.
pub(crate) fn remove_entries(attrs: &mut Vec<Attribute>, names: &[&str]) {
    attrs.retain_mut(|attr| {
        if !attr.path().is_ident("serde") {
            return true;
        }
        let Ok(entries) = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else { return true };
        let kept = entries.into_iter().filter(|entry| !names.iter().any(|name| entry.path().is_ident(name)));
        let kept = kept.collect::<Vec<_>>();
        *attr = parse_quote!(#[serde(#(#kept),*)]);
        !kept.is_empty()
    });
}

/// The text of all doc comments of an item.
pub(crate) fn doc_text(attrs: &[Attribute]) -> Option<String> {
    let mut lines = Vec::new();
    for attr in attrs.iter().filter(|attr| is_doc(attr)) {
        let Meta::NameValue(pair) = &attr.meta else { continue };
        if let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value {
            lines.push(text.value());
        }
    }
    if lines.is_empty() {
        return None;
    }
    // `/// text` has its space inside the attribute's text.
    let unspaced = |line: &String| line.strip_prefix(' ').unwrap_or(line).to_owned();
    Some(lines.iter().map(unspaced).collect::<Vec<_>>().join("\n"))
}

pub(crate) fn is_doc(attr: &Attribute) -> bool {
    attr.path().is_ident("doc") && matches!(attr.meta, Meta::NameValue(_))
}
