//! `lib.rs`: the public client around the generated one.
//!
//! The shell has to be generated too: only the crate that holds the generated client may implement the hook through
//! which `auth-transport` sees every request.

use diagnostics::text::{Markdown, Rust, fill};

use quote::ToTokens;

use super::answers::{self, WITH_DRIFT_OBSERVER};
use super::constructors::{constants, constructor};
use super::example::Example;
use super::held::Held;
use super::input::Input;
use super::methods::{method, objects};
use super::settings::{Setting, held, settings};
use super::{features, flows, limits, security};
use crate::progenitor::ExtraCrate;

/// The number that `auth-transport` has to serve, see `generated_code_version!` there. Raise it, and add it there, when
/// generated code begins to use something that earlier versions of `auth-transport` do not have.
const CODE_VERSION: &str = "3";

const ATTRIBUTES: &str = "#![cfg_attr(docsrs, feature(doc_cfg))]\n#![cfg_attr(rustfmt, rustfmt_skip)]\n";

/// Writes `src/lib.rs`.
pub(super) fn shell(input: &Input<'_>, example: &Example) -> Rust {
    let mut out = input.header("// ", "", Rust::comment);
    out.push(ATTRIBUTES);
    if input.generated.is_deprecated {
        out.push("#![allow(deprecated)]\n");
    }
    let flows = flows::flows(input);
    out.push(Rust::docs("//!", "", &crate_docs(input, example, &flows)));
    out.push("\n");
    let (settings, held) = (settings(&input.generated.methods), held(input));
    out.push(imports(input, &settings, !flows.is_empty()));
    out.push(Rust::docs("///", "", &client_docs(input, &settings)));
    let tokens = input.takes_tokens();
    let fields =
        tokens.then(|| Rust::from("    tokens: Tokens,\n")).into_iter().chain(settings.iter().map(Setting::field));
    out.push(fill!(
        Rust,
        "#[derive(Clone, Debug)]\npub struct Client {{\n    base_url: BaseUrl,\n    transport: Transport,\n{}}}\n\n",
        Rust::join(fields, "")
    ));
    out.push("impl Client {\n");
    let mut items = constants(input.servers);
    items.extend(input.servers.iter().map(|server| constructor(server, &held)));
    items.extend(common(tokens, &held, &settings, limits::methods(input)));
    let objects = objects(&input.generated.file);
    items.extend(input.generated.methods.iter().map(|it| method(it, &objects, &settings)));
    out.push(Rust::join(items, "\n"));
    out.push("}\n\n");
    out.push(flows::constants(&flows));
    out.push(security::table(input));
    out.push(HOOK);
    out
}

fn crate_docs(input: &Input<'_>, example: &Example, flows: &[flows::Flow]) -> Markdown {
    let mut text = fill!(Markdown, "Client for {}.\n", Markdown::plain(&input.named()));
    let description = Markdown::description(input.text("/info/description"));
    if !description.is_empty() {
        text.push(fill!(Markdown, "\n{}\n", description));
    }
    let example = example.function(&input.module()).example("no_run");
    text.push(fill!(Markdown, "\n# Example\n\n{}\n", example));
    text.push(flows::section(input, flows));
    if !input.servers.is_empty() {
        text.push("\n# Servers\n\n| constructor | server |\n|---|---|\n");
        for server in input.servers {
            let function = Markdown::code(&format!("Client::{}", server.function));
            let (title, url) = (Markdown::line(&server.title), Markdown::code(&server.url));
            text.push(fill!(Markdown, "| [{}] | {}: {} |\n", function, title.in_cell(), url.in_cell()));
        }
        text.push("| [`Client::new`] | any other |\n");
    }
    let (repeats, more) = if input.takes_tokens() {
        (
            ", and repeats that once with another token if the server rejects the first (see \
             [`Challenge::rejects_token`](auth_transport::Challenge::rejects_token))",
            " else",
        )
    } else {
        ("", "")
    };
    text.push(fill!(
        Markdown,
        "\n# Behavior\n\nEach method sends one request and reads one response{}. Every request goes through \
         [`auth_transport`]: https only except for loopback, no redirects, timeouts, bounded responses, and errors that name the \
         operation, the server and the cause, and contain no secrets. Nothing{} is cached, retried or read from the \
         environment.\n",
        repeats,
        more
    ));
    text.push(answers::section(input, input.generated.keeps_answers));
    let link = |name: &'static str| fill!(Markdown, "[`Client::{}`]", name);
    text.push(fill!(Markdown, "\n# Limits\n\n{}\n", limits::paragraph(input, link)));
    text.push(fill!(Markdown, "\n# Features\n\n{}", features::SECTION));
    text.push(fill!(Markdown, "\n# Source\n\n{}\n", input.provenance()));
    text
}

