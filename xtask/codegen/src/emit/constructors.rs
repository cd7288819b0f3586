//! The constructors of the shell: one for each server that the document names.

use diagnostics::text::{Markdown, Piece, Rust, fill};

use super::held::Held;
use crate::servers::{Server, Variable};

/// One constant for each default, if the servers agree on it.
pub(super) fn constants(servers: &[Server]) -> Vec<Rust> {
    let mut done: Vec<&Variable> = Vec::new();
    for variable in servers.iter().flat_map(|server| &server.variables) {
        if !done.iter().any(|other| other.argument == variable.argument) && !variable.default.is_empty() {
            done.push(variable);
        }
    }
    let agreed = |variable: &&Variable| {
        let all = servers.iter().flat_map(|server| &server.variables);
        all.filter(|other| other.argument == variable.argument).all(|other| other.default == variable.default)
    };
    let write = |variable: &Variable| {
        let name = Markdown::code(&variable.name);
        let docs = fill!(Markdown, "Default of the server variable {} in the document.", name);
        fill!(
            Rust,
            "{}    pub const {}: &'static str = {};\n",
            Rust::docs("///", "    ", &docs),
            constant(variable),
            Rust::literal(&variable.default)
        )
    };
    done.into_iter().filter(agreed).map(write).collect()
}

fn constant(variable: &Variable) -> Rust {
    Rust::name(&format!("DEFAULT_{}", variable.argument.to_ascii_uppercase()))
}

/// The credentials that the constructor of a server takes, with names that none of its variables has.
pub(super) fn beside(server: &Server, held: &[Held]) -> Vec<Held> {
    let mut held = held.to_vec();
    for one in &mut held {
        while server.variables.iter().any(|variable| variable.argument == one.name) {
            one.name.push('_');
        }
    }
    held
}

/// The constructor of one server; `held` are the credentials that the client takes.
pub(super) fn constructor(server: &Server, held: &[Held]) -> Rust {
    let held = beside(server, held);
    let Server { function, url, variables, .. } = server;
    let names = variables.iter().map(|it| Rust::name(&it.argument)).collect::<Vec<_>>();
    let mut arguments = names.iter().map(|name| fill!(Rust, "{}: &str", name)).collect::<Vec<_>>();
    arguments.extend(held.iter().map(Held::declared));
    let passed = Rust::join(held.iter().map(|it| fill!(Rust, ", {}", Rust::name(&it.name))), "");
    let mut code = Rust::docs("///", "    ", &docs(server, &held));
    code.push(fill!(
        Rust,
        "    pub fn {}({}) -> Result<Self, BuildError> {{\n",
        Rust::name(function),
        Rust::join(arguments, ", ")
    ));
    if variables.is_empty() {
        code.push(fill!(Rust, "        Self::new({}{})\n", Rust::literal(url), passed));
    } else {
        for (variable, name) in variables.iter().zip(&names) {
            let argument = Rust::literal(&variable.argument);
            code.push(fill!(Rust, "        let {} = auth_transport::dns_label({}, {})?;\n", name, argument, name));
        }
        let template = Rust::format(&pieces(url, variables));
        code.push(fill!(Rust, "        Self::new(&format!({}){})\n", template, passed));
    }
    code.push("    }\n");
    code
}

fn docs(server: &Server, held: &[Held]) -> Markdown {
    let (title, url) = (Markdown::line(&server.title), Markdown::code(&server.url));
    let mut text = fill!(Markdown, "{}: {}.", title, url);
    if !server.variables.is_empty() || !held.is_empty() {
        text.push("\n");
    }
    for variable in &server.variables {
        let description = variable.description.as_deref().map(Markdown::line).unwrap_or_default();
        text.push(fill!(Markdown, "\n- {}: {}", Markdown::code(&variable.argument), description));
        if !variable.values.is_empty() {
            let values = variable.values.iter().map(|value| Markdown::code(value));
            text.push(fill!(Markdown, " The document lists {}.", Markdown::join(values, ", ")));
        }
        text.push(fill!(Markdown, " The document's default is {}.", Markdown::code(&variable.default)));
    }
    text.push(Markdown::join(held.iter().map(|it| fill!(Markdown, "\n{}", it.item())), ""));
    text.push("\n\n# Errors\n\n");
    text.push(if server.variables.is_empty() {
        "Fails if the HTTP client cannot be built."
    } else {
        "Fails if an argument is not a DNS label, or if the HTTP client cannot be built."
    });
    text
}

