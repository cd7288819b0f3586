//! Builds the programs and examples of the workspace.

use std::path::PathBuf;
use std::process::Stdio;

use diagnostics::{Problem, Result};
use serde_json::Value;

use crate::command;
use crate::workspace::Workspace;

/// A built program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The name of the program.
    pub name: String,
    /// Whether the program is an example.
    pub is_example: bool,
    /// The executable.
    pub path: PathBuf,
}

/// Builds all programs and examples.
///
/// All packages are built together, because cargo unifies the features of selected packages: each package alone would
/// rebuild most dependencies. Examples are included so that cargo enables the features of dev-dependencies.
///
/// # Errors
///
/// Fails if cargo cannot be started or a program does not compile.
pub fn build(workspace: &Workspace) -> Result<Vec<Program>> {
    let mut command = command::cargo(workspace);
    command.args(["build", "--workspace", "--all-features", "--bins", "--examples", "--locked"]);
    command.args(["--quiet", "--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| Problem::new(format!("cannot start `cargo build`: {error}")))?;
    if !output.status.success() {
        return Err(Problem::new(format!("`cargo build --bins --examples` ended with {}", output.status)).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(program).collect())
}

/// The program that a message of cargo reports.
fn program(message: &str) -> Option<Program> {
    let message: Value = serde_json::from_str(message).ok()?;
    let target = &message["target"];
    Some(Program {
        path: message["executable"].as_str()?.into(),
        name: target["name"].as_str()?.to_owned(),
        is_example: target["kind"][0] == "example",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_about_an_executable_names_a_program() {
        let message = |kind: &str, executable: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","target":{{"kind":["{kind}"],"name":"a"}},"executable":{executable}}}"#
            )
        };
        let found = program(&message("example", r#""C:\\t\\a.exe""#)).expect("a program");
        assert_eq!((found.name.as_str(), found.is_example), ("a", true));
        assert_eq!(found.path, PathBuf::from("C:\\t\\a.exe"));
        assert!(!program(&message("bin", r#""/t/a""#)).expect("a program").is_example);
        for other in [&message("lib", "null"), r#"{"reason":"build-finished","success":true}"#, "Compiling"] {
            assert_eq!(program(other), None, "{other}");
        }
    }
}
