//! Patterns of strings, checked by an engine that does not backtrack.
//!
//! typify generates code for `regress`, which backtracks, and runs it while it generates. It gets a placeholder for each
//! pattern, which is replaced in its output.

use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value};
use syn::visit_mut::{self, VisitMut};

use crate::pattern::translate;

/// The patterns of a document: as it says them, and as they are checked.
#[derive(Debug, Default)]
pub(crate) struct Patterns(Vec<(String, String)>);

/// Put before and after the number of a pattern. No pattern holds it by accident.
const MARK: &str = "--pattern--";

/// Puts a word in the place of each pattern; those that cannot be checked have been reported and are dropped.
pub(super) fn hide(value: &mut Value) -> Patterns {
    let mut patterns = Patterns::default();
    let mut known = std::collections::HashMap::new();
    walk::change(value, NodeKind::Document, "", &mut |inner, node, _| {
        let Some(schema) = inner.as_object_mut().filter(|_| node == NodeKind::Schema) else { return };
        let Some(Value::String(pattern)) = schema.get("pattern").cloned() else { return };
        let number = *known.entry(pattern.clone()).or_insert_with(|| {
            let translated = translate(&pattern).ok()?;
            patterns.0.push((pattern, translated));
            Some(patterns.0.len() - 1)
        });
        put(schema, number);
    });
    patterns
}

fn put(schema: &mut Map<String, Value>, number: Option<usize>) {
    match number {
        Some(number) => drop(schema.insert("pattern".to_owned(), format!("{MARK}{number}{MARK}").into())),
        None => drop(schema.shift_remove("pattern")),
    }
}

/// Puts the patterns into the generated code.
pub(crate) fn show(file: &mut syn::File, patterns: &Patterns) {
    Show(patterns).visit_file_mut(file);
}

struct Show<'a>(&'a Patterns);

impl Show<'_> {
    /// A text with the patterns in the places of their words.
    fn restored(&self, text: &str) -> Option<String> {
        let mut parts = text.split(MARK);
        let mut restored = parts.next()?.to_owned();
        while let (Some(number), Some(rest)) = (parts.next(), parts.next()) {
            let (pattern, translated) = self.0.0.get(number.parse::<usize>().ok()?)?;
            let whole = restored.is_empty() && rest.is_empty();
            // In the schema that documentation shows, it is a JSON text.
            let json = Value::from(pattern.as_str()).to_string();
            let quoted = restored.ends_with("\"pattern\": \"");
            restored.push_str(match (whole, quoted) {
                (true, _) => translated,
                (false, true) => json.trim_start_matches('"').strip_suffix('"').unwrap_or(&json),
                (false, false) => pattern,
            });
            restored.push_str(rest);
        }
        Some(restored)
    }
}

impl VisitMut for Show<'_> {
    fn visit_ident_mut(&mut self, ident: &mut proc_macro2::Ident) {
        if ident == "regress" {
            *ident = proc_macro2::Ident::new("regex", ident.span());
        }
    }

    fn visit_lit_str_mut(&mut self, literal: &mut syn::LitStr) {
        let text = literal.value();
        if let Some(restored) = text.contains(MARK).then(|| self.restored(&text)).flatten() {
            *literal = syn::LitStr::new(&restored, literal.span());
        }
        visit_mut::visit_lit_str_mut(self, literal);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pattern_is_checked_by_the_engine_that_never_goes_back() {
        let mut value = json!({ "components": { "schemas": {
            "A": { "type": "string", "pattern": "^\\d$" }, "B": { "type": "string", "pattern": "(?=a)" },
            "C": { "type": "string", "pattern": "^\\d$" },
        } } });
        let patterns = hide(&mut value);
        let schemas = &value["components"]["schemas"];
        assert_eq!((&schemas["A"], &schemas["B"]), (&schemas["C"], &json!({ "type": "string" })));
        let word = schemas["A"]["pattern"].as_str().expect("a word");
        let code = format!(
            "#[doc = r#\"{{\"pattern\": \"{word}\"}}\"#] static P: ::regress::Regex = ::regress::Regex::new({word:?}); \
             const E: &str = \"doesn't match pattern {word}\";"
        );
        let mut file = syn::parse_str(&code).expect("valid code");
        show(&mut file, &patterns);
        let code = prettyplease::unparse(&file);
        assert!(code.contains(r#"static P: ::regex::Regex = ::regex::Regex::new("^[0-9]$");"#), "{code}");
        assert!(code.contains(r#""doesn't match pattern ^\\d$""#), "{code}");
        assert!(code.contains(r#"{"pattern": "^\\d$"}"#), "{code}");
    }
}
