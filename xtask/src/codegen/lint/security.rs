//! Which credentials an operation needs. progenitor ignores them; the generated shell sends and lists them.

use serde_json::Value;

use super::{Operation, resolve};
use crate::codegen::accommodate::Origin;
use crate::codegen::load::Document;
use crate::codegen::lower::Row;
use crate::codegen::positions::child;
use crate::problem::Problem;

/// What an operation has to show: one of several alternatives, each of which is complete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Security {
    /// The alternatives, in the order of the document. An empty one is a request without credentials.
    pub(crate) alternatives: Vec<Vec<Requirement>>,
}

/// One credential of an alternative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requirement {
    /// Name of the security scheme.
    pub(crate) scheme: String,
    /// What kind of credential it is.
    pub(crate) kind: Kind,
    /// The scopes that are asked for.
    pub(crate) scopes: Vec<String>,
    /// What the document says about it.
    pub(crate) description: Option<String>,
}

/// Kinds of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// HTTP Basic.
    Basic,
    /// HTTP Bearer.
    Bearer,
    /// An access token of OAuth 2.0.
    OAuth2,
    /// A token of OpenID Connect.
    OpenIdConnect,
    /// A key in a header of this name.
    Header(String),
    /// A key in a query parameter of this name.
    Query(String),
    /// A key in a cookie of this name.
    Cookie(String),
    /// Something that no argument can be: another HTTP scheme, a client certificate.
    Other(String),
}

impl Kind {
    /// Whether it is a bearer token, whatever it is called.
    pub(crate) fn is_token(&self) -> bool {
        matches!(self, Self::Bearer | Self::OAuth2 | Self::OpenIdConnect)
    }
}

impl Security {
    /// The alternative that is sent: the first one that can be.
    pub(crate) fn chosen(&self) -> &[Requirement] {
        let sendable =
            |all: &&Vec<Requirement>| !all.is_empty() && all.iter().all(|it| !matches!(it.kind, Kind::Other(_)));
        self.alternatives.iter().find(sendable).map_or(&[], Vec::as_slice)
    }

    /// Whether a request may go without credentials.
    pub(crate) fn is_optional(&self) -> bool {
        self.alternatives.iter().any(Vec::is_empty)
    }

    /// Whether the chosen alternative has a bearer token, which comes from the client's source of tokens.
    pub(crate) fn wants_token(&self) -> bool {
        self.chosen().iter().any(|it| it.kind.is_token())
    }

    /// The credentials that are arguments of the method, and whether it may be called without them.
    ///
    /// Where a token is sent, the chosen alternative is, so what belongs to it cannot stay away.
    pub(crate) fn arguments(&self) -> (Vec<&Requirement>, bool) {
        let arguments = self.chosen().iter().filter(|it| !it.kind.is_token());
        (arguments.collect(), self.is_optional() && !self.wants_token())
    }

    /// Whether there is no way to send what is needed.
    pub(crate) fn is_out_of_reach(&self) -> bool {
        !self.alternatives.is_empty() && !self.is_optional() && self.chosen().is_empty()
    }
}

/// Rule `credential-out-of-reach`: operations of which no credential can be an argument.
pub(crate) fn out_of_reach(value: &Value, operations: &[Operation]) -> Vec<Row> {
    let unsendable = operations.iter().filter(|operation| {
        let security = &operation.security;
        security.chosen().is_empty() && security.alternatives.iter().any(|all| !all.is_empty())
    });
    let row = |operation: &Operation| {
        let pointer = place(value, operation);
        let names = operation.security.alternatives.iter().flatten().filter_map(|it| match &it.kind {
            Kind::Other(kind) => Some(format!("`{}` ({kind})", it.scheme)),
            _ => None,
        });
        let names = names.collect::<Vec<_>>().join(", ");
        let so = if operation.security.is_optional() { "requests go without" } else { "the transport has to bring it" };
        let note = format!("{} takes a credential that no argument can be, {names}: {so}", operation.id);
        Row { rule: "credential-out-of-reach", pointer, loses_meaning: true, note }
    };
    unsendable.map(row).collect()
}

/// Where it is said what an operation has to show.
pub(super) fn place(value: &Value, operation: &Operation) -> String {
    let own = child(&operation.pointer, "security");
    if value.pointer(&own).is_some() { own } else { "/security".to_owned() }
}

