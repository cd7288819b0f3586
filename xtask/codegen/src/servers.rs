//! The servers of a document, and the names their constructors get.

use std::collections::{HashMap, HashSet};

use diagnostics::{Problem, Problems, Result};
use heck::ToSnakeCase;
use openapi::Document;
use openapi::pointer::child;
use openapi::work::step;
use serde_json::Value;

pub(crate) use diagnostics::text::is_identifier;

use crate::names::TAKEN;

/// A server that becomes a constructor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// Name of the constructor.
    pub(crate) function: String,
    /// What the document calls it.
    pub(crate) title: String,
    /// Its URL, variables in braces.
    pub(crate) url: String,
    /// Its variables, in the order of the URL.
    pub(crate) variables: Vec<Variable>,
}

/// A part of a server's host name that the caller gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Its name in the document.
    pub(crate) name: String,
    /// Its name in Rust.
    pub(crate) argument: String,
    /// Its default, which is never taken unasked.
    pub(crate) default: String,
    /// What the document says about it.
    pub(crate) description: Option<String>,
    /// The values that the document lists.
    pub(crate) values: Vec<String>,
}

/// Reads the servers.
///
/// # Errors
///
/// Fails if a server is not an absolute URL with variables only in its host name.
pub(crate) fn read(document: &Document, value: &Value) -> Result<Vec<Server>> {
    read_list(document, value.get("servers").and_then(Value::as_array).map_or(&[], Vec::as_slice))
}

fn read_list(document: &Document, list: &[Value]) -> Result<Vec<Server>> {
    let mut problems = Vec::new();
    let mut servers: Vec<Server> = Vec::new();
    let (mut taken, mut last) = (HashSet::new(), HashMap::new());
    for (index, server) in list.iter().enumerate() {
        match read_one(document, server, &format!("/servers/{index}")) {
            Ok(mut server) => {
                let first = server.function.clone();
                let count = last.entry(first.clone()).or_insert(1);
                while !taken.insert(server.function.clone()) {
                    step(1);
                    *count += 1;
                    server.function = format!("{first}_{count}");
                }
                servers.push(server);
            }
            Err(problem) => problems.push(problem),
        }
    }
    Problems::check(problems)?;
    Ok(servers)
}

/// The names that the servers' constructors will have.
pub(crate) fn functions(value: &Value) -> Vec<String> {
    let Ok(document) = Document::parse("servers.json", "{}".to_owned()) else { return vec![] };
    let all = value.get("servers").and_then(Value::as_array).cloned().unwrap_or_default();
    let read = all.into_iter().filter(is_reachable).collect::<Vec<_>>();
    let servers = read_list(&document, &read).unwrap_or_default();
    servers.into_iter().map(|server| server.function).collect()
}

/// Whether a server can have a constructor: an absolute https URL (http for loopback) whose variables can be arguments.
pub(crate) fn is_reachable(server: &Value) -> bool {
    let url = server.get("url").and_then(Value::as_str).unwrap_or_default();
    let Some(host) = host(url) else { return false };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let loopback = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    let clean = !url.contains(['?', '#', ' ', '@']) && url.is_ascii();
    let Ok(document) = Document::parse("servers.json", "{}".to_owned()) else { return false };
    clean && (url.starts_with("https://") || loopback) && read_one(&document, server, "").is_ok()
}

fn read_one(document: &Document, server: &Value, pointer: &str) -> Result<Server, Problem> {
    let url = server.get("url").and_then(Value::as_str).unwrap_or_default().trim_end_matches('/');
    let place = child(pointer, "url");
    let host = host(url).ok_or_else(|| {
        document
            .problem(&place, format!("the server `{url}` is not an absolute http or https URL"))
            .remedy("complete it with an overlay action")
    })?;
    if let Some(stray) = stray(url) {
        return Err(document
            .problem(&place, format!("the server `{url}` has the character {stray:?}, which is not valid in a URL"))
            .remedy("write it as `%` and two hexadecimal digits, or remove it, with an overlay action"));
    }
    let mut variables: Vec<Variable> = Vec::new();
    for name in names_in_braces(host) {
        let variable = read_variable(document, server, name, pointer)?;
        if variables.iter().any(|other| other.argument == variable.argument) {
            return Err(document
                .problem(
                    &place,
                    format!("the server `{url}` has two variables for the argument `{}`", variable.argument),
                )
                .remedy("rename one of them with an overlay action"));
        }
        variables.push(variable);
    }
    if names_in_braces(url).len() != variables.len() {
        return Err(document
            .problem(
                &place,
                format!("the server `{url}` has a variable outside of its host name, which is not supported yet"),
            )
            .remedy("put a fixed value in its place with an overlay action"));
    }
    let description = server.get("description").and_then(Value::as_str).unwrap_or_default().trim();
    let title = if description.is_empty() { host } else { description };
    Ok(Server { function: function(description, host), title: title.to_owned(), url: url.to_owned(), variables })
}

