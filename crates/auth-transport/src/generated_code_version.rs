//! Which generated code this crate serves.

/// Stops the compiler with a message if this version of `auth-transport` does not serve a generated crate.
///
/// Generated crates invoke it with the number of the interface that they were generated for. The number is raised when
/// generated code begins to use something that earlier versions of this crate do not have, and dropped from here when
/// something that it uses is removed. A macro rather than a constant, because it is expanded before the compiler looks for
/// what is missing: the message comes first.
///
/// ```
/// auth_transport::generated_code_version!(1);
/// ```
///
/// ```compile_fail
/// auth_transport::generated_code_version!(999);
/// ```
#[macro_export]
macro_rules! generated_code_version {
    // Served. A number that is dropped moves to the arm below.
    (1) => {};
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
