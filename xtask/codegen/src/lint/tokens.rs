//! Bearer tokens of several kinds in one document. A client has one source for all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::operation::Operation;
use crate::rule::AppliedRule;
use crate::security::{self, Requirement};

const RULE: &str = "one-token-source";

/// Rule `one-token-source`: operations that want different bearer tokens, or two in one request.
pub(crate) fn one_source(value: &Value, operations: &[Operation]) -> Vec<AppliedRule> {
    let wanting = operations.iter().filter(|operation| operation.security.wants_token());
    let (one, several): (Vec<_>, Vec<_>) =
        wanting.partition(|operation| tokens(operation.security.chosen()).len() == 1);
    let at_once = several.into_iter().map(|operation| AppliedRule {
        name: RULE,
        pointer: security::place(value, &operation.pointer),
        loses_meaning: true,
        note: format!(
            "{} wants {} in one request, which has room for one bearer token: one of the client's source is sent",
            operation.id,
            list(&tokens(operation.security.chosen()))
        ),
    });
    at_once.chain(different(&one)).collect()
}

/// What to say of operations that want one token each, if it is not the same for all.
fn different(operations: &[&Operation]) -> Option<AppliedRule> {
    let suitable = operations.iter().map(|operation| suitable(operation)).collect::<Vec<_>>();
    let all = suitable.iter().flatten().copied().collect::<BTreeSet<_>>();
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    suitable.iter().flatten().for_each(|name| *count.entry(name).or_default() += 1);
    let good = count.into_iter().filter(|(_, count)| *count == suitable.len()).map(|(name, _)| name);
    let good = good.collect::<BTreeSet<_>>();
    if all.len() < 2 {
        return None;
    }
    let names = list(&all);
    let note = match good.len() {
        0 => format!(
            "{names} are different bearer tokens, none of which is good for all operations, and a client has one source of \
             tokens: make a client for each, see `Client::with_tokens`"
        ),
        _ => format!(
            "{names} are bearer tokens, and a client has one source of tokens: one of {} is good for all operations",
            list(&good)
        ),
    };
    let pointer = "/components/securitySchemes".to_owned();
    Some(AppliedRule { name: RULE, pointer, loses_meaning: good.is_empty(), note })
}

/// The schemes of which a token may go in the place of the one that is sent.
fn suitable(operation: &Operation) -> BTreeSet<&str> {
    let beside = |all: &[Requirement]| {
        let others = all.iter().filter(|it| !it.kind.is_token());
        others.map(|it| it.scheme.clone()).collect::<BTreeSet<_>>()
    };
    let sent = beside(operation.security.chosen());
    let alike = operation.security.alternatives.iter().filter(|all| tokens(all).len() == 1 && beside(all) == sent);
    alike.flat_map(|all| tokens(all)).collect()
}

/// The schemes whose credential is a bearer token.
fn tokens(all: &[Requirement]) -> BTreeSet<&str> {
    all.iter().filter(|it| it.kind.is_token()).map(|it| it.described_as.as_str()).collect()
}

/// `a`, `b` and `c`.
fn list(names: &BTreeSet<&str>) -> String {
    let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::home::Home;
    use openapi::Document;

    /// Whether meaning is lost, and what is said, for operations with these requirements.
    fn run(operations: &[Value]) -> Vec<(bool, String)> {
        let mut value = json!({ "info": { "version": "1" }, "components": { "securitySchemes": {
            "a": { "type": "http", "scheme": "bearer" },
            "b": { "type": "oauth2" },
            "c": { "type": "openIdConnect" },
            "key": { "type": "apiKey", "in": "header", "name": "X-Key" },
            "basic": { "type": "http", "scheme": "basic" },
        } }, "paths": {} });
        for (index, security) in operations.iter().enumerate() {
            value["paths"][format!("/{index}")]["get"] =
                json!({ "operationId": format!("get{index}"), "security": security, "responses": {} });
        }
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        let found = super::super::lint(&document, &value, &Home::Workspace).expect("valid");
        let rows = one_source(&value, &found).into_iter();
        rows.inspect(|rule| assert_eq!(rule.name, RULE)).map(|rule| (rule.loses_meaning, rule.note)).collect()
    }

    #[test]
    fn one_kind_of_token_is_nothing_to_speak_of() {
        assert_eq!(run(&[json!([]), json!([{ "basic": [] }, { "a": [] }])]), []);
        assert_eq!(run(&[json!([{ "a": [] }]), json!([{ "a": [], "key": [] }]), json!([{}, { "a": [] }])]), []);
        assert_eq!(run(&[json!([{ "a": [], "key": [] }, { "b": [] }])]), [], "the first is sent");
    }

    #[test]
    fn tokens_that_are_alternatives_are_told_and_lose_nothing() {
        let alternatives = || json!([{ "a": [] }, { "b": ["s"] }]);
        let note = |good: &str| {
            format!(
                "`a` and `b` are bearer tokens, and a client has one source of tokens: one of {good} is good for all operations"
            )
        };
        assert_eq!(run(&[alternatives()]), [(false, note("`a` and `b`"))]);
        assert_eq!(run(&[alternatives(), json!([{ "b": [] }])]), [(false, note("`b`"))]);
    }

    #[test]
    fn operations_that_want_different_tokens_are_a_loss() {
        let note = "`a`, `b` and `c` are different bearer tokens, none of which is good for all operations, and a client \
                    has one source of tokens: make a client for each, see `Client::with_tokens`";
        let operations = [json!([{ "a": [] }]), json!([{ "b": [] }]), json!([{ "b": [] }, { "c": [] }])];
        assert_eq!(run(&operations), [(true, note.to_owned())]);
    }

    #[test]
    fn two_tokens_in_one_request_are_a_loss() {
        let note = "get1 wants `a` and `b` in one request, which has room for one bearer token: one of the client's source \
                    is sent";
        assert_eq!(run(&[json!([{ "a": [] }]), json!([{ "b": [], "a": [] }])]), [(true, note.to_owned())]);
    }
}
