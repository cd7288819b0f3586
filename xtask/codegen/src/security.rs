//! The credentials that an operation needs, as its document says.

use std::collections::BTreeSet;

use openapi::pointer::{child, parts};
use openapi::reference::resolve_at;
use serde_json::Value;

/// Where a document describes its security schemes.
pub(crate) const SCHEMES: &str = "/components/securitySchemes";

/// The member of a described scheme whose credential belongs to single calls and not to the client.
pub(crate) const PER_CALL: &str = "x-per-call";

/// Where it is said what the operation at this place has to show.
pub(crate) fn place(document: &Value, operation: &str) -> String {
    let own = child(operation, "security");
    if document.pointer(&own).is_some() { own } else { "/security".to_owned() }
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
    /// Name of the scheme that is described: another one if `scheme` refers to it.
    pub described_as: String,
    /// What kind of credential it is.
    pub kind: Kind,
    /// Whether it belongs to single calls and not to the client.
    pub per_call: bool,
    /// The scopes that are asked for.
    pub scopes: Vec<String>,
    /// What the document says about it.
    pub description: Option<String>,
}

impl Requirement {
    /// A requirement of the scheme with this name.
    pub fn of(document: &Value, name: &str, scopes: &Value) -> Self {
        let named = document.pointer(SCHEMES).and_then(|schemes| schemes.get(name));
        let (scheme, pointer) = match named {
            Some(scheme) => resolve_at(document, scheme, &child(SCHEMES, name)),
            None => (&Value::Null, String::new()),
        };
        let described_as = match parts(&pointer).as_slice() {
            [_, section, described_as] if section == "securitySchemes" => described_as.clone(),
            _ => name.to_owned(),
        };
        let scopes = scopes.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        Self {
            scheme: name.to_owned(),
            described_as,
            kind: if named.is_some() { Kind::of(scheme) } else { Kind::Undefined },
            per_call: scheme.get(PER_CALL) == Some(&Value::Bool(true)),
            scopes,
            description: scheme.get("description").and_then(Value::as_str).map(str::to_owned),
        }
    }

    /// Whether it is an argument of the method: name and password, which are seldom the same for all calls, or what belongs
    /// to a single call.
    fn is_argument(&self) -> bool {
        self.kind == Kind::Basic || self.kind.is_key() && self.per_call
    }
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
    /// A key after the name of this HTTP authentication scheme, which nobody has registered.
    Scheme(String),
    /// A client certificate, which the transport presents.
    Certificate,
    /// The credential of a scheme that the document does not define.
    Undefined,
    /// A credential that a client cannot send: a scheme that answers challenges or signs requests, or an invalid one.
    Other(String),
}

/// The registered HTTP authentication schemes (RFC 9110 section 16.4.1) whose credentials are computed for each request.
const COMPUTED: [&str; 12] = [
    "concealed",
    "digest",
    "dpop",
    "gnap",
    "hoba",
    "mutual",
    "negotiate",
    "oauth",
    "privatetoken",
    "scram-sha-1",
    "scram-sha-256",
    "vapid",
];

impl Kind {
    /// The kind of credential that a security scheme takes.
    pub fn of(scheme: &Value) -> Self {
        let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
        let name = text("name").to_owned();
        match (text("type"), text("scheme"), text("in")) {
            ("http", scheme, _) => Self::of_http(scheme),
            ("oauth2", ..) => Self::OAuth2,
            ("openIdConnect", ..) => Self::OpenIdConnect,
            ("mutualTLS", ..) => Self::Certificate,
            ("apiKey", _, "header") if is_token(&name) => Self::Header(name),
            ("apiKey", _, "query") if !name.is_empty() => Self::Query(name),
            ("apiKey", _, "cookie") if is_token(&name) => Self::Cookie(name),
            ("apiKey", ..) => Self::Other("apiKey without a place or a valid name".to_owned()),
            ("", ..) => Self::Other("without a type".to_owned()),
            (other, ..) => Self::Other(other.to_owned()),
        }
    }

    fn of_http(scheme: &str) -> Self {
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => Self::Basic,
            "bearer" => Self::Bearer,
            computed if COMPUTED.contains(&computed) || !is_token(computed) => Self::Other(format!("http {computed}")),
            _ => Self::Scheme(scheme.to_owned()),
        }
    }

    /// Whether it is a bearer token, whatever it is called.
    pub fn is_token(&self) -> bool {
        matches!(self, Self::Bearer | Self::OAuth2 | Self::OpenIdConnect)
    }

    /// Whether it is a text that is sent as it is.
    pub fn is_key(&self) -> bool {
        matches!(self, Self::Header(_) | Self::Query(_) | Self::Cookie(_) | Self::Scheme(_))
    }

    /// Whether a client can send it.
    fn is_sendable(&self) -> bool {
        !matches!(self, Self::Undefined | Self::Other(_))
    }
}

