//! Changes of parameters.

use serde_json::Value;

use super::annotations::annotation;
use super::finding::Findings;
use super::kinds::Kind;
use super::level::Direction;
use super::node::Node;
use super::operation::Operation;
use super::schema;
use super::waiting::Role;

/// A parameter of an operation.
#[derive(Clone, Debug)]
struct Parameter<'a> {
    place: &'a str,
    name: &'a str,
    /// For a path parameter its position in the path, which is what it is known by.
    position: Option<usize>,
    node: Node<'a>,
}

impl<'a> Parameter<'a> {
    fn required(&self) -> bool {
        self.place == "path" || self.node.flag("required")
    }

    /// Headers are one whether written in small or capital letters.
    fn key(&self) -> String {
        match (self.position, self.place) {
            (Some(position), _) => format!("path {position}"),
            (None, "header") => format!("header {}", self.name.to_ascii_lowercase()),
            (None, place) => format!("{place} {}", self.name),
        }
    }

    /// Its schema, and the media type it is written in if it is.
    fn schema(&self) -> (Option<Node<'a>>, Option<&'a str>) {
        match self.node.named("content").into_iter().next() {
            Some((media, content)) => (content.get("schema"), Some(media)),
            None => (self.node.get("schema"), None),
        }
    }

    /// How it is written, defaults filled in.
    fn style(&self) -> (String, bool, bool, Option<&'a str>) {
        let form = matches!(self.place, "query" | "cookie");
        let style = self.node.text("style").unwrap_or(if form { "form" } else { "simple" });
        let explode = self.node.value.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
        // Formats of lists in Swagger 2.0 that no style has.
        let formats = self.node.value.get("x-collection-formats").map(Value::to_string).unwrap_or_default();
        (format!("{style}{formats}"), explode, self.node.flag("allowReserved"), self.schema().1)
    }
}

/// The parameters of an operation and of its path, the operation's first.
fn all<'a>(operation: &Operation<'a>) -> Vec<Parameter<'a>> {
    let names: Vec<&str> =
        operation.path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect();
    let mut found: Vec<Parameter<'a>> = Vec::new();
    for node in operation.node.items("parameters").into_iter().chain(operation.item.items("parameters")) {
        let node = node.resolved();
        let (Some(place), Some(name)) = (node.text("in"), node.text("name")) else { continue };
        if !found.iter().any(|other| other.place == place && other.name == name) {
            let position = names.iter().position(|other| *other == name).filter(|_| place == "path");
            found.push(Parameter { place, name, position, node });
        }
    }
    found
}

/// Compares the parameters of two operations.
pub(super) fn compare(findings: &mut Findings, old: &Operation<'_>, new: &Operation<'_>) {
    let operation = new.name();
    let (mut gone, mut fresh) = (all(old), Vec::new());
    for after in all(new) {
        match gone.iter().position(|before| before.key() == after.key()) {
            Some(index) => one(findings, &gone.remove(index), &after, &operation),
            None => fresh.push(after),
        }
    }
    for after in fresh {
        let name = format!("`{}` of `{operation}`", after.name);
        if let Some(index) = gone.iter().position(|before| before.name == after.name && before.place != after.place) {
            let before = gone.remove(index);
            let text = format!("the parameter {name} moved to the {} from the {}", after.place, before.place);
            findings.add(Kind::ParameterMoved, None, Some(&before.node), Some(&after.node), text);
            one(findings, &before, &after, &operation);
        } else if after.required() {
            let text = format!("the required {} parameter {name} was added", after.place);
            findings.add(Kind::RequiredParameterAdded, None, None, Some(&after.node), text);
        } else {
            let text = format!("the optional {} parameter {name} was added", after.place);
            findings.add(Kind::OptionalParameterAdded, None, None, Some(&after.node), text);
        }
    }
    for before in gone {
        let text = format!("the {} parameter `{}` of `{operation}` was removed", before.place, before.name);
        findings.add(Kind::ParameterRemoved, None, Some(&before.node), None, text);
    }
}

fn one(findings: &mut Findings, old: &Parameter<'_>, new: &Parameter<'_>, operation: &str) {
    let name = format!("`{}` of `{operation}`", new.name);
    let mut add = |kind: Kind, text: String| findings.add(kind, None, Some(&old.node), Some(&new.node), text);
    if new.place == "path" && old.name != new.name {
        add(Kind::PathParameterRenamed, format!("the path parameter {name} was called `{}`", old.name));
    }
    match (old.required(), new.required()) {
        (false, true) => add(Kind::ParameterBecameRequired, format!("the parameter {name} is required now")),
        (true, false) => add(Kind::ParameterBecameOptional, format!("the parameter {name} is optional now")),
        _ => {}
    }
    if old.place == new.place && old.style() != new.style() {
        add(Kind::ParameterStyleChanged, format!("the parameter {name} is written in another way"));
    }
    match (old.node.flag("deprecated"), new.node.flag("deprecated")) {
        (false, true) => add(Kind::ParameterDeprecated, format!("the parameter {name} is deprecated")),
        (true, false) => add(Kind::ParameterUndeprecated, format!("the parameter {name} is no longer deprecated")),
        _ => {}
    }
    let texts = ["description", "example", "examples"];
    let text = format!("the description or the examples of the parameter {name} changed");
    findings.member(Kind::ParameterDescriptionChanged, &old.node, &new.node, &texts, &text);
    let (Some(before), Some(after)) = (old.schema().0, new.schema().0) else { return };
    let defaults = (annotation(&before, "default"), annotation(&after, "default"));
    if defaults.0.as_ref().map(|it| it.value) != defaults.1.as_ref().map(|it| it.value) {
        let text = format!("the default of the parameter {name} changed");
        findings.add(Kind::ParameterDefaultChanged, None, defaults.0.as_ref(), defaults.1.as_ref(), text);
    }
    let subject = format!("{operation} ({})", new.name);
    schema::compare(findings, &before, &after, Direction::Request, Role::Parameter, &subject);
}
