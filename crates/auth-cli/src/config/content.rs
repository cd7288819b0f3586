//! The content of a configuration file, with the places of its values.

use std::collections::BTreeMap;

use aws_lc_rs::digest::Context;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value of the file.
#[derive(Clone)]
pub(super) enum Content {
    Text(String),
    Boolean(bool),
    #[cfg_attr(not(feature = "sidecar"), allow(dead_code, reason = "for the sidecar"))]
    Number(u64),
    List(Vec<Placed>),
    Table(Fields),
    /// A value of a kind that no field has.
    Other,
}

/// A value and where it begins, in bytes.
#[derive(Clone)]
pub(super) struct Placed {
    pub(super) at: usize,
    pub(super) content: Content,
}

/// The fields of a table. The place of a field is that of its name.
pub(super) type Fields = BTreeMap<String, Placed>;

impl Placed {
    /// Feeds the value to a digest, without its place. Different values are different bytes.
    pub(super) fn feed(&self, digest: &mut Context) {
        let mut feed_text = |kind: u8, text: &str| {
            digest.update(&[kind]);
            digest.update(&text.len().to_le_bytes());
            digest.update(text.as_bytes());
        };
        match &self.content {
            Content::Text(text) => feed_text(0, text),
            Content::Boolean(value) => feed_text(1, if *value { "true" } else { "false" }),
            Content::Number(number) => feed_text(2, &number.to_string()),
            Content::Other => feed_text(3, ""),
            Content::List(values) => {
                digest.update(&[4]);
                digest.update(&values.len().to_le_bytes());
                values.iter().for_each(|value| value.feed(digest));
            }
            Content::Table(fields) => {
                digest.update(&[5]);
                digest.update(&fields.len().to_le_bytes());
                for (name, value) in fields {
                    digest.update(&name.len().to_le_bytes());
                    digest.update(name.as_bytes());
                    value.feed(digest);
                }
            }
        }
    }
}

/// The fields of a parsed table.
pub(super) fn fields(table: DeTable<'_>) -> Fields {
    let fields = table.into_iter().map(|(name, value)| {
        let at = name.span().start;
        (name.into_inner().into_owned(), Placed { at, content: content(value.into_inner()) })
    });
    fields.collect()
}

fn content(value: DeValue<'_>) -> Content {
    match value {
        DeValue::String(text) => Content::Text(text.into_owned()),
        DeValue::Boolean(value) => Content::Boolean(value),
        DeValue::Integer(number) => {
            u64::from_str_radix(number.as_str(), number.radix()).map_or(Content::Other, Content::Number)
        }
        DeValue::Array(values) => Content::List(values.into_iter().map(placed).collect()),
        DeValue::Table(table) => Content::Table(fields(table)),
        DeValue::Float(_) | DeValue::Datetime(_) => Content::Other,
    }
}

fn placed(value: Spanned<DeValue<'_>>) -> Placed {
    Placed { at: value.span().start, content: content(value.into_inner()) }
}
