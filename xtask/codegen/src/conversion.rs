//! Schemas that become hand-written types, by `format`; progenitor calls this a conversion.

use openapi::pointer::parts;
use schemars::schema::{InstanceType, SchemaObject};
use serde_json::{Map, Value};

/// A schema that becomes a hand-written type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Conversion {
    /// The schema's `type`.
    pub(crate) kind: &'static str,
    /// The schema's `format`.
    pub(crate) format: &'static str,
    pub(crate) name: &'static str,
}

/// The format of files in multipart bodies.
pub(crate) const FILE: &str = "auth-transport-file";

/// A decimal number, `format: decimal`, whose types keep its text; it may be at any place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    kind: InstanceType,
    pub(crate) rust_type: &'static str,
}

/// In a JSON string and as a JSON number.
pub(crate) const DECIMALS: [Decimal; 2] = [
    Decimal { kind: InstanceType::String, rust_type: "::auth_transport::Verbatim<::auth_transport::Decimal>" },
    Decimal { kind: InstanceType::Number, rust_type: "::auth_transport::DecimalNumber" },
];

impl Decimal {
    /// The schema in progenitor's words.
    pub(crate) fn schema(self) -> SchemaObject {
        SchemaObject {
            instance_type: Some(self.kind.into()),
            format: Some("decimal".to_owned()),
            ..SchemaObject::default()
        }
    }
}

/// Whether a schema is that of a decimal number.
pub(crate) fn is_decimal(schema: &Map<String, Value>) -> bool {
    let is =
        |key: &str, values: &[&str]| schema.get(key).and_then(Value::as_str).is_some_and(|it| values.contains(&it));
    is("format", &["decimal"]) && is("type", &["number", "string"])
}

/// All of them.
pub(crate) const CONVERSIONS: [Conversion; 3] = [
    Conversion { kind: "string", format: "password", name: "Secret" },
    Conversion { kind: "integer", format: "expires-in", name: "ExpiresIn" },
    Conversion { kind: "string", format: FILE, name: "FilePart" },
];

impl Conversion {
    /// The type's full path.
    pub(crate) fn rust_type(self) -> String {
        format!("::auth_transport::{}", self.name)
    }

    /// The schema in progenitor's words.
    pub(crate) fn schema(self) -> SchemaObject {
        let kind = if self.kind == "string" { InstanceType::String } else { InstanceType::Integer };
        SchemaObject {
            instance_type: Some(kind.into()),
            format: Some(self.format.to_owned()),
            ..SchemaObject::default()
        }
    }
}

/// A place of a schema with a hand-written type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Converted {
    pub(crate) conversion: Conversion,
    pub(crate) pointer: String,
    /// The component schema that it is in, if it is directly in one.
    pub(crate) component: Option<String>,
    /// The property whose type it is, or is part of.
    pub(crate) property: Option<String>,
}

impl Converted {
    /// The converted at a schema, if it is in a property or a component.
    pub(crate) fn at(conversion: Conversion, pointer: &str) -> Option<Self> {
        let parts = parts(pointer);
        let component = match parts.as_slice() {
            [components, schemas, name] if components == "components" && schemas == "schemas" => Some((name, None)),
            [components, schemas, name, further]
                if components == "components"
                    && schemas == "schemas"
                    && further == "additionalProperties"
                    && conversion.format == FILE =>
            {
                Some((name, None))
            }
            [components, schemas, name, properties, property, ..]
                if components == "components" && schemas == "schemas" && properties == "properties" =>
            {
                let is_direct = !parts[5..].iter().any(|part| part == "properties");
                is_direct.then_some((name, Some(property)))
            }
            _ => None,
        };
        let last = parts.iter().rposition(|part| part == "properties").and_then(|at| parts.get(at + 1));
        let (component, property) = match component {
            Some((name, property)) => (Some(name.clone()), property.cloned()),
            None => (None, Some(last?.clone())),
        };
        Some(Self { conversion, pointer: pointer.to_owned(), component, property })
    }
}

/// Whether a place can have a hand-written type.
pub(crate) fn can_be_converted(pointer: &str) -> bool {
    Converted::at(CONVERSIONS[0], pointer).is_some()
}
