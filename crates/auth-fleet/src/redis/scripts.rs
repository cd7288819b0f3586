//! The scripts that the store runs, one for each operation.

use std::sync::LazyLock;

use redis::Script;

/// The scripts. Redis keeps them under their SHA-1 hashes.
pub(super) struct Scripts {
    pub(super) get: Script,
    pub(super) lease: Script,
    pub(super) peek: Script,
    pub(super) publish: Script,
    pub(super) release: Script,
}

pub(super) static SCRIPTS: LazyLock<Scripts> = LazyLock::new(|| Scripts {
    get: script(include_str!("scripts/get.lua")),
    lease: script(include_str!("scripts/lease.lua")),
    peek: script(include_str!("scripts/peek.lua")),
    publish: script(include_str!("scripts/publish.lua")),
    release: script(include_str!("scripts/release.lua")),
});

fn script(operation: &str) -> Script {
    Script::new(&[include_str!("scripts/common.lua"), operation].concat())
}
