//! Shared helpers of the tests.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use auth_contract::{Documents, Finding, Report, RunError, Target, live};
use auth_sandbox::Sandbox;
use integration_tests::{cargo_output, within_blocking};

/// Environment variables by name.
pub(crate) type Variables = HashMap<&'static str, String>;

pub(crate) fn lean(sandbox: &Sandbox) -> Variables {
    HashMap::from([
        ("LEAN_CLIENT_ID", sandbox.lean_client_id()),
        ("LEAN_CLIENT_SECRET", sandbox.lean_client_secret()),
        ("LEAN_AUTH_URL", sandbox.base_url().to_owned()),
        ("LEAN_CUSTOMER_ID", "a1b2c3d4-e5f6-7890-abcd-ef0123456789".to_owned()),
    ])
}

pub(crate) fn leanix(sandbox: &Sandbox) -> Variables {
    let url = sandbox.base_url().to_owned();
    HashMap::from([("LEANIX_API_TOKEN", sandbox.leanix_api_token()), ("LEANIX_URL", url)])
}

pub(crate) async fn run(target: Target, errors: bool, variables: &Variables) -> Result<Report, RunError> {
    live(&documents(), target, errors, |name| variables.get(name).cloned()).await
}

/// Variables for any server that implements RFC 6749.
pub(crate) fn oauth2(url: String, id: &str, secret: &str, scope: &str, authentication: &str) -> Variables {
    HashMap::from([
        ("OAUTH2_TOKEN_URL", url),
        ("OAUTH2_CLIENT_ID", id.to_owned()),
        ("OAUTH2_CLIENT_SECRET", secret.to_owned()),
        ("OAUTH2_SCOPE", scope.to_owned()),
        ("OAUTH2_CLIENT_AUTHENTICATION", authentication.to_owned()),
    ])
}
/// The folder of the workspace's documents as JSON, written once per process. Other processes may read it at the same
/// time (nextest runs each test in its own process), so each file appears completely or not at all.
pub(crate) fn documents_folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
        let own = folder.with_extension(std::process::id().to_string());
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../xtask/Cargo.toml");
        let mut command = Command::new(env!("CARGO"));
        command.args(["run", "--quiet", "--locked", "--manifest-path"]).arg(xtask).args(["--", "documents"]);
        command.arg(&own);
        let output = cargo_output(command);
        assert!(output.status.success(), "{}", text(&output.stderr));
        fs::create_dir_all(&folder).unwrap();
        for file in fs::read_dir(&own).unwrap().map(Result::unwrap) {
            fs::rename(file.path(), folder.join(file.file_name())).unwrap();
        }
        fs::remove_dir(&own).unwrap();
        folder
    })
}

pub(crate) fn documents() -> Documents {
    Documents::read(documents_folder()).unwrap()
}

/// All findings of a report, as text.
pub(crate) fn findings(report: &Report) -> Vec<String> {
    report.cases.iter().flat_map(|case| &case.findings).map(described).collect()
}

pub(crate) fn described(finding: &Finding) -> String {
    format!("{}: {finding}", finding.severity.as_str())
}

/// Runs the program until it ends, for at most a minute.
pub(crate) fn program(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auth-contract"));
    command.arg("--documents").arg(documents_folder()).args(arguments);
    for name in ["LEAN_CLIENT_ID", "LEAN_CLIENT_SECRET", "LEAN_AUTH_URL", "LEAN_CUSTOMER_ID"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied()).stdin(Stdio::null());
    within_blocking(&format!("the program has ended: {arguments:?}"), move || command.output().unwrap())
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every address of this machine in a text, with its port.
pub(crate) fn loopback_addresses(text: &str) -> BTreeSet<String> {
    let is_part = |character: char| character.is_ascii_digit() || ".:".contains(character);
    let words = text.split(|character| !is_part(character));
    words
        .map(|word| word.trim_matches([':', '.']))
        .filter(|word| word.starts_with("127.0.0.1:"))
        .map(str::to_owned)
        .collect()
}
