//! A profile as TOML.

use std::fmt::Write as _;

use crate::commands::init::keep::Kept;

/// The table of a profile.
pub(super) fn profile(name: &str, fields: &[(&'static str, String)], secret: &(&'static str, Kept)) -> String {
    // A name may hold a dot, which would separate two names.
    let mut text = format!("[profiles.{}]\n", if name.contains('.') { quoted(name) } else { name.to_owned() });
    for (field, value) in fields {
        let _ = writeln!(text, "{field} = {}", quoted(value));
    }
    let (field, kept) = secret;
    let _ = writeln!(text, "{field} = {}", reference(kept));
    text
}

fn reference(kept: &Kept) -> String {
    match kept {
        Kept::File(path) => format!("{{ file = {} }}", quoted(&path.to_string_lossy())),
        Kept::Variable(name) => format!("{{ variable = {} }}", quoted(name)),
        Kept::Command(words) => {
            let words = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
            format!("{{ command = [{words}] }}")
        }
        Kept::Keyring(name) => format!("{{ keyring = {} }}", quoted(name)),
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_so_that_the_file_says_the_same() {
        for value in ["a", "a\"b\\c", "a\nb\t\u{7f}\u{85}", "\u{e9} \u{1f600}", "it's", ""] {
            let text = format!("a = {}", quoted(value));
            let table = toml::de::DeTable::parse(&text).unwrap();
            assert_eq!(table.get_ref()["a"].get_ref().as_str(), Some(value), "{text}");
        }
    }

    #[test]
    fn a_profile_is_a_table_with_its_secret_as_a_reference() {
        let fields = [("provider", "lean".to_owned()), ("region", "sa".to_owned())];
        for (kept, line) in [
            (Kept::File("a/b".into()), "client_secret = { file = \"a/b\" }"),
            (Kept::Variable("A".to_owned()), "client_secret = { variable = \"A\" }"),
            (
                Kept::Command(vec!["pass".to_owned(), "show".to_owned()]),
                "client_secret = { command = [\"pass\", \"show\"] }",
            ),
            (Kept::Keyring("lean".to_owned()), "client_secret = { keyring = \"lean\" }"),
        ] {
            let text = profile("lean", &fields, &("client_secret", kept));
            assert_eq!(text, format!("[profiles.lean]\nprovider = \"lean\"\nregion = \"sa\"\n{line}\n"));
        }
        assert!(profile("a.b", &[], &("a", Kept::Keyring("c".to_owned()))).starts_with("[profiles.\"a.b\"]\n"));
    }
}