fn imports(input: &Input<'_>, settings: &[Setting], has_flows: bool) -> Rust {
    let code = input.generated.file.to_token_stream().to_string();
    let uses = |name: &str| code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    let arguments = input.generated.methods.iter().flat_map(security::arguments).collect::<Vec<_>>();
    let takes = |kind: &str| arguments.iter().any(|argument| argument.kind == kind);
    let mut names = vec![
        "BaseUrl",
        "BuildError",
        "CredentialKind",
        "DriftObserver",
        "Error",
        "Operation",
        "Requirement",
        "ResponseValue",
        "Transport",
        "reqwest",
    ];
    names.extend(takes("&BasicCredentials").then_some("BasicCredentials"));
    let tokens = input.takes_tokens();
    let wants_secret = takes("&Secret") || tokens || !settings.is_empty();
    names.extend((wants_secret || uses("Secret")).then_some("Secret"));
    names.extend(
        ["ExpiresIn", "FilePart", "FurtherMembers", "Json", "Received", "Verbatim"]
            .into_iter()
            .filter(|name| uses(name)),
    );
    // Names that `auth-transport` has with a feature, and that a document may give to its own types.
    let decimals = input.generated.crates.contains(&ExtraCrate::Decimal);
    names.extend(["Decimal", "DecimalNumber"].into_iter().filter(|name| decimals && uses(name)));
    names.extend(["TokenSource", "TokenUnavailable"].into_iter().filter(|_| tokens));
    names.extend(has_flows.then_some("ClientCredentialsFlow"));
    names.extend(input.has_streams().then_some("ByteStream"));
    names.sort_unstable();
    // Ranges of statuses stand beside single ones that they hold.
    let more = if input.home.is_workspace() { "" } else { "non_camel_case_types, unreachable_patterns, " };
    fill!(
        Rust,
        "// Generated code is exempt from the style of hand-written code.\n\
         #[allow(clippy::all, dead_code, missing_docs, {}unreachable_pub, unused_imports, unused_mut)]\n\
         mod generated;\n\n\
         auth_transport::generated_code_version!({});\n\n\
         pub use auth_transport::{{self, {}}};\npub use generated::types;\n\n\
         {}use progenitor_client::{{ClientHooks, OperationInfo}};\n\n",
        more,
        CODE_VERSION,
        Rust::join(names.into_iter().map(Rust::from), ", "),
        if tokens { "use auth_transport::{Call, Tokens};\n" } else { "use auth_transport::Call;\n" },
    )
}

fn client_docs(input: &Input<'_>, settings: &[Setting]) -> Markdown {
    let holds = match (input.takes_tokens(), settings.is_empty()) {
        (true, true) => {
            "clones share their connections and their source of tokens. Operations that require a bearer token take it from there; \
             other credentials are arguments."
        }
        (true, false) => {
            "clones share their connections and their source of tokens. Operations that require a bearer token take it from there, \
             and keys from the client."
        }
        (false, true) => "clones share their connections. It holds no credentials: each call takes them as arguments.",
        (false, false) => "clones share their connections. It sends its keys with the operations that require them.",
    };
    fill!(Markdown, "Client for {}.\n\nCheap to clone; {}", Markdown::plain(&input.named()), holds)
}

/// The constructors and accessors of every client.
fn common(tokens: bool, held: &[Held], settings: &[Setting], limits: Vec<Rust>) -> Vec<Rust> {
    let arguments = Rust::join(held.iter().map(|it| fill!(Rust, ", {}", it.declared())), "");
    let keys = settings.iter().map(|setting| {
        let name = Rust::name(&setting.name);
        let value = if setting.is_required { fill!(Rust, "Some({}.into())", name) } else { "None".into() };
        fill!(Rust, ", {}: {}", name, value)
    });
    let fields = Rust::join(tokens.then(|| Rust::from(", tokens: Tokens::new(tokens)")).into_iter().chain(keys), "");
    let source = if held.is_empty() {
        Rust::default()
    } else {
        let list = Markdown::join(held.iter().map(Held::item), "\n");
        fill!(Rust, "    ///\n{}", Rust::docs("///", "    ", &list))
    };
    let mut items = vec![
        fill!(
            Rust,
            r#"    /// Creates a client for the server at `base_url`.
{}    ///
    /// # Errors
    ///
    /// Fails if `base_url` is not an https URL (http is allowed for loopback), or if the HTTP client cannot be built.
    pub fn new(base_url: &str{}) -> Result<Self, BuildError> {{
        let base_url = BaseUrl::parse(base_url)?;
        let transport = Transport::to(&base_url)?;
        Ok(Self {{ base_url, transport{} }})
    }}
"#,
            source,
            arguments,
            fields
        ),
        fill!(
            Rust,
            r#"    /// Creates a client for the server at `base_url` over the given transport.
{}    ///
    /// # Errors
    ///
    /// Fails if `base_url` is not an https URL (http is allowed for loopback).
    pub fn over(base_url: &str, transport: Transport{}) -> Result<Self, BuildError> {{
        Ok(Self {{ base_url: BaseUrl::parse(base_url)?, transport{} }})
    }}
"#,
            source,
            arguments,
            fields
        ),
        WITH_TRANSPORT.into(),
        WITH_DRIFT_OBSERVER.into(),
    ];
    items.extend(limits);
    items.extend(tokens.then(|| WITH_TOKENS.into()));
    items.extend(settings.iter().map(Setting::code));
    items.push(BASE_URL.into());
    items
}

const WITH_TRANSPORT: &str = r#"    /// Returns a client for the same server over another transport.
    #[must_use]
    pub fn with_transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }
"#;

const WITH_TOKENS: &str = r#"    /// Returns a client for the same server with another source of tokens.
    #[must_use]
    pub fn with_tokens(mut self, tokens: impl TokenSource) -> Self {
        self.tokens = Tokens::new(tokens);
        self
    }
"#;

const BASE_URL: &str = r#"    /// The server that requests go to.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }
"#;

const HOOK: &str = r#"/// Passes every request to `auth-transport`.
impl ClientHooks<Call> for generated::Client {
    async fn exec(&self, request: reqwest::Request, _info: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        self.inner.execute(request).await
    }
}
"#;
