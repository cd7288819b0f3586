//! `cargo xtask codegen` as its users see it: the built command, on copies of this workspace.

mod copy;
mod diagnostics;
mod diff;
mod diff_reports;
mod errors;
mod faults;
mod generated_code;
mod guide;
mod interruptions;
mod lock;
mod new;
mod ownership;
mod patterns;
mod program;
mod spec;
mod specs;
mod text;
mod wire;
mod writing;
