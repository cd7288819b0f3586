//! An example that compiles: it calls the first operation whose arguments can be constructed.

use std::collections::HashMap;

use diagnostics::text::{Rust, fill};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Fields, ItemEnum, ItemStruct, Type};

use super::held::Held;
use super::input::Input;
use super::security;
use super::settings::held;
use crate::patch::Method;
use crate::servers::Server;

/// An example, in parts, because several files contain it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Example {
    /// What is imported from the crate.
    pub(super) imports: Vec<&'static str>,
    /// Arguments of the function around it.
    pub(super) arguments: Rust,
    /// Its statements.
    pub(super) body: Rust,
}

impl Example {
    /// The function that holds it.
    pub(super) fn function(&self, module: &str) -> Rust {
        let imports = self.imports.iter().map(|name| Rust::from(*name));
        fill!(
            Rust,
            "use {}::{{{}}};\n\nasync fn example({}) -> Result<(), Box<dyn std::error::Error>> {{\n{}    Ok(())\n}}\n",
            Rust::name(module),
            Rust::join(imports, ", "),
            self.arguments,
            self.body.indented()
        )
    }
}

/// Writes an example for this crate.
pub(super) fn example(input: &Input<'_>) -> Example {
    let mut types = Types::default();
    types.visit_file(&input.generated.file);
    let (tokens, held) = (input.takes_tokens(), held(input));
    let client = fill!(Rust, "let client = {};\n", constructor(input.servers.first(), &held));
    let given = held.iter().map(Held::declared).collect::<Vec<_>>();
    let has_keys = held.len() > usize::from(tokens);
    let methods = input.generated.methods.iter().filter(|method| method.generics.is_empty());
    for method in methods.filter(|method| !method.operation.is_deprecated) {
        if let Some(call) = call(method, &types) {
            let mut imports = vec!["Client"];
            let credentials = security::arguments(method);
            if has_keys || call.as_str().contains("Secret::") || credentials.iter().any(|it| it.kind == "&Secret") {
                imports.push("Secret");
            }
            if credentials.iter().any(|it| it.kind == "&BasicCredentials") {
                imports.insert(0, "BasicCredentials");
            }
            imports.extend(tokens.then_some("TokenSource"));
            if call.as_str().contains("types::") {
                imports.push("types");
            }
            let declared = given.into_iter().chain(credentials.iter().map(security::Argument::declared));
            let arguments = Rust::join(declared, ", ");
            return Example { imports, arguments, body: fill!(Rust, "{}{}", client, call) };
        }
    }
    let body = fill!(Rust, "{}println!(\"{{}}\", client.base_url().as_str());\n", client);
    let more = [has_keys.then_some("Secret"), tokens.then_some("TokenSource")];
    let imports = ["Client"].into_iter().chain(more.into_iter().flatten()).collect();
    Example { imports, arguments: Rust::join(given, ", "), body }
}

fn constructor(server: Option<&Server>, held: &[Held]) -> Rust {
    let (function, mut arguments) = match server {
        Some(server) => {
            let defaults = server.variables.iter().map(|variable| Rust::literal(&variable.default));
            (Rust::name(&server.function), defaults.collect::<Vec<_>>())
        }
        None => (Rust::from("new"), vec![Rust::from("\"https://api.example.com\"")]),
    };
    arguments.extend(held.iter().map(|it| Rust::name(&it.name)));
    fill!(Rust, "Client::{}({})?", function, Rust::join(arguments, ", "))
}

fn call(method: &Method, types: &Types<'_>) -> Option<Rust> {
    let mut text = Rust::default();
    let mut arguments = Vec::new();
    arguments.extend(security::arguments(method).iter().map(|argument| Rust::name(&argument.name)));
    for (name, kind) in method.required() {
        let name = Rust::name(name);
        match kind {
            Type::Reference(reference) if is_str(&reference.elem) => arguments.push("\"…\"".into()),
            Type::Reference(reference) if matches!(*reference.elem, Type::Slice(_)) => arguments.push("&[]".into()),
            Type::Reference(reference) => {
                text.push(fill!(Rust, "let {} = {};\n", name, types.value(&reference.elem, 0)?));
                arguments.push(fill!(Rust, "&{}", name));
            }
            kind => arguments.push(types.value(kind, 0)?),
        }
    }
    let (name, arguments) = (Rust::name(&method.name), Rust::join(arguments, ", "));
    text.push(fill!(Rust, "let answer = client.{}({}).await?;\n", name, arguments));
    text.push("println!(\"{answer:?}\");\n");
    Some(text)
}

