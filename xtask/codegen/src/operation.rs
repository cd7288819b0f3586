//! The operations of a document as the steps after the lint know them, each with the credentials that it needs.

use serde_json::Value;

/// One operation that becomes a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// `POST` and the like.
    pub method: String,
    /// Its path template.
    pub path: String,
    /// JSON pointer to the operation.
    pub pointer: String,
    /// The required credentials.
    pub security: Security,
    /// The error answers that the document names: status and description.
    pub errors: Vec<(String, String)>,
    /// The redirects that it names: their statuses, `304` and the like or `3XX`.
    pub redirects: Vec<String>,
    /// Whether it is a token endpoint (RFC 6749 section 3.2), with the limits of one: a `POST` whose form has a `grant_type`.
    pub requests_tokens: bool,
    /// Whether the document marks it as deprecated.
    pub is_deprecated: bool,
}

/// Whether the document marks this, an operation or anything else, as deprecated.
pub(crate) fn is_deprecated(value: &Value) -> bool {
    value.get("deprecated") == Some(&Value::Bool(true))
}

/// The security requirement of an operation: several alternatives, each of which is complete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// The alternatives, in the order of the document. An empty one is a request without credentials.
    pub alternatives: Vec<Vec<Requirement>>,
}

/// One credential of an alternative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Name of the security scheme.
    pub scheme: String,
    /// What kind of credential it is.
    pub kind: Kind,
    /// The scopes that are asked for.
    pub scopes: Vec<String>,
    /// What the document says about it.
    pub description: Option<String>,
}

/// Kinds of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
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
    /// A credential that cannot be an argument: another HTTP scheme, a client certificate.
    Other(String),
}

impl Kind {
    /// The kind of credential that a security scheme takes.
    pub fn of(scheme: &Value) -> Self {
        let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
        let name = text("name").to_owned();
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let sendable = !name.is_empty() && name.chars().all(is_token);
        match (text("type"), text("scheme").to_ascii_lowercase().as_str(), text("in")) {
            ("http", "basic", _) => Self::Basic,
            ("http", "bearer", _) => Self::Bearer,
            ("http", other, _) => Self::Other(format!("http {other}")),
            ("oauth2", ..) => Self::OAuth2,
            ("openIdConnect", ..) => Self::OpenIdConnect,
            ("apiKey", _, "header") if sendable => Self::Header(name),
            ("apiKey", _, "query") if !name.is_empty() => Self::Query(name),
            ("apiKey", _, "cookie") if sendable => Self::Cookie(name),
            ("", ..) => Self::Other("undescribed".to_owned()),
            (other, ..) => Self::Other(other.to_owned()),
        }
    }

    /// Whether it is a bearer token, whatever it is called.
    pub fn is_token(&self) -> bool {
        matches!(self, Self::Bearer | Self::OAuth2 | Self::OpenIdConnect)
    }
}

impl Security {
    /// The alternative that is sent: the first one that can be.
    pub fn chosen(&self) -> &[Requirement] {
        let sendable =
            |all: &&Vec<Requirement>| !all.is_empty() && all.iter().all(|it| !matches!(it.kind, Kind::Other(_)));
        self.alternatives.iter().find(sendable).map_or(&[], Vec::as_slice)
    }

    /// Whether a request may go without credentials.
    pub fn is_optional(&self) -> bool {
        self.alternatives.iter().any(Vec::is_empty)
    }

    /// Whether the chosen alternative has a bearer token, which comes from the client's source of tokens.
    pub fn wants_token(&self) -> bool {
        self.chosen().iter().any(|it| it.kind.is_token())
    }

    /// The credentials that are arguments of the method, and whether it may be called without them.
    ///
    /// If the request has a token, the chosen alternative is used, so its other credentials are required.
    pub fn arguments(&self) -> (Vec<&Requirement>, bool) {
        let arguments = self.chosen().iter().filter(|it| !it.kind.is_token());
        (arguments.collect(), self.is_optional() && !self.wants_token())
    }

    /// Whether there is no way to send what is needed.
    pub fn is_out_of_reach(&self) -> bool {
        !self.alternatives.is_empty() && !self.is_optional() && self.chosen().is_empty()
    }
}
