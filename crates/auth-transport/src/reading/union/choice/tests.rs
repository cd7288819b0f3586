use std::cell::Cell;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::{ANY, INTEGER, NULL, NUMBER, STRING, Shape, optional, required};
use super::*;
use crate::{DriftKind, Received, read_json};

/// Declares an enum of structs and other types, as generated code does.
macro_rules! union {
    ($name:ident, $shape:expr, $($variant:ident($kind:ty)),+) => {
        #[derive(Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        enum $name { $($variant($kind)),+ }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                static SHAPE: Shape = $shape;
                static UNION: Union<$name> = Union::new(stringify!($name), &SHAPE, &[$(|text| text.read($name::$variant)),+]);
                UNION.read(deserializer)
            }
        }
    };
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Wins {
    wins: Option<i64>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Score {
    score: Option<i64>,
    bonus: Option<i64>,
}

static WINS: Shape = Shape::object(&[optional("wins", &INTEGER)]);
static SCORE: Shape = Shape::object(&[optional("bonus", &INTEGER), optional("score", &INTEGER)]);
static CLOSED_WINS: Shape = Shape::closed(&[optional("wins", &INTEGER)]);
static CLOSED_SCORE: Shape = Shape::closed(&[optional("bonus", &INTEGER), optional("score", &INTEGER)]);

union!(
    Open,
    Shape::one_of(&[&WINS, &SCORE, &STRING, &INTEGER, &NUMBER]),
    Wins(Wins),
    Score(Score),
    Text(String),
    Integer(i64),
    Number(f64)
);
union!(Closed, Shape::one_of(&[&CLOSED_WINS, &CLOSED_SCORE]), Wins(Wins), Score(Score));
union!(Half, Shape::one_of(&[&CLOSED_WINS, &SCORE]), Wins(Wins), Score(Score));
union!(
    Tagged,
    Shape::tagged(&[&WINS, &SCORE], "kind", &[("w", 0), ("x", 0), ("s", 1), ("1", 1)]),
    Wins(Wins),
    Score(Score)
);
union!(Based, Shape::tagged(&[&SCORE, &WINS], "kind", &[("s", 0)]).with_base(1), Score(Score), Wins(Wins));

fn wins(wins: i64) -> Wins {
    Wins { wins: Some(wins) }
}

fn score(score: i64) -> Score {
    Score { score: Some(score), bonus: None }
}

#[track_caller]
fn reads<T: DeserializeOwned + PartialEq + fmt::Debug>(cases: &[(&str, Option<T>)]) {
    for (text, expected) in cases {
        assert_eq!(serde_json::from_str::<T>(text).ok().as_ref(), expected.as_ref(), "{text}");
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::from_value::<T>(value).ok().as_ref(), expected.as_ref(), "{text} as a value");
    }
}

