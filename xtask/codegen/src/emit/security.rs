//! The credentials of operations: as arguments of methods, and as a table that programs can read.

use std::collections::BTreeSet;

use diagnostics::text::{Markdown, Rust, fill};

use super::flows;
use super::input::Input;
use crate::names::snake;
use crate::operation::{Kind, Requirement, Security};
use crate::patch::Method;

/// One credential that a method takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Argument {
    /// Its name.
    pub(super) name: String,
    /// Its type.
    pub(super) kind: &'static str,
    /// The method that takes it into the call, and the name that this one gets first.
    with: (&'static str, Option<String>),
    /// Whether the call may go without it.
    pub(super) optional: bool,
    doc: Markdown,
}

/// The credentials that a method takes.
pub(super) fn arguments(method: &Method) -> Vec<Argument> {
    let (credentials, optional) = method.operation.security.arguments();
    let mut taken = BTreeSet::new();
    credentials.into_iter().filter_map(|requirement| argument(method, requirement, optional, &mut taken)).collect()
}

fn argument(
    method: &Method,
    requirement: &Requirement,
    optional: bool,
    taken: &mut BTreeSet<String>,
) -> Option<Argument> {
    let (with, what, key) = match &requirement.kind {
        Kind::Basic => ("with_basic", "", None),
        Kind::Header(header) => ("with_header", "header", Some(header)),
        Kind::Query(query) => ("with_query", "query parameter", Some(query)),
        Kind::Cookie(cookie) => ("with_cookie", "cookie", Some(cookie)),
        // Tokens come from the client's source, and what else there is cannot be sent.
        Kind::Bearer | Kind::OAuth2 | Kind::OpenIdConnect | Kind::Other(_) => return None,
    };
    let (name, kind, place) = match key {
        Some(key) => {
            let place = fill!(Markdown, "is sent in the {} {} of this request only.", what, Markdown::code(key));
            ("key", "&Secret", place)
        }
        None => {
            let place = "go into the `Authorization` header of this one request (HTTP Basic).";
            ("credentials", "&BasicCredentials", Markdown::from(place))
        }
    };
    let mut name = method.free(name);
    if !taken.insert(name.clone()) {
        name = method.free(&snake(&requirement.scheme));
        while !taken.insert(name.clone()) {
            name.push('_');
        }
    }
    let mut doc = fill!(Markdown, "{} {}", Markdown::code(&name), place);
    if let Some(description) = &requirement.description {
        doc.push(fill!(Markdown, " {}", Markdown::line(description)));
    }
    if optional {
        doc.push(" The document allows requests without it.");
    }
    Some(Argument { name, kind, with: (with, key.cloned()), optional, doc })
}

impl Argument {
    /// The argument in the signature.
    pub(super) fn declared(&self) -> Rust {
        let name = Rust::name(&self.name);
        if self.optional {
            fill!(Rust, "{}: Option<{}>", name, self.kind)
        } else {
            fill!(Rust, "{}: {}", name, self.kind)
        }
    }

    fn applied(&self, value: &str) -> Rust {
        let key = self.with.1.as_deref().map(|key| fill!(Rust, "{}, ", Rust::literal(key))).unwrap_or_default();
        fill!(Rust, "{}({}{})", self.with.0, key, Rust::name(value))
    }
}

/// The statements that make the call; `more` is called on it besides.
pub(super) fn call(
    security: &Security,
    arguments: &[Argument],
    call: &Rust,
    more: &Rust,
    indent: &'static str,
) -> Rust {
    let tokens = if security.wants_token() { Rust::from(".with_tokens(&self.tokens)") } else { Rust::default() };
    let scopes = match flows::scopes(security).as_slice() {
        [] => Rust::default(),
        scopes => {
            let scopes = Rust::join(scopes.iter().map(|scope| Rust::literal(scope)), ", ");
            fill!(Rust, ".requiring(&[{}])", scopes)
        }
    };
    let always = arguments.iter().filter(|argument| !argument.optional);
    let chain = Rust::join(always.map(|argument| fill!(Rust, ".{}", argument.applied(&argument.name))), "");
    let mut code =
        fill!(Rust, "{}let {} = Call::new(&self.transport){}{}{}{};\n", indent, call, more, tokens, scopes, chain);
    for argument in arguments.iter().filter(|argument| argument.optional) {
        let (name, applied) = (Rust::name(&argument.name), argument.applied("it"));
        code.push(fill!(Rust, "{}let {} = match {} {{\n", indent, call, name));
        code.push(fill!(Rust, "{}    Some(it) => {}.{},\n", indent, call, applied));
        code.push(fill!(Rust, "{}    None => {},\n{}}};\n", indent, call, indent));
    }
    code
}

