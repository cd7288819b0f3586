//! Compares the generated types with their schemas: both must accept and refuse the same bodies.

mod samples;

use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::pointer::child;
use crate::schemas::Schemas;
use crate::{ContractDocument, Documents, Layer, RunError};
use samples::Sample;

/// The result of comparing a type with its schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TypeReport {
    /// The file of the document.
    pub document: String,
    /// Name of the schema and of the type.
    pub name: String,
    /// Number of bodies that were tried.
    pub samples: usize,
    /// Number of bodies that only the type accepts, because it accepts `null` for an absent member.
    pub null_for_absent: usize,
    /// Number of bodies that only the type accepts, because it accepts every form of `expires_in`.
    pub any_expires_in: usize,
    /// Number of bodies that only the type accepts, because it reads a list of values as an object. The clients refuse
    /// such a response before a type reads it.
    pub list_for_object: usize,
    /// Descriptions of the bodies on which they differ for other reasons.
    pub differences: Vec<String>,
}

/// A generated type.
struct Generated {
    name: &'static str,
    schema: fn() -> Value,
    reads: fn(&Value) -> bool,
}

impl Generated {
    fn of<T: JsonSchema + DeserializeOwned>(name: &'static str) -> Self {
        // From text, as from the network, since `ExpiresIn` supports only that.
        Self {
            name,
            schema: || schema_for!(T).to_value(),
            reads: |value| serde_json::from_str::<T>(&value.to_string()).is_ok(),
        }
    }
}

/// Compares the types of both generated crates with the schemas of their documents after the overlays: both must accept
/// and refuse the same bodies. The bodies are generated from the types and from the schemas.
///
/// # Errors
/// [`RunError::Document`] if a schema cannot be used.
pub fn agreement(documents: &Documents) -> Result<Vec<TypeReport>, RunError> {
    use {lean_auth::types as lean, leanix_auth::types as leanix};
    let lean_types = [
        Generated::of::<lean::OAuthError>("OAuthError"),
        Generated::of::<lean::TokenRequest>("TokenRequest"),
        Generated::of::<lean::TokenResponse>("TokenResponse"),
    ];
    let leanix_types = [
        Generated::of::<leanix::AccessTokenRequest>("AccessTokenRequest"),
        Generated::of::<leanix::AccessTokenResponse>("AccessTokenResponse"),
        Generated::of::<leanix::ErrorDetail>("ErrorDetail"),
        Generated::of::<leanix::ErrorResponse>("ErrorResponse"),
    ];
    let mut reports = of_document(&documents.lean, &lean_types)?;
    reports.extend(of_document(&documents.leanix, &leanix_types)?);
    Ok(reports)
}

fn of_document(document: &ContractDocument, types: &[Generated]) -> Result<Vec<TypeReport>, RunError> {
    let schemas = document.schemas(Layer::Overlaid);
    let names = schemas.root()["components"]["schemas"].as_object().into_iter().flatten();
    names
        .map(|(name, _)| {
            let pointer = child("/components/schemas", name);
            match types.iter().find(|generated| generated.name == name) {
                Some(generated) => compare(document, schemas, &pointer, generated),
                None => Ok(TypeReport {
                    differences: vec!["the run has no type for this schema".to_owned()],
                    ..TypeReport::new(document, name)
                }),
            }
        })
        .collect()
}

impl TypeReport {
    fn new(document: &ContractDocument, name: &str) -> Self {
        let (document, name) = (document.file.clone(), name.to_owned());
        Self {
            document,
            name,
            samples: 0,
            null_for_absent: 0,
            any_expires_in: 0,
            list_for_object: 0,
            differences: vec![],
        }
    }
}

fn compare(
    document: &ContractDocument,
    schemas: &Schemas,
    pointer: &str,
    generated: &Generated,
) -> Result<TypeReport, RunError> {
    let (root, own) = (schemas.root(), Schemas::new((generated.schema)()));
    let accepts = |schemas: &Schemas, pointer: &str, value: &Value| {
        let found = schemas.mismatches(pointer, value);
        let failed = |problem| RunError::Document { file: document.file.clone(), problem };
        found.map(|found| found.iter().all(|mismatch| mismatch.unmentioned)).map_err(failed)
    };
    let mut report = TypeReport::new(document, generated.name);
    let mut samples = samples::of(root, pointer);
    samples.extend(samples::of(own.root(), "").into_iter().filter(|own| !samples.contains(own)).collect::<Vec<_>>());
    report.samples = samples.len();
    for Sample { label, value } in &samples {
        let (by_document, by_schema) = (accepts(schemas, pointer, value)?, accepts(&own, "", value)?);
        let by_type = (generated.reads)(value);
        if by_type == by_document && by_schema == by_document {
            continue;
        }
        let agreed = by_type && by_schema;
        let without_null = without_null(root, pointer, value);
        if agreed && accepts(schemas, pointer, &without_null)? {
            report.null_for_absent += 1;
        } else if agreed && accepts(schemas, pointer, &with_whole_seconds(&without_null))? {
            report.any_expires_in += 1;
        } else if by_type && !by_document && !by_schema && label.ends_with(samples::AS_A_LIST) {
            report.list_for_object += 1;
        } else {
            let word = |accepted| if accepted { "accepts" } else { "refuses" };
            report.differences.push(format!(
                "{label}: the document {} it, the type's schema {} it, the type {} it",
                word(by_document),
                word(by_schema),
                word(by_type)
            ));
        }
    }
    Ok(report)
}

/// The value without optional members that are `null`.
fn without_null(root: &Value, pointer: &str, value: &Value) -> Value {
    let mut value = value.clone();
    let required = root.pointer(&child(pointer, "required")).and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|required| required.iter().any(|known| known == name));
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, value| !value.is_null() || is_required(name));
        for inner in members.values_mut().filter_map(Value::as_array_mut).flatten().filter_map(Value::as_object_mut) {
            inner.retain(|_, value| !value.is_null());
        }
    }
    value
}

/// The value with a lifetime in whole seconds, if it has one in another form that servers send.
fn with_whole_seconds(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(lifetime) = value.get_mut("expires_in") {
        let is_number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
        if lifetime.is_number() || lifetime.as_str().is_some_and(is_number) {
            *lifetime = 1.into();
        }
    }
    value
}
