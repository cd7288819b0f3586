//! Programs that this one starts.

use std::io::{Error, ErrorKind};

use crate::files::{self, Access};
use crate::problem::Problem;

/// The program cannot be started.
pub(crate) fn cannot_start(program: &str, error: &Error) -> Problem {
    let name = program.split(' ').next().unwrap_or(program);
    let remedy = match error.kind() {
        ErrorKind::NotFound => format!("install `{name}`, or add the folder that it is in to PATH"),
        ErrorKind::PermissionDenied => format!("make `{name}` executable, or correct PATH, which leads to it"),
        ErrorKind::WouldBlock => {
            "raise the limit on processes (`ulimit -u`), or end some of them, and run the command again".to_owned()
        }
        _ => files::advice(Access::Read, error).to_owned(),
    };
    Problem::new(format!("cannot start `{program}`: {error}")).remedy(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_is_that_of_the_cause() {
        for (error, words) in [
            (ErrorKind::NotFound.into(), "install `cargo`, or add the folder"),
            (ErrorKind::PermissionDenied.into(), "make `cargo` executable"),
            (ErrorKind::WouldBlock.into(), "`ulimit -u`"),
            (ErrorKind::OutOfMemory.into(), "memory"),
            #[cfg(unix)]
            (Error::from_raw_os_error(24), "`ulimit -n`"),
        ] {
            let text = cannot_start("cargo test", &error).to_string();
            assert!(text.starts_with("error: cannot start `cargo test`: ") && text.contains(words), "{text}");
        }
    }
}