/// What a method's documentation says about credentials.
pub(super) fn docs(security: &Security, arguments: &[Argument]) -> Markdown {
    let tokens = security.chosen().iter().filter(|it| it.kind.is_token());
    let tokens = tokens.map(|it| token(it, security.is_optional()));
    let all = tokens.chain(arguments.iter().map(|argument| argument.doc.clone()));
    let mut text = Markdown::join(all.map(|doc| fill!(Markdown, "\n\n{}", doc)), "");
    let (token_taken, count) = alternatives(security);
    if token_taken && count > 1 {
        text.push("\n\nThe document accepts other credentials as well, see [`OPERATIONS`]; the method sends the first that is supported.");
    }
    if security.is_out_of_reach() {
        text.push("\n\nThe document requires a credential that cannot be an argument, see [`OPERATIONS`]; the transport must add it.");
    }
    text
}

/// What a method's documentation says about the token of its requests.
fn token(requirement: &Requirement, optional: bool) -> Markdown {
    let mut doc =
        Markdown::from("Each request has a token of the client's source in its `Authorization` header (Bearer).");
    if let Some(description) = &requirement.description {
        doc.push(fill!(Markdown, " {}", Markdown::line(description)));
    }
    if !requirement.scopes.is_empty() {
        let scopes = requirement.scopes.iter().map(|scope| Markdown::code(scope));
        doc.push(fill!(Markdown, " It requires the scope {}.", Markdown::join(scopes, " and ")));
    }
    if optional {
        doc.push(" The document allows requests without a token; this method always sends one.");
    }
    doc
}

/// Whether any alternative has a bearer token, and how many alternatives there are that ask for something.
fn alternatives(security: &Security) -> (bool, usize) {
    let asking = security.alternatives.iter().filter(|all| !all.is_empty());
    (asking.clone().flatten().any(|it| it.kind.is_token()), asking.count())
}

/// The table of all operations.
pub(super) fn table(input: &Input<'_>) -> Rust {
    let mut code = Rust::from(
        "/// Every operation of the client, and the credentials that it needs.\n\
         pub const OPERATIONS: &[Operation] = &[\n",
    );
    for method in &input.generated.methods {
        let operation = &method.operation;
        let security = operation
            .security
            .alternatives
            .iter()
            .map(|all| fill!(Rust, "&[{}]", Rust::join(all.iter().map(requirement), ", ")));
        code.push(fill!(
            Rust,
            "    Operation::new({}, {}, {}, &[{}]),\n",
            Rust::literal(&operation.id),
            Rust::literal(&operation.method),
            Rust::literal(&operation.path),
            Rust::join(security, ", ")
        ));
    }
    code.push("];\n\n");
    code
}

fn requirement(requirement: &Requirement) -> Rust {
    let kind = match &requirement.kind {
        Kind::Basic => Rust::from("CredentialKind::Basic"),
        Kind::Bearer => Rust::from("CredentialKind::Bearer"),
        Kind::OAuth2 => Rust::from("CredentialKind::OAuth2"),
        Kind::OpenIdConnect => Rust::from("CredentialKind::OpenIdConnect"),
        Kind::Header(name) => fill!(Rust, "CredentialKind::Header({})", Rust::literal(name)),
        Kind::Query(name) => fill!(Rust, "CredentialKind::Query({})", Rust::literal(name)),
        Kind::Cookie(name) => fill!(Rust, "CredentialKind::Cookie({})", Rust::literal(name)),
        Kind::Other(name) => fill!(Rust, "CredentialKind::Other({})", Rust::literal(name)),
    };
    let scopes = Rust::join(requirement.scopes.iter().map(|scope| Rust::literal(scope)), ", ");
    fill!(Rust, "Requirement::new({}, {}, &[{}])", Rust::literal(&requirement.scheme), kind, scopes)
}
