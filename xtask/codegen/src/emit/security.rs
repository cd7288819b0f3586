//! The credentials of operations: as arguments of methods, and as a table that programs can read.

use std::collections::BTreeSet;

use diagnostics::text::{Markdown, Rust, fill};

use super::flows;
use super::input::Input;
use super::place::{Place, place};
use super::settings::Setting;
use crate::names::snake;
use crate::patch::Method;
use crate::security::{Kind, Requirement, Security};

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
    let mut taken = BTreeSet::new();
    let credentials = method.operation.security.arguments().into_iter();
    credentials.filter_map(|(requirement, optional)| argument(method, requirement, optional, &mut taken)).collect()
}

fn argument(
    method: &Method,
    requirement: &Requirement,
    optional: bool,
    taken: &mut BTreeSet<String>,
) -> Option<Argument> {
    let (with, name, kind, place) = match (&requirement.kind, place(&requirement.kind)) {
        (Kind::Basic, _) => {
            let place = "go into the `Authorization` header of this one request (HTTP Basic).";
            (("with_basic", None), "credentials".to_owned(), "&BasicCredentials", Markdown::from(place))
        }
        (_, Some(Place { with, key, what })) => {
            let place = fill!(Markdown, "is sent in the {} {} of this request only.", what, Markdown::code(key));
            ((with, Some(key.to_owned())), snake(key), "&Secret", place)
        }
        // Tokens come from the client's source, and certificates from the transport.
        _ => return None,
    };
    let mut name = method.free(&name);
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
    Some(Argument { name, kind, with, optional, doc })
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
    settings: &[Setting],
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
    let mut one_of_two = |value: Rust, some: Rust, none: Rust| {
        code.push(fill!(Rust, "{}let {} = match {} {{\n", indent, call, value));
        code.push(fill!(Rust, "{}    Some(it) => {}.{},\n", indent, call, some));
        code.push(fill!(Rust, "{}    None => {}{},\n{}}};\n", indent, call, none, indent));
    };
    for argument in arguments.iter().filter(|argument| argument.optional) {
        one_of_two(Rust::name(&argument.name), argument.applied("it"), Rust::default());
    }
    for (requirement, optional) in security.keys() {
        let Some(setting) = Setting::of(settings, requirement) else { continue };
        let none =
            if optional { Rust::default() } else { fill!(Rust, ".without({})", Rust::literal(&setting.method())) };
        one_of_two(fill!(Rust, "&self.{}", Rust::name(&setting.name)), setting.applied("it"), none);
    }
    code
}

/// What a method's documentation says about its credentials.
pub(super) fn docs(security: &Security, arguments: &[Argument], settings: &[Setting]) -> Markdown {
    let tokens = security.chosen().iter().filter(|it| it.kind.is_token());
    let tokens = tokens.map(|it| token(it, security.is_optional()));
    let keys = security.keys().into_iter();
    let keys = keys.filter_map(|(it, optional)| Some(Setting::of(settings, it)?.used(optional)));
    let all = tokens.chain(keys).chain(arguments.iter().map(|argument| argument.doc.clone()));
    let mut text = Markdown::join(all.map(|doc| fill!(Markdown, "\n\n{}", doc)), "");
    let (is_taken, count) = alternatives(security);
    if is_taken && count > 1 {
        text.push("\n\nThe document accepts other credentials as well, see [`OPERATIONS`]; the method sends the first that is supported.");
    }
    if security.wants_certificate() {
        text.push("\n\nThe server requires a client certificate, which the transport presents, see [`auth_transport::TransportBuilder`].");
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

/// Whether any alternative has a bearer token, and how many alternatives there are that ask for something beside what another
/// one asks for.
fn alternatives(security: &Security) -> (bool, usize) {
    let asking = security.alternatives.iter().filter(|all| !all.is_empty());
    let optional = security.keys().into_iter().chain(security.arguments()).filter(|(_, optional)| *optional);
    let optional = optional.map(|(it, _)| it).collect::<Vec<_>>();
    let rest =
        |all: &[Requirement]| all.iter().filter(|it| !optional.contains(it)).map(|it| it.scheme.clone()).collect();
    let rests = asking.clone().map(|all| rest(all)).collect::<BTreeSet<Vec<String>>>();
    (asking.flatten().any(|it| it.kind.is_token()), rests.len())
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
        Kind::Scheme(name) => fill!(Rust, "CredentialKind::Scheme({})", Rust::literal(name)),
        Kind::Certificate => Rust::from("CredentialKind::Certificate"),
        Kind::Undefined => Rust::from("CredentialKind::Other(\"undefined\")"),
        Kind::Other(name) => fill!(Rust, "CredentialKind::Other({})", Rust::literal(name)),
    };
    let scopes = Rust::join(requirement.scopes.iter().map(|scope| Rust::literal(scope)), ", ");
    fill!(Rust, "Requirement::new({}, {}, &[{}])", Rust::literal(&requirement.scheme), kind, scopes)
}
