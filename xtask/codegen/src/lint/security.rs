//! Which credentials an operation needs. progenitor ignores them; the generated shell sends and lists them.

use diagnostics::Problem;
use openapi::Document;
use openapi::pointer::child;
use openapi::reference::follow;
use serde_json::Value;

use crate::home::Home;
use crate::operation::{Kind, Operation, Requirement, Security};
use crate::rule::AppliedRule;

/// Rule `credential-out-of-reach`: operations of which no credential can be an argument.
pub(crate) fn out_of_reach(value: &Value, operations: &[Operation]) -> Vec<AppliedRule> {
    let unsendable = operations.iter().filter(|operation| {
        let security = &operation.security;
        security.chosen().is_empty() && security.alternatives.iter().any(|all| !all.is_empty())
    });
    let rule = |operation: &Operation| {
        let pointer = place(value, operation);
        let names = operation.security.alternatives.iter().flatten().filter_map(|it| match &it.kind {
            Kind::Other(kind) => Some(format!("`{}` ({kind})", it.scheme)),
            _ => None,
        });
        let names = names.collect::<Vec<_>>().join(", ");
        let so =
            if operation.security.is_optional() { "requests are sent without it" } else { "the transport must add it" };
        let note = format!("{} requires a credential that cannot be an argument, {names}: {so}", operation.id);
        AppliedRule { name: "credential-out-of-reach", pointer, loses_meaning: true, note }
    };
    unsendable.map(rule).collect()
}

/// Where it is said what an operation has to show.
pub(super) fn place(value: &Value, operation: &Operation) -> String {
    let own = child(&operation.pointer, "security");
    if value.pointer(&own).is_some() { own } else { "/security".to_owned() }
}

