//! The styles of OpenAPI as pure functions from a JSON text to the text in a request.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::json::{Shape, text};
use crate::basic::RESERVED;

/// How a parameter or a form field is written, as in OpenAPI's keyword `style`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterStyle {
    /// `color=blue,black`, or `color=blue&color=black` if exploded.
    Form,
    /// `color=blue%20black`.
    SpaceDelimited,
    /// `color=blue%7Cblack`.
    PipeDelimited,
    /// `color[R]=100&color[G]=200`, with encoded brackets.
    DeepObject,
    /// `blue,black`.
    Simple,
    /// `.blue,black`, or `.blue.black` if exploded.
    Label,
    /// `;color=blue,black`, or `;color=blue;color=black` if exploded.
    Matrix,
    /// The whole value as JSON, for a parameter with `content`.
    Json,
    /// A list with the first delimiter, and the lists in it with the following ones, as the formats of collections in Swagger 2.0; if
    /// exploded, the items of the outer list are sent on their own.
    Delimited(&'static [&'static str]),
}

/// The encoding of the texts between delimiters.
pub(super) type Encode = fn(&str) -> String;

/// Leaves only the unreserved characters of RFC 3986.
pub(super) fn percent(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The characters that `allowReserved` does not leave as they are: those that end a value or a query, or mean something else
/// there.
const NOT_IN_QUERY: &AsciiSet = &RESERVED
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';');

/// Leaves reserved characters that are valid in a value, and what is percent-encoded already (RFC 6570 section 3.2.3).
pub(super) fn reserved(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        encoded.extend(utf8_percent_encode(&rest[..at], NOT_IN_QUERY));
        let is_triplet = rest.as_bytes().get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        encoded.push_str(if is_triplet { "%" } else { "%25" });
        rest = &rest[at + 1..];
    }
    encoded.extend(utf8_percent_encode(rest, NOT_IN_QUERY));
    encoded
}

/// What a cookie's value cannot hold (RFC 6265 section 4.1.1).
const NOT_IN_COOKIE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b',').add(b';').add(b'\\');

fn cookie_octets(text: &str) -> String {
    utf8_percent_encode(text, NOT_IN_COOKIE).to_string()
}

fn plain(text: &str) -> String {
    text.to_owned()
}

/// The pairs of a query or of a form, encoded.
pub(super) fn pairs(style: ParameterStyle, explode: bool, name: &str, json: &str, encode: Encode) -> Vec<String> {
    let key = percent(name);
    let pair = |key: &str, value: &str| format!("{key}={value}");
    let delimiter = match style {
        ParameterStyle::SpaceDelimited => "%20",
        ParameterStyle::PipeDelimited => "%7C",
        ParameterStyle::DeepObject => {
            let mut pairs = vec![];
            deep(name, json, encode, &mut pairs);
            return pairs;
        }
        ParameterStyle::Delimited(delimiters) => {
            let values = collections(json, delimiters, explode, encode, percent_but_comma);
            return values.iter().map(|value| pair(&key, value)).collect();
        }
        _ => ",",
    };
    match shape(style, json) {
        Shape::Null => vec![],
        Shape::Scalar(text) => vec![pair(&key, &encode(&text))],
        Shape::List(items) if explode => {
            items.iter().filter_map(|item| Some(pair(&key, &encode(&text(item)?)))).collect()
        }
        Shape::Object(members) if explode => {
            let pairs = members.iter().filter_map(|(name, value)| Some(pair(&percent(name), &encode(&text(value)?))));
            pairs.collect()
        }
        shape => joined(&shape, false, delimiter, encode).map(|value| pair(&key, &value)).into_iter().collect(),
    }
}

/// The texts of a list in a part, its items between the delimiters of the style.
pub(super) fn delimited(style: ParameterStyle, explode: bool, json: &str) -> Vec<String> {
    let delimiters: &[&str] = match style {
        ParameterStyle::SpaceDelimited => &[" "],
        ParameterStyle::PipeDelimited => &["|"],
        ParameterStyle::Delimited(delimiters) => delimiters,
        _ => &[","],
    };
    collections(json, delimiters, explode, plain, plain)
}

fn percent_but_comma(delimiter: &str) -> String {
    if delimiter == "," { plain(delimiter) } else { percent(delimiter) }
}

/// A list of lists as one text, or as one for each item of the outer list. Lists without a delimiter are JSON.
fn collections(json: &str, delimiters: &[&str], explode: bool, encode: Encode, delimiter: Encode) -> Vec<String> {
    let (outer, inner) = delimiters.split_first().unwrap_or((&",", &[]));
    let items = match Shape::of(json) {
        Shape::List(items) => items,
        _ => return text(json).map(|text| encode(&text)).into_iter().collect(),
    };
    let texts = items.iter().flat_map(|item| match Shape::of(item) {
        Shape::List(_) if !inner.is_empty() => collections(item, inner, false, encode, delimiter),
        _ => text(item).map(|text| encode(&text)).into_iter().collect(),
    });
    let texts: Vec<String> = texts.collect();
    if explode || texts.is_empty() { texts } else { vec![texts.join(&delimiter(outer))] }
}

