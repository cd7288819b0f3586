//! One mutated document through the steps, and what has to be true of whatever comes out.

use std::collections::BTreeSet;
use std::time::Duration;

use diagnostics::Result;
use openapi::Document;
use openapi::overlay;
use quote::ToTokens;
use serde_json::Value;
use syn::visit::{self, Visit};

use crate::adapt::adapt;
use crate::answers::Answers;
use crate::home::{Alone, Home};
use crate::pipeline::{self, Target};
use crate::{draft, lower};

/// What happened in a run.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) loaded: usize,
    pub(super) drafted: usize,
    pub(super) overlaid: usize,
    pub(super) lowered: usize,
    pub(super) adapted: usize,
    pub(super) generated: usize,
    pub(super) left_out: usize,
    pub(super) refused: usize,
    pub(super) slowest: Duration,
}

/// How far a document is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Loaded, overlaid, lowered, adapted.
    Adapted,
    /// All of it, up to the files of the crate.
    Emitted,
}

/// Runs a document through the steps.
pub(super) fn one(file: &str, document: String, overlay: Option<String>, until: Until, tally: &mut Tally) {
    let overlay = overlay.and_then(|overlay| rendered(Document::parse("a.overlay.yaml", overlay), tally));
    let Some(document) = rendered(Document::parse(file, document), tally) else { return };
    tally.loaded += 1;
    assert!(document.line("").is_some(), "a document has a first line");
    drafted(file, &document, tally);
    let mut value = document.value.clone();
    if let Some(overlay) = &overlay {
        let mut changed = value.clone();
        if rendered(overlay::apply(overlay, file, &mut changed), tally).is_some() {
            tally.overlaid += 1;
            value = changed;
        }
        reads_back(file, &value);
    }
    if rendered(lower::lower(&document, &mut value), tally).is_none() {
        return;
    }
    tally.lowered += 1;
    let mut again = value.clone();
    let done = adapt(&mut value, &Home::alone());
    let same = adapt(&mut again, &Home::alone());
    assert!(value == again && done.rules == same.rules, "the same document becomes the same");
    assert!(done.rules.iter().all(|rule| !rule.name.is_empty() && !rule.note.is_empty()), "{:?}", done.rules);
    tally.adapted += 1;
    if until == Until::Emitted {
        emitted(&document, tally);
    }
}

/// A drafted overlay can be applied, and leaves nothing for a second draft.
fn drafted(file: &str, document: &Document, tally: &mut Tally) {
    let actions = draft::actions(&document.value);
    if actions.is_empty() {
        return;
    }
    let mut whole = draft::empty_overlay(&document.value, file);
    draft::add(&mut whole, &document.value, &actions);
    let text = overlay::print("a.overlay.yaml", &whole);
    let overlay = Document::parse("a.overlay.yaml", text).unwrap_or_else(|problems| panic!("{problems}"));
    let mut value = document.value.clone();
    overlay::apply(&overlay, file, &mut value).unwrap_or_else(|problems| panic!("{problems}"));
    let again = draft::actions(&value);
    assert!(again.is_empty(), "{again:?}");
    tally.drafted += 1;
}

/// What is printed after an overlay is the same value again.
fn reads_back(file: &str, value: &Value) {
    let text = overlay::print(file, value);
    let back = Document::parse(file, text.clone());
    assert_eq!(&back.unwrap_or_else(|problems| panic!("{problems}\n{text}")).value, value, "{text}");
}

fn emitted(document: &Document, tally: &mut Tally) {
    let home = Home::Alone(Alone::default());
    let target = Target { name: "fuzz", version: None, home, strict: false, answers: Answers::default() };
    let Some(output) = rendered(pipeline::run(&target, document, None, &mut |_| {}), tally) else { return };
    tally.generated += 1;
    tally.left_out += output.report.as_str().matches("\n  leave-out: ").count();
    let operations = output.json["operations"].as_array().map(Vec::len);
    for name in ["src/lib.rs", "src/generated.rs"] {
        let code = &output.files[name];
        let file = syn::parse_file(code).unwrap_or_else(|error| panic!("{name}: {error}\n{code}"));
        let mut look = Look::default();
        look.visit_file(&file);
        assert_eq!(look.wrong, None, "{name}\n{code}");
        assert_eq!(Some(look.methods), operations, "{name}: one method per operation");
    }
}

/// Problems have to be showable, none is without words, and none leaves open which part the generator stopped at.
fn rendered<T>(outcome: Result<T>, tally: &mut Tally) -> Option<T> {
    let problems = match outcome {
        Ok(value) => return Some(value),
        Err(problems) => problems,
    };
    tally.refused += 1;
    for problem in problems.iter() {
        assert!(!problem.message().is_empty() && problem.origin().is_some() && problem.advice().is_some(), "{problem}");
        assert!(!problem.message().contains("cannot take the document"), "{problem}");
        assert!(!problem.advice().is_some_and(|text| text.contains("a fault of the generator")), "{problem}");
        let text = anstream::adapter::strip_str(&diagnostics::render_problem(problem)).to_string();
        assert!(text.starts_with("error: ") && !text.contains('\u{1b}'), "{text}");
    }
    None
}

/// What the compiler would refuse, as far as one file shows it.
#[derive(Default)]
struct Look {
    module: Vec<String>,
    known: BTreeSet<String>,
    methods: usize,
    wrong: Option<String>,
}

impl Look {
    fn once(&mut self, what: String) {
        let path = format!("{}: {what}", self.module.join("::"));
        if !self.known.insert(path.clone()) {
            self.wrong.get_or_insert(format!("{path} is there twice"));
        }
    }
}

impl<'ast> Visit<'ast> for Look {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.once(format!("mod {}", item.ident));
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    /// What is in a constant without a name has names of its own.
    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.module.push(format!("_{}", self.known.len()));
        visit::visit_item_const(self, item);
        self.module.pop();
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.once(format!("type {}", item.ident));
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.once(format!("type {}", item.ident));
        for variant in &item.variants {
            self.once(format!("{}::{}", item.ident, variant.ident));
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let owner = item.self_ty.to_token_stream().to_string();
        match &item.trait_ {
            Some((_, path, _)) => self.once(format!("impl {} for {owner}", path.to_token_stream())),
            None => {
                for inner in &item.items {
                    let syn::ImplItem::Fn(function) = inner else { continue };
                    self.once(format!("fn {owner}::{}", function.sig.ident));
                    let public = matches!(function.vis, syn::Visibility::Public(_));
                    // A method beside one with optional parameters has no request of its own.
                    let delegates = function.block.to_token_stream().to_string().contains("Options :: default ()");
                    self.methods += usize::from(function.sig.asyncness.is_some() && public && !delegates);
                }
            }
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        let mut names = BTreeSet::new();
        for input in &signature.inputs {
            if let syn::FnArg::Typed(input) = input
                && !names.insert(input.pat.to_token_stream().to_string())
            {
                self.wrong.get_or_insert(format!("an argument of {} is there twice", signature.ident));
            }
        }
    }
}
