//! An example of use that compiles: the first operation whose arguments can be written down.

use std::collections::HashMap;

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Fields, ItemEnum, ItemStruct, Type};

use super::{Input, security};
use crate::codegen::generate::Method;
use crate::codegen::servers::Server;

/// An example, in parts, because it is shown in more than one place.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Example {
    /// What is imported from the crate.
    pub(super) imports: Vec<&'static str>,
    /// Arguments of the function around it.
    pub(super) arguments: String,
    /// Its statements.
    pub(super) body: String,
}

impl Example {
    /// The function that holds it.
    pub(super) fn function(&self, module: &str) -> String {
        let imports = self.imports.join(", ");
        let body = self.body.lines().map(|line| format!("    {line}\n")).collect::<String>();
        format!(
            "use {module}::{{{imports}}};\n\n\
             async fn example({}) -> Result<(), Box<dyn std::error::Error>> {{\n{body}    Ok(())\n}}\n",
            self.arguments
        )
    }
}

/// Writes an example for this crate.
pub(super) fn example(input: &Input<'_>) -> Example {
    let mut types = Types::default();
    types.visit_file(&input.generated.file);
    let tokens = input.takes_tokens();
    let client = format!("let client = {};\n", constructor(input.servers.first(), tokens));
    let source = tokens.then(|| "tokens: impl TokenSource".to_owned());
    for method in input.generated.methods.iter().filter(|method| method.generics.is_empty()) {
        if let Some(call) = call(method, &types) {
            let mut imports = vec!["Client"];
            let credentials = security::arguments(method);
            if call.contains("Secret::") || credentials.iter().any(|it| it.kind == "&Secret") {
                imports.push("Secret");
            }
            if credentials.iter().any(|it| it.kind == "&BasicCredentials") {
                imports.insert(0, "BasicCredentials");
            }
            imports.extend(tokens.then_some("TokenSource"));
            if call.contains("types::") {
                imports.push("types");
            }
            let declared = source.into_iter().chain(credentials.iter().map(security::Argument::declared));
            let arguments = declared.collect::<Vec<_>>().join(", ");
            return Example { imports, arguments, body: format!("{client}{call}") };
        }
    }
    let body = format!("{client}println!(\"{{}}\", client.base_url().as_str());\n");
    let imports = ["Client"].into_iter().chain(tokens.then_some("TokenSource")).collect();
    Example { imports, arguments: source.unwrap_or_default(), body }
}

fn constructor(server: Option<&Server>, tokens: bool) -> String {
    let (function, mut arguments) = match server {
        Some(server) => {
            let defaults = server.variables.iter().map(|variable| format!("{:?}", variable.default));
            (server.function.as_str(), defaults.collect::<Vec<_>>())
        }
        None => ("new", vec!["\"https://api.example.com\"".to_owned()]),
    };
    arguments.extend(tokens.then(|| "tokens".to_owned()));
    format!("Client::{function}({})?", arguments.join(", "))
}

fn call(method: &Method, types: &Types<'_>) -> Option<String> {
    let mut text = String::new();
    let mut arguments = Vec::new();
    arguments.extend(security::arguments(method).into_iter().map(|argument| argument.name));
    for (name, kind) in &method.arguments {
        match kind {
            Type::Reference(reference) if is_str(&reference.elem) => arguments.push("\"…\"".to_owned()),
            Type::Reference(reference) => {
                text.push_str(&format!("let {name} = {};\n", types.value(&reference.elem, 0)?));
                arguments.push(format!("&{name}"));
            }
            kind => arguments.push(types.value(kind, 0)?),
        }
    }
    let name = &method.name;
    text.push_str(&format!("let answer = client.{name}({}).await?;\n", arguments.join(", ")));
    text.push_str("println!(\"{answer:?}\");\n");
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
}

impl<'ast> Visit<'ast> for Types<'ast> {
    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.structs.insert(item.ident.to_string(), item);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        self.enums.insert(item.ident.to_string(), item);
    }
}

impl Types<'_> {
    /// An expression of this type, if one can be written down.
    fn value(&self, kind: &Type, depth: usize) -> Option<String> {
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
            return Some(simple.to_owned());
        }
        if let Some(item) = self.enums.get(&name) {
            let first = item.variants.iter().find(|variant| matches!(variant.fields, Fields::Unit))?;
            return Some(format!("types::{name}::{}", first.ident));
        }
        let item = self.structs.get(&name).filter(|_| depth < 4)?;
        let Fields::Named(fields) = &item.fields else {
            return None;
        };
        let indent = "    ".repeat(depth + 1);
        let mut lines = String::new();
        for field in &fields.named {
            let ident = field.ident.as_ref()?;
            lines.push_str(&format!("{indent}{ident}: {},\n", self.value(&field.ty, depth + 1)?));
        }
        Some(format!("types::{name} {{\n{lines}{}}}", "    ".repeat(depth)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: &str = "struct A { s: ::std::string::String, k: ::auth_transport::Secret, e: E, o: Option<X>, b: B }
        struct B { n: i64 } enum E { First, Second } struct N(String); struct Loop { l: Box<Loop> }";

    fn value(kind: &str) -> Option<String> {
        let file = syn::parse_str(TYPES).expect("valid code");
        let mut types = Types::default();
        types.visit_file(&file);
        types.value(&syn::parse_str(kind).expect("a type"), 0)
    }

    #[test]
    fn a_struct_is_written_with_all_of_its_fields() {
        assert_eq!(
            value("types::A").as_deref(),
            Some(
                "types::A {\n    s: \"…\".into(),\n    k: Secret::from(\"…\"),\n    e: types::E::First,\n    o: None,\n    \
                 b: types::B {\n        n: 1,\n    },\n}"
            )
        );
    }

    #[test]
    fn what_cannot_be_written_down_is_left_out() {
        for kind in ["types::N", "types::Loop", "types::Unknown", "(u8, u8)"] {
            assert_eq!(value(kind), None, "{kind}");
        }
    }
}
