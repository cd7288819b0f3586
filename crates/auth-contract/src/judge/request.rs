//! Compares a request with the document.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::json;
use super::layer::Text;
use super::operation::Operation;
use crate::Side;
use crate::message::Request;
use crate::pointer::child;

const FORM: &str = "application/x-www-form-urlencoded";

pub(super) fn judge(text: &mut Text<'_>, operation: &Operation, request: &Request) {
    credentials(text, operation, request);
    body(text, operation, request);
}

/// Compares the credentials in the `Authorization` header with the operation's `security`; one of its alternatives
/// suffices.
fn credentials(text: &mut Text<'_>, operation: &Operation, request: &Request) {
    let own = operation.member("security");
    let pointer = if text.root().pointer(&own).is_some() { own } else { "/security".to_owned() };
    let alternatives = text.root().pointer(&pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let sent: Vec<&[u8]> = request.headers.all("authorization").collect();
    if sent.len() > 1 {
        text.violation(Side::Client, "header authorization", "occurs more than once", &pointer);
        return;
    }
    let sent = sent.first().map(|value| String::from_utf8_lossy(value).into_owned());
    let wanted: Vec<Vec<String>> = alternatives
        .iter()
        .filter_map(Value::as_object)
        .map(|names| names.keys().map(|name| scheme(text, name)).collect())
        .collect();
    let fits = |schemes: &Vec<String>| match (&schemes[..], &sent) {
        ([], None) => true,
        ([scheme], Some(sent)) => is_of(scheme, sent),
        _ => false,
    };
    match (wanted.is_empty(), &sent) {
        (true, None) => {}
        (true, Some(_)) => {
            text.drift(
                Side::Client,
                "header authorization",
                "is sent, but the document describes no such credential",
                &pointer,
            );
        }
        (false, _) if wanted.iter().any(fits) => {}
        (false, None) => text.violation(Side::Client, "header authorization", "is missing", &pointer),
        (false, Some(_)) => {
            text.violation(Side::Client, "header authorization", "is not one of the documented credentials", &pointer);
        }
    }
}

/// The HTTP authentication scheme of a security scheme, in lower case, or the type of the security scheme if it has
/// none.
fn scheme(text: &Text<'_>, name: &str) -> String {
    let found = text.node(&child("/components/securitySchemes", name));
    let member = |key: &str| found.as_ref().and_then(|(_, scheme)| scheme[key].as_str()).unwrap_or_default();
    match member("type") {
        "http" => member("scheme").to_ascii_lowercase(),
        "oauth2" | "openIdConnect" => "bearer".to_owned(),
        other => other.to_owned(),
    }
}

/// True if the value of an `Authorization` header has this scheme and is well-formed.
fn is_of(scheme: &str, value: &str) -> bool {
    let Some((found, rest)) = value.split_once(' ') else { return false };
    if !found.eq_ignore_ascii_case(scheme) {
        return false;
    }
    match scheme {
        "basic" => STANDARD.decode(rest).is_ok_and(|decoded| decoded.contains(&b':')),
        _ => !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()),
    }
}

fn body(text: &mut Text<'_>, operation: &Operation, request: &Request) {
    let Some((pointer, wanted)) = text.node(&operation.member("requestBody")) else {
        if !request.body.is_empty() {
            text.drift(
                Side::Client,
                "body",
                "is sent, but the document describes none",
                &operation.member("requestBody"),
            );
        }
        return;
    };
    if request.body.is_empty() {
        if wanted["required"] == true {
            text.violation(Side::Client, "body", "is missing", &pointer);
        }
        return;
    }
    let content = child(&pointer, "content");
    let found = request.headers.text("content-type").map(super::response::essence).unwrap_or_default();
    let Some(media_type) = text.names(&content).into_iter().find(|name| super::response::essence(name) == found) else {
        text.violation(Side::Client, "header content-type", "is not one that the document lists", &content);
        return;
    };
    let pointer = child(&content, media_type);
    let value = if found == FORM { form(text, &request.body, &pointer) } else { json::read(&request.body) };
    match value {
        Ok(value) if found == FORM => text.value(Side::Client, "form", &value, &pointer),
        Ok(value) => text.value(Side::Client, "body", &value, &pointer),
        Err(problem) => text.violation(Side::Client, "body", problem, &pointer),
    }
}

/// The fields of a form as an object. A field has the type of its schema if its text can be parsed as that type.
fn form(text: &Text<'_>, body: &[u8], pointer: &str) -> Result<Value, &'static str> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"*-._+%&=".contains(byte);
    if !body.iter().all(plain) {
        return Err("is not a well-formed form");
    }
    let properties = text.node(&child(pointer, "schema")).map(|(pointer, _)| child(&pointer, "properties"));
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        let property = properties.as_ref().and_then(|properties| text.node(&child(properties, &name)));
        let typed = match property.as_ref().and_then(|(_, property)| property["type"].as_str()) {
            Some("integer" | "number" | "boolean") => serde_json::from_str(&value).ok(),
            _ => None,
        };
        let value = typed.unwrap_or_else(|| Value::String(value.into_owned()));
        if fields.insert(name.into_owned(), value).is_some() {
            return Err("has a duplicate field");
        }
    }
    Ok(Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_of_a_scheme_if_they_are_well_formed() {
        for (scheme, value, wanted) in [
            ("basic", "Basic YTpi", true),
            ("basic", "basic YTpi", true),
            ("basic", "Basic YWI=", false),
            ("basic", "Basic not base64", false),
            ("basic", "Bearer YTpi", false),
            ("basic", "Basic", false),
            ("bearer", "Bearer abc", true),
            ("bearer", "Bearer a c", false),
        ] {
            assert_eq!(is_of(scheme, value), wanted, "{scheme} {value}");
        }
    }
}
