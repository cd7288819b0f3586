//! Names in Rust as the generator makes them, and names that are taken.

use std::collections::{BTreeMap, HashMap, HashSet};

use heck::{ToPascalCase, ToSnakeCase};
use openapi::work::step;

/// Names that the generated client or the shell around it need for themselves.
pub(crate) const TAKEN: &[&str] = &[
    "api_version",
    "base_url",
    "baseurl",
    "client",
    "exec",
    "inner",
    "new",
    "new_with_client",
    "over",
    "post",
    "pre",
    "with_body_limit",
    "with_drift_observer",
    "with_idle_timeout",
    "with_timeout",
    "with_tokens",
    "with_transport",
];

/// Names that generated modules use for other things.
const RESERVED: [&str; 6] = ["Ok", "Err", "Some", "None", "Self", "String"];

/// The field that the generator adds for members that no property describes, until it gets a name of its own.
pub(crate) const FURTHER: &str = "extra";

/// Of the stand-ins for names of properties, that of the property which gets the name [`FURTHER`] back.
pub(crate) fn further_name(names: &BTreeMap<String, String>) -> Option<&str> {
    let collides = |(_, old): &(&String, &String)| snake(old) == FURTHER;
    let stand_ins = names.iter().filter(collides).map(|(new, _)| new.as_str());
    stand_ins.min_by_key(|new| (new.len(), *new))
}

fn sanitize(input: &str, to_case: fn(&str) -> String, prefix: &str) -> String {
    let plain = |c: char| if c == '_' || c.is_alphanumeric() { c } else { '-' };
    let cased = match input {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => to_case(&input.replace('\'', "").chars().map(plain).collect::<String>()),
    };
    let begun = match cased.chars().next() {
        None => prefix.to_owned(),
        Some(c) if c.is_alphabetic() => cased,
        Some(_) => format!("{prefix}{cased}"),
    };
    if syn::parse_str::<syn::Ident>(&begun).is_ok() { begun } else { format!("{begun}_") }
}

/// The name of a type or a variant.
pub fn pascal(input: &str) -> String {
    sanitize(input, |text| text.to_pascal_case(), "X")
}

/// The name of a method, an argument or a field.
pub fn snake(input: &str) -> String {
    sanitize(input, |text| text.to_snake_case(), "x")
}

/// Names that are taken, in their form in Rust.
#[derive(Debug)]
pub(crate) struct UsedNames {
    form: fn(&str) -> String,
    forms: HashSet<String>,
    /// The number that was given last, by the form without a number: names that collide by the thousand are counted on.
    last: HashMap<String, usize>,
}

impl UsedNames {
    /// These names are taken, as they are.
    pub(crate) fn new<'a>(form: fn(&str) -> String, forms: impl IntoIterator<Item = &'a str>) -> Self {
        Self { form, forms: forms.into_iter().map(str::to_owned).collect(), last: HashMap::new() }
    }

    /// Takes a name; whether it was free.
    pub(crate) fn take(&mut self, name: &str) -> bool {
        step(1);
        self.forms.insert((self.form)(name))
    }

    /// Takes a name like this one that was free: `name`, or else one with a number and this mark before it.
    pub(crate) fn free(&mut self, name: &str, mark: char, is_free: impl Fn(&str) -> bool) -> String {
        if self.take(name) {
            return name.to_owned();
        }
        let mut count = self.last.get(&(self.form)(name)).copied().unwrap_or(1);
        let found = loop {
            count += 1;
            let found = format!("{name}{mark}{count}");
            if is_free(&found) && self.take(&found) {
                break found;
            }
        };
        self.last.insert((self.form)(name), count);
        found
    }
}

/// A name like this one whose form in Rust is not taken; takes it.
pub(crate) fn free(name: &str, taken: &mut UsedNames) -> String {
    taken.free(name, '_', |_| true)
}

/// Names for schemas that all differ in Rust, each beside the document's own.
pub(crate) fn distinct<'a>(schemas: impl IntoIterator<Item = &'a String>) -> Vec<(&'a String, String)> {
    let mut taken = UsedNames::new(pascal, RESERVED);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' };
    let names = schemas.into_iter();
    names.map(|name| (name, free(&name.chars().map(plain).collect::<String>(), &mut taken))).collect()
}

/// The Rust name of the type of each of these schemas, which are all that the document has.
pub fn type_names<'a>(schemas: impl IntoIterator<Item = &'a String>) -> BTreeMap<&'a str, String> {
    distinct(schemas).into_iter().map(|(name, new)| (name.as_str(), pascal(&new))).collect()
}
