//! Optional members of recursive types.

use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Field, File, GenericArgument, PathArguments, Type, parse_quote};

/// Changes the type of optional members that refer back to their own type from `Box<Option<T>>`, which is always sent, to
/// `Option<Box<T>>`, which is left out if it is `None`. A required member stays `null` if it is `None`.
pub(super) fn leave_out_absent_members(file: &mut File) {
    Members.visit_file_mut(file);
}

struct Members;

impl VisitMut for Members {
    fn visit_field_mut(&mut self, field: &mut Field) {
        visit_mut::visit_field_mut(self, field);
        // Other code names the types of fields without a name, for example in `From`.
        let is_named = field.ident.is_some();
        let inner = argument(&field.ty, "Box").and_then(|option| argument(option, "Option"));
        let Some(inner) = inner.filter(|_| is_named) else { return };
        field.ty = parse_quote!(::std::option::Option<::std::boxed::Box<#inner>>);
        if field.attrs.iter().any(has_default) {
            field.attrs.push(parse_quote!(#[serde(skip_serializing_if = "::std::option::Option::is_none")]));
        }
    }
}

/// Returns the argument of a generic type with this name.
fn argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// True for `#[serde(default)]`, which progenitor writes for members that may be absent.
fn has_default(attr: &Attribute) -> bool {
    let mut found = false;
    if attr.path().is_ident("serde") {
        // Other entries of the list are skipped; an entry that cannot be read ends the list.
        let _ = attr.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("default");
            if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absent_members_of_recursive_types_are_left_out() {
        let mut file: File = parse_quote! {
            pub struct A {
                #[serde(default)]
                pub a: ::std::boxed::Box<::std::option::Option<A>>,
                pub b: ::std::boxed::Box<::std::option::Option<A>>,
                #[serde(default)]
                pub c: ::std::option::Option<String>,
                pub d: ::std::boxed::Box<A>,
            }
        };
        let expected: File = parse_quote! {
            pub struct A {
                #[serde(default)]
                #[serde(skip_serializing_if = "::std::option::Option::is_none")]
                pub a: ::std::option::Option<::std::boxed::Box<A>>,
                pub b: ::std::option::Option<::std::boxed::Box<A>>,
                #[serde(default)]
                pub c: ::std::option::Option<String>,
                pub d: ::std::boxed::Box<A>,
            }
        };
        leave_out_absent_members(&mut file);
        assert_eq!(prettyplease::unparse(&file), prettyplease::unparse(&expected));
    }
}