/// The segment of a path; empty if nothing is left of the value.
pub(super) fn segment(style: ParameterStyle, explode: bool, name: &str, json: &str) -> String {
    if let ParameterStyle::Delimited(delimiters) = style {
        return collections(json, delimiters, false, percent, percent_but_comma).concat();
    }
    let shape = shape(style, json);
    let key = percent(name);
    let delimiter = match style {
        ParameterStyle::Label if explode => ".",
        ParameterStyle::Matrix if explode => ";",
        _ => ",",
    };
    let value = match &shape {
        Shape::List(items) if explode && style == ParameterStyle::Matrix => {
            let items = items.iter().filter_map(|item| Some(matrix(&key, &percent(&text(item)?))));
            items.reduce(|all, item| all + delimiter + &item)
        }
        _ => joined(&shape, explode, delimiter, percent),
    };
    let Some(value) = value else { return String::new() };
    let is_named = !(explode && matches!(shape, Shape::List(_) | Shape::Object(_)));
    match style {
        ParameterStyle::Label => format!(".{value}"),
        ParameterStyle::Matrix if is_named => format!(";{}", matrix(&key, &value)),
        ParameterStyle::Matrix => format!(";{value}"),
        _ => value,
    }
}

/// `name=value`, or `name` alone for an empty value (RFC 6570 section 3.2.7).
fn matrix(key: &str, value: &str) -> String {
    if value.is_empty() { key.to_owned() } else { format!("{key}={value}") }
}

/// The value of a header; `None` if nothing is left of it.
pub(super) fn header(style: ParameterStyle, explode: bool, json: &str) -> Option<String> {
    if let ParameterStyle::Delimited(delimiters) = style {
        return collections(json, delimiters, false, plain, plain).pop();
    }
    match shape(style, json) {
        // Headers are ASCII, and JSON can say everything in it.
        Shape::Scalar(text) if style == ParameterStyle::Json => Some(ascii(&text)),
        shape => joined(&shape, explode, ",", plain),
    }
}

/// The pairs of a `Cookie` header.
pub(super) fn cookies(style: ParameterStyle, explode: bool, name: &str, json: &str) -> Vec<String> {
    let key = cookie_octets(name);
    match shape(style, json) {
        Shape::Object(members) if explode => {
            let pairs = members
                .iter()
                .filter_map(|(name, value)| Some(format!("{}={}", cookie_octets(name), cookie_octets(&text(value)?))));
            pairs.collect()
        }
        Shape::List(items) if explode => {
            items.iter().filter_map(|item| Some(format!("{key}={}", cookie_octets(&text(item)?)))).collect()
        }
        // A comma cannot be in a cookie, but OpenAPI puts it between values.
        shape => joined(&shape, false, ",", cookie_octets).map(|value| format!("{key}={value}")).into_iter().collect(),
    }
}

fn shape(style: ParameterStyle, json: &str) -> Shape<'_> {
    match style {
        ParameterStyle::Json if json == "null" => Shape::Null,
        ParameterStyle::Json => Shape::Scalar(json.to_owned()),
        _ => Shape::of(json),
    }
}

/// The items of a list, or the names and values of an object, between delimiters. A list or an object inside it is JSON.
fn joined(shape: &Shape<'_>, explode: bool, delimiter: &str, encode: Encode) -> Option<String> {
    let parts: Vec<String> = match shape {
        Shape::Null => return None,
        Shape::Scalar(text) => return Some(encode(text)),
        Shape::List(items) => items.iter().filter_map(|item| text(item)).map(|text| encode(&text)).collect(),
        Shape::Object(members) => {
            let between = if explode { "=" } else { delimiter };
            let members = members.iter().filter_map(|(name, value)| Some((encode(name), encode(&text(value)?))));
            members.map(|(name, value)| name + between + &value).collect()
        }
    };
    (!parts.is_empty()).then(|| parts.join(delimiter))
}

/// Names in brackets for each level. OpenAPI does not define lists here; their indices are names, as in the libraries that
/// read this style.
fn deep(name: &str, json: &str, encode: Encode, pairs: &mut Vec<String>) {
    match Shape::of(json) {
        Shape::Null => {}
        Shape::Scalar(text) => pairs.push(format!("{}={}", percent(name), encode(&text))),
        Shape::List(items) => {
            items.iter().enumerate().for_each(|(index, item)| deep(&format!("{name}[{index}]"), item, encode, pairs));
        }
        Shape::Object(members) => {
            members.iter().for_each(|(key, value)| deep(&format!("{name}[{key}]"), value, encode, pairs));
        }
    }
}

