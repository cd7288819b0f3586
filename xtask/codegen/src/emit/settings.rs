//! The keys that a client holds: its fields, the arguments of its constructors, and the methods that set them.

use std::collections::BTreeSet;

use diagnostics::text::{Markdown, Rust, fill};

use super::held::Held;
use super::input::Input;
use super::place::{Place, place};
use crate::names::snake;
use crate::patch::Method;
use crate::security::{Kind, Requirement, client_keys};

/// Fields that a client has besides.
const FIELDS: [&str; 3] = ["base_url", "transport", "tokens"];

/// One key that a client holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// The name of its field.
    pub(super) name: String,
    /// Whether constructors take it, since every operation requires it.
    pub(super) is_required: bool,
    scheme: String,
    kind: Kind,
    description: Option<String>,
}

/// The keys that the operations of a client require or accept, in the order of the operations.
pub(super) fn settings(methods: &[Method]) -> Vec<Setting> {
    let mut taken = methods.iter().map(|method| method.name.clone()).collect::<BTreeSet<_>>();
    taken.extend(crate::names::TAKEN.iter().map(|name| (*name).to_owned()));
    taken.extend(FIELDS.map(setter));
    let all = methods.iter().map(|method| &method.operation.security).collect::<Vec<_>>();
    let keys = client_keys(&all).into_iter().map(|(requirement, is_required)| Setting {
        name: name(&requirement, &mut taken),
        is_required,
        scheme: requirement.described_as,
        kind: requirement.kind,
        description: requirement.description,
    });
    keys.collect()
}

/// The credentials that the constructors of this client take.
pub(super) fn held(input: &Input<'_>) -> Vec<Held> {
    let settings = settings(&input.generated.methods);
    let keys = settings.iter().filter(|setting| setting.is_required).map(Setting::held);
    input.takes_tokens().then(Held::tokens).into_iter().chain(keys).collect()
}

/// The name of a key: what it is called in a request, or else as its scheme.
fn name(requirement: &Requirement, taken: &mut BTreeSet<String>) -> String {
    let scheme = snake(&requirement.described_as);
    let sent = match &requirement.kind {
        Kind::Header(name) | Kind::Query(name) | Kind::Cookie(name) => snake(name),
        _ => scheme.clone(),
    };
    let mut name = [sent, scheme.clone()].into_iter().find(|name| !taken.contains(&setter(name))).unwrap_or(scheme);
    while !taken.insert(setter(&name)) {
        name.push('_');
    }
    name
}

/// The method that sets a key of this name.
fn setter(name: &str) -> String {
    format!("with_{}", name.trim_start_matches("r#"))
}

impl Setting {
    /// The key that a requirement asks for.
    pub(super) fn of<'a>(settings: &'a [Self], requirement: &Requirement) -> Option<&'a Self> {
        settings.iter().find(|setting| setting.scheme == requirement.described_as)
    }

    /// The method that sets it.
    pub(super) fn method(&self) -> String {
        setter(&self.name)
    }

    /// The method of a call that takes it, with this value.
    pub(super) fn applied(&self, value: &str) -> Rust {
        let Some(Place { with, key, .. }) = place(&self.kind) else { return Rust::default() };
        fill!(Rust, "{}({}, {})", with, Rust::literal(key), Rust::name(value))
    }

    /// The field of the client.
    pub(super) fn field(&self) -> Rust {
        fill!(Rust, "    {}: Option<Secret>,\n", Rust::name(&self.name))
    }

    /// What is sent, and where.
    fn sent(&self) -> Markdown {
        let Some(Place { key, what, .. }) = place(&self.kind) else { return Markdown::default() };
        fill!(Markdown, "in the {} {}", what, Markdown::code(key))
    }

    /// What the documentation of a method that sends it says.
    pub(super) fn used(&self, optional: bool) -> Markdown {
        let method = Markdown::code(&format!("Client::{}", self.method()));
        let mut text = fill!(Markdown, "Each request has the key of [{}] {}", method, self.sent());
        text.push(if optional {
            ", if the client has one; the document allows requests without it."
        } else if self.is_required {
            "."
        } else {
            "; if the client has none, nothing is sent."
        });
        text
    }

    /// The argument of constructors.
    pub(super) fn held(&self) -> Held {
        let mut doc = fill!(Markdown, "Key that is sent {}.", self.sent());
        if let Some(description) = &self.description {
            doc.push(fill!(Markdown, " {}", Markdown::line(description)));
        }
        Held { name: self.name.clone(), kind: "impl Into<Secret>", doc }
    }

    /// The method that sets it.
    pub(super) fn code(&self) -> Rust {
        let name = Rust::name(&self.name);
        let docs = fill!(
            Markdown,
            "Returns a client for the same server with another key, which is sent {}, only by the operations that require or accept \
             it.{}",
            self.sent(),
            self.description.as_deref().map(|text| fill!(Markdown, "\n\n{}", Markdown::line(text))).unwrap_or_default()
        );
        fill!(
            Rust,
            "{}    #[must_use]\n    pub fn {}(mut self, {}: impl Into<Secret>) -> Self {{\n        self.{} = Some({}.into());\n        \
             self\n    }}\n",
            Rust::docs("///", "    ", &docs),
            Rust::name(&self.method()),
            name,
            name,
            name
        )
    }
}
