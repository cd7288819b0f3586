//! The imports of a crate, file by file, read from its code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, UseTree, Visibility};

/// A module, as the names of its path.
type Module = Vec<String>;

/// The files that a file uses, with the imported names.
type Edges = BTreeMap<String, BTreeSet<String>>;

/// The imports of one crate.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    /// The file of each module.
    files: BTreeMap<Module, String>,
    /// The targets of the names that a module re-exports.
    handed_on: BTreeMap<(Module, String), Vec<String>>,
    edges: Edges,
    names: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Imports {
    /// Reads the crate whose sources are in a folder. Code for tests does not count.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut imports = Self::default();
        let mut parsed = Vec::new();
        collect(folder, "", &mut |file, text| {
            let code = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
            parsed.push((module_of(file), file.to_owned(), code.items));
        });
        let tests = parsed.iter().flat_map(|(module, _, items)| test_modules(module, items)).collect::<BTreeSet<_>>();
        let is_test = |module: &Module| tests.iter().any(|test| module.starts_with(test));
        parsed.retain(|(module, ..)| !is_test(module));
        imports.files = parsed.iter().map(|(module, file, _)| (module.clone(), file.clone())).collect();
        for (module, _, items) in &parsed {
            imports.hand_on(module, items);
        }
        for (module, file, items) in &parsed {
            imports.edges.entry(file.clone()).or_default();
            imports.items(file, module, items);
        }
        imports
    }

    /// The number of files.
    pub(crate) fn files(&self) -> usize {
        self.files.len()
    }

    /// Which files a file uses.
    pub(crate) fn edges(&self) -> &Edges {
        &self.edges
    }

    /// The imports between these files, with the names that are used.
    pub(crate) fn arrows(&self, files: &[String]) -> Vec<(String, String, BTreeSet<String>)> {
        let inside = self.names.iter().filter(|((from, to), _)| files.contains(from) && files.contains(to));
        inside.map(|((from, to), names)| (from.clone(), to.clone(), names.clone())).collect()
    }

    /// Records the names that a module re-exports.
    fn hand_on(&mut self, module: &Module, items: &[Item]) {
        for item in items {
            let Item::Use(item) = item else { continue };
            if matches!(item.vis, Visibility::Inherited) {
                continue;
            }
            for (path, name) in leaves(&item.tree) {
                if let Some(path) = self.absolute(module, &path, &BTreeMap::new()) {
                    self.handed_on.insert((module.clone(), name), path);
                }
            }
        }
    }

    /// Reads items of a file; `scope` is the module that they are in, which may be one inside the file.
    fn items(&mut self, file: &str, scope: &Module, items: &[Item]) {
        let mut known = BTreeMap::new();
        for item in items {
            if let Item::Use(item) = item
                && matches!(item.vis, Visibility::Inherited)
            {
                for (path, name) in leaves(&item.tree) {
                    let Some(path) = self.absolute(scope, &path, &known.clone()) else { continue };
                    self.uses(file, &path);
                    // A module that is imported is named by its last part from here on.
                    if self.files.contains_key(&path) {
                        known.insert(name, path);
                    }
                }
            }
        }
        for item in items {
            match item {
                Item::Use(_) => {}
                Item::Mod(inner) if is_test(&inner.attrs) => {}
                Item::Mod(inner) => {
                    if let Some((_, items)) = &inner.content {
                        let scope = [&scope[..], &[inner.ident.to_string()]].concat();
                        self.items(file, &scope, items);
                    }
                }
                item if is_test(attributes(item)) => {}
                item => self.tokens(file, scope, &known, item.to_token_stream()),
            }
        }
    }

    /// Finds paths to other files in code, that of macros included.
    fn tokens(&mut self, file: &str, scope: &Module, known: &BTreeMap<String, Module>, tokens: TokenStream) {
        let tokens = tokens.into_iter().collect::<Vec<_>>();
        let is_colons = |at: usize| {
            let colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
            colon(at) && colon(at + 1)
        };
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                // Documentation, which may link anywhere; and `pub(in path)`.
                TokenTree::Ident(name) if name == "pub" => {
                    let is_group = matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
                    at += 1 + usize::from(is_group);
                }
                TokenTree::Group(group) => {
                    let is_attribute = group.delimiter() == Delimiter::Bracket
                        && at.checked_sub(1).is_some_and(
                            |before| matches!(&tokens[before], TokenTree::Punct(mark) if mark.as_char() == '#'),
                        );
                    if !is_attribute {
                        self.tokens(file, scope, known, group.stream());
                    }
                    at += 1;
                }
                TokenTree::Ident(first) => {
                    let mut path = vec![first.to_string()];
                    let begins = at < 2 || !is_colons(at - 2);
                    at += 1;
                    while is_colons(at) {
                        let Some(TokenTree::Ident(next)) = tokens.get(at + 2) else { break };
                        path.push(next.to_string());
                        at += 3;
                    }
                    if begins
                        && path.len() > 1
                        && let Some(path) = self.absolute(scope, &path, known)
                    {
                        self.uses(file, &path);
                    }
                }
                _ => at += 1,
            }
        }
    }

    /// A path from the root of the crate; `None` if it leads out of the crate.
    fn absolute(&self, scope: &Module, path: &[String], known: &BTreeMap<String, Module>) -> Option<Vec<String>> {
        let (first, mut rest) = path.split_first()?;
        let mut base = match first.as_str() {
            "crate" => Vec::new(),
            "self" => scope.clone(),
            "super" => scope[..scope.len().checked_sub(1)?].to_vec(),
            name => match known.get(name) {
                Some(module) => module.clone(),
                None => {
                    Some([&scope[..], &[name.to_owned()]].concat()).filter(|child| self.files.contains_key(child))?
                }
            },
        };
        while rest.first().is_some_and(|next| next == "super") {
            base.pop()?;
            rest = &rest[1..];
        }
        Some([base, rest.to_vec()].concat())
    }

    /// Notes that a file uses what a path from the root means.
    fn uses(&mut self, file: &str, path: &[String]) {
        let mut path = path.to_vec();
        // A re-exported name counts for the module that defines it; the bound ends cycles of re-exports.
        for _ in 0..8 {
            let module = self.module(&path);
            let Some(name) = path.get(module.len()) else { break };
            match self.handed_on.get(&(module.clone(), name.clone())) {
                Some(to) => path = [&to[..], &path[module.len() + 1..]].concat(),
                None => break,
            }
        }
        let module = self.module(&path);
        let to = self.files[&module].clone();
        if to != file {
            self.edges.entry(file.to_owned()).or_default().insert(to.clone());
            let name = path.get(module.len()).cloned().unwrap_or_else(|| "self".to_owned());
            self.names.entry((file.to_owned(), to)).or_default().insert(name);
        }
    }

    /// The longest part of a path that is a module with a file.
    fn module(&self, path: &[String]) -> Module {
        let longest = (0..=path.len()).rev().find(|length| self.files.contains_key(&path[..*length]));
        path[..longest.unwrap_or_default()].to_vec()
    }
}

