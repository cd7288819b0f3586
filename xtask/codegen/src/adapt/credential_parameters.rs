//! Credentials that a document describes as parameters: they become security schemes, so that clients hold them as secrets.

use openapi::operations::each_operation;
use openapi::pointer::child;
use openapi::reference::resolve;
use serde_json::{Map, Value, json};

use crate::credential::{OPT_OUT, looks_like_credential};
use crate::rule::Adapted;
use crate::security::{Kind, PER_CALL, SCHEMES, Security};

/// In place of a parameter that is a scheme now, so that the others keep their places until the rules of parameters.
const GONE: Value = Value::Null;

/// Whether a parameter is a scheme now.
pub(super) fn is_gone(parameter: &Value) -> bool {
    *parameter == GONE
}

/// Applies rule `credential-parameter`: a credential in a header, a cookie or the query is a security scheme.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let snapshot = value.clone();
    let defined = snapshot.pointer(SCHEMES).and_then(Value::as_object).cloned().unwrap_or_default();
    let mut schemes = Schemes { all: defined };
    each_operation(value, &mut |_, _, pointer, operation| {
        let Some(list) = operation.get_mut("parameters").and_then(Value::as_array_mut) else { return };
        let mut found = Vec::new();
        for (index, parameter) in list.iter_mut().enumerate() {
            let Some(credential) = Credential::of(&snapshot, parameter) else { continue };
            let place = child(&child(pointer, "parameters"), &index.to_string());
            done.applied("credential-parameter", &place, credential.note());
            found.push((schemes.of(&credential), credential.is_required));
            *parameter = GONE;
        }
        if !found.is_empty() {
            require(&snapshot, operation, &found);
        }
    });
    if schemes.all.len() > snapshot.pointer(SCHEMES).and_then(Value::as_object).map_or(0, Map::len)
        && let Some(root) = value.as_object_mut()
        && let Some(components) = root.entry("components").or_insert_with(|| json!({})).as_object_mut()
    {
        components.insert("securitySchemes".to_owned(), schemes.all.into());
    }
}

/// A parameter that is a credential.
struct Credential<'a> {
    name: &'a str,
    place: &'a str,
    is_required: bool,
    description: Option<&'a str>,
}

impl<'a> Credential<'a> {
    /// Reads a parameter that is a single text with the name of a credential or the format of one.
    fn of(document: &Value, parameter: &'a Value) -> Option<Self> {
        let text = |key: &str| parameter.get(key).and_then(Value::as_str);
        let (name, place) = (text("name")?, text("in").filter(|place| ["header", "query", "cookie"].contains(place))?);
        let schema = resolve(document, parameter.get("schema")?)?;
        let has = |key: &str, wanted: &str| schema.get(key).is_some_and(|own| own == wanted);
        let is_marked = has("format", "password");
        let is_meant = looks_like_credential(name)
            && parameter.get(OPT_OUT) != Some(&Value::Bool(false))
            && schema.get(OPT_OUT) != Some(&Value::Bool(false));
        let is_text = has("type", "string") && schema.get("enum").is_none();
        // What the specification ignores, and what is no name of a header or a cookie, is left to the rules of parameters.
        let is_ignored = ["accept", "content-type", "authorization"].contains(&name.to_ascii_lowercase().as_str());
        let kind = Kind::of(&json!({ "type": "apiKey", "in": place, "name": name }));
        let is_one = is_text && (is_marked || is_meant) && !(place == "header" && is_ignored) && kind.is_key();
        is_one.then(|| Self {
            name,
            place,
            is_required: parameter.get("required") == Some(&Value::Bool(true)),
            description: text("description").map(str::trim).filter(|text| !text.is_empty()),
        })
    }

    /// Whether a scheme is this credential.
    fn is(&self, scheme: &Value) -> bool {
        let is = |key: &str, wanted: &str| scheme.get(key).is_some_and(|own| own == wanted);
        let name = scheme.get("name").and_then(Value::as_str).unwrap_or_default();
        let same = if self.place == "header" { name.eq_ignore_ascii_case(self.name) } else { name == self.name };
        is("type", "apiKey") && is("in", self.place) && same
    }

    /// What is in the query mostly belongs to single calls: the token of a link that was sent, a password.
    fn is_per_call(&self) -> bool {
        self.place == "query"
    }

    fn note(&self) -> String {
        let Self { name, place, .. } = self;
        let what = if self.is_per_call() { "an argument of type `Secret`" } else { "a setting of the client" };
        format!("the {place} parameter `{name}` is a credential: it is {what}")
    }
}

/// The schemes of the document and those that parameters describe.
struct Schemes {
    all: Map<String, Value>,
}

impl Schemes {
    /// The name of the scheme of a credential, which is added if there is none.
    fn of(&mut self, credential: &Credential<'_>) -> String {
        if let Some((name, _)) = self.all.iter().find(|(_, scheme)| credential.is(scheme)) {
            return name.clone();
        }
        let mut name = credential.name.to_owned();
        while self.all.contains_key(&name) {
            name.push('_');
        }
        let mut scheme = json!({ "type": "apiKey", "in": credential.place, "name": credential.name });
        if let Some(text) = credential.description {
            scheme["description"] = text.into();
        }
        if credential.is_per_call() {
            scheme[PER_CALL] = true.into();
        }
        self.all.insert(name.clone(), scheme);
        name
    }
}

/// Makes an operation require these schemes beside what it requires, or accept them if they are not required.
fn require(document: &Value, operation: &mut Value, found: &[(String, bool)]) {
    // What is no requirement is the lint's.
    if Security::read(document, operation).is_err() {
        return;
    }
    let own = operation.get("security").or_else(|| document.get("security")).and_then(Value::as_array).cloned();
    let mut before = own.filter(|own| !own.is_empty()).unwrap_or_else(|| vec![json!({})]);
    // With the credential, a request without others is an alternative like the rest, of which the first is sent.
    before.sort_by_key(|alternative| alternative.as_object().is_none_or(Map::is_empty));
    let with = |alternative: &Value, wanted: &dyn Fn(bool) -> bool| {
        let mut new = alternative.clone();
        for (name, _) in found.iter().filter(|(_, is_required)| wanted(*is_required)) {
            if let Some(new) = new.as_object_mut() {
                new.entry(name.clone()).or_insert_with(|| json!([]));
            }
        }
        new
    };
    let mut after = before.iter().map(|alternative| with(alternative, &|_| true)).collect::<Vec<_>>();
    for alternative in before.iter().map(|alternative| with(alternative, &|is_required| is_required)) {
        if !after.contains(&alternative) {
            after.push(alternative);
        }
    }
    if let Some(operation) = operation.as_object_mut() {
        operation.insert("security".to_owned(), after.into());
    }
}