/// Reads the requirement of an operation, by default that of the document.
pub(super) fn read(
    document: &Document,
    value: &Value,
    operation: &Value,
    id: &str,
    pointer: &str,
    home: &Home,
) -> Result<Security, Problem> {
    let (place, requirements) = match operation.get("security") {
        Some(own) => (child(pointer, "security"), own),
        None => match value.get("security") {
            Some(common) => ("/security".to_owned(), common),
            None => return Ok(Security::default()),
        },
    };
    let refuse = |what: &str| {
        document
            .problem(&place, format!("{id} requires {what}"))
            .remedy("write a list of mappings from the names of security schemes to lists of scopes, with an overlay")
    };
    let list = requirements.as_array().ok_or_else(|| refuse("`security` must be a list"))?;
    let mut alternatives = Vec::new();
    for requirement in list {
        let requirement = requirement.as_object().ok_or_else(|| refuse("each requirement must be a mapping"))?;
        let mut all = Vec::new();
        for (name, scopes) in requirement {
            let described = value.pointer("/components/securitySchemes").and_then(|schemes| schemes.get(name));
            if described.is_none() && home.is_workspace() {
                return Err(document
                    .problem(&place, format!("{id} requires the security scheme `{name}`, which does not exist"))
                    .remedy("describe it in `components/securitySchemes` with an overlay"));
            }
            let scheme = described.map_or(&Value::Null, |scheme| follow(value, scheme));
            let scopes = scopes.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            let description = scheme.get("description").and_then(Value::as_str).map(str::to_owned);
            all.push(Requirement { scheme: name.clone(), kind: Kind::of(scheme), scopes, description });
        }
        alternatives.push(all);
    }
    Ok(Security { alternatives })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run_from(home: &Home, common: Option<Value>, own: Option<Value>) -> Result<Security, String> {
        let mut value = json!({ "components": { "securitySchemes": {
            "basic": { "type": "http", "scheme": "Basic", "description": "d" },
            "bearer": { "type": "http", "scheme": "bearer" },
            "digest": { "type": "http", "scheme": "digest" },
            "oauth": { "type": "oauth2" },
            "key": { "type": "apiKey", "in": "header", "name": "X-Key" },
        } } });
        let mut operation = json!({});
        if let Some(common) = common {
            value["security"] = common;
        }
        if let Some(own) = own {
            operation["security"] = own;
        }
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        read(&document, &value, &operation, "getIt", "/paths/~1a/get", home).map_err(|problem| problem.to_string())
    }

    fn run(common: Option<Value>, own: Option<Value>) -> Result<Security, String> {
        run_from(&Home::Workspace, common, own)
    }

    fn kinds(requirements: Value) -> Vec<Vec<Kind>> {
        let security = run(None, Some(requirements)).expect("valid");
        security.alternatives.into_iter().map(|all| all.into_iter().map(|it| it.kind).collect()).collect()
    }

    #[test]
    fn every_kind_of_credential_is_understood() {
        assert_eq!(kinds(json!([{ "basic": [] }])), [[Kind::Basic]]);
        assert_eq!(kinds(json!([{ "bearer": [] }, {}])), [vec![Kind::Bearer], vec![]]);
        assert_eq!(kinds(json!([{ "oauth": ["a"], "key": [] }])), [[Kind::OAuth2, Kind::Header("X-Key".to_owned())]]);
        assert_eq!(kinds(json!([{ "digest": [] }])), [[Kind::Other("http digest".to_owned())]]);
    }

    #[test]
    fn an_operation_has_its_own_requirement_or_that_of_the_document() {
        assert_eq!(run(None, None), Ok(Security::default()));
        let basic = run(Some(json!([{ "basic": [] }])), None).expect("valid");
        assert_eq!(basic.chosen()[0].description.as_deref(), Some("d"));
        assert_eq!(run(Some(json!([{ "basic": [] }])), Some(json!([]))), Ok(Security::default()));
    }

    #[test]
    fn the_first_alternative_that_can_be_sent_is_chosen() {
        let security = run(None, Some(json!([{ "digest": [] }, {}, { "basic": [] }]))).expect("valid");
        assert_eq!(security.chosen()[0].kind, Kind::Basic);
        assert!(security.is_optional() && !security.is_out_of_reach());
        assert!(run(None, Some(json!([{ "digest": [] }]))).expect("valid").is_out_of_reach());
    }

    #[test]
    fn a_credential_that_no_argument_can_be_is_reported_as_a_loss() {
        let rows = |common: Option<Value>, own: Option<Value>| {
            let security = run(common, own.clone()).expect("valid");
            let mut value = json!({ "paths": { "/a": { "get": {} } } });
            if let Some(own) = own {
                value["paths"]["/a"]["get"]["security"] = own;
            }
            let operation = Operation {
                id: "getIt".to_owned(),
                method: "GET".to_owned(),
                path: "/a".to_owned(),
                pointer: "/paths/~1a/get".to_owned(),
                security,
                errors: vec![],
                redirects: vec![],
                requests_tokens: false,
                is_deprecated: false,
            };
            out_of_reach(&value, &[operation])
        };
        let digest = || json!([{ "digest": [] }]);
        for (found, pointer, note) in [
            (rows(None, Some(digest())), "/paths/~1a/get/security", "the transport must add it"),
            (rows(Some(digest()), None), "/security", "the transport must add it"),
            (
                rows(None, Some(json!([{}, { "digest": [], "basic": [] }]))),
                "/paths/~1a/get/security",
                "requests are sent without it",
            ),
        ] {
            let note =
                format!("getIt requires a credential that cannot be an argument, `digest` (http digest): {note}");
            let rule = "credential-out-of-reach";
            assert_eq!(found, [AppliedRule { name: rule, pointer: pointer.to_owned(), loses_meaning: true, note }]);
        }
        for own in [json!([]), json!([{}]), json!([{ "digest": [] }, { "basic": [] }])] {
            assert_eq!(rows(None, Some(own)), []);
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_the_operations_name() {
        for (requirements, words) in [
            (json!([{ "gone": [] }]), "getIt requires the security scheme `gone`, which does not exist"),
            (json!({}), "must be a list"),
            (json!([1]), "must be a mapping"),
        ] {
            let error = run(None, Some(requirements)).expect_err(words);
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_scheme_that_an_outside_document_does_not_describe_is_out_of_reach() {
        let security = run_from(&Home::alone(), Some(json!([{ "gone": [] }])), None).expect("valid");
        assert_eq!(security.alternatives[0][0].kind, Kind::Other("undescribed".to_owned()));
        assert!(security.is_out_of_reach());
    }
}