/// Whether a text is a token (RFC 9110 section 5.6.2), as the names of headers, cookies and schemes are.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

impl Security {
    /// Reads the requirement of an operation, by default that of the document.
    ///
    /// # Errors
    ///
    /// Fails with what is wrong if it is not a list of mappings.
    pub fn read(document: &Value, operation: &Value) -> Result<Self, &'static str> {
        let Some(own) = operation.get("security").or_else(|| document.get("security")) else {
            return Ok(Self::default());
        };
        let list = own.as_array().ok_or("`security` must be a list")?;
        let all = list.iter().map(|requirement| {
            let requirement = requirement.as_object().ok_or("each requirement must be a mapping")?;
            Ok(requirement.iter().map(|(name, scopes)| Requirement::of(document, name, scopes)).collect())
        });
        all.collect::<Result<_, _>>().map(|alternatives| Self { alternatives })
    }

    /// The alternative that is sent: the first one that can be, before those of which the client sends nothing itself.
    pub fn chosen(&self) -> &[Requirement] {
        let mut sendable = self.alternatives.iter().filter(|all| all.iter().all(|it| it.kind.is_sendable()));
        let of_the_client = |all: &&Vec<Requirement>| all.iter().any(|it| it.kind != Kind::Certificate);
        let chosen = sendable.clone().find(of_the_client).or_else(|| sendable.find(|all| !all.is_empty()));
        chosen.map_or(&[], Vec::as_slice)
    }

    /// Whether a request may go without credentials.
    pub fn is_optional(&self) -> bool {
        self.alternatives.iter().any(Vec::is_empty)
    }

    /// Whether the chosen alternative has a bearer token, which comes from the client's source of tokens.
    pub fn wants_token(&self) -> bool {
        self.chosen().iter().any(|it| it.kind.is_token())
    }

    /// Whether the transport must present a certificate.
    pub fn wants_certificate(&self) -> bool {
        self.chosen().iter().any(|it| it.kind == Kind::Certificate)
    }

    /// The credentials that are arguments of the method, each with whether it may be called without it.
    pub fn arguments(&self) -> Vec<(&Requirement, bool)> {
        self.chosen().iter().filter(|it| it.is_argument()).map(|it| (it, self.may_lack(it))).collect()
    }

    /// The keys that the client holds, each with whether the request may go without it.
    pub fn keys(&self) -> Vec<(&Requirement, bool)> {
        let keys = self.chosen().iter().filter(|it| it.kind.is_key() && !it.is_argument());
        keys.map(|it| (it, self.may_lack(it))).collect()
    }

    /// Whether another alternative lacks this credential and others like it, but has the rest of the chosen one. A token is
    /// always sent, so it is part of the rest.
    fn may_lack(&self, requirement: &Requirement) -> bool {
        let names = |all: &[Requirement]| all.iter().map(|it| it.scheme.clone()).collect::<BTreeSet<_>>();
        let chosen = self.chosen();
        self.alternatives.iter().any(|other| {
            let own = names(other);
            let (has, lacks): (Vec<_>, Vec<_>) = chosen.iter().partition(|it| own.contains(&it.scheme));
            has.len() == own.len() && lacks.contains(&requirement) && !lacks.iter().any(|it| it.kind.is_token())
        })
    }

    /// Whether there is no way to send what is needed.
    pub fn is_out_of_reach(&self) -> bool {
        !self.alternatives.is_empty() && !self.is_optional() && self.chosen().is_empty()
    }

    /// The credentials that no client can send: the names of their schemes and why.
    pub(crate) fn unsendable(&self) -> Vec<String> {
        let mut found = Vec::new();
        for requirement in self.alternatives.iter().flatten() {
            let name = &requirement.scheme;
            let said = match &requirement.kind {
                Kind::Undefined => format!("`{name}` (not defined)"),
                Kind::Other(kind) => format!("`{name}` ({kind})"),
                _ => continue,
            };
            if !found.contains(&said) {
                found.push(said);
            }
        }
        found
    }
}

/// The keys that a client holds if its operations need these credentials, each with whether every operation requires it;
/// constructors take such keys.
pub fn client_keys(all: &[&Security]) -> Vec<(Requirement, bool)> {
    let mut found: Vec<(Requirement, bool)> = Vec::new();
    for (requirement, _) in all.iter().flat_map(|security| security.keys()) {
        let is_it = |it: &Requirement| it.described_as == requirement.described_as;
        if found.iter().any(|(other, _)| is_it(other)) {
            continue;
        }
        let requires = |security: &&Security| security.keys().iter().any(|(it, optional)| is_it(it) && !optional);
        let is_required = all.iter().all(requires);
        found.push((requirement.clone(), is_required));
    }
    found
}
