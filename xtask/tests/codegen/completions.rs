//! Completion in a shell.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use crate::copy::{Said, command};
use crate::deadlines::{output, within};

fn script(shell: &str) -> String {
    // No workspace is needed.
    let mut command = command(Path::new("nowhere"), &["completions", shell]);
    Said::of(output(&mut command)).passed().stdout
}

/// What bash completes the last word of `cargo ...` to.
fn completed(words: &[&str]) -> Option<Vec<String>> {
    let quoted = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
    let count = words.len() - 1;
    let program = format!(
        "{}\n_cargo() {{ COMPREPLY=(of-cargo); }}\nCOMP_WORDS=({quoted}); COMP_CWORD={count}\n\
         _cargo_or_xtask cargo '{last}' '{before}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        script("bash")
    );
    let version = within("bash has come to an end", || Command::new("bash").arg("--version").output());
    if version.is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return None;
    }
    let out = output(Command::new("bash").args(["-c", &program]));
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect())
}

#[test]
fn bash_completes_commands_and_options_of_cargo_xtask_and_of_nothing_else() {
    for (words, wanted) in [
        (&["cargo", "xtask", "cod"][..], "codegen"),
        (&["cargo", "xtask", "codegen", "--verb"], "--verbose"),
        (&["cargo", "xtask", "public-api", "--ro"], "--root"),
        (&["cargo", "xtask", "specs", "up"], "update"),
        (&["cargo", "build", "--rel"], "of-cargo"),
        (&["cargo", "xt"], "of-cargo"),
    ] {
        let Some(found) = completed(words) else {
            println!("skipped: this machine has no bash");
            return;
        };
        assert_eq!(found, [wanted], "{words:?}");
    }
}

#[test]
fn each_shell_has_a_script_with_every_command() {
    for (shell, mark) in
        [("bash", "complete -F _cargo_or_xtask"), ("fish", "complete -c cargo"), ("zsh", "#compdef cargo-xtask")]
    {
        let script = script(shell);
        for part in [mark, "codegen", "public-api", "auth-transport"] {
            assert!(script.contains(part), "no {part} for {shell}");
        }
    }
}
