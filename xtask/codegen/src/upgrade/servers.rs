//! Servers: `schemes`, `host` and `basePath` become `servers`.

use serde_json::{Value, json};

use super::change::Change;

/// Rule `servers`, and `scheme` for schemes that no HTTP client speaks.
pub(super) fn apply(value: &mut Value, change: &mut Change) {
    let Some(object) = value.as_object_mut() else { return };
    let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
    let (host, path) = (text(object.shift_remove("host")), text(object.shift_remove("basePath")));
    let schemes = object.shift_remove("schemes");
    let named = schemes.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let (mut usable, others): (Vec<&str>, Vec<&str>) = named.partition(|scheme| matches!(*scheme, "http" | "https"));
    if !others.is_empty() {
        let note = format!("the schemes {} were dropped: the client speaks HTTP", others.join(", "));
        change.lost("scheme", "/servers", note);
    }
    // The vendor's document comes from an https address; without a scheme, that is what Swagger means.
    if usable.is_empty() {
        usable.push("https");
    }
    // Of both, the one that does not show credentials.
    if usable.contains(&"https") {
        usable.retain(|scheme| *scheme == "https");
    }
    let path = path.trim_end_matches('/');
    let path = if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    if host.is_empty() && path.is_empty() {
        return;
    }
    let url = |scheme: &str| if host.is_empty() { path.clone() } else { format!("{scheme}://{host}{path}") };
    let servers = usable.iter().map(|scheme| json!({ "url": url(scheme) })).collect::<Vec<_>>();
    change.moved("/servers".to_owned(), if host.is_empty() { "/basePath".to_owned() } else { "/host".to_owned() });
    change.kept("servers", "/servers", format!("`schemes`, `host` and `basePath` became `{}`", url(usable[0])));
    object.insert("servers".to_owned(), servers.into());
}
