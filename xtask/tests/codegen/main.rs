//! `cargo xtask codegen` as its users see it: the built command, on copies of this workspace.

mod code_version;
mod completions;
mod conflicts;
mod copy;
mod diagnostics;
mod diff;
mod diff_reports;
mod faults;
mod folders;
mod generated_code;
mod guide;
mod interruptions;
mod line_breaks;
mod lock;
mod new;
mod output;
mod ownership;
mod patterns;
mod program;
mod spec;
mod specs;
mod standalone;
mod text;
mod versions;
mod wire;
mod writing;