/// Reads the requirement of an operation, or that of the document if it has none of its own.
pub(super) fn read(
    document: &Document,
    value: &Value,
    operation: &Value,
    id: &str,
    pointer: &str,
    origin: Origin,
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
    let list = requirements.as_array().ok_or_else(|| refuse("security that is no list"))?;
    let mut alternatives = Vec::new();
    for requirement in list {
        let requirement = requirement.as_object().ok_or_else(|| refuse("something that is no mapping"))?;
        let mut all = Vec::new();
        for (name, scopes) in requirement {
            let described = value.pointer("/components/securitySchemes").and_then(|schemes| schemes.get(name));
            if described.is_none() && origin == Origin::Workspace {
                return Err(document
                    .problem(&place, format!("{id} requires the security scheme `{name}`, which does not exist"))
                    .remedy("describe it in `components/securitySchemes` with an overlay"));
            }
            let scheme = described.map_or(&Value::Null, |scheme| resolve(value, scheme));
            let scopes = scopes.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            let description = scheme.get("description").and_then(Value::as_str).map(str::to_owned);
            all.push(Requirement { scheme: name.clone(), kind: kind(scheme), scopes, description });
        }
        alternatives.push(all);
    }
    Ok(Security { alternatives })
}

/// The kind of credential that a security scheme takes.
pub(crate) fn kind(scheme: &Value) -> Kind {
    let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
    let name = text("name").to_owned();
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let sendable = !name.is_empty() && name.chars().all(is_token);
    match (text("type"), text("scheme").to_ascii_lowercase().as_str(), text("in")) {
        ("http", "basic", _) => Kind::Basic,
        ("http", "bearer", _) => Kind::Bearer,
        ("http", other, _) => Kind::Other(format!("http {other}")),
        ("oauth2", ..) => Kind::OAuth2,
        ("openIdConnect", ..) => Kind::OpenIdConnect,
        ("apiKey", _, "header") if sendable => Kind::Header(name),
        ("apiKey", _, "query") if !name.is_empty() => Kind::Query(name),
        ("apiKey", _, "cookie") if sendable => Kind::Cookie(name),
        ("", ..) => Kind::Other("undescribed".to_owned()),
        (other, ..) => Kind::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run_from(origin: Origin, common: Option<Value>, own: Option<Value>) -> Result<Security, String> {
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
        read(&document, &value, &operation, "getIt", "/paths/~1a/get", origin).map_err(|problem| problem.to_string())
    }

    fn run(common: Option<Value>, own: Option<Value>) -> Result<Security, String> {
        run_from(Origin::Workspace, common, own)
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
            };
            out_of_reach(&value, &[operation])
        };
        let digest = || json!([{ "digest": [] }]);
        for (found, pointer, note) in [
            (rows(None, Some(digest())), "/paths/~1a/get/security", "the transport has to bring it"),
            (rows(Some(digest()), None), "/security", "the transport has to bring it"),
            (
                rows(None, Some(json!([{}, { "digest": [], "basic": [] }]))),
                "/paths/~1a/get/security",
                "requests go without",
            ),
        ] {
            let note = format!("getIt takes a credential that no argument can be, `digest` (http digest): {note}");
            let rule = "credential-out-of-reach";
            assert_eq!(found, [Row { rule, pointer: pointer.to_owned(), loses_meaning: true, note }]);
        }
        for own in [json!([]), json!([{}]), json!([{ "digest": [] }, { "basic": [] }])] {
            assert_eq!(rows(None, Some(own)), []);
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_the_operations_name() {
        for (requirements, words) in [
            (json!([{ "gone": [] }]), "getIt requires the security scheme `gone`, which does not exist"),
            (json!({}), "no list"),
            (json!([1]), "no mapping"),
        ] {
            let error = run(None, Some(requirements)).expect_err(words);
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_scheme_that_an_outside_document_does_not_describe_is_out_of_reach() {
        let security = run_from(Origin::Outside, Some(json!([{ "gone": [] }])), None).expect("valid");
        assert_eq!(security.alternatives[0][0].kind, Kind::Other("undescribed".to_owned()));
        assert!(security.is_out_of_reach());
    }
}