/// A URL in which the arguments stand for the variables.
fn pieces<'a>(url: &'a str, variables: &'a [Variable]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut rest = url;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        pieces.push(Piece::Raw(before));
        pieces.extend(variables.iter().find(|it| it.name == name).map(|it| Piece::Name(&it.argument)));
        rest = after;
    }
    pieces.push(Piece::Raw(rest));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(default: &str) -> Variable {
        Variable {
            name: "subDomain".to_owned(),
            argument: "sub_domain".to_owned(),
            default: default.to_owned(),
            description: Some("First label.".to_owned()),
            values: vec![],
        }
    }

    fn server(variables: Vec<Variable>) -> Server {
        Server {
            function: "instance".to_owned(),
            title: "Instance".to_owned(),
            url: "https://{subDomain}.example".to_owned(),
            variables,
        }
    }

    #[test]
    fn a_variable_is_validated_before_it_goes_into_the_host() {
        let code = constructor(&server(vec![variable("app")]), &[]).into_string();
        assert!(code.contains("pub fn instance(sub_domain: &str) -> Result<Self, BuildError> {"), "{code}");
        assert!(code.contains("let sub_domain = auth_transport::dns_label(\"sub_domain\", sub_domain)?;"), "{code}");
        assert!(code.contains("Self::new(&format!(\"https://{sub_domain}.example\"))"), "{code}");
        assert!(code.contains("/// - `sub_domain`: First label. The document's default is `app`."), "{code}");
    }

    #[test]
    fn a_source_of_tokens_is_the_last_argument_and_has_a_name_of_its_own() {
        let code = constructor(&server(vec![]), &[Held::tokens()]).into_string();
        assert!(code.contains("pub fn instance(tokens: impl TokenSource) -> Result<Self, BuildError> {"), "{code}");
        assert!(code.contains("Self::new(\"https://{subDomain}.example\", tokens)"), "{code}");
        let mut tokens = variable("app");
        tokens.argument = "tokens".to_owned();
        let code = constructor(&server(vec![tokens]), &[Held::tokens()]).into_string();
        assert!(code.contains("pub fn instance(tokens: &str, tokens_: impl TokenSource) -> Result"), "{code}");
        assert!(code.contains("Self::new(&format!(\"https://{tokens}.example\"), tokens_)"), "{code}");
        assert!(code.contains("    /// - `tokens_`: Source of the access tokens.\n"), "{code}");
    }

    #[test]
    fn documentation_has_no_doubled_blank_lines() {
        for (variables, held) in [(vec![], vec![]), (vec![], vec![Held::tokens()]), (vec![variable("app")], vec![])] {
            let code = constructor(&server(variables), &held).into_string();
            assert!(!code.contains("///\n    ///\n") && code.contains("    ///\n    /// # Errors\n"), "{code}");
        }
    }

    #[test]
    fn a_default_that_servers_agree_on_is_a_constant() {
        let one = server(vec![variable("app")]);
        let other = server(vec![variable("eu")]);
        assert!(
            constants(std::slice::from_ref(&one))[0]
                .as_str()
                .contains("pub const DEFAULT_SUB_DOMAIN: &'static str = \"app\";")
        );
        assert_eq!(constants(&[one.clone(), other]).len(), 0);
        assert_eq!(constants(&[one.clone(), one]).len(), 1);
    }
}
