//! Servers: the generated client knows those of the document, by absolute URLs with variables in their host names.

use std::collections::HashSet;

use openapi::operations::METHODS;
use openapi::pointer::child;
use serde_json::Value;

use crate::names::snake;
use crate::rule::Adapted;
use crate::servers::{is_identifier, is_reachable};

/// Applies the rules of servers.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let mut servers = value.get("servers").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut urls = servers.iter().map(url).collect::<HashSet<_>>();
    collect(value, &mut servers, &mut urls, done);
    for (index, server) in servers.iter_mut().enumerate() {
        variables(server, &child("/servers", &index.to_string()), done);
    }
    let mut index = 0;
    servers.retain(|server| {
        let pointer = child("/servers", &index.to_string());
        index += 1;
        reachable(server, &pointer, done)
    });
    let Some(object) = value.as_object_mut() else { return };
    if object.contains_key("servers") || !servers.is_empty() {
        object.insert("servers".to_owned(), servers.into());
    }
}

/// Rule `own-server`: servers of single paths and operations join those of the document.
fn collect(value: &mut Value, servers: &mut Vec<Value>, urls: &mut HashSet<String>, done: &mut Adapted) {
    let Some(paths) = value.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths {
        let Some(item) = item.as_object_mut() else { continue };
        let place = child("/paths", path);
        take(item, &place, servers, urls, done);
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                take(operation, &child(&place, method), servers, urls, done);
            }
        }
    }
}

fn url(server: &Value) -> String {
    server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn take(
    holder: &mut serde_json::Map<String, Value>,
    place: &str,
    servers: &mut Vec<Value>,
    urls: &mut HashSet<String>,
    done: &mut Adapted,
) {
    let Some(Value::Array(own)) = holder.shift_remove("servers") else { return };
    let names = own.iter().map(url).collect::<Vec<_>>().join(", ");
    if own.is_empty() {
        return;
    }
    let same = own.len() == servers.len() && own.iter().zip(servers.iter()).all(|(own, other)| url(own) == url(other));
    if same {
        done.applied("own-server", &child(place, "servers"), "dropped: the document has the same servers");
        return;
    }
    for server in own {
        if urls.insert(url(&server)) {
            servers.push(server);
        }
    }
    done.lost(
        "own-server",
        &child(place, "servers"),
        format!("requests go to the server of the client; create one for {names} before you call this operation"),
    );
}

/// Rule `server-variable`: what cannot be an argument gets its default.
fn variables(server: &mut Value, pointer: &str, done: &mut Adapted) {
    let url = url(server);
    let host = url.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?', '#']).next().unwrap_or_default();
    let labels = host.split(['.', ':']).collect::<HashSet<_>>();
    let port = host.split(':').skip(1).collect::<HashSet<_>>();
    let mut fixed = HashSet::new();
    let mut parts = url.split('{');
    let mut new = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((name, rest)) = part.split_once('}') else {
            new.extend(["{", part]);
            continue;
        };
        let place = format!("{{{name}}}");
        let found = server.get("variables").and_then(|variables| variables.get(name));
        let default = found.and_then(|it| it.get("default")).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let usable = labels.contains(place.as_str()) && !port.contains(place.as_str()) && is_identifier(&snake(name));
        match default.filter(|_| !usable) {
            Some(default) => {
                new.extend([default.as_str(), rest]);
                if fixed.insert(name) {
                    done.lost(
                        "server-variable",
                        pointer,
                        format!("`{name}` is always `{default}`: it is not a label of a host name"),
                    );
                }
            }
            None => new.extend([place.as_str(), rest]),
        }
    }
    if new != url {
        server["url"] = new.into();
    }
}

/// Rule `server-url`: what is no absolute URL that may be asked gets no constructor.
fn reachable(server: &Value, pointer: &str, done: &mut Adapted) -> bool {
    let url = server.get("url").and_then(Value::as_str).unwrap_or_default();
    if is_reachable(server) {
        return true;
    }
    done.lost(
        "server-url",
        pointer,
        format!(
            "`{url}` gets no constructor: it is not an absolute https URL; pass the whole base URL to `Client::new`"
        ),
    );
    false
}