#[test]
fn the_member_that_keeps_the_most_is_read() {
    reads(&[
        (r#"{"wins":1}"#, Some(Open::Wins(wins(1)))),
        (r#"{"score":1}"#, Some(Open::Score(score(1)))),
        (r#"{"more":1,"score":1}"#, Some(Open::Score(score(1)))),
        (r#"{"wins":1,"score":1,"bonus":2}"#, Some(Open::Score(Score { score: Some(1), bonus: Some(2) }))),
        // Both keep as much.
        ("{}", Some(Open::Wins(Wins { wins: None }))),
        (r#"{"more":1}"#, Some(Open::Wins(Wins { wins: None }))),
        // Only one allows this.
        (r#"{"wins":"1","bonus":1}"#, Some(Open::Score(Score { score: None, bonus: Some(1) }))),
        (r#""1""#, Some(Open::Text("1".to_owned()))),
        ("1", Some(Open::Integer(1))),
        ("1.0", Some(Open::Number(1.0))),
        ("1.5", Some(Open::Number(1.5))),
        ("[]", None),
        ("null", None),
        ("true", None),
    ]);
}

#[test]
fn a_closed_member_is_read_only_if_no_other_allows_the_value() {
    reads(&[
        (r#"{"wins":1}"#, Some(Closed::Wins(wins(1)))),
        (r#"{"score":1}"#, Some(Closed::Score(score(1)))),
        // A new member, which neither has: one keeps the rest.
        (r#"{"score":1,"more":1}"#, Some(Closed::Score(score(1)))),
        // Nothing tells which is meant.
        (r#"{"more":1}"#, None),
        (r#"{"wins":1,"score":1}"#, None),
    ]);
    reads(&[
        (r#"{"wins":1}"#, Some(Half::Wins(wins(1)))),
        (r#"{"wins":1,"bonus":1,"more":1}"#, Some(Half::Score(Score { score: None, bonus: Some(1) }))),
    ]);
}

#[test]
fn a_discriminator_selects_the_member() {
    reads(&[
        (r#"{"kind":"w","score":1,"bonus":1}"#, Some(Tagged::Wins(Wins { wins: None }))),
        (r#"{"score":1,"kind":"\u0078"}"#, Some(Tagged::Wins(Wins { wins: None }))),
        (r#"{"kind":"s","wins":1}"#, Some(Tagged::Score(Score { score: None, bonus: None }))),
        (r#"{"kind":1,"wins":1}"#, Some(Tagged::Score(Score { score: None, bonus: None }))),
        (r#"{"kind":"new","wins":1}"#, None),
        // Without its value, the members decide, unless both fit.
        (r#"{"wins":1}"#, Some(Tagged::Wins(wins(1)))),
        (r#"{"kind":null,"score":1}"#, Some(Tagged::Score(score(1)))),
        ("{}", None),
    ]);
}

#[test]
fn a_base_is_read_for_other_values_unless_a_member_keeps_more() {
    reads(&[
        (r#"{"kind":"s","wins":1}"#, Some(Based::Score(Score { score: None, bonus: None }))),
        (r#"{"kind":"new","wins":1}"#, Some(Based::Wins(wins(1)))),
        (r#"{"kind":"new","score":1}"#, Some(Based::Score(score(1)))),
        (r#"{"kind":"new"}"#, Some(Based::Wins(Wins { wins: None }))),
        ("{}", Some(Based::Wins(Wins { wins: None }))),
    ]);
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Card {
    #[serde(default)]
    brand: Option<String>,
    #[serde(default)]
    number: Option<Value>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Cash {
    #[serde(default)]
    amount: Option<Value>,
}

static BRAND: Shape = Shape::listed(&[r#""visa""#, r#""amex""#]);
static CARD: Shape = Shape::object(&[optional("brand", &BRAND), optional("number", &STRING)]);
static CASH: Shape = Shape::object(&[optional("amount", &NUMBER)]);
static PAID: Shape = Shape::object(&[required("number", &STRING), required("state", &Shape::listed(&[r#""paid""#]))]);
static OPEN: Shape = Shape::object(&[required("number", &STRING), required("state", &Shape::listed(&[r#""open""#]))]);

union!(Means, Shape::one_of(&[&CARD, &CASH]), Card(Card), Cash(Cash));
union!(State, Shape::one_of(&[&PAID, &OPEN, &NULL]), Paid(Card), Open(Card), Null(()));
union!(
    Lists,
    Shape::one_of(&[&Shape::list(&CARD), &Shape::list(&CASH), &Shape::open(&[], &CARD)]),
    Cards(Vec<Card>),
    Cash(Vec<Cash>),
    Map(std::collections::BTreeMap<String, Card>)
);
union!(Words, Shape::one_of(&[&BRAND, &STRING]), Brand(String), Other(String));

fn card(brand: &str) -> Card {
    Card { brand: Some(brand.to_owned()), number: None }
}

fn cash(amount: Value) -> Cash {
    Cash { amount: Some(amount) }
}

#[test]
fn what_a_type_tolerates_still_tells_members_apart() {
    reads(&[
        (r#"{"brand":"visa"}"#, Some(Means::Card(card("visa")))),
        // A new value of a list does not make this another member that keeps nothing.
        (r#"{"brand":"new"}"#, Some(Means::Card(card("new")))),
        (r#"{"amount":"1"}"#, Some(Means::Cash(cash(json!("1"))))),
        (r#"{"amount":1.5}"#, Some(Means::Cash(cash(json!(1.5))))),
    ]);
    let paid = || Card { brand: None, number: Some(json!(1)) };
    reads(&[
        (r#"{"state":"paid","number":1}"#, Some(State::Paid(paid()))),
        (r#"{"state":"open","number":1}"#, Some(State::Open(paid()))),
        (r#"{"state":"new","number":1}"#, None),
        (r#"{"number":1}"#, None),
        ("null", Some(State::Null(()))),
    ]);
    reads(&[
        (r#"[{"brand":"visa"}]"#, Some(Lists::Cards(vec![card("visa")]))),
        (r#"[{"amount":1}]"#, Some(Lists::Cash(vec![cash(json!(1))]))),
        (r#"{"a":{"brand":"visa"}}"#, Some(Lists::Map([("a".to_owned(), card("visa"))].into()))),
    ]);
    reads(&[(r#""visa""#, Some(Words::Brand("visa".to_owned()))), (r#""new""#, Some(Words::Other("new".to_owned())))]);
}

/// A union whose members all hold it again, and fit everything equally.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Nested {
    A(Box<Node>),
    B(Box<Node>),
    C(Box<Node>),
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Node {
    next: Option<Nested>,
    /// What no shape says: an integer.
    leaf: Option<i64>,
}

thread_local! {
    static READS: Cell<usize> = const { Cell::new(0) };
}

static NODE: Shape = Shape::object(&[optional("leaf", &ANY), optional("next", &NESTED)]);
static NODE_B: Shape = Shape::object(&[optional("leaf", &ANY), optional("next", &NESTED)]);
static NODE_C: Shape = Shape::object(&[optional("leaf", &ANY), optional("next", &NESTED)]);
static NESTED: Shape = Shape::one_of(&[&NODE, &NODE_B, &NODE_C]);

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn counted(text: Text<'_>, wrap: fn(Box<Node>) -> Nested) -> Option<Nested> {
            READS.set(READS.get() + 1);
            text.read(wrap)
        }
        static UNION: Union<Nested> = Union::new(
            "Nested",
            &NESTED,
            &[|text| counted(text, Nested::A), |text| counted(text, Nested::B), |text| counted(text, Nested::C)],
        );
        UNION.read(deserializer)
    }
}

fn nested(depth: usize, leaf: &str) -> String {
    format!("{}{{\"leaf\":{leaf}}}{}", "{\"next\":".repeat(depth), "}".repeat(depth))
}

#[test]
fn a_member_is_read_once_for_each_level_of_unions() {
    for depth in [1, 10, 100] {
        READS.set(0);
        serde_json::from_str::<Nested>(&nested(depth, "1")).unwrap();
        assert_eq!(READS.get(), depth + 1, "the first member that fits is read");
        READS.set(0);
        serde_json::from_str::<Nested>(&nested(depth, "\"x\"")).unwrap_err();
        // Twice below the outermost union: as documented, and keeping what does not fit.
        assert_eq!(READS.get(), 3 + 2 * 3 * depth, "each member is tried once in each way where none can be read");
    }
}

#[test]
fn nesting_has_the_limit_of_serde_json() {
    assert!(serde_json::from_str::<Nested>(&nested(120, "1")).is_ok());
    let error = serde_json::from_str::<Nested>(&nested(100_000, "1")).unwrap_err();
    assert!(error.to_string().starts_with("recursion limit exceeded"), "{error}");
}

#[test]
fn an_error_names_the_type_and_no_value() {
    for (text, words) in [
        (r#"{"kind":"secret","a":"secret"}"#, "an object that fits no member of `Tagged`"),
        (r#"["secret"]"#, "an array that fits no member of `Tagged`"),
        (r#""secret""#, "a string that fits no member of `Tagged`"),
        ("1234567.5", "a number that fits no member of `Tagged`"),
        ("null", "null that fits no member of `Tagged`"),
        ("true", "a boolean that fits no member of `Tagged`"),
    ] {
        let error = serde_json::from_str::<Tagged>(text).unwrap_err().to_string();
        assert!(error.starts_with(words) && !error.contains("secret"), "{error}");
    }
    assert_eq!(format!("{:?}", Text { json: "secret", tag: None }), "Text(..)");
}

#[derive(Debug, Deserialize, PartialEq)]
struct Holder {
    list: Vec<Received<Tagged>>,
}

#[test]
fn only_the_member_that_is_read_notes_its_differences() {
    let text = r#"{"list":[{"kind":"s","score":1.0,"more":1},{"kind":"new","wins":1},{"wins":2,"more":1}]}"#;
    let read = read_json::<Holder>(text).unwrap();
    let drift = read.drift.iter().map(|drift| (drift.pointer(), drift.kind())).collect::<Vec<_>>();
    // The discriminator itself is documented, although `Score` has no such member.
    let expected = [("/list/*/more", DriftKind::UnknownMember), ("/list/*", DriftKind::OtherForm)];
    assert_eq!(drift, expected.map(|(pointer, kind)| (pointer.to_owned(), kind)));
    let [one, other, third] = read.value.list.as_slice() else { panic!("not three") };
    assert_eq!((one.as_ref(), other.as_ref()), (Some(&Tagged::Score(score(1))), None));
    assert_eq!(other.raw(), Some(r#"{"kind":"new","wins":1}"#));
    assert_eq!(third.as_ref(), Some(&Tagged::Wins(wins(2))));
}
