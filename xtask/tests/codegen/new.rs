//! `cargo xtask new` as its users see it.
