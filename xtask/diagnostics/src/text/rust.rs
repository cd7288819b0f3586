//! Text for Rust code.

use quote::ToTokens;
use syn::Type;

use super::markdown::Markdown;
use super::render;
use super::safe::{Text, one_line};

/// The place: a Rust file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InRust;

/// Text of a Rust file.
pub type Rust = Text<InRust>;

/// A part of a literal for `format!`.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'a> {
    /// Text that is written unchanged.
    Raw(&'a str),
    /// The name of a variable whose value is written there.
    Name(&'a str),
}

/// Whether a name is an identifier in Rust.
pub fn is_identifier(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_ok()
}

impl Rust {
    /// A string literal.
    pub fn literal(raw: &str) -> Self {
        Self::safe(format!("{raw:?}"))
    }

    /// A string literal for `format!`.
    pub fn format(pieces: &[Piece<'_>]) -> Self {
        let text = pieces.iter().map(|piece| match piece {
            Piece::Raw(raw) => raw.replace('{', "{{").replace('}', "}}"),
            Piece::Name(name) => format!("{{{}}}", Self::name(name)),
        });
        Self::literal(&text.collect::<String>())
    }

    /// An identifier: the name if it is one, otherwise one made from it.
    pub fn name(raw: &str) -> Self {
        if is_identifier(raw) {
            return Self::safe(raw.to_owned());
        }
        let plain = raw.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
        Self::safe(format!("x_{}", plain.collect::<String>()))
    }

    /// The text of a line comment.
    pub fn comment(raw: &str) -> Self {
        Self::safe(one_line(raw))
    }

    /// Doc comments; each line begins with `mark`.
    pub fn docs(mark: &'static str, indent: &'static str, text: &Markdown) -> Self {
        let lines = text.as_str().lines().map(|line| format!("{indent}{mark} {line}").trim_end().to_owned() + "\n");
        Self::safe(lines.collect())
    }

    /// A file, formatted.
    pub fn file(file: &syn::File) -> Self {
        Self::safe(prettyplease::unparse(file))
    }

    /// A type as people write it, with short paths.
    pub fn kind(kind: &Type) -> Self {
        let kind = kind.to_token_stream();
        let item: syn::File = syn::parse_quote!(type T = #kind;);
        let text = prettyplease::unparse(&item);
        let text = text.trim().trim_start_matches("type T =").trim_end_matches(';');
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let plain = plain
            .replace("::std::option::Option", "Option")
            .replace("::std::vec::Vec", "Vec")
            .replace("::std::string::String", "String")
            .replace("::auth_transport::ByteStream", "ByteStream");
        Self::safe(plain)
    }

    /// Generic parameters as people write them; empty if there are none.
    pub fn generics(generics: &syn::Generics) -> Self {
        if generics.params.is_empty() {
            return Self::default();
        }
        let text = prettyplease::unparse(&syn::parse_quote!(fn f #generics () {}));
        Self::safe(text.trim_start_matches("fn f").trim_end().trim_end_matches("() {}").to_owned())
    }

    /// The code as a code block in Markdown.
    pub fn example(&self, language: &'static str) -> Markdown {
        Markdown::safe(render::fenced(language, self.as_str()))
    }

    /// The code, each line indented by four spaces.
    pub fn indented(&self) -> Self {
        Self::safe(self.as_str().lines().map(|line| format!("    {line}\n")).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_has_the_value_that_it_was_made_from() {
        for raw in ["", "a \"b\" \\ {c}", "a\nb\r\u{7f}\u{202e}\u{2028}\u{0}", "*/ ``` ' ü"] {
            let literal = Rust::literal(raw);
            assert!(!literal.as_str().contains(crate::text::safe::is_hidden), "{literal:?}");
            assert_eq!(syn::parse_str::<syn::LitStr>(literal.as_str()).expect("a literal").value(), raw);
        }
        let format = Rust::format(&[Piece::Raw("https://{"), Piece::Name("zone"), Piece::Raw("}\n")]);
        assert_eq!(format.as_str(), "\"https://{{{zone}}}\\n\"");
    }

    #[test]
    fn every_name_becomes_an_identifier() {
        for (raw, name) in
            [("zone", "zone"), ("größe", "größe"), ("fn", "x_fn"), ("a b", "x_a_b"), ("", "x_"), ("a\n}", "x_a__")]
        {
            assert_eq!(Rust::name(raw).as_str(), name);
            assert!(is_identifier(name));
        }
    }

    #[test]
    fn a_comment_has_one_line() {
        assert_eq!(Rust::comment("a.yaml\nmod x;\r\u{2028}y").as_str(), "a.yaml mod x; y");
    }

    #[test]
    fn generic_parameters_are_written_as_people_write_them() {
        assert_eq!(Rust::generics(&syn::parse_quote!(<B: Into<reqwest::Body>>)).as_str(), "<B: Into<reqwest::Body>>");
        assert!(Rust::generics(&syn::Generics::default()).is_empty());
    }

    #[test]
    fn types_are_written_as_people_write_them() {
        for (tokens, text) in [
            ("& types :: T", "&types::T"),
            (":: std :: option :: Option < & str >", "Option<&str>"),
            ("()", "()"),
            ("::std::vec::Vec<::std::string::String>", "Vec<String>"),
            (":: auth_transport :: ByteStream", "ByteStream"),
        ] {
            assert_eq!(Rust::kind(&syn::parse_str(tokens).expect("a type")).as_str(), text);
        }
    }
}
