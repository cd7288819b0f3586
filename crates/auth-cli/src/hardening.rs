//! Keeps the memory of the process out of core dumps and away from other processes.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Switches core dumps off, and on Linux also access by debuggers of the same user.
///
/// The limit stays off in a program that `exec` starts, because its environment holds the token. The program can raise it again.
pub(crate) fn switch_core_dumps_off() {
    let limit = Rlimit { current: Some(0), ..getrlimit(Resource::Core) };
    // Neither fails for a process that lowers its own limit; if a sandbox of the system forbids it, the program still works.
    let _ = setrlimit(Resource::Core, limit);
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}
