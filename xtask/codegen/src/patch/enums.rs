//! Enums of strings in answers, which keep values that the document does not list.

use std::collections::BTreeSet;

use syn::{File, Ident, Item, Path, Token, parse_quote, punctuated::Punctuated};

use super::listed::{derived, is, values};
use super::{reached, tags};

/// Names for the variant with all other values, the first of which that is free is taken.
const UNKNOWN: [&str; 3] = ["Unknown", "Unlisted", "NotListed"];

/// Gives the enums of strings that answers are made of a variant for values that the document does not list.
///
/// An enum with one value stays as it is, as does one whose values tell the alternatives of a union apart: there, a value
/// that is not listed means that the alternative is another one.
pub(super) fn open(file: &mut File) {
    let reached = reached::from_answers(file);
    let tags = tags::of_unions(file);
    for item in &mut file.items {
        let Item::Mod(syn::ItemMod { ident, content: Some((_, items)), .. }) = item else { continue };
        if ident == "types" {
            let opened = items.iter_mut().filter_map(|item| open_one(item, &reached, &tags)).collect::<Vec<_>>();
            items.retain(|item| !is_replaced(item, &opened));
            let impls = opened.into_iter().flat_map(|opened| opened.impls());
            // In front of the modules `defaults` and `error`, which come last.
            let at = items.iter().position(|item| matches!(item, Item::Mod(_))).unwrap_or(items.len());
            items.splice(at..at, impls);
        }
    }
}

/// An enum that was opened.
struct Opened {
    name: Ident,
    unknown: Ident,
    values: Vec<(Ident, String)>,
}

