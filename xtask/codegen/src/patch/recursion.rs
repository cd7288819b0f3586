//! Optional members of recursive types.

use syn::visit_mut::{self, VisitMut};
use syn::{Field, File, parse_quote};

use super::success::first;
use crate::attributes::serde_entry;

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
        if field.ident.is_none() {
            return;
        }
        let Some(inner) = first(&mut field.ty, "Box").and_then(|option| first(option, "Option")) else { return };
        field.ty = parse_quote!(::std::option::Option<::std::boxed::Box<#inner>>);
        // progenitor writes `default` for members that may be absent.
        if serde_entry(&field.attrs, "default").is_some() {
            field.attrs.push(parse_quote!(#[serde(skip_serializing_if = "::std::option::Option::is_none")]));
        }
    }
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
