//! The constructors of the shell: one for each server that the document names.

use super::docs;
use crate::codegen::generate::escape;
use crate::codegen::servers::{Server, Variable};

/// What a constructor's documentation says about the source of tokens.
pub(super) const SOURCE: &str = "Where requests get their access tokens from.";

/// One constant for each default, if the servers agree on it.
pub(super) fn constants(servers: &[Server]) -> Vec<String> {
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
        format!(
            "    /// Default of the server variable `{}`, as the document has it.\n    pub const {}: &'static str = {:?};\n",
            variable.name,
            constant(variable),
            variable.default
        )
    };
    done.into_iter().filter(agreed).map(write).collect()
}

fn constant(variable: &Variable) -> String {
    format!("DEFAULT_{}", variable.argument.to_ascii_uppercase())
}

/// The name of the argument that is the source of tokens: one that no variable has.
pub(super) fn source(server: &Server) -> String {
    let mut name = "tokens".to_owned();
    while server.variables.iter().any(|variable| variable.argument == name) {
        name.push('_');
    }
    name
}

/// The constructor of one server; `takes_tokens` says whether it takes a source of tokens.
pub(super) fn constructor(server: &Server, takes_tokens: bool) -> String {
    let source = takes_tokens.then(|| source(server));
    let Server { function, url, variables, .. } = server;
    let mut text = format!("{}: `{url}`.\n", escape(&server.title));
    for variable in variables {
        let description = variable.description.as_deref().map(escape).unwrap_or_default();
        let mut line = format!("- `{}`: {}", variable.argument, description.replace('\n', " "));
        if !variable.values.is_empty() {
            let values = variable.values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
            line.push_str(&format!(" The document lists {values}."));
        }
        line.push_str(&format!(" The document's default is `{}`.", variable.default));
        text.push_str(&format!("\n{line}"));
    }
    if let Some(source) = &source {
        text.push_str(&format!("\n- `{source}`: {SOURCE}"));
    }
    text.push_str("\n\n# Errors\n\n");
    text.push_str(if variables.is_empty() {
        "Fails if the HTTP client cannot be built."
    } else {
        "Fails if an argument is no DNS label, or if the HTTP client cannot be built."
    });
    let mut arguments = variables.iter().map(|it| format!("{}: &str", it.argument)).collect::<Vec<_>>();
    arguments.extend(source.as_ref().map(|source| format!("{source}: impl TokenSource")));
    let arguments = arguments.join(", ");
    let passed = source.map(|source| format!(", {source}")).unwrap_or_default();
    let mut code = docs("///", "    ", &text);
    code.push_str(&format!("    pub fn {function}({arguments}) -> Result<Self, BuildError> {{\n"));
    if variables.is_empty() {
        code.push_str(&format!("        Self::new({url:?}{passed})\n"));
    } else {
        let mut template = url.clone();
        for Variable { argument, name, .. } in variables {
            code.push_str(&format!("        let {argument} = auth_transport::dns_label({argument:?}, {argument})?;\n"));
            template = template.replace(&format!("{{{name}}}"), &format!("{{{argument}}}"));
        }
        code.push_str(&format!("        Self::new(&format!({template:?}){passed})\n"));
    }
    code.push_str("    }\n");
    code
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
        let code = constructor(&server(vec![variable("app")]), false);
        assert!(code.contains("pub fn instance(sub_domain: &str) -> Result<Self, BuildError> {"), "{code}");
        assert!(code.contains("let sub_domain = auth_transport::dns_label(\"sub_domain\", sub_domain)?;"), "{code}");
        assert!(code.contains("Self::new(&format!(\"https://{sub_domain}.example\"))"), "{code}");
        assert!(code.contains("/// - `sub_domain`: First label. The document's default is `app`."), "{code}");
    }

    #[test]
    fn a_source_of_tokens_is_the_last_argument_and_has_a_name_of_its_own() {
        let code = constructor(&server(vec![]), true);
        assert!(code.contains("pub fn instance(tokens: impl TokenSource) -> Result<Self, BuildError> {"), "{code}");
        assert!(code.contains("Self::new(\"https://{subDomain}.example\", tokens)"), "{code}");
        let mut tokens = variable("app");
        tokens.argument = "tokens".to_owned();
        let code = constructor(&server(vec![tokens]), true);
        assert!(code.contains("pub fn instance(tokens: &str, tokens_: impl TokenSource) -> Result"), "{code}");
        assert!(code.contains("Self::new(&format!(\"https://{tokens}.example\"), tokens_)"), "{code}");
        assert!(code.contains("    /// - `tokens_`: Where requests get their access tokens from.\n"), "{code}");
    }

    #[test]
    fn a_default_that_servers_agree_on_is_a_constant() {
        let one = server(vec![variable("app")]);
        let other = server(vec![variable("eu")]);
        assert!(
            constants(std::slice::from_ref(&one))[0].contains("pub const DEFAULT_SUB_DOMAIN: &'static str = \"app\";")
        );
        assert_eq!(constants(&[one.clone(), other]).len(), 0);
        assert_eq!(constants(&[one.clone(), one]).len(), 1);
    }
}
