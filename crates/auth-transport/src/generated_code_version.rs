//! The version of the interface to generated code.

/// Stops the compiler with a message if this version of `auth-transport` does not support a generated crate.
///
/// Generated crates invoke it with the version of the interface that they were generated for. The version is raised
/// when generated code starts to use an item that earlier versions of this crate lack. A version is removed from this
/// macro when an item that its code uses is removed. This is a macro and not a constant because macros are expanded
/// before the compiler resolves missing items, so its message comes first.
///
/// ```
/// auth_transport::generated_code_version!(3);
/// ```
///
/// ```compile_fail
/// auth_transport::generated_code_version!(999);
/// ```
#[macro_export]
macro_rules! generated_code_version {
    // Supported. When a version is removed, it moves to the arm below.
    (1) => {};
    (2) => {};
    (3) => {};
    (0) => {
        ::core::compile_error!(
            "this crate was generated for an earlier version of auth-transport: run the command in the first line of \
             this file, with the generator of this auth-transport; or use the version of auth-transport that the crate \
             was generated for"
        );
    };
    ($later:literal) => {
        ::core::compile_error!(
            "this crate was generated for a later version of auth-transport: run `cargo update --package \
             auth-transport`, and raise its version in Cargo.toml if that is not enough"
        );
    };
}
