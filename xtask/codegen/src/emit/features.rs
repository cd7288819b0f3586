//! The features of a generated crate, in its manifest and in its documentation.

/// The tables of the manifest: the settings of docs.rs, and the TLS providers that programs select from.
pub(super) const TABLES: &str = r#"[package.metadata.docs.rs]
all-features = true
rustdoc-args = ["--cfg", "docsrs"]

[features]
default = ["aws-lc-rs"]
## TLS with the cryptography of `aws-lc-rs`.
aws-lc-rs = ["auth-transport/aws-lc-rs"]
## TLS with the cryptography of `ring`, unless `aws-lc-rs` is on as well.
ring = ["auth-transport/ring"]
"#;

/// The features as a section of the documentation, without its heading.
pub(super) const SECTION: &str = "\
| feature | adds | default |
|---|---|---|
| `aws-lc-rs` | TLS with the cryptography of `aws-lc-rs` | yes |
| `ring` | TLS with the cryptography of `ring`, unless `aws-lc-rs` is on as well | no |

A TLS provider that the program installed for its process, with `rustls::crypto::CryptoProvider::install_default`, takes \
precedence over both. With neither feature, the program must install one before it builds a client.
";
