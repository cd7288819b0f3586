//! Which credential an operation needs. progenitor ignores it; the generated shell applies it.

use serde_json::Value;

use super::resolve;
use crate::codegen::load::Document;
use crate::codegen::positions::child;
use crate::problem::Problem;

/// What an operation has to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    /// Nothing, or what its body holds.
    None,
    /// HTTP Basic.
    Basic {
        /// What the document says about user and password.
        description: Option<String>,
    },
}

/// Reads the requirement of an operation, or that of the document if it has none of its own.
pub(super) fn read(
    document: &Document,
    value: &Value,
    operation: &Value,
    id: &str,
    pointer: &str,
) -> Result<Security, Problem> {
    let (place, requirements) = match operation.get("security") {
        Some(own) => (child(pointer, "security"), own),
        None => match value.get("security") {
            Some(common) => ("/security".to_owned(), common),
            None => return Ok(Security::None),
        },
    };
    let refuse = |what: &str| {
        document
            .problem(&place, format!("{what}, which {id} requires, is not supported yet"))
            .remedy("HTTP Basic and nothing at all are supported; correct the document with an overlay if it means one of these")
    };
    let Some(list) = requirements.as_array() else {
        return Err(refuse("security that is no list"));
    };
    let requirement = match list.as_slice() {
        [] => return Ok(Security::None),
        [one] => one.as_object().ok_or_else(|| refuse("a requirement that is no mapping"))?,
        _ => return Err(refuse("a choice between credentials")),
    };
    let mut names = requirement.keys();
    let name = match (names.next(), names.next()) {
        (None, _) => return Ok(Security::None),
        (Some(name), None) => name,
        _ => return Err(refuse("more than one credential at a time")),
    };
    let Some(scheme) = value.pointer("/components/securitySchemes").and_then(|schemes| schemes.get(name)) else {
        return Err(document
            .problem(&place, format!("{id} requires the security scheme `{name}`, which does not exist"))
            .remedy("describe it in `components/securitySchemes` with an overlay"));
    };
    let scheme = resolve(value, scheme);
    let text = |key: &str| scheme.get(key).and_then(Value::as_str).map(str::to_owned);
    match (text("type").as_deref(), text("scheme").map(|name| name.to_ascii_lowercase()).as_deref()) {
        (Some("http"), Some("basic")) => Ok(Security::Basic { description: text("description") }),
        (Some("http"), Some(other)) => Err(refuse(&format!("HTTP authentication `{other}` (`{name}`)"))),
        (kind, _) => Err(refuse(&format!("a credential of type `{}` (`{name}`)", kind.unwrap_or("unknown")))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(common: Option<Value>, own: Option<Value>) -> Result<Security, String> {
        let mut value = json!({ "components": { "securitySchemes": {
            "basic": { "type": "http", "scheme": "Basic", "description": "d" },
            "bearer": { "type": "http", "scheme": "bearer" },
            "oauth": { "type": "oauth2" },
            "key": { "type": "apiKey" },
        } } });
        let mut operation = json!({});
        if let Some(common) = common {
            value["security"] = common;
        }
        if let Some(own) = own {
            operation["security"] = own;
        }
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        read(&document, &value, &operation, "getIt", "/paths/~1a/get").map_err(|problem| problem.to_string())
    }

    #[test]
    fn basic_and_nothing_are_understood() {
        let basic = Ok(Security::Basic { description: Some("d".to_owned()) });
        assert_eq!(run(None, None), Ok(Security::None));
        assert_eq!(run(None, Some(json!([{ "basic": [] }]))), basic);
        assert_eq!(run(Some(json!([{ "basic": [] }])), None), basic);
        assert_eq!(run(Some(json!([{ "basic": [] }])), Some(json!([]))), Ok(Security::None));
        assert_eq!(run(None, Some(json!([{}]))), Ok(Security::None));
    }

    #[test]
    fn everything_else_is_refused_by_the_operations_name() {
        for (requirements, words) in [
            (json!([{ "bearer": [] }]), "HTTP authentication `bearer` (`bearer`), which getIt requires"),
            (json!([{ "oauth": [] }]), "a credential of type `oauth2`"),
            (json!([{ "key": [] }]), "a credential of type `apiKey`"),
            (json!([{ "basic": [] }, {}]), "a choice between credentials"),
            (json!([{ "basic": [], "key": [] }]), "more than one credential"),
            (json!([{ "gone": [] }]), "`gone`, which does not exist"),
            (json!({}), "no list"),
        ] {
            let error = run(None, Some(requirements)).expect_err(words);
            assert!(error.contains(words), "{error}");
        }
    }
}
