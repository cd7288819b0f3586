//! Prints the document after its overlay.

use serde_json::Value;

/// Writes a value as YAML or JSON, according to the extension of the document's file.
///
/// YAML is read back and compared, so the printed document is the one that codegen reads. A value that the YAML writer
/// cannot represent is written as JSON, which every YAML parser reads.
pub fn print(file: &str, value: &Value) -> String {
    let yaml = if file.ends_with(".json") { None } else { yaml(value) };
    yaml.unwrap_or_else(|| format!("{value:#}\n"))
}

fn yaml(value: &Value) -> Option<String> {
    let options = serde_saphyr::ser_options! { compact_list_indent: false, min_fold_chars: usize::MAX };
    let text = serde_saphyr::to_string_with_options(value, options).ok()?;
    let back = crate::document::Document::parse("x.yaml", text.clone()).ok()?;
    (back.value == *value).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_stays_yaml_and_json_stays_json() {
        let value = json!({ "openapi": "3.1.0", "tags": [{ "name": "a" }, {}], "n": [] });
        assert_eq!(print("a.yaml", &value), "openapi: \"3.1.0\"\ntags:\n  - name: a\n  - {}\n\"n\": []\n");
        assert_eq!(print("a.json", &json!({ "a": [1] })), "{\n  \"a\": [\n    1\n  ]\n}\n");
    }

    #[test]
    fn words_that_other_parsers_read_differently_are_quoted() {
        let value =
            json!({ "y": ["no", "010", "1_000", "1.0", "true", "null", "~", "", " x ", "a: b", "#c", "2026-11-23"] });
        let text = yaml(&value).expect("YAML");
        for word in ["no", "010", "1.0", "true", "null", "~", "", " x ", "a: b", "#c"] {
            assert!(text.contains(&format!("\"{word}\"")) || text.contains(&format!("'{word}'")), "{word}: {text}");
        }
    }

    #[test]
    fn printed_texts_are_read_back_unchanged() {
        for text in [
            "a\nb",
            "a\nb\n",
            "a\n\n",
            "\n",
            " a\n  b\n",
            "\ta\n",
            "a\r\nb",
            "é \u{1F600}",
            "\u{85}",
            "\u{0}",
            "- a",
            "---",
        ] {
            let value = json!({ "a": { "b": [text, { text: text }] } });
            assert!(yaml(&value).is_some(), "{text:?}");
        }
    }
}
