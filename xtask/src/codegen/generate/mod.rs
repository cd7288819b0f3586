//! Step 6: progenitor, and what has to be put right in its output.

mod check;
mod culprit;
mod empty;
mod markdown;
mod methods;
mod polish;
mod prepare;
mod skeleton;
mod slots;
mod wire;

use std::panic::{self, AssertUnwindSafe};

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use serde_json::Value;

pub(crate) use culprit::Culprit;
pub(crate) use markdown::escape;
pub(crate) use methods::{Method, TAKEN};
pub(crate) use slots::can_be_slot;

use super::accommodate::Accommodated;
use super::lint::Operation;
use super::load::Document;
use crate::problem::{Problem, Problems, Result};

/// Name and version of the generator, pinned in the manifest.
pub(crate) const GENERATOR: &str = "progenitor 0.15.1";

/// The generated code.
#[derive(Debug)]
pub(crate) struct Generated {
    /// The types and the inner client.
    pub(crate) file: syn::File,
    /// The methods of the inner client, in the order of the operations.
    pub(crate) methods: Vec<Method>,
    /// Crates beyond the usual ones that the code uses.
    pub(crate) crates: Vec<ExtraCrate>,
}

/// A crate that only some generated code uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExtraCrate {
    /// Dates and times.
    Chrono,
    /// Regular expressions of `pattern`.
    Regress,
    /// Free JSON values.
    SerdeJson,
    /// UUIDs.
    Uuid,
}

/// Generates the code for an accommodated and linted document.
pub(crate) fn generate(
    document: &Document,
    value: &Value,
    operations: &[Operation],
    accommodated: &Accommodated,
) -> Result<Generated> {
    let mut prepared = skeleton::skeleton(value);
    let slots = prepare::prepare(document, &mut prepared)?;
    let (mut file, crates) = attempt(&prepared, &slots).map_err(|said| refused(document, &said))?;
    Problems::check(slots::check(document, &slots, &file))?;
    polish::polish(document, &mut file, operations, accommodated)?;
    let methods = methods::read(document, &file, operations)?;
    Ok(Generated { file, methods, crates })
}

/// What of the document the generator cannot take, if there is anything.
pub(crate) fn culprit(document: &Document, value: &Value) -> Result<Option<Culprit>> {
    let mut prepared = skeleton::skeleton(value);
    let slots = prepare::prepare(document, &mut prepared)?;
    let attempt = |value: &Value| attempt(value, &slots).map(|_| ());
    Ok(attempt(&prepared).err().map(|said| culprit::find(&prepared, said, &attempt)))
}

/// Runs the generator; an error is what it said.
fn attempt(prepared: &Value, slots: &[slots::Slot]) -> Result<(syn::File, Vec<ExtraCrate>), String> {
    let spec: OpenAPI = serde_path_to_error::deserialize(prepared)
        .map_err(|error| format!("not a valid OpenAPI document at `{}`: {}", error.path(), error.inner()))?;
    let mut generator = Generator::new(&settings(slots));
    let tokens = quietly(|| generator.generate_tokens(&spec).map_err(|error| error.to_string()))
        .map_err(|panic| format!("stopped: {panic}"))??;
    let file: syn::File = syn::parse2(tokens).map_err(|error| format!("wrote code that cannot be parsed: {error}"))?;
    check::types(&file)?;
    let types = generator.get_type_space();
    let crates = [
        (types.uses_chrono(), ExtraCrate::Chrono),
        (types.uses_regress(), ExtraCrate::Regress),
        (types.uses_serde_json(), ExtraCrate::SerdeJson),
        (types.uses_uuid(), ExtraCrate::Uuid),
    ];
    Ok((file, crates.into_iter().filter_map(|(used, name)| used.then_some(name)).collect()))
}

fn settings(slots: &[slots::Slot]) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote::quote!(::auth_transport::Call))
        .with_derive("::schemars::JsonSchema");
    for mapping in slots::MAPPINGS.iter().filter(|mapping| slots.iter().any(|slot| slot.mapping == **mapping)) {
        settings.with_conversion(mapping.schema(), mapping.rust_type(), std::iter::empty());
    }
    settings
}

fn refused(document: &Document, message: &str) -> Problem {
    document
        .problem("", format!("{GENERATOR} cannot take the document: {message}"))
        .remedy("find the construct that it means, and replace it with an overlay action")
}

/// Runs something that may panic, without the panic's report on the terminal.
fn quietly<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    panic::set_hook(hook);
    outcome.map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(quietly(|| 1), Ok(1));
        assert_eq!(quietly(|| panic!("no {}", 1)), Err::<(), _>("no 1".to_owned()));
        assert_eq!(quietly(|| panic!("no")), Err::<(), _>("no".to_owned()));
    }
}
