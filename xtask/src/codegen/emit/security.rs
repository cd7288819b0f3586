//! The credentials of operations: as arguments of methods, and as a table that programs can read.

use std::collections::BTreeSet;

use super::Input;
use crate::codegen::accommodate::snake;
use crate::codegen::generate::{Method, escape};
use crate::codegen::lint::{Kind, Requirement, Security};

/// One credential that a method takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Argument {
    /// Its name.
    pub(super) name: String,
    /// Its type.
    pub(super) kind: &'static str,
    /// How it gets into the call, `with_basic({})`.
    with: String,
    /// Whether the call may go without it.
    pub(super) optional: bool,
    doc: String,
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
    let (name, kind, with, place) = match &requirement.kind {
        Kind::Basic => (
            "credentials",
            "&BasicCredentials",
            "with_basic({})".to_owned(),
            "go into the `Authorization` header of this one request (HTTP Basic).".to_owned(),
        ),
        Kind::Header(header) => (
            "key",
            "&Secret",
            format!("with_header({header:?}, {{}})"),
            format!("goes into the header `{header}` of this one request."),
        ),
        Kind::Query(query) => (
            "key",
            "&Secret",
            format!("with_query({query:?}, {{}})"),
            format!("goes into the query parameter `{query}` of this one request."),
        ),
        Kind::Cookie(cookie) => (
            "key",
            "&Secret",
            format!("with_cookie({cookie:?}, {{}})"),
            format!("goes into the cookie `{cookie}` of this one request."),
        ),
        // Tokens come from the client's source, and what else there is cannot be sent.
        Kind::Bearer | Kind::OAuth2 | Kind::OpenIdConnect | Kind::Other(_) => return None,
    };
    let mut name = method.free(name);
    if !taken.insert(name.clone()) {
        name = method.free(&snake(&requirement.scheme));
        while !taken.insert(name.clone()) {
            name.push('_');
        }
    }
    let mut doc = format!("`{name}` {place}");
    if let Some(description) = &requirement.description {
        doc.push_str(&format!(" {}", escape(description)));
    }
    if optional {
        doc.push_str(" The document lets requests go without.");
    }
    Some(Argument { name, kind, with, optional, doc })
}

impl Argument {
    /// As it stands in the signature.
    pub(super) fn declared(&self) -> String {
        let Self { name, kind, .. } = self;
        if self.optional { format!("{name}: Option<{kind}>") } else { format!("{name}: {kind}") }
    }

    fn applied(&self, value: &str) -> String {
        self.with.replace("{}", value)
    }
}

/// The statements that make the call; `more` is called on it besides.
pub(super) fn call(security: &Security, arguments: &[Argument], call: &str, more: &str, indent: &str) -> String {
    let tokens = if security.wants_token() { ".with_tokens(&self.tokens)" } else { "" };
    let always = arguments.iter().filter(|argument| !argument.optional);
    let chain = always.map(|argument| format!(".{}", argument.applied(&argument.name))).collect::<String>();
    let mut code = format!("{indent}let {call} = Call::new(&self.transport){more}{tokens}{chain};\n");
    for argument in arguments.iter().filter(|argument| argument.optional) {
        code.push_str(&format!(
            "{indent}let {call} = match {} {{\n{indent}    Some(it) => {call}.{},\n{indent}    None => {call},\n{indent}}};\n",
            argument.name,
            argument.applied("it"),
        ));
    }
    code
}

/// What a method's documentation says about credentials.
pub(super) fn docs(security: &Security, arguments: &[Argument]) -> String {
    let tokens = security.chosen().iter().filter(|it| it.kind.is_token());
    let mut text = tokens.map(|it| format!("\n\n{}", token(it, security.is_optional()))).collect::<String>();
    text.extend(arguments.iter().map(|argument| format!("\n\n{}", argument.doc)));
    let (token_taken, count) = alternatives(security);
    if token_taken && count > 1 {
        text.push_str("\n\nThe document takes other credentials as well, see [`OPERATIONS`]; these are the first that can be sent.");
    }
    if security.is_out_of_reach() {
        text.push_str("\n\nThe document asks for a credential that no argument can be, see [`OPERATIONS`]; the transport has to bring it.");
    }
    text
}

/// What a method's documentation says about the token of its requests.
fn token(requirement: &Requirement, optional: bool) -> String {
    let mut doc = "Requests carry a token of the client's source in their `Authorization` header (Bearer).".to_owned();
    if let Some(description) = &requirement.description {
        doc.push_str(&format!(" {}", escape(description)));
    }
    if !requirement.scopes.is_empty() {
        let scopes = requirement.scopes.iter().map(|scope| format!("`{}`", escape(scope))).collect::<Vec<_>>();
        doc.push_str(&format!(" It needs the scope {}.", scopes.join(" and ")));
    }
    if optional {
        doc.push_str(" The document lets requests go without; these do not.");
    }
    doc
}

/// Whether any alternative has a bearer token, and how many alternatives there are that ask for something.
fn alternatives(security: &Security) -> (bool, usize) {
    let asking = security.alternatives.iter().filter(|all| !all.is_empty());
    (asking.clone().flatten().any(|it| it.kind.is_token()), asking.count())
}

/// The table of all operations.
pub(super) fn table(input: &Input<'_>) -> String {
    let mut code = String::from(
        "/// Every operation of the client, and the credentials that it needs.\n\
         pub const OPERATIONS: &[Operation] = &[\n",
    );
    for method in &input.generated.methods {
        let operation = &method.operation;
        let security = operation.security.alternatives.iter().map(|all| {
            let all = all.iter().map(requirement).collect::<Vec<_>>().join(", ");
            format!("&[{all}]")
        });
        code.push_str(&format!(
            "    Operation::new({:?}, {:?}, {:?}, &[{}]),\n",
            operation.id,
            operation.method,
            operation.path,
            security.collect::<Vec<_>>().join(", ")
        ));
    }
    code.push_str("];\n\n");
    code
}

fn requirement(requirement: &Requirement) -> String {
    let kind = match &requirement.kind {
        Kind::Basic => "CredentialKind::Basic".to_owned(),
        Kind::Bearer => "CredentialKind::Bearer".to_owned(),
        Kind::OAuth2 => "CredentialKind::OAuth2".to_owned(),
        Kind::OpenIdConnect => "CredentialKind::OpenIdConnect".to_owned(),
        Kind::Header(name) => format!("CredentialKind::Header({name:?})"),
        Kind::Query(name) => format!("CredentialKind::Query({name:?})"),
        Kind::Cookie(name) => format!("CredentialKind::Cookie({name:?})"),
        Kind::Other(name) => format!("CredentialKind::Other({name:?})"),
    };
    let scopes = requirement.scopes.iter().map(|scope| format!("{scope:?}")).collect::<Vec<_>>().join(", ");
    format!("Requirement::new({:?}, {kind}, &[{scopes}])", requirement.scheme)
}
