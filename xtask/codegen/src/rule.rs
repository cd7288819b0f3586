//! The applied rules, and the results of adapting that later steps need.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::by_status::ByStatus;
use crate::requests::{BodyForm, Styled};
use crate::shape::Shapes;

/// The version that documents are rewritten in before progenitor reads them.
pub(crate) const LOWERED: &str = "3.0.3";

/// One application of a rule: a row of the report.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct AppliedRule {
    /// The rule's name.
    pub(crate) name: &'static str,
    /// The place in the document before lowering.
    pub(crate) pointer: String,
    /// Whether the lowered document says less about what is on the wire.
    pub(crate) loses_meaning: bool,
    /// What the rule did, as text.
    pub(crate) note: String,
}

/// The corrections of the generated code of one operation that the document cannot express.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wire {
    /// The `Accept` header, where it is not `application/json`.
    pub(crate) accept: Option<String>,
    /// The `Content-Type` of the request, where it is not the one that the generator sends.
    pub(crate) content_type: Option<String>,
    /// Whether the request may go without its body.
    pub(crate) optional_body: bool,
    /// Statuses of successes that have no body, `204` or `2XX`, beside others that have one.
    pub(crate) empty: Vec<String>,
    /// Names of query and header parameters: the one in the code, the one on the wire.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Parameters that `auth-transport` writes, by their names in the code.
    pub(crate) styled: BTreeMap<String, Styled>,
    /// The body, where `auth-transport` encodes it.
    pub(crate) form: Option<BodyForm>,
}

/// The result of adapting.
#[derive(Debug, Default)]
pub(crate) struct Adapted {
    /// The applied rules, in the order of the stages.
    pub(crate) rules: Vec<AppliedRule>,
    /// The corrections of the generated code, by `operationId`.
    pub(crate) wire: BTreeMap<String, Wire>,
    /// By the name of a schema, names of properties: the one in the code, the one on the wire.
    pub(crate) properties: BTreeMap<String, BTreeMap<String, String>>,
    /// The places of inline schemas by the names that they were given.
    pub(crate) places: BTreeMap<String, String>,
    /// The schemas whose `additionalProperties: false` was dropped.
    pub(crate) closed: BTreeSet<String>,
    /// The shapes of unions and of all that they consist of.
    pub(crate) shapes: Shapes,
    /// By `operationId`, the statuses of successes and errors that have several bodies.
    pub(crate) by_status: BTreeMap<String, ByStatus>,
    /// The operations that are left out, `GET /pets`, with the reason.
    pub(crate) left_out: Vec<(String, String)>,
}

impl Adapted {
    pub(crate) fn applied(&mut self, rule: &'static str, pointer: &str, note: impl Into<String>) {
        self.rules.push(AppliedRule {
            name: rule,
            pointer: pointer.to_owned(),
            loses_meaning: false,
            note: note.into(),
        });
    }

    pub(crate) fn lost(&mut self, rule: &'static str, pointer: &str, note: impl Into<String>) {
        self.rules.push(AppliedRule {
            name: rule,
            pointer: pointer.to_owned(),
            loses_meaning: true,
            note: note.into(),
        });
    }

    /// Records that an operation is left out.
    pub(crate) fn leave_out(&mut self, operation: &str, pointer: &str, reason: &str) {
        self.lost("leave-out", pointer, format!("{operation} was left out: {reason}"));
        self.left_out.push((operation.to_owned(), reason.to_owned()));
    }

    /// Records that a schema is any JSON, because the generator cannot take it.
    pub(crate) fn leave_schema_out(&mut self, name: &str, pointer: &str, reason: &str) {
        self.lost("leave-out", pointer, format!("the schema `{name}` is any JSON: {reason}"));
    }
}
