//! Values that may be any JSON.

use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{File, Type, parse_quote};

use super::success::{first, is_named};

/// Changes the types of any JSON, so that it is written with all digits that it was read with.
///
/// | before | after |
/// |---|---|
/// | `serde_json::Value` | `auth_transport::Json` |
/// | `serde_json::Map<String, serde_json::Value>` | `BTreeMap<String, auth_transport::Json>` |
pub(super) fn keep_digits(file: &mut File) {
    Types.visit_file_mut(file);
}

/// Whether the code uses the crate of the types before.
pub(super) fn needs_crate(file: &File) -> bool {
    struct Paths(bool);
    impl<'ast> Visit<'ast> for Paths {
        fn visit_path(&mut self, path: &'ast syn::Path) {
            visit::visit_path(self, path);
            self.0 |= path.segments.first().is_some_and(|first| first.ident == "serde_json");
        }
    }
    let mut paths = Paths(false);
    paths.visit_file(file);
    paths.0
}

/// Whether this is the type of any JSON.
pub(super) fn is_any(kind: &Type) -> bool {
    *kind == json()
}

fn json() -> Type {
    parse_quote!(::auth_transport::Json)
}

struct Types;

impl VisitMut for Types {
    fn visit_type_mut(&mut self, kind: &mut Type) {
        visit_mut::visit_type_mut(self, kind);
        if is_of_serde_json(kind) && is_named(kind, "Value") {
            *kind = json();
        } else if is_of_serde_json(kind)
            && let Some(name) = first(kind, "Map").cloned()
        {
            let json = json();
            *kind = parse_quote!(::std::collections::BTreeMap<#name, #json>);
        }
    }
}

fn is_of_serde_json(kind: &Type) -> bool {
    matches!(kind, Type::Path(path) if path.path.segments.first().is_some_and(|first| first.ident == "serde_json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_json_is_exact_wherever_it_is() {
        let mut file: File = parse_quote! {
            pub struct A {
                pub any: ::std::option::Option<::serde_json::Value>,
                pub map: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                pub own: Value,
            }
            impl ::std::convert::From<::serde_json::Value> for B {}
            impl Client {
                pub async fn a<'a>(&'a self, body: &'a ::serde_json::Value) -> T {
                    ::serde_json::from_str::<::serde_json::Value>("1")
                }
            }
        };
        let expected: File = parse_quote! {
            pub struct A {
                pub any: ::std::option::Option<::auth_transport::Json>,
                pub map: ::std::collections::BTreeMap<::std::string::String, ::auth_transport::Json>,
                pub own: Value,
            }
            impl ::std::convert::From<::auth_transport::Json> for B {}
            impl Client {
                pub async fn a<'a>(&'a self, body: &'a ::auth_transport::Json) -> T {
                    ::serde_json::from_str::<::auth_transport::Json>("1")
                }
            }
        };
        keep_digits(&mut file);
        assert!(needs_crate(&file));
        assert_eq!(prettyplease::unparse(&file), prettyplease::unparse(&expected));
    }
}