fn open_one(item: &mut Item, reached: &BTreeSet<String>, tags: &BTreeSet<String>) -> Option<Opened> {
    let Item::Enum(item) = item else { return None };
    let name = item.ident.to_string();
    let values = values(item).filter(|values| values.len() > 1 && reached.contains(&name))?;
    item.attrs.push(parse_quote!(#[non_exhaustive]));
    if tags.contains(&name) {
        return None;
    }
    let is_free = |name: &str| values.iter().all(|(variant, _)| variant != name);
    let numbered = || (2..).map(|number| format!("Unknown{number}")).find(|name| is_free(name));
    let unknown = UNKNOWN.into_iter().find(|name| is_free(name)).map(str::to_owned).or_else(numbered)?;
    let unknown = quote::format_ident!("{unknown}");
    let kept =
        derived(item).into_iter().filter(|path| !["Copy", "Deserialize", "Serialize"].iter().any(|it| is(path, it)));
    let kept = kept.collect::<Punctuated<Path, Token![,]>>();
    item.attrs.retain(|attr| !attr.path().is_ident("derive"));
    item.attrs.push(parse_quote!(#[derive(#kept)]));
    item.variants.push(parse_quote! {
        /// A value that the document does not list, as it was received.
        #[schemars(skip)]
        #unknown(::std::string::String)
    });
    Some(Opened { name: item.ident.clone(), unknown, values })
}

/// Whether an item is an implementation of an opened enum that has another form now.
fn is_replaced(item: &Item, opened: &[Opened]) -> bool {
    let Item::Impl(item) = item else { return false };
    let (Some((_, path, _)), syn::Type::Path(owner)) = (&item.trait_, &*item.self_ty) else { return false };
    ["Display", "FromStr", "TryFrom"].iter().any(|name| is(path, name))
        && opened.iter().any(|opened| owner.path.is_ident(&opened.name))
}

impl Opened {
    fn impls(&self) -> [Item; 7] {
        let Self { name, unknown, values } = self;
        let label = name.to_string();
        let (variants, texts) = values.iter().cloned().unzip::<_, _, Vec<_>, Vec<_>>();
        [
            parse_quote! {
                impl #name {
                    /// The values that the document lists.
                    pub const VALUES: &'static [&'static str] = &[#(#texts),*];

                    /// The value as text.
                    pub fn as_str(&self) -> &str {
                        match self {
                            #(Self::#variants => #texts,)*
                            Self::#unknown(value) => value,
                        }
                    }
                }
            },
            parse_quote! {
                impl ::std::convert::From<&str> for #name {
                    fn from(value: &str) -> Self {
                        match value {
                            #(#texts => Self::#variants,)*
                            value => Self::#unknown(value.to_owned()),
                        }
                    }
                }
            },
            parse_quote! {
                impl ::std::convert::From<::std::string::String> for #name {
                    fn from(value: ::std::string::String) -> Self {
                        Self::from(value.as_str())
                    }
                }
            },
            parse_quote! {
                impl ::std::str::FromStr for #name {
                    type Err = ::std::convert::Infallible;

                    fn from_str(value: &str) -> ::std::result::Result<Self, ::std::convert::Infallible> {
                        Ok(Self::from(value))
                    }
                }
            },
            parse_quote! {
                impl ::std::fmt::Display for #name {
                    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str(self.as_str())
                    }
                }
            },
            parse_quote! {
                impl ::serde::Serialize for #name {
                    fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                        serializer.serialize_str(self.as_str())
                    }
                }
            },
            parse_quote! {
                impl<'de> ::serde::Deserialize<'de> for #name {
                    fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                        ::auth_transport::read_open_enum(deserializer, #label, Self::VALUES)
                    }
                }
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code of these types, whose first one is an answer.
    fn opened(types: &str) -> String {
        let answer = "impl Client { async fn a(&self) -> Result<ResponseValue<types::A>, Error<()>> {} }";
        let code = format!("pub mod types {{ {types} pub mod error {{}} }} {answer}");
        let mut file: File = syn::parse_str(&code).expect("valid code");
        open(&mut file);
        prettyplease::unparse(&file)
    }

    const SERDE: &str = "#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Copy, Eq)]";

    #[test]
    fn an_enum_of_an_answer_keeps_values_that_are_not_listed() {
        let code = opened(&format!(
            "{SERDE} pub enum A {{ #[serde(rename = \"a-b\")] AB, C }}
             impl ::std::fmt::Display for A {{ }} impl ::std::str::FromStr for A {{ type Err = E; }}
             impl ::std::convert::TryFrom<&str> for A {{ }} impl ::std::default::Default for A {{ }}"
        ));
        for part in [
            "#[non_exhaustive]\n    #[derive(Clone, Eq)]\n    pub enum A {",
            "#[schemars(skip)]\n        Unknown(::std::string::String),",
            "&[\"a-b\", \"C\"]",
            "Self::AB => \"a-b\",",
            "\"C\" => Self::C,",
            "type Err = ::std::convert::Infallible;",
            "impl ::std::default::Default for A",
            "read_open_enum(deserializer, \"A\", Self::VALUES)",
        ] {
            assert!(code.contains(part), "no {part} in {code}");
        }
        assert!(!code.contains("TryFrom") && code.matches("Display for A").count() == 1, "{code}");
        assert!(syn::parse_file(&code).is_ok());
    }

    #[test]
    fn the_variant_for_other_values_has_a_name_that_no_value_has() {
        for (variants, name) in [
            ("A, B", "Unknown"),
            ("A, Unknown", "Unlisted"),
            ("Unknown, Unlisted", "NotListed"),
            ("Unknown, Unlisted, NotListed, Unknown2", "Unknown3"),
        ] {
            let code = opened(&format!("{SERDE} pub enum A {{ {variants} }}"));
            assert!(code.contains(&format!("{name}(::std::string::String)")), "{code}");
        }
    }

    #[test]
    fn other_enums_stay_as_they_are() {
        for types in [
            format!("pub struct A; {SERDE} pub enum B {{ X, Y }}"),
            format!("{SERDE} pub enum A {{ X }}"),
            format!("{SERDE} #[serde(untagged)] pub enum A {{ X(String), Y(i64) }}"),
            "pub enum A { X, Y }".to_owned(),
        ] {
            let code = opened(&types);
            assert!(!code.contains("Unknown") && !code.contains("non_exhaustive"), "{code}");
        }
    }

    #[test]
    fn an_enum_that_tells_alternatives_apart_stays_closed() {
        let code = opened(&format!(
            "#[serde(untagged)] pub enum A {{ Variant0(B), Variant1(::std::string::String) }}
             {SERDE} pub enum B {{ X, Y }}"
        ));
        assert!(code.contains("#[non_exhaustive]") && code.contains("Copy") && !code.contains("Unknown"), "{code}");
    }
}
