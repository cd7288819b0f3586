//! Undocumented members.

use proptest::prelude::*;
use serde::{Deserializer, Serializer};

use super::*;
use crate::{FurtherMembers, Json, example, union};

/// A type of answers as generated code has it.
#[derive(Debug, Default, PartialEq)]
struct Kept {
    id: Received<u64>,
    name: Received<String>,
    part: Received<Box<Kept>>,
    list: Received<Vec<Kept>>,
    map: Received<BTreeMap<String, Kept>>,
    open: Received<Open>,
    pet: Received<Box<Pet>>,
    any: Received<Json, Nullable>,
    further_members: FurtherMembers,
}

/// One that the document allows to have further members.
#[derive(Debug, Default, PartialEq)]
struct Open {
    name: Received<String>,
    further_members: FurtherMembers<Received<Box<Kept>>>,
}

#[derive(Debug, PartialEq)]
enum Pet {
    Cat(Box<Kept>),
    Dog(Box<Open>),
}

macro_rules! keep {
    ($kind:ident, $name:literal, $reader:ident, { $($(#[$attribute:meta])* $field:ident: $of:ty),* }, $further:ty) => {
        const _: () = {
            #[derive(Deserialize, Serialize)]
            #[serde(remote = $name, rename = $name)]
            struct Members {
                $($(#[$attribute])* #[serde(default, skip_serializing_if = "Received::is_absent")] $field: $of,)*
                #[serde(skip)]
                further_members: $further,
            }
            impl<'de> Deserialize<'de> for $kind {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let mut further_members = <$further>::new();
                    let object = Members::deserialize(further_members.$reader(deserializer))?;
                    Ok(Self { further_members, ..object })
                }
            }
            impl Serialize for $kind {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    Members::serialize(self, self.further_members.writer(serializer))
                }
            }
        };
    };
}

keep!(Kept, "Kept", reader, {
    id: Received<u64>,
    name: Received<String>,
    part: Received<Box<Kept>>,
    list: Received<Vec<Kept>>,
    map: Received<BTreeMap<String, Kept>>,
    open: Received<Open>,
    pet: Received<Box<Pet>>,
    any: Received<Json, Nullable>
}, FurtherMembers);
keep!(Open, "Open", open_reader, { name: Received<String> }, FurtherMembers<Received<Box<Kept>>>);

static SHAPE: union::Shape =
    union::Shape::tagged(&[&union::Shape::object(&[]), &union::Shape::object(&[])], "kind", &[("cat", 0), ("dog", 1)]);

impl<'de> Deserialize<'de> for Pet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        static UNION: union::Union<Pet> =
            union::Union::new("Pet", &SHAPE, &[|text| text.read(Pet::Cat), |text| text.read(Pet::Dog)]);
        UNION.read(deserializer)
    }
}

impl Serialize for Pet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Cat(cat) => union::tagged(serializer, "kind", "cat", cat),
            Self::Dog(dog) => union::tagged(serializer, "kind", "dog", dog),
        }
    }
}

const DIGITS: &str = "123456789012345678901234567890";

