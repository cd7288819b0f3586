//! Tests of reading whole texts.

mod agreement;
mod answers;
mod depth;
mod kept;
mod values;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DriftKind, Nullable, Received, read_json};

/// A type of answers.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Customer {
    #[serde(skip_serializing_if = "Received::is_absent")]
    id: Received<u64>,
    #[serde(skip_serializing_if = "Received::is_absent")]
    name: Received<String>,
    #[serde(default, skip_serializing_if = "Received::is_absent")]
    nickname: Received<String, Nullable>,
    #[serde(default, skip_serializing_if = "Received::is_absent")]
    status: Received<Status>,
    #[serde(default, skip_serializing_if = "Received::is_absent")]
    address: Received<Address>,
    #[serde(default, skip_serializing_if = "Received::is_absent")]
    tags: Received<Vec<String>>,
    #[serde(default, skip_serializing_if = "Received::is_absent")]
    friends: Received<Vec<Customer>>,
    #[serde(default, skip_serializing_if = "Received::is_absent")]
    notes: Received<BTreeMap<String, Note>>,
    #[serde(default, skip_serializing_if = "Received::is_absent")]
    best_friend: Received<Box<Customer>>,
    #[serde(default, rename = "a/b", skip_serializing_if = "Received::is_absent")]
    slash: Received<bool>,
    #[serde(default, skip_serializing_if = "Received::is_absent")]
    anything: Received<Value>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Address {
    #[serde(skip_serializing_if = "Received::is_absent")]
    city: Received<String>,
    #[serde(default, skip_serializing_if = "Received::is_absent")]
    ids: Received<Vec<std::net::Ipv4Addr>>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Note {
    text: Received<String>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize)]
enum Status {
    #[serde(rename = "active")]
    Active,
    #[serde(rename = "closed")]
    Closed,
}

/// Reads a text that must be readable; returns the value and the differences as text.
#[track_caller]
fn read<T: DeserializeOwned>(text: &str) -> (T, Vec<(String, DriftKind)>) {
    let read = read_json::<T>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    (read.value, read.drift.iter().map(|drift| (drift.pointer(), drift.kind())).collect())
}

/// The differences in the text of a customer, which must be written back as it was read but for `skipped` members.
#[track_caller]
fn drift(text: &str) -> Vec<(String, DriftKind)> {
    let (customer, drift) = read::<Customer>(text);
    let written = serde_json::to_string(&customer).expect("serializable");
    let (again, same) = read::<Customer>(&written);
    assert_eq!(customer, again, "{text}");
    let known = |drift: &[(String, DriftKind)]| {
        drift.iter().filter(|(_, kind)| *kind != DriftKind::UnknownMember).cloned().collect::<Vec<_>>()
    };
    assert_eq!(known(&drift), known(&same), "{text}");
    drift
}

/// `(pointer, kind)` pairs, for comparisons.
fn at<const N: usize>(pairs: [(&str, DriftKind); N]) -> Vec<(String, DriftKind)> {
    pairs.into_iter().map(|(pointer, kind)| (pointer.to_owned(), kind)).collect()
}
