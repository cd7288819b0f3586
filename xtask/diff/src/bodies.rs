//! Changes of request bodies, and of the media types of any body.

use codegen::media::rank as media_rank;

use super::finding::{Findings, pairs};
use super::kinds::Kind;
use super::level::Direction;
use super::node::Node;
use super::schema;
use super::waiting::Role;

/// Compares the request bodies of two operations.
pub(super) fn request(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>, operation: &str) {
    let sides = (old.get("requestBody").map(|it| it.resolved()), new.get("requestBody").map(|it| it.resolved()));
    let (before, after) = match &sides {
        (None, None) => return,
        (None, Some(after)) if after.flag("required") => {
            let text = format!("`{operation}` has a required request body now");
            return findings.add(Kind::RequiredBodyAdded, None, None, Some(after), text);
        }
        (None, Some(after)) => {
            let text = format!("`{operation}` has an optional request body now");
            return findings.add(Kind::OptionalBodyAdded, None, None, Some(after), text);
        }
        (Some(before), None) => {
            let text = format!("`{operation}` has no request body any more");
            return findings.add(Kind::BodyRemoved, None, Some(before), None, text);
        }
        (Some(before), Some(after)) => (before, after),
    };
    match (before.flag("required"), after.flag("required")) {
        (false, true) => {
            let text = format!("the request body of `{operation}` is required now");
            findings.add(Kind::BodyBecameRequired, None, Some(before), Some(after), text);
        }
        (true, false) => {
            let text = format!("the request body of `{operation}` is optional now");
            findings.add(Kind::BodyBecameOptional, None, Some(before), Some(after), text);
        }
        _ => {}
    }
    let text = format!("the description of the request body of `{operation}` changed");
    findings.member(Kind::BodyDescriptionChanged, before, after, &["description"], &text);
    content(findings, before, after, Direction::Request, &format!("{operation} body"));
}

/// The media type that the generated crate uses, of several.
fn preferred<'a>(body: &Node<'a>) -> Option<&'a str> {
    body.named("content").into_iter().map(|(name, _)| name).min_by_key(|name| media_rank(name))
}

/// Compares what a body may be written in.
pub(super) fn content(findings: &mut Findings, old: &Node<'_>, new: &Node<'_>, way: Direction, subject: &str) {
    let (old_used, new_used) = (preferred(old), preferred(new));
    for (media, before, after) in pairs(&old.named("content"), &new.named("content")) {
        let mut add = |kind: Kind, text: &str| {
            let text = text.replace("{}", &format!("`{subject}`")).replace("[]", &format!("`{media}`"));
            findings.add(kind, Some(way), before.as_ref(), after.as_ref(), text);
        };
        let (old, new) = match (&before, &after) {
            (None, _) => {
                let kind = if new_used == Some(media) { Kind::MediaTypePreferred } else { Kind::MediaTypeAdded };
                add(kind, "{} may also be []");
                continue;
            }
            (_, None) => {
                let kind = if old_used == Some(media) { Kind::MediaTypeRemoved } else { Kind::MediaTypeWithdrawn };
                add(kind, "{} is no longer []");
                continue;
            }
            (Some(old), Some(new)) => (old, new),
        };
        if old.value.get("encoding") != new.value.get("encoding") {
            add(Kind::EncodingChanged, "the encoding of {} as [] changed");
        }
        if ["example", "examples"].iter().any(|key| old.value.get(*key) != new.value.get(*key)) {
            add(Kind::MediaTypeExampleChanged, "the examples of {} as [] changed");
        }
        if old.get("schema").is_some() || new.get("schema").is_some() {
            let before = old.get("schema").unwrap_or_else(|| old.anything("schema"));
            let after = new.get("schema").unwrap_or_else(|| new.anything("schema"));
            schema::compare(findings, &before, &after, way, Role::Other, subject);
        }
    }
}