#[test]
fn an_undocumented_member_is_kept_and_noted_unless_the_document_allows_it() {
    for (text, expected) in [
        (format!(r#"{{"new":{DIGITS}}}"#), at([("/new", DriftKind::UnknownMember)])),
        (format!(r#"{{"part":{{"id":1,"new":[{DIGITS}]}}}}"#), at([("/part/new", DriftKind::UnknownMember)])),
        (format!(r#"{{"list":[{{"new":{DIGITS}}},{{}}]}}"#), at([("/list/*/new", DriftKind::UnknownMember)])),
        (format!(r#"{{"map":{{"a":{{"7f3a91c04d":{DIGITS}}}}}}}"#), at([("/map/*/*", DriftKind::UnknownMember)])),
        (format!(r#"{{"pet":{{"id":1,"kind":"cat","new":{DIGITS}}}}}"#), at([("/pet/new", DriftKind::UnknownMember)])),
        (r#"{"open":{"name":"a","b":{"id":1},"c":{}}}"#.to_owned(), vec![]),
        (
            format!(r#"{{"open":{{"name":1,"b":{{"id":"x","new":{DIGITS}}},"c":7,"d":null}}}}"#),
            at([
                ("/open/name", DriftKind::OtherType),
                ("/open/*/id", DriftKind::OtherType),
                ("/open/*/new", DriftKind::UnknownMember),
                ("/open/*", DriftKind::OtherType),
                ("/open/*", DriftKind::Null),
            ]),
        ),
        (r#"{"new":1e400}"#.to_owned(), at([("/new", DriftKind::UnknownMember)])),
        (format!(r#"{{"new":{}{}}}"#, "[".repeat(500), "]".repeat(500)), at([("/new", DriftKind::UnknownMember)])),
    ] {
        let (kept, mut drift) = read::<Kept>(&text);
        let mut expected = expected;
        // The order depends on how often a part is read.
        expected.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.cmp(&other.1)));
        drift.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.cmp(&other.1)));
        assert_eq!(drift, expected, "{text}");
        assert_eq!(serde_json::to_string(&kept).unwrap(), text);
        assert_eq!(serde_json::from_str::<Kept>(&text).unwrap(), kept);
    }
}

#[test]
fn a_name_that_occurs_twice_fits_only_if_the_document_does_not_describe_it() {
    let (kept, drift) = read::<Kept>(r#"{"new":1,"id":2,"new":3}"#);
    assert_eq!(drift, at([("/new", DriftKind::UnknownMember)]));
    assert_eq!(serde_json::to_string(&kept).unwrap(), r#"{"id":2,"new":3}"#);
    for text in [r#"{"id":1,"id":1}"#, r#"{"open":{"b":{},"b":{}}}"#] {
        let is_raw = serde_json::from_str::<Kept>(text).map(|kept| kept.open.raw().is_some());
        assert!(is_raw.unwrap_or(true), "{text}");
    }
}

#[test]
fn a_tag_that_the_type_does_not_have_is_written_once() {
    let read = |text: &str| read::<Received<Pet>>(text);
    let text = r#"{"id":7,"kind":"cat"}"#;
    let (pet, drift) = read(text);
    assert_eq!((serde_json::to_string(&pet).unwrap(), drift), (text.to_owned(), vec![]));
    let Some(Pet::Cat(cat)) = pet.into_option() else { panic!("not a cat") };
    assert_eq!(cat.further_members["kind"], "cat");
    assert_eq!(serde_json::to_string(&Pet::Cat(Box::default())).unwrap(), r#"{"kind":"cat"}"#);
}

#[test]
fn an_undocumented_member_is_shown_by_nothing() {
    let text =
        r#"{"id":"x","new":"470616","part":{"470616":470616,"list":[470616]},"pet":{"kind":"cat","a":{"470616":1}}}"#;
    let read = read_json::<Kept>(text).unwrap();
    let shown = format!("{:?} {:#?} {:?}", read.value, read.value, read.drift);
    assert!(!shown.contains("470616"), "{shown}");
    let error = read_json::<Vec<Kept>>(text).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("470616"), "{error:?}");
    for text in [r#"{"470616":{},"470616":{}}"#, r#"{"470616":{"name":"470616"},"470616":{}}"#] {
        let error = read_json::<Open>(text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("470616"), "{error:?}");
    }
}

/// The text of a JSON value with numbers of any size, and members that the types have as well as others.
fn text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?",
        "\"[a-z0-9é:]{0,3}\"",
        Just("\"cat\"".to_owned()),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        let names = ["id", "name", "part", "list", "map", "open", "pet", "any", "kind"].map(str::to_owned);
        let name = prop_oneof![3 => prop::sample::select(Vec::from(names)), 1 => "[a-z0-9]{0,9}"];
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            3 => prop::collection::btree_map(name, inner, 0..6).prop_map(object),
        ]
    })
}

fn object(members: BTreeMap<String, String>) -> String {
    let members = members.iter().map(|(name, value)| format!("\"{name}\": {value}"));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

proptest! {
    #[test]
    fn any_object_is_written_back_with_all_members_and_digits(
        members in prop::collection::btree_map("id|name|part|list|map|open|pet|any|[a-z]{1,2}", text(), 0..6)
    ) {
        let text = object(members);
        let lost = example::check::<Kept>("", &text).unwrap_or_default();
        // A union writes its tag, also if the value did not have it.
        let lost = lost.split("; ").filter(|lost| !lost.is_empty() && !lost.ends_with("/kind: absent became a string"));
        prop_assert_eq!(lost.collect::<Vec<_>>(), [""; 0], "{}", text);
        prop_assert_eq!(&serde_json::from_str::<Kept>(&text).unwrap(), &read::<Kept>(&text).0);
    }
}
