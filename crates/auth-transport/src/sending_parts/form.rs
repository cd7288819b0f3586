//! Bodies of `application/x-www-form-urlencoded` with lists and objects.

use serde::Serialize;
use zeroize::Zeroizing;

use super::Encoding;
use super::encoding::in_order;
use super::json::{Shape, invalid, json, text};
use super::style::pairs;

/// The body of a form. Generated methods call it.
///
/// Each item of a list is a pair of its own, and an object is JSON text, unless `encodings` has a style for the member.
///
/// # Errors
/// An invalid request if `body` cannot be serialized, or is not an object.
#[allow(clippy::result_large_err, reason = "generated methods return the generator's own error")]
pub fn form_body<E>(
    body: &(impl Serialize + ?Sized),
    encodings: &[Encoding],
) -> Result<String, progenitor_client::Error<E>> {
    form(&json(body)?, encodings).ok_or_else(|| invalid("the body of a form is not an object"))
}

fn form(json: &str, encodings: &[Encoding]) -> Option<String> {
    let Shape::Object(members) = Shape::of(json) else { return None };
    let mut all = Zeroizing::new(vec![]);
    for (name, json, encoding) in in_order(members, encodings) {
        let is_json = encoding.is_some_and(|encoding| encoding.is_json());
        if let Some((style, explode)) = encoding.and_then(|encoding| encoding.style) {
            all.extend(pairs(style, explode, &name, json, encoded));
            continue;
        }
        let texts = match Shape::of(json) {
            Shape::List(items) if !is_json => items.into_iter().filter_map(text).collect(),
            Shape::Null => vec![],
            _ if is_json => vec![json.to_owned()],
            _ => Vec::from_iter(text(json)),
        };
        let texts = Zeroizing::new(texts);
        all.extend(texts.iter().map(|text| format!("{}={}", encoded(&name), encoded(text))));
    }
    Some(all.join("&"))
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ParameterStyle::{DeepObject, Form, PipeDelimited};

    #[test]
    fn members_are_pairs_as_their_encodings_say() {
        let json = r#"{"a":"x y&z","list":[1,"b,c"],"none":null,"object":{"R":100,"G":[1,2]}}"#;
        let object = "%7B%22R%22%3A100%2C%22G%22%3A%5B1%2C2%5D%7D";
        for (encodings, list, sent) in [
            (vec![], "list=1&list=b%2Cc", format!("object={object}")),
            (
                vec![Encoding::of("list").with_style(Form, false), Encoding::of("object").with_style(DeepObject, true)],
                "list=1,b%2Cc",
                "object%5BR%5D=100&object%5BG%5D%5B0%5D=1&object%5BG%5D%5B1%5D=2".to_owned(),
            ),
            (
                vec![
                    Encoding::of("list").with_style(PipeDelimited, false),
                    Encoding::of("object").with_style(Form, true),
                ],
                "list=1%7Cb%2Cc",
                "R=100&G=%5B1%2C2%5D".to_owned(),
            ),
            (
                vec![
                    Encoding::of("list").with_content_type("application/json"),
                    Encoding::of("object").with_content_type("application/json"),
                ],
                "list=%5B1%2C%22b%2Cc%22%5D",
                format!("object={object}"),
            ),
        ] {
            let mut all = vec![Encoding::of("a")];
            all.extend(encodings);
            assert_eq!(form(json, &all).unwrap(), format!("a=x+y%26z&{list}&{sent}"), "{all:?}");
        }
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        assert_eq!((form("{}", &[]).as_deref(), form("[1]", &[]), form("1", &[])), (Some(""), None, None));
    }
}
