//! Values that several texts can have, such as date-times and UUIDs.

use syn::visit_mut::{self, VisitMut};
use syn::{File, Type, parse_quote};

/// Wraps the types of values that several texts can have, so that each is written as it was read.
///
/// Date-times keep their offset as well.
pub(super) fn keep_texts(file: &mut File) {
    let wrapped: [(Type, Type); 5] = [
        (
            parse_quote!(::chrono::DateTime<::chrono::offset::Utc>),
            parse_quote!(::chrono::DateTime<::chrono::FixedOffset>),
        ),
        (parse_quote!(::chrono::naive::NaiveDate), parse_quote!(::chrono::NaiveDate)),
        (parse_quote!(::uuid::Uuid), parse_quote!(::uuid::Uuid)),
        (parse_quote!(::std::net::IpAddr), parse_quote!(::std::net::IpAddr)),
        (parse_quote!(::std::net::Ipv6Addr), parse_quote!(::std::net::Ipv6Addr)),
    ];
    Texts(&wrapped).visit_file_mut(file);
}

/// The types as typify writes them, each with the one that is wrapped.
struct Texts<'a>(&'a [(Type, Type)]);

impl VisitMut for Texts<'_> {
    fn visit_type_mut(&mut self, kind: &mut Type) {
        match self.0.iter().find(|(written, _)| written == kind) {
            Some((_, inner)) => *kind = parse_quote!(::auth_transport::Verbatim<#inner>),
            None => visit_mut::visit_type_mut(self, kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_several_texts_are_wrapped_wherever_they_are() {
        let mut file: File = parse_quote! {
            pub struct A {
                pub at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                pub days: ::std::vec::Vec<::chrono::naive::NaiveDate>,
                pub v4: ::std::net::Ipv4Addr,
            }
            impl ::std::convert::From<::uuid::Uuid> for B {}
            impl Client {
                pub async fn a<'a>(&'a self, id: &'a ::uuid::Uuid) {}
            }
        };
        let expected: File = parse_quote! {
            pub struct A {
                pub at: ::std::option::Option<::auth_transport::Verbatim<::chrono::DateTime<::chrono::FixedOffset>>>,
                pub days: ::std::vec::Vec<::auth_transport::Verbatim<::chrono::NaiveDate>>,
                pub v4: ::std::net::Ipv4Addr,
            }
            impl ::std::convert::From<::auth_transport::Verbatim<::uuid::Uuid>> for B {}
            impl Client {
                pub async fn a<'a>(&'a self, id: &'a ::auth_transport::Verbatim<::uuid::Uuid>) {}
            }
        };
        keep_texts(&mut file);
        assert_eq!(prettyplease::unparse(&file), prettyplease::unparse(&expected));
    }
}
