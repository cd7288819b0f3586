//! Finds every reference out of its file, and what becomes of its target.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use diagnostics::Problem;
use serde_json::Value;

use super::parts::{Fault, JUMPS, Parts, Place};
use super::shape::{self, Dialect, alias};
use crate::bases::Bases;
use crate::pointer::{child, enter, parts};
use crate::walk::{Holds, NodeKind};
use crate::work::step;

/// What becomes of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// It leads to a place in the document itself.
    Own(String),
    /// Its target becomes a named component.
    Named(Target),
    /// A copy of its target replaces it, because the specification has no name for it.
    Copied(Place),
}

/// The target of a reference that becomes a named component.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Target {
    /// The path of the file.
    pub(super) path: String,
    /// The pointer in that file.
    pub(super) pointer: String,
    /// The pointer to the components of its kind.
    pub(super) home: &'static str,
    /// The number of the file.
    pub(super) file: usize,
}

/// The references of a document and of all files that they lead to.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What becomes of the reference at each place that is read as each shape.
    pub(super) links: HashMap<(Holds, Place), Link>,
    /// The targets that become components, and their shapes.
    pub(super) targets: BTreeSet<(Target, NodeKind)>,
    /// The places of the document that only references make nodes.
    pub(super) extra: Vec<(Holds, String)>,
    /// The names of the components that the document has, by the pointer to their kind.
    pub(super) components: BTreeSet<(&'static str, String)>,
    /// The targets that are components of the document already, or replace one that consists of the reference.
    pub(super) taken: HashMap<Target, String>,
    pub(super) problems: Vec<Problem>,
}

/// Follows every reference, and reads the files that they lead to.
pub(super) fn discover(parts: &mut Parts<'_>, dialect: Dialect) -> Found {
    let root = parts.value(0);
    let version = root.get("openapi").and_then(Value::as_str).unwrap_or_default();
    let bases = if version.starts_with("3.1") { Bases::read(&root) } else { Bases::default() };
    let open = VecDeque::from([(Holds::One(NodeKind::Document), (0, String::new()))]);
    let found = Found::default();
    let (visited, copied, aliases, unreadable) = (HashSet::new(), vec![], vec![], vec![]);
    let mut search = Search { parts, dialect, bases, open, visited, copied, aliases, unreadable, found };
    while let Some((shape, (file, pointer))) = search.open.pop_front() {
        let value = search.parts.value(file);
        let Some(inner) = value.pointer(&pointer) else { continue };
        if file == 0 && !pointer.is_empty() && !search.visited.contains(&(shape, (file, pointer.clone()))) {
            search.found.extra.push((shape, pointer.clone()));
        }
        search.visit(inner, shape, file, &mut pointer.clone());
    }
    search.take_names();
    let unreadable = search.report_unreadable();
    search.found.problems.extend(unreadable);
    search.found
}

struct Search<'a, 'b> {
    parts: &'a mut Parts<'b>,
    dialect: Dialect,
    bases: Bases,
    open: VecDeque<(Holds, Place)>,
    visited: HashSet<(Holds, Place)>,
    /// The places of maps of components in other files, and where the document has them.
    copied: Vec<(Place, String)>,
    /// The components that consist of a reference, with their names, in their order.
    aliases: Vec<(Target, String)>,
    /// The first reference to each file that cannot be read: its place and its text, and why.
    unreadable: Vec<(Place, String, Problem)>,
    found: Found,
}

impl Search<'_, '_> {
    fn visit(&mut self, value: &Value, shape: Holds, file: usize, at: &mut String) {
        step(1);
        if !self.visited.insert((shape, (file, at.clone()))) {
            return;
        }
        let name = self.component(shape, file, at);
        if let Some((home, name)) = &name {
            self.found.components.insert((home, name.clone()));
        }
        if let Some(text) = shape::reference(value) {
            let is_alias = alias(value).is_some();
            self.link(shape, file, at, text, name.map(|(_, name)| name).filter(|_| is_alias));
        }
        if shape == Holds::One(NodeKind::Schema) {
            for (name, text) in shape::mapping(value) {
                let place = shape::mapped(at, name);
                let unreadable = self.unreadable.len();
                if let Ok(link) = self.follow(shape, file, &place, text) {
                    self.found.links.extend(link.map(|link| ((shape, (file, place)), link)));
                }
                // A value that leads nowhere may be anything, not only a reference.
                self.unreadable.truncate(unreadable);
            }
        }
        for (key, inner) in shape::children(value) {
            let Some(shape) = self.dialect.child(shape, &key) else { continue };
            let length = at.len();
            enter(at, &key);
            self.visit(inner, shape, file, at);
            at.truncate(length);
        }
    }

    /// Where the bundle has a place of a file, if that is a component or a map of components.
    fn placed(&self, file: usize, at: &str) -> Option<String> {
        if file == 0 {
            return Some(at.to_owned());
        }
        let inside = |(place, new): &(Place, String)| {
            let rest = at.strip_prefix(&place.1).filter(|_| place.0 == file)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{new}{rest}"))
        };
        self.copied.iter().find_map(inside)
    }

    /// The name of the component at a place, and the pointer to its kind.
    fn component(&self, shape: Holds, file: usize, at: &str) -> Option<(&'static str, String)> {
        let home = self.dialect.home(shape)?;
        let placed = self.placed(file, at)?;
        let name = placed.strip_prefix(home).filter(|rest| rest.rfind('/') == Some(0))?;
        Some((home, parts(name).pop()?))
    }

