//! Shell completion scripts for `cargo xtask`.

use clap::ValueEnum;
use clap_complete::shells::{Bash, Fish, Zsh};

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// Bash: source the script.
    Bash,
    /// Fish: put it into `~/.config/fish/conf.d/xtask.fish`.
    Fish,
    /// Zsh: put it into a folder of `$fpath`, as `_cargo-xtask`.
    Zsh,
}

/// Completes `cargo xtask` in bash; leaves other commands of cargo unchanged.
const OF_CARGO_IN_BASH: &str = r#"
_cargo_or_xtask() {
    if [[ ${COMP_WORDS[1]} == xtask && $COMP_CWORD -gt 1 ]]; then
        COMP_WORDS=("${COMP_WORDS[@]:1}")
        COMP_CWORD=$((COMP_CWORD - 1))
        _xtask xtask "$2" "$3"
    elif declare -F _cargo > /dev/null; then
        _cargo "$@"
    fi
}
complete -F _cargo_or_xtask -o bashdefault -o default cargo
"#;

/// `cargo xtask` in fish.
const OF_CARGO_IN_FISH: &str = r#"
complete -c cargo -n "__fish_seen_subcommand_from xtask" -f -a '(complete -C (string join " " -- (commandline -opc)[2..] (commandline -ct)))'
"#;

/// The script for a shell.
pub(crate) fn script(shell: Shell, command: clap::Command) -> String {
    // In zsh, the completion of cargo calls the function of this name for `cargo xtask`.
    let name = if shell == Shell::Zsh { "cargo-xtask" } else { "xtask" };
    let mut command = command.name(name).bin_name(name);
    let mut script = Vec::new();
    let of_cargo = match shell {
        Shell::Bash => {
            clap_complete::generate(Bash, &mut command, name, &mut script);
            OF_CARGO_IN_BASH
        }
        Shell::Fish => {
            clap_complete::generate(Fish, &mut command, name, &mut script);
            OF_CARGO_IN_FISH
        }
        Shell::Zsh => {
            clap_complete::generate(Zsh, &mut command, name, &mut script);
            ""
        }
    };
    String::from_utf8_lossy(&script).into_owned() + of_cargo
}
