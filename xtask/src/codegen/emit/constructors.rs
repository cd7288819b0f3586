//! The constructors of the shell: one for each server that the document names.

use super::docs;
use crate::codegen::generate::escape;
use crate::codegen::servers::{Server, Variable};

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

/// The constructor of one server.
pub(super) fn constructor(server: &Server) -> String {
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
    text.push_str("\n\n# Errors\n\n");
    text.push_str(if variables.is_empty() {
        "Fails if the HTTP client cannot be built."
    } else {
        "Fails if an argument is no DNS label, or if the HTTP client cannot be built."
    });
    let arguments = variables.iter().map(|it| format!("{}: &str", it.argument)).collect::<Vec<_>>().join(", ");
    let mut code = docs("///", "    ", &text);
    code.push_str(&format!("    pub fn {function}({arguments}) -> Result<Self, BuildError> {{\n"));
    if variables.is_empty() {
        code.push_str(&format!("        Self::new({url:?})\n"));
    } else {
        let mut template = url.clone();
        for Variable { argument, name, .. } in variables {
            code.push_str(&format!("        let {argument} = auth_transport::dns_label({argument:?}, {argument})?;\n"));
            template = template.replace(&format!("{{{name}}}"), &format!("{{{argument}}}"));
        }
        code.push_str(&format!("        Self::new(&format!({template:?}))\n"));
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
        let code = constructor(&server(vec![variable("app")]));
        assert!(code.contains("pub fn instance(sub_domain: &str) -> Result<Self, BuildError> {"), "{code}");
        assert!(code.contains("let sub_domain = auth_transport::dns_label(\"sub_domain\", sub_domain)?;"), "{code}");
        assert!(code.contains("Self::new(&format!(\"https://{sub_domain}.example\"))"), "{code}");
        assert!(code.contains("/// - `sub_domain`: First label. The document's default is `app`."), "{code}");
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
