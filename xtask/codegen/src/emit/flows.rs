//! The client credentials flows of a document, as constants from which a token cache can be built.

use std::collections::BTreeSet;

use diagnostics::text::{Markdown, Rust, fill};
use serde_json::Value;

use super::input::Input;
use crate::names::UsedNames;
use crate::names::{free, snake};
use crate::security::{Kind, Security};

/// A client credentials flow whose token endpoint is known.
#[derive(Debug)]
pub(super) struct Flow {
    /// Name of its constant.
    pub(super) constant: String,
    scheme: String,
    token_url: String,
    scopes: Vec<(String, String)>,
}

/// The flows of the security schemes that operations use. A `tokenUrl` that begins with `/` is
/// on the first server; without such a server, and for other relative ones, there is no constant.
pub(super) fn flows(input: &Input<'_>) -> Vec<Flow> {
    let used: BTreeSet<&str> = input
        .generated
        .methods
        .iter()
        .flat_map(|method| method.operation.security.chosen())
        .filter(|it| it.kind == Kind::OAuth2)
        .map(|it| it.described_as.as_str())
        .collect();
    let schemes = input.value.pointer("/components/securitySchemes").and_then(Value::as_object);
    let base = input.servers.first().filter(|server| server.variables.is_empty());
    let mut taken = UsedNames::new(str::to_owned, ["OPERATIONS"]);
    let mut flow = |(name, scheme): (&String, &Value)| {
        let flow = scheme.pointer("/flows/clientCredentials")?;
        let token_url = absolute(flow.get("tokenUrl")?.as_str()?, base.map(|server| server.url.as_str()))?;
        let scopes = flow.get("scopes").and_then(Value::as_object).into_iter().flatten();
        let scopes = scopes.map(|(scope, text)| (scope.clone(), text.as_str().unwrap_or_default().to_owned()));
        let constant = free(&format!("{}_CLIENT_CREDENTIALS", snake(name).to_ascii_uppercase()), &mut taken);
        Some(Flow { constant, scheme: name.clone(), token_url, scopes: scopes.collect() })
    };
    schemes.into_iter().flatten().filter(|(name, _)| used.contains(name.as_str())).filter_map(&mut flow).collect()
}

fn absolute(token_url: &str, server: Option<&str>) -> Option<String> {
    if token_url.starts_with("https://") || token_url.starts_with("http://") {
        return Some(token_url.to_owned());
    }
    let path = token_url.strip_prefix('/').filter(|path| !path.starts_with('/'))?;
    let (scheme, rest) = server?.split_once("://")?;
    let host = rest.split('/').next()?;
    Some(format!("{scheme}://{host}/{path}"))
}

/// The constants.
pub(super) fn constants(flows: &[Flow]) -> Rust {
    let constant = |flow: &Flow| {
        let docs = fill!(
            Markdown,
            "The client credentials flow of the security scheme {}: the token endpoint {}.",
            Markdown::code(&flow.scheme),
            Markdown::code(&flow.token_url)
        );
        let scope = |(scope, text): &(String, String)| {
            fill!(Rust, "    ({}, {}),\n", Rust::literal(scope), Rust::literal(text))
        };
        let scopes = match flow.scopes.as_slice() {
            [] => Rust::from("&[]"),
            scopes => fill!(Rust, "&[\n{}]", Rust::join(scopes.iter().map(scope), "")),
        };
        fill!(
            Rust,
            "{}pub const {}: ClientCredentialsFlow = ClientCredentialsFlow::new({}, {}, {});\n\n",
            Rust::docs("///", "", &docs),
            Rust::name(&flow.constant),
            Rust::literal(&flow.scheme),
            Rust::literal(&flow.token_url),
            scopes
        )
    };
    Rust::join(flows.iter().map(constant), "")
}

/// What the crate's documentation says about the first flow: the line that leads from the client to a token cache.
pub(super) fn section(input: &Input<'_>, flows: &[Flow]) -> Markdown {
    let Some(flow) = flows.first() else { return Markdown::default() };
    let module = Markdown::plain(&input.module());
    fill!(
        Markdown,
        "\n# Tokens\n\nThe document describes how a client gets its tokens: [`{}`]. With `auth-core` (feature `oauth2`), this is a cache \
         of tokens. If the client gets the cache itself, each request has a token with the scopes of its operation:\n\n\
         ```text\nlet tokens = TokenCache::new(OAuth2TokenEndpoint::of_flow(&{}::{}, credentials)?);\n\
         let client = {}::Client::new(base_url, tokens)?;\n```\n",
        Markdown::plain(&flow.constant),
        module.clone(),
        Markdown::plain(&flow.constant),
        module
    )
}

/// The scopes of the token of an operation.
pub(super) fn scopes(security: &Security) -> Vec<&str> {
    let tokens = security.chosen().iter().filter(|it| it.kind.is_token());
    let mut scopes: Vec<&str> = tokens.flat_map(|it| it.scopes.iter().map(String::as_str)).collect();
    let mut visited = BTreeSet::new();
    scopes.retain(|scope| visited.insert(*scope));
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_url_is_absolute_or_on_the_first_server() {
        for (token_url, server, expected) in [
            ("https://a.example/token", None, Some("https://a.example/token")),
            ("/oauth/token?a=b", Some("https://b.example:8443/v1"), Some("https://b.example:8443/oauth/token?a=b")),
            ("/token", None, None),
            ("token", Some("https://b.example"), None),
            ("//c.example/token", Some("https://b.example"), None),
        ] {
            assert_eq!(absolute(token_url, server).as_deref(), expected, "{token_url}");
        }
    }
}
