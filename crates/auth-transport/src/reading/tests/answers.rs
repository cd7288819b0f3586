//! Answers that deviate.

use serde_json::json;

use super::*;
use DriftKind::{Absent, Null, OtherForm, OtherType, UnknownMember, UnknownValue};

#[test]
fn a_documented_answer_is_read_without_a_difference() {
    let text = r#"{"id":7,"name":"Rana","nickname":null,"status":"active","address":{"city":"Dubai","ids":["127.0.0.1"]},"tags":[],"friends":[{"id":8,"name":"Omar"}],"notes":{"a":{"text":"b"}},"a/b":true,"anything":[1,{}]}"#;
    assert_eq!(drift(text), []);
    let (customer, _) = read::<Customer>(text);
    assert_eq!(serde_json::to_string(&customer).unwrap(), text);
    assert_eq!(customer.name.as_deref(), Some("Rana"));
    assert_eq!(customer.status.as_ref(), Some(&Status::Active));
    assert_eq!(*customer.friends.required().unwrap()[0].id.required().unwrap(), 8);
    assert!(customer.nickname.is_null() && customer.best_friend.is_absent());
}

#[test]
fn every_kind_of_difference_is_tolerated_and_named_with_its_place() {
    for (text, expected) in [
        (r#"{"id":null,"name":"a"}"#, at([("/id", Null)])),
        (r#"{"name":"a"}"#, at([("/id", Absent)])),
        (r#"{}"#, at([("/id", Absent), ("/name", Absent)])),
        (r#"{"id":"7","name":8}"#, at([("/id", OtherType), ("/name", OtherType)])),
        (r#"{"id":7.5,"name":""}"#, at([("/id", OtherType)])),
        (r#"{"id":-7,"name":""}"#, at([("/id", OtherForm)])),
        (r#"{"id":7,"name":"","new_field":[{"a":1}]}"#, at([("/new_field", UnknownMember)])),
        (r#"{"id":7,"name":"","status":"frozen"}"#, at([("/status", UnknownValue)])),
        (r#"{"id":7,"name":"","status":{"active":null}}"#, at([("/status", OtherType)])),
        (r#"{"id":7,"name":"","address":["Dubai"]}"#, at([("/address", OtherType)])),
        (r#"{"id":7,"name":"","address":{"city":7}}"#, at([("/address/city", OtherType)])),
        (
            r#"{"id":7,"name":"","address":{"ids":["127.0.0.1","x"]}}"#,
            at([("/address/ids/*", OtherForm), ("/address/city", Absent)]),
        ),
        (r#"{"id":7,"name":"","tags":null}"#, at([("/tags", Null)])),
        (r#"{"id":7,"name":"","tags":["a",null]}"#, at([("/tags/*", Null)])),
        (r#"{"id":7,"name":"","tags":"a"}"#, at([("/tags", OtherType)])),
        (
            r#"{"id":7,"name":"","friends":[{"id":1,"name":"b"},{"id":"1","name":"c"}]}"#,
            at([("/friends/*/id", OtherType)]),
        ),
        (r#"{"id":7,"name":"","notes":{"k1":{"text":1},"k2":{"text":2}}}"#, at([("/notes/*/text", OtherType)])),
        (r#"{"id":7,"name":"","best_friend":{"id":1,"name":null}}"#, at([("/best_friend/name", Null)])),
        (r#"{"id":7,"name":"","a/b":0}"#, at([("/a~1b", OtherType)])),
        (r#"{"id":7,"name":"","anything":null}"#, at([("/anything", Null)])),
    ] {
        assert_eq!(drift(text), expected, "{text}");
    }
}

#[test]
fn what_deviates_is_kept_as_text_and_the_rest_is_read() {
    let text = r#"{"id":"7","name":"Rana","address":{"city":[ 1, 2.50 ],"ids":["127.0.0.1"]},"tags":{"a": 1e0},"status":"frozen"}"#;
    let (customer, _) = read::<Customer>(text);
    assert_eq!(customer.id.raw(), Some("\"7\""));
    assert_eq!(customer.name.as_deref(), Some("Rana"));
    let address = customer.address.required().unwrap();
    assert_eq!((address.city.raw(), address.ids.as_deref().map(<[_]>::len)), (Some("[ 1, 2.50 ]"), Some(1)));
    assert_eq!((customer.tags.raw(), customer.status.raw()), (Some("{\"a\": 1e0}"), Some("\"frozen\"")));
    let written = serde_json::to_string(&customer).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    assert!(written.contains("[ 1, 2.50 ]") && written.contains("{\"a\": 1e0}"), "{written}");
}

#[test]
fn places_do_not_name_elements_and_keys() {
    let text = r#"{"id":1,"name":"","friends":[{"id":1,"name":2},{"id":1,"name":2}],"notes":{"4006381333931":{"text":"a","5d41402abc4b2a76":1}}}"#;
    assert_eq!(drift(text), at([("/friends/*/name", OtherType), ("/notes/*/*", UnknownMember)]));
}

#[test]
fn other_deserializers_of_json_tolerate_the_same() {
    let text = r#"{"id":"7","name":null,"address":{"city":7,"ids":"x"},"tags":["a"]}"#;
    let (expected, _) = read::<Customer>(text);
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::from_str::<Customer>(text).unwrap(), expected);
    assert_eq!(serde_json::from_slice::<Customer>(text.as_bytes()).unwrap(), expected);
    assert_eq!(serde_json::from_reader::<_, Customer>(text.as_bytes()).unwrap(), expected);
    assert_eq!(serde_json::from_value::<Customer>(value).unwrap(), expected);
    assert!(serde_json::from_str::<Customer>("{}").unwrap().id.is_absent());
    for text in ["{", r#"{"id":}"#, r#"{"id":7"#, "", r#"{"id":tru,"name":""}"#] {
        assert!(serde_json::from_str::<Customer>(text).is_err() && read_json::<Customer>(text).is_err(), "{text}");
    }
}

#[test]
fn a_member_is_read_inside_of_types_that_buffer() {
    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Address(Address),
        Other {},
    }
    #[derive(Debug, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        address: Address,
    }
    let text = r#"{"city":"Dubai","ids":null}"#;
    let Either::Address(address) = serde_json::from_str(text).unwrap() else { panic!("not an address") };
    assert!(address.city.as_deref() == Some("Dubai") && address.ids.is_null());
    let flat: Flat = serde_json::from_str(text).unwrap();
    assert!(flat.address.city.as_deref() == Some("Dubai") && flat.address.ids.is_null());
    let Either::Address(address) = serde_json::from_str(r#"{"city":[7, 1.5]}"#).unwrap() else { panic!("no address") };
    assert_eq!(address.city.raw(), Some("[7,1.5]"));
}

#[test]
fn a_type_without_received_members_fails_with_place_and_kind_and_without_the_value() {
    #[derive(Debug, Deserialize)]
    struct Account {
        #[serde(rename = "number")]
        _number: String,
        #[serde(default, rename = "parts")]
        _parts: BTreeMap<String, Vec<u8>>,
        #[serde(default, rename = "status")]
        _status: Option<Status>,
    }
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Closed {}
    let error = |text: &str| read_json::<Vec<Account>>(text).expect_err(text);
    for (text, pointer, kind) in [
        (r#"[{"number":"a"},{}]"#, "/*/number", Absent),
        (r#"[{"number":470616}]"#, "/*/number", OtherType),
        (r#"[{"number":null}]"#, "/*/number", Null),
        (r#"[{"number":"a","parts":{"470616":[1,470616]}}]"#, "/*/parts/*/*", OtherForm),
        (r#"[{"number":"a","status":"470616"}]"#, "/*/status", UnknownValue),
        (r#"[["470616"]]"#, "/*", OtherType),
        (r#"{"470616":1}"#, "", OtherType),
        (r#"[{"number":"a","number":"470616"}]"#, "/*", OtherForm),
    ] {
        let error = error(text);
        assert_eq!((error.pointer().as_deref(), error.kind()), (Some(pointer), Some(kind)), "{text}");
        assert_eq!(error.line(), 1, "{text}: {error}");
        assert!(!format!("{error} {error:?}").contains("470616"), "{error:?}");
    }
    let error = read_json::<Closed>(r#"{"other":470616}"#).expect_err("closed");
    assert_eq!((error.pointer().as_deref(), error.kind()), (Some("/other"), Some(UnknownMember)));
    assert_eq!(error.to_string(), "/other is not a documented member (line 1, column 8)");
}

#[test]
fn a_text_that_is_not_json_has_no_place() {
    for (text, said) in [
        ("", "the text is not a complete JSON document (line 1, column 0)"),
        ("{\"id\":", "the text is not a complete JSON document (line 1, column 6)"),
        ("{\"id\":7}}", "the text is not JSON (line 1, column 9)"),
        ("<html>", "the text is not JSON (line 1, column 1)"),
        (r#"["\ud800"]"#, "the text is not JSON (line 1, column 9)"),
    ] {
        let error = read_json::<Customer>(text).expect_err(text);
        let error = if text.starts_with('[') { read_json::<Vec<String>>(text).expect_err(text) } else { error };
        assert_eq!((error.to_string().as_str(), error.pointer(), error.kind()), (said, None, None));
    }
}

#[test]
fn a_member_is_made_and_compared_like_an_option() {
    let member: Received<String> = "a".to_owned().into();
    assert_eq!(member, Some("a".to_owned()).into());
    assert_eq!(Received::<String>::from(None), Received::default());
    assert_ne!(Received::<String>::null(), Received::default());
    assert_eq!(member.clone().into_option().as_deref(), Some("a"));
    assert_eq!(Option::from(member.clone()), Some("a".to_owned()));
    assert_eq!(member.into_required().as_deref(), Ok("a"));
    assert_eq!(
        serde_json::to_value([Received::from(1), Received::<_>::null(), Received::default()]).unwrap(),
        json!([1, null, null])
    );
    for (member, said) in [
        (Received::default(), "the member is absent"),
        (Received::null(), "the member is null"),
        (read::<Received<u8>>("[470616]").0, "the member is a JSON array that does not fit its type"),
        (read("{\"470616\":1}").0, "the member is a JSON object that does not fit its type"),
        (read("\"470616\"").0, "the member is a JSON string that does not fit its type"),
        (read("true").0, "the member is a JSON boolean that does not fit its type"),
        (read("470616").0, "the member is a JSON number that does not fit its type"),
    ] {
        let error = member.required().unwrap_err();
        assert_eq!(error.to_string(), said);
        assert!(!format!("{member:?} {error:?}").contains("470616"), "{member:?}");
    }
}

/// serde buffers the members of objects with further members.
#[test]
fn a_further_member_that_deviates_is_kept_as_well() {
    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Open {
        name: Received<String>,
        #[serde(flatten)]
        further_members: crate::FurtherMembers<Received<Address>>,
    }
    let text = r#"{"name":"a","home":{"city":7},"work":[1],"none":null}"#;
    let (open, drift) = read::<Open>(text);
    assert_eq!(drift, at([("/*/city", OtherType), ("/*", OtherType), ("/*", Null)]));
    assert_eq!(open.further_members["home"].required().unwrap().city.raw(), Some("7"));
    assert_eq!(open.further_members["work"].raw(), Some("[1]"));
    let written: Value = serde_json::from_str(&serde_json::to_string(&open).unwrap()).unwrap();
    assert_eq!(written, serde_json::from_str::<Value>(text).unwrap());
}