fn read_variable(document: &Document, server: &Value, name: &str, pointer: &str) -> Result<Variable, Problem> {
    let place = child(&child(pointer, "variables"), name);
    let found = server.get("variables").and_then(|variables| variables.get(name));
    let text = |key: &str| found.and_then(|it| it.get(key)).and_then(Value::as_str).map(|text| text.trim().to_owned());
    let values = found.and_then(|it| it.get("enum")).and_then(Value::as_array);
    let argument = name.to_snake_case();
    if !is_identifier(&argument) {
        return Err(document
            .problem(&place, format!("the server variable `{name}` cannot be the name of an argument"))
            .remedy("rename it with an overlay action"));
    }
    let default = text("default").ok_or_else(|| {
        document
            .problem(&place, format!("the server variable `{name}` is not described, or has no default"))
            .remedy("add it with an overlay action")
    })?;
    let values = values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    Ok(Variable { name: name.to_owned(), argument, default, description: text("description"), values })
}

/// The part between `//` and the path, port included.
fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    (!host.is_empty()).then_some(host)
}

/// The first character that no URL has, outside the names of variables; braces are there for these alone.
fn stray(url: &str) -> Option<char> {
    let mut in_name = false;
    for c in url.chars() {
        match c {
            '{' if !in_name => in_name = true,
            '}' if in_name => in_name = false,
            c if c.is_control() || c.is_whitespace() => return Some(c),
            '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' if !in_name => return Some(c),
            _ => {}
        }
    }
    in_name.then_some('{')
}

fn names_in_braces(text: &str) -> Vec<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

/// `Sandbox - UAE` is `sandbox_uae`; without a handy description, the host gives the name.
fn function(description: &str, host: &str) -> String {
    let of = |text: &str| {
        let plain = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect::<String>();
        let words = plain.split_whitespace().map(str::to_ascii_lowercase).collect::<Vec<_>>();
        (1..=5).contains(&words.len()).then(|| words.join("_"))
    };
    let name = of(description).or_else(|| of(host)).unwrap_or_else(|| host.to_snake_case());
    if is_identifier(&name) && !TAKEN.contains(&name.as_str()) { name } else { format!("server_{name}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(servers: Value) -> Result<Vec<Server>> {
        let value = json!({ "servers": servers });
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        read(&document, &value)
    }

    #[test]
    fn constructors_are_named_after_the_description_or_the_host() {
        let servers = run(json!([
            { "url": "https://a.example", "description": "Production" },
            { "url": "https://b.example/", "description": "Sandbox - UAE" },
            { "url": "https://c.example/v1" },
            { "url": "https://d.example", "description": "Production" },
            { "url": "https://e.example", "description": "The one that is used by all of our old customers" },
            { "url": "http://127.0.0.1:80", "description": "1st" },
            { "url": "https://f.example", "description": "impl" },
            { "url": "https://g.example", "description": "New" },
        ]));
        let names = servers.expect("valid").into_iter().map(|server| server.function).collect::<Vec<_>>();
        assert_eq!(
            names,
            [
                "production",
                "sandbox_uae",
                "c_example",
                "production_2",
                "e_example",
                "server_1st",
                "server_impl",
                "server_new"
            ]
        );
    }

    #[test]
    fn variables_of_the_host_become_arguments() {
        let servers =
            run(json!([{ "url": "https://{subDomain}.{zone}.example/", "description": "Instance", "variables": {
            "zone": { "default": "eu", "enum": ["eu", "us"] }, "subDomain": { "default": "app", "description": "d\n" },
        } }]));
        let server = servers.expect("valid").remove(0);
        assert_eq!(server.url, "https://{subDomain}.{zone}.example");
        let arguments = server.variables.iter().map(|it| (it.argument.as_str(), it.default.as_str()));
        assert_eq!(arguments.collect::<Vec<_>>(), [("sub_domain", "app"), ("zone", "eu")]);
        assert_eq!(server.variables[0].description.as_deref(), Some("d"));
        assert_eq!(server.variables[1].values, ["eu", "us"]);
    }

    #[test]
    fn servers_that_cannot_be_told_are_refused() {
        let zones = json!({ "zone-a": { "default": "1" }, "zone_a": { "default": "1" }, "z\nx": { "default": "1" } });
        for (server, words) in [
            (json!({ "url": "https://a.example/v1\r" }), "has the character '\\r'"),
            (json!({ "url": "https://a.example/v1`\n\n```\nx" }), "has the character '`'"),
            (json!({ "url": "https://a.example/}" }), "has the character '}'"),
            (json!({ "url": "https://{zone_a}.a.example/{", "variables": zones }), "has the character '{'"),
            (json!({ "url": "https://{z\nx}.a.example", "variables": zones }), "has the character '\\n'"),
            (
                json!({ "url": "https://{zone-a}.{zone_a}.example", "variables": zones }),
                "two variables for the argument `zone_a`",
            ),
            (json!({ "url": "/v1" }), "not an absolute http or https URL"),
            (
                json!({ "url": "https://a.example/{version}", "variables": { "version": { "default": "1" } } }),
                "outside",
            ),
            (json!({ "url": "https://{a}.example" }), "not described"),
            (
                json!({ "url": "https://{fn}.example", "variables": { "fn": { "default": "1" } } }),
                "name of an argument",
            ),
        ] {
            let error = run(json!([server])).expect_err(words).to_string();
            assert!(error.contains(words) && error.contains("specs/a.json:1 (#/servers/0"), "{error}");
        }
    }
}