    /// Finds the targets that are components already.
    fn take_names(&mut self) {
        let mut taken = HashMap::new();
        for (target, node) in &self.found.targets {
            let name = self.component(Holds::One(*node), target.file, &target.pointer);
            taken.extend(name.map(|(_, name)| (target.clone(), name)));
        }
        for (target, name) in std::mem::take(&mut self.aliases) {
            taken.entry(target).or_insert(name);
        }
        self.found.taken = taken;
    }

    /// Records what becomes of the reference at a place; `name` is that of the component that consists of it.
    fn link(&mut self, shape: Holds, file: usize, at: &str, text: &str, name: Option<String>) {
        let unreadable = self.unreadable.len();
        match self.follow(shape, file, &child(at, "$ref"), text) {
            Ok(Some(link)) => {
                match (&link, name) {
                    (Link::Named(target), Some(name)) => self.aliases.push((target.clone(), name)),
                    (Link::Copied(from), _) => {
                        let placed = self.placed(file, at).filter(|place| place.matches('/').count() <= 2);
                        self.copied.extend(placed.map(|place| (from.clone(), place)));
                    }
                    _ => {}
                }
                self.found.links.insert((shape, (file, at.to_owned())), link);
            }
            Ok(None) => {}
            // Nothing is made of these; a later step drops them and says so.
            _ if matches!(shape, Holds::One(NodeKind::Example | NodeKind::Link)) => {
                self.unreadable.truncate(unreadable)
            }
            Err(problems) => self.found.problems.extend(problems),
        }
    }

    /// Follows a reference; `None` for those that stay as they are.
    fn follow(&mut self, shape: Holds, file: usize, place: &str, text: &str) -> Result<Option<Link>, Vec<Problem>> {
        let uri = text.split('#').next().unwrap_or_default();
        let is_bare = !uri.is_empty() && uri.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        let is_id = file == 0 && !uri.is_empty() && self.bases.named(uri, self.bases.resource(place)).is_some();
        // In Swagger 2.0, a bare name means a definition.
        if is_id || is_bare && self.dialect.is_swagger {
            return Ok(None);
        }
        if file == 0 && uri.is_empty() {
            // A place that holds no nodes may have references in it all the same.
            if let Some(pointer) = text.strip_prefix('#').and_then(crate::reference::decoded) {
                self.open.push_back((shape, (0, pointer)));
            }
            return Ok(None);
        }
        let (to, pointer) = match self.parts.target(file, text) {
            Ok(found) => found,
            Err(Fault::Outside) => return Ok(None),
            Err(fault) => return Err(self.problems(file, place, text, fault)),
        };
        let value = self.parts.value(to);
        let fits = value.pointer(&pointer).is_some_and(|value| shape::fits(shape, value));
        if !fits {
            let message = format!("the target of the reference `{text}` has another type than its place requires");
            return Err(vec![self.problem(file, place, message)]);
        }
        self.open.push_back((shape, (to, pointer.clone())));
        Ok(Some(match (to, self.dialect.home(shape), shape) {
            (0, Some(_), _) => Link::Own(pointer),
            (_, Some(home), Holds::One(node)) => {
                let target = Target { path: self.parts.path(to).to_owned(), pointer, home, file: to };
                self.found.targets.insert((target.clone(), node));
                Link::Named(target)
            }
            _ => Link::Copied((to, pointer)),
        }))
    }

    fn problem(&self, file: usize, place: &str, message: String) -> Problem {
        let problem = self.parts.document(file).problem(place, message);
        problem.remedy("correct the reference, or the file that it leads to")
    }

    fn problems(&mut self, file: usize, place: &str, text: &str, fault: Fault) -> Vec<Problem> {
        let problem = |message: String| vec![self.problem(file, place, message)];
        match fault {
            Fault::Outside => vec![],
            Fault::Nowhere => problem(format!("the reference `{text}` has no target")),
            Fault::Circle => {
                problem(format!("the reference `{text}` refers to itself, or to a row of more than {JUMPS} references"))
            }
            Fault::Reported(problems) => problems,
            Fault::Unreadable(why) => {
                self.unreadable.push(((file, place.to_owned()), text.to_owned(), why));
                vec![]
            }
        }
    }

    /// One problem for all files that cannot be read: they usually have one cause.
    fn report_unreadable(&self) -> Option<Problem> {
        let ((file, place), text, why) = self.unreadable.first()?;
        let message = match self.unreadable.len() {
            1 => format!("cannot follow the reference `{text}`: {}", why.message()),
            count => {
                let named = self.unreadable.iter().take(MAX_FILES_SHOWN).map(|((file, place), text, _)| {
                    let document = self.parts.document(*file);
                    let line = document.line(place).map(|line| format!(":{line}")).unwrap_or_default();
                    format!("`{text}` in {}{line}", document.file)
                });
                let named = named.collect::<Vec<_>>().join(", ");
                let more = count.saturating_sub(MAX_FILES_SHOWN);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("cannot follow the references to {count} files, {named}{more}; the first: {}", why.message())
            }
        };
        let problem = self.parts.document(*file).problem(place, message);
        Some(match why.advice() {
            Some(remedy) => problem.remedy(remedy),
            None => problem,
        })
    }
}

/// How many files are named that cannot be read.
const MAX_FILES_SHOWN: usize = 3;
