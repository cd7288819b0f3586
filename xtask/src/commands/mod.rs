//! The commands, one file or folder each.

pub(crate) mod codegen;
pub(crate) mod completions;
pub(crate) mod contract;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod new;
pub(crate) mod overlay;
pub(crate) mod specs;
pub(crate) mod versions;
