//! `lib.rs`: the public client around the generated one.
//!
//! The shell has to be generated too: only the crate that holds the generated client may implement the hook through
//! which `auth-transport` sees every request.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::{Fields, Item, Type};

use super::constructors::{SOURCE, constants, constructor};
use super::example::Example;
use super::{Home, Input, docs, limits, security};
use crate::codegen::generate::{Method, escape};

const RULE: &str = "#![cfg_attr(rustfmt, rustfmt_skip)]\n";

/// Writes `src/lib.rs`.
pub(super) fn shell(input: &Input<'_>, example: &Example) -> String {
    let mut out = input.header("// ", "");
    out.push_str(RULE);
    out.push_str(&docs("//!", "", &crate_docs(input, example)));
    out.push('\n');
    out.push_str(&imports(input));
    out.push_str(&docs("///", "", &client_docs(input)));
    let tokens = input.takes_tokens();
    let field = if tokens { "    tokens: Tokens,\n" } else { "" };
    out.push_str(&format!(
        "#[derive(Clone, Debug)]\npub struct Client {{\n    base_url: BaseUrl,\n    transport: Transport,\n{field}}}\n\n"
    ));
    out.push_str("impl Client {\n");
    let mut items = constants(input.servers);
    items.extend(input.servers.iter().map(|server| constructor(server, tokens)));
    items.extend(common(tokens, limits::methods(input)));
    let objects = objects(&input.generated.file);
    items.extend(input.generated.methods.iter().map(|it| method(it, &objects)));
    out.push_str(&items.join("\n"));
    out.push_str("}\n\n");
    out.push_str(&security::table(input));
    out.push_str(HOOK);
    out
}

fn crate_docs(input: &Input<'_>, example: &Example) -> String {
    let mut text = format!("Client for {}.\n", escape(&input.named()));
    let description = escape(input.text("/info/description"));
    if !description.is_empty() {
        text.push_str(&format!("\n{description}\n"));
    }
    text.push_str(&format!("\n# Example\n\n```no_run\n{}```\n", example.function(&input.module())));
    if !input.servers.is_empty() {
        text.push_str("\n# Servers\n\n| constructor | server |\n|---|---|\n");
        for server in input.servers {
            let title = escape(&server.title).replace('|', "\\|");
            text.push_str(&format!("| [`Client::{}`] | {title}: `{}` |\n", server.function, server.url));
        }
        text.push_str("| [`Client::new`] | any other |\n");
    }
    let (repeats, more) = if input.takes_tokens() {
        (
            ", and does so once more with another token if the server does not accept the first (see \
             [`Challenge::rejects_token`](auth_transport::Challenge::rejects_token))",
            " else",
        )
    } else {
        ("", "")
    };
    text.push_str(&format!(
        "\n# What it does and what not\n\nEach method sends one request and reads one answer{repeats}. Every request goes through \
         [`auth_transport`]: https only but for loopback, no redirects, timeouts, bounded answers, and errors that name the \
         operation, the server and the cause and repeat nothing secret. Nothing{more} is cached, retried or read from the \
         environment.\n",
    ));
    let link = |name: &str| format!("[`Client::{name}`]");
    text.push_str(&format!("\n# Limits\n\n{}\n", limits::paragraph(input, link)));
    text.push_str(&format!("\n# Where it comes from\n\n{}\n", input.provenance()));
    text
}

fn imports(input: &Input<'_>) -> String {
    let code = input.generated.file.to_token_stream().to_string();
    let uses = |name: &str| code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    let arguments = input.generated.methods.iter().flat_map(security::arguments).collect::<Vec<_>>();
    let takes = |kind: &str| arguments.iter().any(|argument| argument.kind == kind);
    let mut names = vec![
        "BaseUrl",
        "BuildError",
        "CredentialKind",
        "Error",
        "Operation",
        "Requirement",
        "ResponseValue",
        "Transport",
    ];
    names.extend(takes("&BasicCredentials").then_some("BasicCredentials"));
    let tokens = input.takes_tokens();
    let wants_secret = takes("&Secret") || tokens;
    names.extend((wants_secret || uses("Secret")).then_some("Secret"));
    names.extend(uses("ExpiresIn").then_some("ExpiresIn"));
    names.extend(["TokenSource", "TokenUnavailable"].into_iter().filter(|_| tokens));
    names.extend(input.has_streams().then_some("ByteStream"));
    names.sort_unstable();
    // Ranges of statuses stand beside single ones that they hold.
    let more = if input.home == Home::Workspace { "" } else { "non_camel_case_types, unreachable_patterns, " };
    format!(
        "// Not written by hand, so not held to the style of what is.\n\
         #[allow(clippy::all, dead_code, missing_docs, {more}unreachable_pub, unused_imports, unused_mut)]\n\
         mod generated;\n\n\
         pub use auth_transport::{{self, {}}};\npub use generated::types;\n\n\
         {call}use progenitor_client::{{ClientHooks, OperationInfo}};\n\n",
        names.join(", "),
        call = if tokens { "use auth_transport::{Call, Tokens};\n" } else { "use auth_transport::Call;\n" },
    )
}

fn client_docs(input: &Input<'_>) -> String {
    let named = escape(&input.named());
    let holds = if input.takes_tokens() {
        "clones share their connections and their source of tokens. Operations that want a bearer token get it from there; \
         other credentials are arguments."
    } else {
        "clones share their connections. It holds no credentials: each call gets them as arguments."
    };
    format!("Client for {named}.\n\nCheap to clone; {holds}")
}