/// Calls `see` with each file of Rust below a folder and its text.
fn collect(folder: &Path, prefix: &str, see: &mut dyn FnMut(&str, String)) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths = entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), see);
        } else if name.ends_with(".rs")
            && !(prefix.starts_with("bin/") || name == "main.rs" && folder.join("lib.rs").exists())
        {
            see(&format!("{prefix}{name}"), fs::read_to_string(&path).expect("a text"));
        }
    }
}

/// The module that a file is.
fn module_of(file: &str) -> Module {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if ["lib", "main", "mod"].contains(&path) { Module::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// The modules in files of their own that are there for tests.
fn test_modules(module: &Module, items: &[Item]) -> Vec<Module> {
    let declared = items.iter().filter_map(|item| match item {
        Item::Mod(inner) if inner.content.is_none() && is_test(&inner.attrs) => Some(inner.ident.to_string()),
        _ => None,
    });
    declared.map(|name| [&module[..], &[name]].concat()).collect()
}

/// The paths of a `use`, each with the name that it brings.
fn leaves(tree: &UseTree) -> Vec<(Vec<String>, String)> {
    match tree {
        UseTree::Path(path) => {
            let first = path.ident.to_string();
            let inner = leaves(&path.tree).into_iter();
            inner
                .map(|(mut rest, name)| {
                    let name = if rest.is_empty() { first.clone() } else { name };
                    rest.insert(0, first.clone());
                    (rest, name)
                })
                .collect()
        }
        UseTree::Name(name) if name.ident == "self" => vec![(vec![], String::new())],
        UseTree::Name(name) => vec![(vec![name.ident.to_string()], name.ident.to_string())],
        UseTree::Rename(name) if name.ident == "self" => vec![(vec![], name.rename.to_string())],
        UseTree::Rename(name) => vec![(vec![name.ident.to_string()], name.rename.to_string())],
        UseTree::Glob(_) => vec![(vec![], String::new())],
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Const(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an item is compiled for tests only.
fn is_test(attributes: &[Attribute]) -> bool {
    let is = |attribute: &Attribute| {
        attribute.path().is_ident("cfg") && attribute.to_token_stream().to_string().contains("test")
    };
    attributes.iter().any(is)
}

/// The cycles: groups of more than one file that use each other, each sorted (Tarjan's strongly connected components).
pub(crate) fn circles(edges: &Edges) -> Vec<Vec<String>> {
    let mut search =
        Search { edges, index: BTreeMap::new(), low: BTreeMap::new(), stack: Vec::new(), found: Vec::new() };
    for file in edges.keys() {
        if !search.index.contains_key(file.as_str()) {
            search.visit(file);
        }
    }
    search.found.sort();
    search.found
}

struct Search<'a> {
    edges: &'a Edges,
    index: BTreeMap<&'a str, usize>,
    low: BTreeMap<&'a str, usize>,
    stack: Vec<&'a str>,
    found: Vec<Vec<String>>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, file: &'a str) -> usize {
        let number = self.index.len();
        self.index.insert(file, number);
        self.low.insert(file, number);
        self.stack.push(file);
        for next in self.edges.get(file).into_iter().flatten() {
            let low = match self.index.get(next.as_str()) {
                None => self.visit(next),
                Some(index) if self.stack.contains(&next.as_str()) => *index,
                Some(_) => continue,
            };
            let own = self.low[file].min(low);
            self.low.insert(file, own);
        }
        if self.low[file] == number
            && let Some(at) = self.stack.iter().position(|other| *other == file)
        {
            let mut circle = self.stack.split_off(at).into_iter().map(str::to_owned).collect::<Vec<_>>();
            circle.sort();
            self.found.extend((circle.len() > 1).then_some(circle));
        }
        self.low[file]
    }
}