/// A JSON text with escapes for everything outside ASCII.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && character != '\u{7f}' {
            text.push(character);
        } else {
            character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use ParameterStyle::{DeepObject, Form, Json, Label, Matrix, PipeDelimited, Simple, SpaceDelimited};

    use super::*;

    const EMPTY: &str = r#""""#;
    const STRING: &str = r#""blue""#;
    const ARRAY: &str = r#"["blue","black","brown"]"#;
    const OBJECT: &str = r#"{"R":100,"G":200,"B":150}"#;

    /// The table "Style Examples" of OpenAPI 3.0.4, which corrects that of 3.0.3; `None` where it has `n/a`.
    #[test]
    fn the_style_table_of_the_specification_holds() {
        let rows = [
            (
                Matrix,
                false,
                [
                    Some(";color"),
                    Some(";color=blue"),
                    Some(";color=blue,black,brown"),
                    Some(";color=R,100,G,200,B,150"),
                ],
            ),
            (
                Matrix,
                true,
                [
                    Some(";color"),
                    Some(";color=blue"),
                    Some(";color=blue;color=black;color=brown"),
                    Some(";R=100;G=200;B=150"),
                ],
            ),
            (Label, false, [Some("."), Some(".blue"), Some(".blue,black,brown"), Some(".R,100,G,200,B,150")]),
            (Label, true, [Some("."), Some(".blue"), Some(".blue.black.brown"), Some(".R=100.G=200.B=150")]),
            (Simple, false, [Some(""), Some("blue"), Some("blue,black,brown"), Some("R,100,G,200,B,150")]),
            (Simple, true, [Some(""), Some("blue"), Some("blue,black,brown"), Some("R=100,G=200,B=150")]),
            (
                Form,
                false,
                [Some("color="), Some("color=blue"), Some("color=blue,black,brown"), Some("color=R,100,G,200,B,150")],
            ),
            (
                Form,
                true,
                [
                    Some("color="),
                    Some("color=blue"),
                    Some("color=blue&color=black&color=brown"),
                    Some("R=100&G=200&B=150"),
                ],
            ),
            (
                SpaceDelimited,
                false,
                [None, None, Some("color=blue%20black%20brown"), Some("color=R%20100%20G%20200%20B%20150")],
            ),
            (
                PipeDelimited,
                false,
                [None, None, Some("color=blue%7Cblack%7Cbrown"), Some("color=R%7C100%7CG%7C200%7CB%7C150")],
            ),
            (DeepObject, true, [None, None, None, Some("color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150")]),
        ];
        for (style, explode, expected) in rows {
            for (json, expected) in [EMPTY, STRING, ARRAY, OBJECT].into_iter().zip(expected) {
                let Some(expected) = expected else { continue };
                let text = match style {
                    Matrix | Label | Simple => segment(style, explode, "color", json),
                    _ => pairs(style, explode, "color", json, percent).join("&"),
                };
                assert_eq!(text, expected, "{style:?}, explode {explode}, {json}");
            }
        }
    }

    #[test]
    fn a_value_cannot_leave_its_place() {
        let list = r#"["a,b&c=d","e/f?g#h","é i"]"#;
        assert_eq!(pairs(Form, false, "k e", list, percent), ["k%20e=a%2Cb%26c%3Dd,e%2Ff%3Fg%23h,%C3%A9%20i"]);
        assert_eq!(segment(Simple, false, "k", list), "a%2Cb%26c%3Dd,e%2Ff%3Fg%23h,%C3%A9%20i");
        assert_eq!(pairs(Form, true, "k", r#"{"a&b":"c&d"}"#, percent), ["a%26b=c%26d"]);
        assert_eq!(pairs(DeepObject, true, "k", r#"{"a]&b":"c&d"}"#, percent), ["k%5Ba%5D%26b%5D=c%26d"]);
        assert_eq!(cookies(Form, true, "k", r#""a; b=\"c\",\r\n\\""#), ["k=a%3B%20b=%22c%22%2C%0D%0A%5C"]);
    }

    #[test]
    fn null_and_empty_values_are_left_out() {
        for json in ["null", "[]", "{}", "[null]", r#"{"a":null}"#] {
            for (style, explode) in [(Form, true), (Form, false), (PipeDelimited, false), (DeepObject, true)] {
                assert_eq!(pairs(style, explode, "k", json, percent), [""; 0], "{style:?} {json}");
            }
            for style in [Simple, Label, Matrix] {
                assert_eq!(segment(style, false, "k", json), "", "{style:?} {json}");
                assert_eq!(segment(style, true, "k", json), "", "{style:?} {json}");
            }
            assert_eq!((header(Simple, false, json), cookies(Form, true, "k", json)), (None, vec![]), "{json}");
        }
    }

    #[test]
    fn values_inside_values_have_brackets_or_are_json() {
        let json = r#"{"a":{"b":1,"c":["x","y"]},"d":[{"e":true}]}"#;
        assert_eq!(
            pairs(DeepObject, true, "k", json, percent),
            [
                "k%5Ba%5D%5Bb%5D=1",
                "k%5Ba%5D%5Bc%5D%5B0%5D=x",
                "k%5Ba%5D%5Bc%5D%5B1%5D=y",
                "k%5Bd%5D%5B0%5D%5Be%5D=true"
            ]
        );
        assert_eq!(pairs(Form, true, "k", r#"[[1,2],{"a":1}]"#, percent), ["k=%5B1%2C2%5D", "k=%7B%22a%22%3A1%7D"]);
        assert_eq!(pairs(Form, false, "k", "[[1,2],3]", percent), ["k=%5B1%2C2%5D,3"]);
    }

    #[test]
    fn lists_inside_lists_have_delimiters_of_their_own() {
        let style = ParameterStyle::Delimited(&["|", ","]);
        let json = r#"[["a","b,c"],["d|e"],[],["f g"]]"#;
        assert_eq!(pairs(style, false, "k", json, percent), ["k=a,b%2Cc%7Cd%7Ce%7Cf%20g"]);
        assert_eq!(pairs(style, true, "k", json, percent), ["k=a,b%2Cc", "k=d%7Ce", "k=f%20g"]);
        assert_eq!(segment(style, false, "k", json), "a,b%2Cc%7Cd%7Ce%7Cf%20g");
        assert_eq!(header(style, false, json).as_deref(), Some("a,b,c|d|e|f g"));
        assert_eq!(delimited(style, false, json), ["a,b,c|d|e|f g"]);
        assert_eq!(delimited(style, true, json), ["a,b,c", "d|e", "f g"]);
        let tabs = ParameterStyle::Delimited(&["\t"]);
        assert_eq!(pairs(tabs, false, "k", "[1,[2,3]]", percent), ["k=1%09%5B2%2C3%5D"]);
        assert_eq!((pairs(tabs, false, "k", "[]", percent), header(tabs, false, "null")), (vec![], None));
    }

    #[test]
    fn a_json_parameter_is_json_in_every_place() {
        let json = r#"{"a":"é\u007f🦀"}"#.replace("\\u007f", "\u{7f}");
        let (quoted, hex) = ("%22a%22", "%C3%A9%7F%F0%9F%A6%80");
        assert_eq!(pairs(Json, true, "k", &json, percent), [format!("k=%7B{quoted}%3A%22{hex}%22%7D")]);
        assert_eq!(segment(Json, false, "k", &json), format!("%7B{quoted}%3A%22{hex}%22%7D"));
        assert_eq!(header(Json, false, &json).as_deref(), Some(r#"{"a":"\u00e9\u007f\ud83e\udd80"}"#));
        assert_eq!(cookies(Json, true, "k", &json), [format!("k={{{quoted}:%22{hex}%22}}")]);
        assert_eq!((pairs(Json, true, "k", "null", percent), header(Json, false, "null")), (vec![], None));
    }

    #[test]
    fn headers_and_cookies_have_their_own_delimiters() {
        assert_eq!(header(Simple, false, ARRAY).as_deref(), Some("blue,black,brown"));
        assert_eq!(header(Simple, false, OBJECT).as_deref(), Some("R,100,G,200,B,150"));
        assert_eq!(header(Simple, true, OBJECT).as_deref(), Some("R=100,G=200,B=150"));
        assert_eq!(cookies(Form, false, "color", ARRAY), ["color=blue,black,brown"]);
        assert_eq!(cookies(Form, true, "color", ARRAY), ["color=blue", "color=black", "color=brown"]);
        assert_eq!(cookies(Form, false, "color", OBJECT), ["color=R,100,G,200,B,150"]);
        assert_eq!(cookies(Form, true, "color", OBJECT), ["R=100", "G=200", "B=150"]);
    }

    #[test]
    fn reserved_characters_stay_if_the_document_allows_them() {
        for (text, expected) in [
            ("https://a.example/b?c", "https://a.example/b?c"),
            ("a&b=c+d#e[f]", "a%26b%3Dc%2Bd%23e%5Bf%5D"),
            ("%20 50% é", "%20%2050%25%20%C3%A9"),
        ] {
            assert_eq!(reserved(text), expected);
        }
    }
}