/// What every client has.
fn common(tokens: bool, limits: Vec<String>) -> Vec<String> {
    let (argument, field, source) = if tokens {
        let source = format!("    ///\n    /// - `tokens`: {SOURCE}\n");
        (", tokens: impl TokenSource", ", tokens: Tokens::new(tokens)", source)
    } else {
        ("", "", String::new())
    };
    let mut items = vec![
        format!(
            r#"    /// A server of your own choice.
{source}    ///
    /// # Errors
    ///
    /// Fails if `base_url` is no https URL (http is allowed for loopback), or if the HTTP client cannot be built.
    pub fn new(base_url: &str{argument}) -> Result<Self, BuildError> {{
        let base_url = BaseUrl::parse(base_url)?;
        let transport = Transport::to(&base_url)?;
        Ok(Self {{ base_url, transport{field} }})
    }}
"#
        ),
        format!(
            r#"    /// A server of your own choice over a transport of your own.
{source}    ///
    /// # Errors
    ///
    /// Fails if `base_url` is no https URL (http is allowed for loopback).
    pub fn over(base_url: &str, transport: Transport{argument}) -> Result<Self, BuildError> {{
        Ok(Self {{ base_url: BaseUrl::parse(base_url)?, transport{field} }})
    }}
"#
        ),
        WITH_TRANSPORT.to_owned(),
    ];
    items.extend(limits);
    items.extend(tokens.then(|| WITH_TOKENS.to_owned()));
    items.push(BASE_URL.to_owned());
    items
}

const WITH_TRANSPORT: &str = r#"    /// The same server over another transport.
    #[must_use]
    pub fn with_transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }
"#;

const WITH_TOKENS: &str = r#"    /// The same server with tokens of another source.
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

const HOOK: &str = r#"/// Hands every request to `auth-transport`.
impl ClientHooks<Call> for generated::Client {
    async fn exec(&self, request: reqwest::Request, _info: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        self.inner.execute(request).await
    }
}
"#;

fn method(method: &Method, objects: &BTreeSet<String>) -> String {
    let [call, client] = ["call", "client"].map(|name| method.free(name));
    let credentials = security::arguments(method);
    let mut arguments = vec!["&self".to_owned()];
    arguments.extend(credentials.iter().map(security::Argument::declared));
    arguments.extend(method.arguments.iter().map(|(name, kind)| format!("{name}: {}", rust(kind))));
    let passed = method.arguments.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let mut code = docs("///", "    ", &method_docs(method));
    code.push_str(&format!(
        "    pub async fn {name}{generics}({arguments}) -> Result<ResponseValue<{success}>, Error<{error}>> {{\n\
         {made}\
         {i}let {client} = generated::Client::new_with_client(self.base_url.as_str(), {call}.client(), {call}.clone());\n\
         {i}{call}.finish({client}.{name}({passed})).await\n    }}\n",
        i = "        ",
        made = security::call(&method.operation.security, &credentials, &call, &expecting(method, objects), "        "),
        name = method.name,
        generics = method.generics,
        arguments = arguments.join(", "),
        success = rust(&method.success),
        error = rust(&method.error),
    ));
    code
}

/// The names of the types that are objects with members of their own.
fn objects(file: &syn::File) -> BTreeSet<String> {
    let modules = file.items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    let structs = modules.flat_map(|(_, items)| items).filter_map(|item| match item {
        Item::Struct(it) if matches!(it.fields, Fields::Named(_)) => Some(it.ident.to_string()),
        _ => None,
    });
    structs.collect()
}

/// What a call is told of its operation and of the answers that the document describes.
fn expecting(method: &Method, objects: &BTreeSet<String>) -> String {
    let operation = &method.operation;
    let mut text = format!(".of_operation({:?})", operation.id);
    if !operation.requests_tokens {
        text.push_str(".with_api_limits()");
    }
    let success = rust(&method.success);
    let named = success.strip_prefix("Option<").and_then(|inner| inner.strip_suffix('>')).unwrap_or(&success);
    if named.strip_prefix("types::").is_some_and(|name| objects.contains(name)) {
        text.push_str(".expecting_object()");
    }
    if method.streams() {
        text.push_str(".expecting_stream()");
    }
    if !operation.redirects.is_empty() {
        text.push_str(&format!(".expecting_redirects(&{:?})", operation.redirects));
    }
    text
}

fn method_docs(method: &Method) -> String {
    let mut text = method.doc.trim_end().to_owned();
    text.push_str(&security::docs(&method.operation.security, &security::arguments(method)));
    let documented = if method.operation.errors.is_empty() { "." } else { ", one of these among them:\n" };
    let token = if method.operation.security.wants_token() { "there is no token to send, if " } else { "" };
    text.push_str(&format!(
        "\n\n# Errors\n\nFails if {token}the request cannot be sent or takes too long, or if the answer is an error"
    ));
    text.push_str(documented);
    for (status, description) in &method.operation.errors {
        text.push_str(&format!("\n- `{status}`: {}", escape(description).replace('\n', " ")));
    }
    text
}

/// A type as people write it.
fn rust(kind: &Type) -> String {
    let kind = kind.to_token_stream();
    let item: syn::File = syn::parse_quote!(type T = #kind;);
    let text = prettyplease::unparse(&item);
    let text = text.trim().trim_start_matches("type T =").trim_end_matches(';');
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    plain
        .replace("::std::option::Option", "Option")
        .replace("::std::vec::Vec", "Vec")
        .replace("::std::string::String", "String")
        .replace("::auth_transport::ByteStream", "ByteStream")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_people_write_them() {
        for (tokens, text) in [
            ("& types :: T", "&types::T"),
            (":: std :: option :: Option < & str >", "Option<&str>"),
            ("()", "()"),
            ("::std::vec::Vec<::std::string::String>", "Vec<String>"),
            (":: auth_transport :: ByteStream", "ByteStream"),
        ] {
            assert_eq!(rust(&syn::parse_str(tokens).expect("a type")), text);
        }
    }
}
