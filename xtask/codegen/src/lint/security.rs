//! Which credentials an operation needs. progenitor ignores them; the generated shell sends and lists them.

use diagnostics::Problem;
use openapi::Document;
use serde_json::Value;

use crate::home::Home;
use crate::operation::Operation;
use crate::rule::AppliedRule;
use crate::security::{self, Kind, Security};

/// Rule `credential-out-of-reach`: operations that accept a credential that no client can send, and requests without it.
pub(crate) fn out_of_reach(value: &Value, operations: &[Operation]) -> Vec<AppliedRule> {
    let unsendable = operations.iter().filter(|operation| {
        let security = &operation.security;
        security.chosen().is_empty() && security.alternatives.iter().any(|all| !all.is_empty())
    });
    let rule = |operation: &Operation| {
        let names = operation.security.unsendable().join(", ");
        let note = format!("{} accepts a credential that no client can send, {names}: it is not sent", operation.id);
        AppliedRule {
            name: "credential-out-of-reach",
            pointer: security::place(value, &operation.pointer),
            loses_meaning: true,
            note,
        }
    };
    unsendable.map(rule).collect()
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
    let refuse = |what: String, remedy: &'static str| {
        document.problem(&security::place(value, pointer), format!("{id} requires {what}")).remedy(remedy)
    };
    let security = Security::read(value, operation).map_err(|what| {
        let remedy = "write a list of mappings from the names of security schemes to lists of scopes, with an overlay";
        refuse(what.to_owned(), remedy)
    })?;
    let mut all = security.alternatives.iter().flatten();
    match all.find(|it| it.kind == Kind::Undefined && home.is_workspace()) {
        Some(undefined) => Err(refuse(
            format!("the security scheme `{}`, which does not exist", undefined.scheme),
            "describe it in `components/securitySchemes` with an overlay",
        )),
        None => Ok(security),
    }
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
            "mutual": { "type": "mutualTLS" },
            "token": { "type": "http", "scheme": "Token" },
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
        assert_eq!(
            kinds(json!([{ "mutual": [], "token": [] }])),
            [[Kind::Certificate, Kind::Scheme("Token".to_owned())]]
        );
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
    fn an_accepted_credential_that_no_client_can_send_is_reported_as_a_loss() {
        let rows = |common: Option<Value>, own: Option<Value>| {
            let security = run(common, own.clone()).expect("valid");
            let mut value = json!({ "paths": { "/a": { "get": {} } } });
            if let Some(own) = own {
                value["paths"]["/a"]["get"]["security"] = own;
            }
            let operation = Operation { security, ..Operation::get("getIt", "/a") };
            out_of_reach(&value, &[operation])
        };
        let accepted = || json!([{}, { "digest": [], "basic": [] }]);
        for (found, pointer) in
            [(rows(None, Some(accepted())), "/paths/~1a/get/security"), (rows(Some(accepted()), None), "/security")]
        {
            let note =
                "getIt accepts a credential that no client can send, `digest` (http digest): it is not sent".to_owned();
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
    fn a_scheme_that_an_outside_document_does_not_define_is_out_of_reach() {
        let security = run_from(&Home::alone(), Some(json!([{ "gone": [] }])), None).expect("valid");
        assert_eq!(security.alternatives[0][0].kind, Kind::Undefined);
        assert!(security.is_out_of_reach());
    }
}
