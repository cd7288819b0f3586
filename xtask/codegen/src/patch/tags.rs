//! Enums of strings whose values tell the alternatives of a union apart.

use std::collections::{BTreeMap, BTreeSet};

use syn::{File, GenericArgument, Item, PathArguments, Type};

use super::listed::values;
use super::reached::types;
use crate::attributes::{renamed, serde_entry};

/// Names of the enums that are an alternative beside one that accepts strings as well, or that are the type of a member
/// which several alternatives have with other values.
pub(super) fn of_unions(file: &File) -> BTreeSet<String> {
    let known = Known::of(file);
    let mut tags = BTreeSet::new();
    for item in types(file) {
        let Item::Enum(item) = item else { continue };
        if serde_entry(&item.attrs, "untagged").is_none() {
            continue;
        }
        let alternatives = item.variants.iter().filter(|variant| variant.fields.len() == 1);
        let alternatives = alternatives.filter_map(|variant| variant.fields.iter().next());
        let alternatives = alternatives.map(|field| known.alternative(&field.ty)).collect::<Vec<_>>();
        if alternatives.iter().filter(|it| matches!(it, Alternative::Text(_))).count() > 1 {
            tags.extend(alternatives.iter().filter_map(|it| match it {
                Alternative::Text(name) => known.enums.contains_key(name).then(|| name.clone()),
                _ => None,
            }));
        }
        tags.extend(known.members(&alternatives));
    }
    tags
}

/// Types that are read from no text.
const NO_TEXT: [&str; 15] =
    ["Vec", "HashMap", "Map", "bool", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "NonZeroU64"];

/// What an alternative of a union is.
enum Alternative {
    /// A text, or a type that may be read from one, with its name.
    Text(String),
    /// A struct with this name.
    Struct(String),
    /// What no text can be.
    Other,
}

/// The types of the module by name.
#[derive(Default)]
struct Known {
    /// The values of enums of strings.
    enums: BTreeMap<String, BTreeSet<String>>,
    /// The members of structs: the name on the wire and the name of the type.
    structs: BTreeMap<String, Vec<(String, String)>>,
    /// What a struct of one unnamed member holds.
    wrappers: BTreeMap<String, Type>,
}

impl Known {
    fn of(file: &File) -> Self {
        let mut known = Self::default();
        for item in types(file) {
            match item {
                Item::Enum(item) => {
                    if let Some(values) = values(item) {
                        let values = values.into_iter().map(|(_, value)| value);
                        known.enums.insert(item.ident.to_string(), values.collect());
                    }
                }
                Item::Struct(item) => {
                    let name = item.ident.to_string();
                    if let syn::Fields::Unnamed(fields) = &item.fields
                        && let Some(field) = fields.unnamed.first()
                    {
                        known.wrappers.insert(name, field.ty.clone());
                    } else {
                        let member = |field: &syn::Field| {
                            let ident = field.ident.as_ref()?.to_string();
                            let ident = ident.strip_prefix("r#").unwrap_or(&ident).to_owned();
                            Some((renamed(&field.attrs).unwrap_or(ident), name_of(&field.ty)))
                        };
                        known.structs.insert(name, item.fields.iter().filter_map(member).collect());
                    }
                }
                _ => {}
            }
        }
        known
    }

    fn alternative(&self, kind: &Type) -> Alternative {
        let mut name = name_of(kind);
        // A chain of wrappers ends, or its type could not be.
        for _ in 0..self.wrappers.len() {
            match self.wrappers.get(&name) {
                Some(inner) => name = name_of(inner),
                None => break,
            }
        }
        match name.as_str() {
            name if self.structs.contains_key(name) => Alternative::Struct(name.to_owned()),
            name if NO_TEXT.contains(&name) => Alternative::Other,
            _ => Alternative::Text(name),
        }
    }

    /// The enums that are the type of a member that these alternatives share with other values.
    fn members(&self, alternatives: &[Alternative]) -> BTreeSet<String> {
        let mut tags = BTreeMap::<&str, BTreeSet<&str>>::new();
        let structs = alternatives.iter().filter_map(|it| match it {
            Alternative::Struct(name) => self.structs.get(name),
            _ => None,
        });
        for (member, kind) in structs.flatten().filter(|(_, kind)| self.enums.contains_key(kind)) {
            tags.entry(member).or_default().insert(kind);
        }
        let differ =
            |kinds: &BTreeSet<&str>| kinds.iter().map(|kind| &self.enums[*kind]).collect::<BTreeSet<_>>().len() > 1;
        tags.into_values().filter(differ).flatten().map(str::to_owned).collect()
    }
}

/// The last name of a type, without what says that it may be absent or recurs.
fn name_of(kind: &Type) -> String {
    let Type::Path(path) = kind else { return String::new() };
    let Some(last) = path.path.segments.last() else { return String::new() };
    if (last.ident == "Option" || last.ident == "Box")
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(inner)) = arguments.args.first()
    {
        return name_of(inner);
    }
    last.ident.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enums_are_tags_where_a_value_chooses_the_alternative() {
        let enums = "#[derive(Deserialize)] enum E { A, B } #[derive(Deserialize)] enum F { C, D }
            #[derive(Deserialize)] enum G { A, B } struct W(pub E);";
        for (types, expected) in [
            ("#[serde(untagged)] enum U { X(E), Y(F) }", vec!["E", "F"]),
            ("#[serde(untagged)] enum U { X(W), Y(::std::string::String) }", vec!["E"]),
            ("#[serde(untagged)] enum U { X(::std::boxed::Box<E>), Y(i64), Z(::std::vec::Vec<String>) }", vec![]),
            ("enum U { X(E), Y(F) }", vec![]),
            (
                "#[serde(untagged)] enum U { X(S), Y(T) } struct S { kind: E, other: F } struct T { kind: Option<F> }",
                vec!["E", "F"],
            ),
            ("#[serde(untagged)] enum U { X(S), Y(T) } struct S { kind: E } struct T { kind: G }", vec![]),
            ("#[serde(untagged)] enum U { X(S), Y(T) } struct S { kind: E } struct T { sort: F }", vec![]),
            (
                "#[serde(untagged)] enum U { X(S), Y(T) } struct S { #[serde(rename = \"type\")] a: E } struct T { r#type: F }",
                vec!["E", "F"],
            ),
        ] {
            let file = syn::parse_str(&format!("mod types {{ {enums} {types} }}")).expect("valid code");
            assert_eq!(of_unions(&file).into_iter().collect::<Vec<_>>(), expected, "{types}");
        }
    }
}