fn is_str(kind: &Type) -> bool {
    kind.to_token_stream().to_string() == "str"
}

/// The generated types by name.
#[derive(Default)]
struct Types<'ast> {
    structs: HashMap<String, &'ast ItemStruct>,
    enums: HashMap<String, &'ast ItemEnum>,
    /// The functions `new` of the types.
    constructors: HashMap<String, &'ast syn::Signature>,
}

impl<'ast> Visit<'ast> for Types<'ast> {
    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.structs.insert(item.ident.to_string(), item);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let Type::Path(owner) = &*item.self_ty else { return };
        let Some(owner) = owner.path.get_ident().filter(|_| item.trait_.is_none()) else { return };
        for inner in &item.items {
            if let syn::ImplItem::Fn(function) = inner
                && function.sig.ident == "new"
            {
                self.constructors.insert(owner.to_string(), &function.sig);
            }
        }
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        self.enums.insert(item.ident.to_string(), item);
    }
}

impl Types<'_> {
    /// An expression of this type, if one can be constructed.
    fn value(&self, kind: &Type, depth: usize) -> Option<Rust> {
        let Type::Path(path) = kind else { return None };
        let name = path.path.segments.last()?.ident.to_string();
        let simple = match name.as_str() {
            "Option" => "None",
            "Vec" => "vec![]",
            "String" => "\"…\".into()",
            "Secret" => "Secret::from(\"…\")",
            "bool" => "true",
            "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" => "1",
            "f32" | "f64" => "1.0",
            _ => "",
        };
        if !simple.is_empty() {
            return Some(simple.into());
        }
        if let Some(item) = self.enums.get(&name) {
            let first = item.variants.iter().find(|variant| matches!(variant.fields, Fields::Unit))?;
            let variant = Rust::name(&first.ident.to_string());
            return Some(fill!(Rust, "types::{}::{}", Rust::name(&name), variant));
        }
        let item = self.structs.get(&name).filter(|_| depth < 4)?;
        if !matches!(item.fields, Fields::Named(_)) {
            return None;
        }
        let name = Rust::name(&name);
        let Some(constructor) = self.constructors.get(&item.ident.to_string()) else {
            return Some(fill!(Rust, "types::{}::default()", name));
        };
        let kinds = constructor.inputs.iter().map(|input| match input {
            // Only texts are taken so; their names say which is which.
            syn::FnArg::Typed(input) if matches!(*input.ty, Type::ImplTrait(_)) => {
                Some(Rust::literal(input.pat.to_token_stream().to_string().trim_end_matches('_')))
            }
            syn::FnArg::Typed(input) => self.value(&input.ty, depth + 1),
            syn::FnArg::Receiver(_) => None,
        });
        Some(fill!(Rust, "types::{}::new({})", name, Rust::join(kinds.collect::<Option<Vec<_>>>()?, ", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: &str = "struct A { s: String, k: ::auth_transport::Secret, e: E, o: Option<X>, b: B, d: D }
        impl A { fn new(s: impl Into<String>, k: ::auth_transport::Secret, e: E, o: Option<X>, b: B, d: D) -> Self {} }
        struct B { n: i64 } impl B { fn new(n: i64) -> Self {} } struct D { n: Option<i64> }
        enum E { First, Second } struct N(String); struct Loop { l: Box<Loop> } impl Loop { fn new(l: Box<Loop>) -> Self {} }";

    fn value(kind: &str) -> Option<Rust> {
        let file = syn::parse_str(TYPES).expect("valid code");
        let mut types = Types::default();
        types.visit_file(&file);
        types.value(&syn::parse_str(kind).expect("a type"), 0)
    }

    #[test]
    fn an_object_is_made_by_its_constructor() {
        assert_eq!(
            value("types::A").as_ref().map(Rust::as_str),
            Some(
                "types::A::new(\"s\", Secret::from(\"…\"), types::E::First, None, types::B::new(1), types::D::default())"
            )
        );
    }

    #[test]
    fn arguments_that_cannot_be_constructed_are_left_out() {
        for kind in ["types::N", "types::Loop", "types::Unknown", "(u8, u8)"] {
            assert_eq!(value(kind), None, "{kind}");
        }
    }
}
