//! Which packages a program builds that depends on auth-core.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::process::Command;

use provider_tests::cargo_output;

/// The packages of a program that asks for these features of auth-core and for no others.
fn packages(features: &str) -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["tree", "--locked", "--package", "auth-core", "--no-default-features", "--features", features])
        .args(["--edges", "normal,build", "--target", "all", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = cargo_output(cargo);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut packages: Vec<_> = text.lines().filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// All features but those that choose a provider.
const REST: &str = "blocking,lean,leanix,metrics,reqwest,reqwest-middleware,tower,tracing";

#[test]
fn a_program_builds_only_the_providers_that_it_asks_for() {
    for (features, providers) in [("aws-lc-rs", &["aws-lc-rs", "aws-lc-sys"][..]), ("ring", &["ring"]), ("", &[])] {
        let packages = packages(&format!("{REST},{features}"));
        assert!(packages.iter().any(|package| package == "rustls"), "{packages:?}");
        let found: Vec<_> =
            packages.iter().filter(|package| package.starts_with("aws-lc") || *package == "ring").collect();
        assert_eq!(found, providers, "{features}");
    }
}
