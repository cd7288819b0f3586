//! The reader agrees with `serde_json`.

use std::fmt::Debug;

use proptest::prelude::*;

use super::*;

/// Every kind of type that generated code has, without received members.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Everything {
    a: i64,
    #[serde(default)]
    b: Option<u8>,
    #[serde(default)]
    c: Vec<Option<f64>>,
    #[serde(default)]
    d: BTreeMap<String, Kind>,
    #[serde(default)]
    e: Option<Box<Everything>>,
    #[serde(default)]
    f: (Option<bool>, Option<String>),
    #[serde(default)]
    g: Value,
    #[serde(default)]
    h: Wrapper,
    #[serde(default)]
    i: i128,
    #[serde(flatten)]
    further: BTreeMap<String, Value>,
}

#[derive(Debug, Default, PartialEq, Deserialize, Serialize)]
struct Wrapper(Option<char>);

#[derive(Debug, PartialEq, Deserialize, Serialize)]
enum Kind {
    Plain,
    Number(i16),
    Pair(u8, String),
    Object { a: Option<u32> },
}

/// A struct whose members the reader knows.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Known {
    a: Option<i64>,
    #[serde(default)]
    b: Vec<Known>,
    #[serde(rename = "c")]
    kind: Option<Kind>,
    d: Option<BTreeMap<u16, f32>>,
    e: Option<Any>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
enum Any {
    Number(i32),
    Text(String),
    Known(Box<Known>),
}

/// JSON whose members have the names of the types.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_i64..300).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
        Just(Value::from("Plain")),
        any::<char>().prop_map(|c| Value::from(c.to_string())),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        let name = prop_oneof![
            "[a-j]",
            "[0-9]{1,3}",
            Just("Number".to_owned()),
            Just("Pair".to_owned()),
            Just("Object".to_owned())
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// JSON that often fits one of the types.
fn likely() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![
        Just(serde_json::json!("Plain")),
        any::<i16>().prop_map(|n| serde_json::json!({ "Number": n })),
        (any::<u8>(), "[a-z]{0,3}").prop_map(|pair| serde_json::json!({ "Pair": pair })),
        any::<Option<u32>>().prop_map(|a| serde_json::json!({ "Object": { "a": a } })),
    ];
    let known = (any::<Option<i64>>(), prop::option::of(kind), prop::option::of(json()))
        .prop_map(|(a, kind, other)| serde_json::json!({ "a": a, "c": kind, "other": other }));
    known.prop_recursive(3, 16, 3, |inner| {
        (prop::collection::vec(inner.clone(), 0..3), inner, json())
            .prop_map(|(list, e, g)| serde_json::json!({ "a": 1, "b": list, "e": e, "g": g }))
    })
}

#[track_caller]
fn agree<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &str) -> bool {
    let strict = serde_json::from_str::<T>(text);
    let read = read_json::<T>(text);
    match (&strict, &read) {
        (Ok(strict), Ok(read)) => {
            assert_eq!(strict, &read.value, "{text}");
            assert_eq!(serde_json::to_string(strict).ok(), serde_json::to_string(&read.value).ok());
            true
        }
        (Ok(strict), Err(error)) => panic!("{text} was refused, {error}, and is {strict:?}"),
        (Err(_), _) => false,
    }
}

/// What is read strictly in other ways than the reader has: lists as objects, and `{"Plain": null}` as `"Plain"`.
fn differs_on_purpose(value: &Value, in_struct: bool) -> bool {
    match value {
        Value::Array(list) => in_struct || list.iter().any(|value| differs_on_purpose(value, true)),
        Value::Object(members) => {
            members.contains_key("Plain") || members.values().any(|value| differs_on_purpose(value, true))
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn what_is_read_strictly_is_read_equally(value in json()) {
        let text = value.to_string();
        agree::<Value>(&text);
        agree::<Everything>(&text);
        agree::<Vec<Option<Everything>>>(&text);
        agree::<BTreeMap<String, Vec<Value>>>(&text);
        agree::<(Value, Vec<String>)>(&text);
        if !differs_on_purpose(&value, true) {
            agree::<Known>(&text);
            agree::<Option<Any>>(&text);
        }
    }

    #[test]
    fn documented_answers_are_read_equally(value in likely()) {
        let text = value.to_string();
        prop_assert!(agree::<Known>(&text));
        agree::<Everything>(&text);
    }

    #[test]
    fn whatever_a_member_is_it_is_written_back(value in json()) {
        let text = value.to_string();
        for text in [format!("{{\"id\":{text},\"name\":{text}}}"), format!("{{\"id\":7,\"name\":\"\",\"address\":{text},\"friends\":[{text}],\"anything\":{text}}}")] {
            let (customer, _) = read::<Customer>(&text);
            prop_assert_eq!(&customer, &serde_json::from_str::<Customer>(&text).unwrap());
            let written = serde_json::to_value(&customer).unwrap();
            let sent: Value = serde_json::from_str(&text).unwrap();
            if !has_unknown_members(&text) {
                prop_assert_eq!(numbers_as_floats(written), numbers_as_floats(sent));
            }
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[\\[\\]{}\",:0-9aeE.+ntru -]{0,40}") {
        let json = serde_json::from_str::<Value>(&text);
        prop_assert_eq!(read_json::<Value>(&text).ok().map(|read| read.value), json.ok());
        let _ = read_json::<Customer>(&text);
        let _ = read_json::<Vec<Received<Known>>>(&text);
    }
}

fn has_unknown_members(text: &str) -> bool {
    read::<Customer>(text).1.iter().any(|(_, kind)| *kind == DriftKind::UnknownMember)
}

/// `1.0` is read as an integer, and written as one.
fn numbers_as_floats(value: Value) -> Value {
    match value {
        // Zero has no sign as an integer.
        Value::Number(number) => number.as_f64().map_or(Value::Null, |number| Value::from(number + 0.0)),
        Value::Array(list) => list.into_iter().map(numbers_as_floats).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, numbers_as_floats(value))).collect(),
        value => value,
    }
}
