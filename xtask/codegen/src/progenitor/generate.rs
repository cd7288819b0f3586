//! One run of progenitor on a document.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use diagnostics::Result;
use openapi::Document;
use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use serde_json::Value;
use syn::visit::{self, Visit};

use super::bisect::{self, Stop};
use super::{check, descriptions, patterns, prepare, root, skeleton};
use crate::conversion::{CONVERSIONS, Converted, DECIMALS};

/// Name and version of the generator, pinned in the manifest.
pub(crate) const GENERATOR: &str = "progenitor 0.15.1";

/// A crate that only some generated code uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExtraCrate {
    /// Dates and times.
    Chrono,
    /// Decimal numbers, a feature of `auth-transport`.
    Decimal,
    /// Regular expressions of `pattern`.
    Regex,
    /// Free JSON values.
    SerdeJson,
    /// UUIDs.
    Uuid,
}

/// What the generator made of a document that it can take, as it wrote it.
#[derive(Debug)]
pub(crate) struct ProgenitorOutput {
    pub(crate) file: syn::File,
    pub(crate) crates: Vec<ExtraCrate>,
    pub(crate) conversions: Vec<Converted>,
    pub(crate) patterns: patterns::Patterns,
}

/// Runs the generator on an adapted document; the inner error is what of the document it cannot take.
pub(crate) fn take(document: &Document, value: &Value) -> Result<Result<ProgenitorOutput, Stop>> {
    let mut prepared = skeleton::skeleton(value);
    root::check(document, &prepared)?;
    let conversions = prepare::prepare(document, &mut prepared)?;
    let patterns = patterns::hide(&mut prepared);
    descriptions::render(&mut prepared);
    Ok(match attempt(&prepared, &conversions) {
        Ok((file, crates)) => Ok(ProgenitorOutput { file, crates, conversions, patterns }),
        Err(said) => Err(bisect::find(&prepared, said, &|value| attempt(value, &conversions).map(|_| ()))),
    })
}

/// Runs the generator; an error is what it said.
fn attempt(prepared: &Value, conversions: &[Converted]) -> Result<(syn::File, Vec<ExtraCrate>), String> {
    let spec: OpenAPI = serde_path_to_error::deserialize(prepared)
        .map_err(|error| format!("not a valid OpenAPI document at `{}`: {}", error.path(), error.inner()))?;
    let mut generator = Generator::new(&settings(conversions));
    let tokens = quietly(|| generator.generate_tokens(&spec).map_err(|error| error.to_string()))
        .map_err(|panic| format!("stopped: {panic}"))??;
    let file: syn::File = syn::parse2(tokens).map_err(|error| format!("wrote code that cannot be parsed: {error}"))?;
    check::types(&file)?;
    let types = generator.get_type_space();
    let crates = [
        (types.uses_chrono(), ExtraCrate::Chrono),
        (is_used(&file, "Decimal") || is_used(&file, "DecimalNumber"), ExtraCrate::Decimal),
        (types.uses_regress(), ExtraCrate::Regex),
        (types.uses_serde_json(), ExtraCrate::SerdeJson),
        (types.uses_uuid(), ExtraCrate::Uuid),
    ];
    Ok((file, crates.into_iter().filter_map(|(used, name)| used.then_some(name)).collect()))
}

fn settings(conversions: &[Converted]) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote::quote!(::auth_transport::Call))
        .with_derive("::schemars::JsonSchema")
        .with_derive("PartialEq");
    for conversion in
        CONVERSIONS.iter().filter(|conversion| conversions.iter().any(|converted| converted.conversion == **conversion))
    {
        settings.with_conversion(conversion.schema(), conversion.rust_type(), std::iter::empty());
    }
    for decimal in DECIMALS {
        settings.with_conversion(
            decimal.schema(),
            decimal.rust_type,
            [TypeImpl::Display, TypeImpl::FromStr].into_iter(),
        );
    }
    settings
}

/// Whether the code uses this item of `auth-transport`.
fn is_used(file: &syn::File, name: &str) -> bool {
    struct Paths<'a>(&'a str, bool);
    impl<'ast> Visit<'ast> for Paths<'_> {
        fn visit_path(&mut self, path: &'ast syn::Path) {
            visit::visit_path(self, path);
            let of_transport = path.segments.first().is_some_and(|first| first.ident == "auth_transport");
            self.1 |= of_transport && path.segments.last().is_some_and(|last| last.ident == self.0);
        }
    }
    let mut paths = Paths(name, false);
    paths.visit_file(file);
    paths.1
}

thread_local! {
    /// Whether panics of this thread are expected, and not reported on the terminal.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs something that may panic, without the panic's report on the terminal.
fn quietly<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                report(info)
            }
        }));
    });
    QUIET.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    QUIET.set(false);
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
