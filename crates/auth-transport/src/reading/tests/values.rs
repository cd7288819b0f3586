//! Numbers, and members that may hold secrets.

use std::num::NonZeroU32;

use super::*;
use crate::{Confidential, ExpiresIn, NullableConfidential, Secret};

#[test]
fn an_integer_may_have_a_fraction_of_zero_and_an_exponent() {
    assert_eq!(read::<u8>("1.0").0, 1);
    assert_eq!(read::<i8>("-1.0").0, -1);
    assert_eq!(read::<u16>("1e2").0, 100);
    assert_eq!(read::<i32>("12.5e1").0, 125);
    assert_eq!(read::<NonZeroU32>("3.0").0.get(), 3);
    assert_eq!(read::<i64>("9007199254740993.0").0, 9_007_199_254_740_993);
    assert_eq!(read::<i64>("1e18").0, 1_000_000_000_000_000_000);
    assert_eq!(read::<u64>("18446744073709551615.0").0, u64::MAX);
    assert_eq!(read::<i128>("1e30").0, 10_i128.pow(30));
    assert_eq!(read::<u128>("7.0").0, 7);
    assert_eq!(read::<Received<i64>>("1.0"), (1.into(), vec![]));
    assert_eq!(read::<Vec<BTreeMap<u8, u8>>>(r#"[{"1":1.0}]"#).0[0][&1], 1);
    for text in ["1.5", "256.0", "-1.0", "1e-1", "\"1\"", "1e400", "1e-400", "1.00000000000000000001"] {
        assert!(read_json::<u8>(text).is_err(), "{text}");
    }
}

#[test]
fn members_that_may_hold_secrets_are_not_kept_as_text() {
    #[derive(Debug, Deserialize, Serialize)]
    struct Answer {
        token: Received<Secret, Confidential>,
        #[serde(default)]
        nested: Received<Nested, NullableConfidential>,
        expires_in: Received<ExpiresIn>,
    }
    #[derive(Debug, Deserialize, Serialize)]
    struct Nested {
        pin: Received<Secret, Confidential>,
    }
    let text = r#"{"token":8472619055,"nested":["8472619055"],"expires_in":"3599"}"#;
    let (answer, drift) = read::<Answer>(text);
    assert_eq!(drift, at([("/token", DriftKind::OtherForm), ("/nested", DriftKind::OtherType)]));
    assert_eq!((answer.token.raw(), answer.nested.raw()), (None, None));
    assert_eq!(answer.expires_in.required().unwrap().as_secs(), 3599);
    assert_eq!(
        answer.token.required().unwrap_err().to_string(),
        "the member is a JSON number that does not fit its type"
    );
    assert!(!format!("{answer:?}").contains("8472619055"), "{answer:?}");
    let error = serde_json::to_string(&answer).unwrap_err().to_string();
    assert_eq!(error, "a member that may have held a secret was not kept");
    let (answer, drift) = read::<Answer>(r#"{"nested":null,"expires_in":60}"#);
    assert_eq!(drift, at([("/token", DriftKind::Absent)]));
    assert!(answer.nested.is_null());
    let plain = serde_json::from_str::<Answer>(text).unwrap();
    assert!(!format!("{plain:?}").contains("8472619055") && plain.token.raw().is_none(), "{plain:?}");
}

#[test]
fn an_open_enum_keeps_a_value_that_is_not_listed_and_reports_it() {
    #[derive(Debug, PartialEq)]
    struct Colour(String);
    impl From<&str> for Colour {
        fn from(value: &str) -> Self {
            Self(value.to_owned())
        }
    }
    impl<'de> Deserialize<'de> for Colour {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            crate::read_open_enum(deserializer, "Colour", &["red"])
        }
    }
    let colours = |text: &str| read::<Vec<Received<Colour>>>(text);
    let (read, drift) = colours(r#"["red","gr\u00fcn"]"#);
    assert_eq!(read[1].as_ref().map(|colour| colour.0.as_str()), Some("grün"));
    assert_eq!(drift, at([("/*", DriftKind::UnknownValue)]));
    let (read, drift) = colours(r#"["red",7,{"red":null},null]"#);
    assert_eq!(read.iter().filter_map(Received::raw).collect::<Vec<_>>(), ["7", "{\"red\":null}", "null"]);
    assert_eq!(drift, at([("/*", DriftKind::OtherType), ("/*", DriftKind::Null)]));
}
