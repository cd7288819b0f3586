//! Changes of answers.

use codegen::media::is_json;
use serde_json::Value;

use super::bodies;
use super::finding::{Findings, pairs};
use super::kinds::Kind;
use super::level::Direction;
use super::node::Node;

type Coded<'a> = (&'a str, Node<'a>);

fn all<'a>(operation: &Node<'a>) -> Vec<Coded<'a>> {
    operation.members("responses").into_iter().map(|(code, node)| (code, node.resolved())).collect()
}

/// Whether a method succeeds with this status: redirects that the document describes are answers without a body.
fn succeeds(code: &str) -> bool {
    code.starts_with(['2', '3'])
}

/// Whether an answer has a body that makes a type: that of a redirect does not, nor that of an error that is not JSON.
fn has_body(code: &str, response: &Node<'_>) -> bool {
    let content = response.value.get("content").and_then(|it| it.as_object());
    match code.chars().next() {
        Some('3') => false,
        Some('4' | '5') => json(response).is_some(),
        _ => content.is_some_and(|map| !map.is_empty()),
    }
}

/// Whether the generated method gives an `Option`: some successes have the one JSON body, and some have none.
fn is_optional(responses: &[Coded<'_>]) -> bool {
    let successes = || responses.iter().filter(|(code, _)| succeeds(code));
    has_json(responses) && !is_by_status(responses, true) && successes().any(|(code, node)| !has_body(code, node))
}

/// Whether the type of the successes, or of the errors, is an enum by status: there are several JSON bodies.
fn is_by_status(responses: &[Coded<'_>], success: bool) -> bool {
    let group = responses.iter().filter(|(code, node)| succeeds(code) == success && has_body(code, node));
    let mut schemas = group.filter_map(|(_, node)| json(node)).map(|media| media.get("schema"));
    let first = schemas.next();
    schemas.any(|schema| Some(schema) != first)
}

/// Whether a response has a variant in such an enum: all have but successes with a body that is not JSON.
fn has_variant(code: &str, response: &Node<'_>) -> bool {
    !succeeds(code) || !has_body(code, response) || json(response).is_some()
}

fn has_json(responses: &[Coded<'_>]) -> bool {
    responses.iter().any(|(code, node)| succeeds(code) && has_body(code, node) && json(node).is_some())
}

/// Whether another answer of the same group, successes or errors, has this body: then the type of the group is the same.
fn group_has_body(responses: &[Coded<'_>], code: &str, body: &Node<'_>) -> bool {
    let mut group = responses.iter().filter(|(other, _)| succeeds(other) == succeeds(code));
    match json(body) {
        Some(media) => group.any(|(_, node)| json(node).is_some_and(|it| it.get("schema") == media.get("schema"))),
        None => group.any(|(code, node)| has_body(code, node)),
    }
}

/// The JSON body of an answer.
fn json<'a>(response: &Node<'a>) -> Option<&'a Value> {
    let content = response.value.get("content")?.as_object()?;
    content.iter().find(|(name, _)| is_json(name)).map(|(_, media)| media)
}

/// Compares the answers of two operations.
pub(super) fn compare(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>, operation: &str) {
    let sides = (old.get("responses"), new.get("responses"));
    let (old, new) = (all(old), all(new));
    // Where a body came or went, the finding about it says that the type is another: `retyped`, successes or errors.
    let both_by_status = |code: &str| [&old, &new].iter().all(|it| is_by_status(it, succeeds(code)));
    let mut retyped = Vec::new();
    let turned = has_json(&old) && has_json(&new) && is_optional(&old) != is_optional(&new);
    for (code, before, after) in pairs(&old, &new) {
        let nodes = (before.as_ref(), after.as_ref());
        let mut add = |kind: Kind, text: &str| {
            let text = text.replace("{}", &format!("`{operation}`")).replace("[]", code);
            findings.add(kind, None, nodes.0, nodes.1, text);
        };
        match nodes {
            (None, Some(after)) => {
                match succeeds(code) {
                    true => add(Kind::SuccessAdded, "{} may also succeed with []"),
                    false => add(Kind::ErrorAdded, "{} may also fail with []"),
                }
                if turned && succeeds(code) && !has_body(code, after) {
                    add(Kind::AnswerBecameOptional, "with [], {} succeeds without a body: an `Option`");
                }
                if has_body(code, after) && !both_by_status(code) && !group_has_body(&old, code, after) {
                    add(Kind::AnswerAdded, "the response [] of {} has a body");
                    retyped.push(succeeds(code));
                }
            }
            (Some(before), None) => {
                match succeeds(code) {
                    true => add(Kind::SuccessRemoved, "{} no longer succeeds with []"),
                    false => add(Kind::ErrorRemoved, "{} no longer documents the error []"),
                }
                if turned && succeeds(code) && !has_body(code, before) {
                    add(Kind::AnswerBecameRequired, "without [], {} always succeeds with a body: not an `Option`");
                }
                if has_body(code, before) && !group_has_body(&new, code, before) {
                    add(Kind::AnswerRemoved, "the response [] of {} was removed with its body");
                    retyped.push(succeeds(code));
                } else if both_by_status(code) && has_variant(code, before) {
                    add(Kind::AnswerVariantRemoved, "the type of {} has no variant for [] any more");
                }
            }
            (Some(before), Some(after)) => {
                both(findings, before, after, operation, code);
                if has_body(code, before) != has_body(code, after) {
                    retyped.push(succeeds(code));
                }
            }
            (None, None) => {}
        }
    }
    for (success, name) in [(true, "successes"), (false, "errors")] {
        let (kind, now) = match [&old, &new].map(|it| is_by_status(it, success)) {
            [false, true] => (Kind::AnswersSplit, "have several bodies now: an enum by status"),
            [true, false] => (Kind::AnswersMerged, "have one body now: not an enum"),
            _ => continue,
        };
        if !retyped.contains(&success) {
            findings.add(kind, None, sides.0.as_ref(), sides.1.as_ref(), format!("the {name} of `{operation}` {now}"));
        }
    }
}

fn both(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>, operation: &str, code: &str) {
    let name = format!("the response {code} of `{operation}`");
    match (has_body(code, old), has_body(code, new)) {
        (false, true) => {
            findings.add(Kind::AnswerAdded, None, Some(old), Some(new), format!("{name} has a body now"));
        }
        (true, false) => {
            findings.add(Kind::AnswerRemoved, None, Some(old), Some(new), format!("{name} has no body any more"));
        }
        _ => bodies::content(findings, old, new, Direction::Response, &format!("{operation} {code}")),
    }
    let text = format!("the description of {name} changed");
    findings.member(Kind::ResponseDescriptionChanged, old, new, &["description"], &text);
    findings.member(Kind::LinksChanged, old, new, &["links"], &format!("the links of {name} changed"));
    headers(findings, old, new, &name);
}

fn headers(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>, answer: &str) {
    for (name, before, after) in pairs(&named(old), &named(new)) {
        let header = format!("the header `{name}` of {answer}");
        let (kind, what) = match (&before, &after) {
            (None, _) => (Kind::HeaderAdded, "was added"),
            (_, None) => (Kind::HeaderRemoved, "was removed"),
            (Some(old), Some(new)) => {
                let text = format!("the description of {header} changed");
                findings.member(Kind::ResponseDescriptionChanged, old, new, &["description"], &text);
                let schemas = ["schema", "content"].map(|key| old.value.get(key) == new.value.get(key));
                if schemas.contains(&false) {
                    let text = format!("{header} has another form");
                    findings.add(Kind::HeaderChanged, None, Some(old), Some(new), text);
                }
                match (old.flag("required"), new.flag("required")) {
                    (true, false) => (Kind::HeaderBecameOptional, "may be missing now"),
                    (false, true) => (Kind::HeaderBecameRequired, "is always present now"),
                    _ => continue,
                }
            }
        };
        findings.add(kind, None, before.as_ref(), after.as_ref(), format!("{header} {what}"));
    }
}

/// Headers by name; their names are one whether written in small or capital letters.
fn named<'a>(response: &Node<'a>) -> Vec<(String, Node<'a>)> {
    let headers = response.named("headers").into_iter();
    headers.map(|(name, node)| (name.to_ascii_lowercase(), node.resolved())).collect()
}
