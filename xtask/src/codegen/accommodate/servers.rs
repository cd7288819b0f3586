//! Servers: the generated client knows those of the document, by absolute URLs with variables in their host names.

use serde_json::Value;

use super::{Accommodated, METHODS};
use crate::codegen::positions::child;
use crate::codegen::servers::{is_identifier, is_reachable};

/// Applies the rules of servers.
pub(super) fn apply(value: &mut Value, done: &mut Accommodated) {
    let mut servers = value.get("servers").and_then(Value::as_array).cloned().unwrap_or_default();
    collect(value, &mut servers, done);
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
fn collect(value: &mut Value, servers: &mut Vec<Value>, done: &mut Accommodated) {
    let Some(paths) = value.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths {
        let Some(item) = item.as_object_mut() else { continue };
        let place = child("/paths", path);
        take(item, &place, servers, done);
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                take(operation, &child(&place, method), servers, done);
            }
        }
    }
}

fn take(holder: &mut serde_json::Map<String, Value>, place: &str, servers: &mut Vec<Value>, done: &mut Accommodated) {
    let Some(Value::Array(own)) = holder.shift_remove("servers") else { return };
    let url = |server: &Value| server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    let names = own.iter().map(&url).collect::<Vec<_>>().join(", ");
    if own.is_empty() {
        return;
    }
    let same = own.len() == servers.len() && own.iter().zip(servers.iter()).all(|(own, other)| url(own) == url(other));
    if same {
        done.did("own-server", &child(place, "servers"), "these are the servers of the whole document");
        return;
    }
    for server in own {
        if !servers.iter().any(|other| url(other) == url(&server)) {
            servers.push(server);
        }
    }
    done.lost(
        "own-server",
        &child(place, "servers"),
        format!("requests go where the client points to; make one for {names} before you call what is here"),
    );
}

/// Rule `server-variable`: what cannot be an argument gets its default.
fn variables(server: &mut Value, pointer: &str, done: &mut Accommodated) {
    let url = server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    let host = url.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?', '#']).next().unwrap_or_default();
    let mut new = url.clone();
    for name in url.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name) {
        let place = format!("{{{name}}}");
        let found = server.get("variables").and_then(|variables| variables.get(name));
        let default = found.and_then(|it| it.get("default")).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let label = host.split(['.', ':']).any(|label| label == place);
        let usable = label && !host.contains(&format!(":{place}")) && is_identifier(&super::snake(name));
        if let (Some(default), false) = (default, usable) {
            new = new.replace(&place, &default);
            done.lost("server-variable", pointer, format!("`{name}` is `{default}`: it is no label of a host name"));
        }
    }
    if new != url {
        server["url"] = new.into();
    }
}

/// Rule `server-url`: what is no absolute URL that may be asked gets no constructor.
fn reachable(server: &Value, pointer: &str, done: &mut Accommodated) -> bool {
    let url = server.get("url").and_then(Value::as_str).unwrap_or_default();
    if is_reachable(server) {
        return true;
    }
    done.lost(
        "server-url",
        pointer,
        format!("`{url}` gets no constructor: it is no absolute https URL; give `Client::new` the whole base URL"),
    );
    false
}
