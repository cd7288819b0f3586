//! Whether a schema accepts `null`.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use openapi::reference::target;
use openapi::work::step;
use serde_json::Value;

/// A bound on the work for one answer, for documents that refer to themselves in ever new ways.
const MAX_STEPS: u32 = 10_000;

/// A bound on the work for all answers together; beyond it, an answer gets [`MIN_STEPS`] steps.
const MAX_DOCUMENT_STEPS: u32 = 4_000_000;

/// A bound on the work for one answer of too many.
const MIN_STEPS: u32 = 100;

/// How many references are followed, one after the other.
const MAX_REFERENCE_DEPTH: usize = 200;

/// Whether what references lead to accepts `null`, as far as it is known.
#[derive(Debug, Default)]
pub(in crate::lower) struct Memo {
    known: RefCell<HashMap<String, bool>>,
    taken: Cell<u32>,
}

/// Whether the schema at a place of a document accepts `null`.
pub(super) fn accepts(document: &Value, memo: &Memo, pointer: &str) -> bool {
    let Some(schema) = document.pointer(pointer) else { return true };
    let most = (MAX_DOCUMENT_STEPS - memo.taken.get().min(MAX_DOCUMENT_STEPS)).clamp(MIN_STEPS, MAX_STEPS);
    let mut question = Question { document, memo, steps: most, open: vec![], lowest: usize::MAX };
    let accepted = question.accepts(schema);
    memo.taken.set(memo.taken.get().saturating_add(most - question.steps));
    accepted
}

/// One question, and what it has led to so far.
struct Question<'a> {
    document: &'a Value,
    memo: &'a Memo,
    steps: u32,
    /// The references that are being followed.
    open: Vec<&'a str>,
    /// The outermost of them that was met again: what is inside it is known for sure only with it.
    lowest: usize,
}

impl<'a> Question<'a> {
    fn accepts(&mut self, schema: &'a Value) -> bool {
        step(1);
        self.steps = self.steps.saturating_sub(1);
        let Value::Object(schema) = schema else { return schema != &Value::Bool(false) };
        if self.steps == 0 || schema.get("nullable") == Some(&Value::Bool(true)) {
            self.lowest = if self.steps == 0 { 0 } else { self.lowest };
            return true;
        }
        let kind = schema.get("type").is_none_or(|kind| match kind {
            Value::Array(kinds) => kinds.iter().any(|kind| kind == "null"),
            kind => kind == "null",
        });
        let listed = schema.get("enum").and_then(Value::as_array).is_none_or(|list| list.contains(&Value::Null));
        if !kind || !listed || schema.get("const").is_some_and(|value| !value.is_null()) {
            return false;
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str)
            && !self.referred(reference)
        {
            return false;
        }
        let mut count = |key: &str| {
            let members = schema.get(key).and_then(Value::as_array)?;
            let accepting = members.iter().filter(|member| self.accepts(member)).count();
            Some((accepting, members.len()))
        };
        let all = count("allOf").is_none_or(|(accepting, of)| accepting == of);
        let any = count("anyOf").is_none_or(|(accepting, _)| accepting > 0);
        let one = count("oneOf").is_none_or(|(accepting, _)| accepting == 1);
        let mut holds = |key: &str| schema.get(key).map(|inner| self.accepts(inner));
        let condition = match holds("if") {
            Some(true) => holds("then").unwrap_or(true),
            Some(false) => holds("else").unwrap_or(true),
            None => true,
        };
        all && any && one && condition && !holds("not").unwrap_or(false)
    }

    /// Whether what a reference leads to accepts `null`; in a circle, the circle itself rules nothing out.
    fn referred(&mut self, reference: &'a str) -> bool {
        if let Some(known) = self.memo.known.borrow().get(reference) {
            return *known;
        }
        if let Some(at) = self.open.iter().position(|open| *open == reference) {
            self.lowest = self.lowest.min(at);
            return true;
        }
        let Some(to) = target(self.document, reference) else { return true };
        if self.open.len() == MAX_REFERENCE_DEPTH {
            self.lowest = 0;
            return true;
        }
        let outer = std::mem::replace(&mut self.lowest, usize::MAX);
        let at = self.open.len();
        self.open.push(reference);
        let accepted = self.accepts(to);
        self.open.pop();
        if self.lowest >= at {
            self.memo.known.borrow_mut().insert(reference.to_owned(), accepted);
        }
        self.lowest = if self.lowest < at { outer.min(self.lowest) } else { outer };
        accepted
    }
}
