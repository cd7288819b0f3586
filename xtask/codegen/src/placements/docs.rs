//! Reads documentation as rustdoc does, and finds what must not be in it.

use std::collections::BTreeSet;

use pulldown_cmark::{BrokenLink, CodeBlockKind, Event, Options, Parser, Tag};
use syn::visit_mut::VisitMut;

use super::BOOM;

/// What is found wrong in the docs of a file.
#[derive(Default)]
pub(super) struct Docs {
    /// The number of own examples.
    pub(super) examples: usize,
    /// Whether the links of the client have yet to come.
    pub(super) links_missing: bool,
    /// What is wrong.
    pub(super) wrong: Vec<String>,
}

impl Docs {
    /// Reads one text as rustdoc does.
    pub(super) fn read(&mut self, text: &str, own_language: &str) {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_SMART_PUNCTUATION;
        let mut looked_up = BTreeSet::new();
        let mut look_up = |link: BrokenLink<'_>| {
            looked_up.insert(link.reference.into_string());
            None
        };
        let mut own = None;
        for event in Parser::new_with_broken_link_callback(text, options, Some(&mut look_up)) {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if &*info == "text" => {}
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if &*info == own_language => {
                    own = Some(String::new());
                }
                Event::Start(Tag::CodeBlock(kind)) => self.wrong.push(format!("a block: {kind:?}")),
                Event::End(pulldown_cmark::TagEnd::CodeBlock) => {
                    if let Some(code) = own.take() {
                        self.examples += 1;
                        if code.contains(BOOM) || !code.starts_with("use placed::{") {
                            self.wrong.push(format!("an example: {code}"));
                        }
                    }
                }
                Event::Text(text) => {
                    if let Some(code) = &mut own {
                        code.push_str(&text);
                    }
                }
                Event::Html(html) if html.starts_with("<!-- ") && html.matches("-->").count() == 1 => {}
                Event::Html(html) | Event::InlineHtml(html) => self.wrong.push(format!("HTML: {html}")),
                Event::Start(Tag::Image { dest_url, .. }) => self.wrong.push(format!("an image: {dest_url}")),
                Event::Start(Tag::Link { dest_url, link_type, .. }) => {
                    let starts = ["http://", "https://", "mailto:", "auth_transport::"];
                    let may = starts.iter().any(|start| dest_url.starts_with(start));
                    if !may && link_type != pulldown_cmark::LinkType::Email {
                        self.wrong.push(format!("a link: {dest_url}"));
                    }
                }
                _ => {}
            }
        }
        let linked = looked_up.contains("`Client::new`") && looked_up.contains("`Client::with_timeout`");
        if self.links_missing && !linked {
            self.wrong.push("our own links lead somewhere else".to_owned());
        }
        self.links_missing = false;
        let own = |name: &String| {
            let name = name.trim_matches('`');
            name.starts_with("Client::") || ["OPERATIONS", "auth_transport", "auth_transport::Received"].contains(&name)
        };
        self.wrong.extend(looked_up.into_iter().filter(|name| !own(name)).map(|name| format!("looked up: {name}")));
    }

    fn read_attributes(&mut self, attributes: &[syn::Attribute]) {
        let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(line), .. }) => Some(line.value()),
                other => panic!("{other:?}"),
            },
            _ => None,
        });
        let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned()).collect::<Vec<_>>();
        self.read(&lines.join("\n"), "no_run");
    }
}

impl VisitMut for Docs {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
        self.read_attributes(attributes);
    }
}
