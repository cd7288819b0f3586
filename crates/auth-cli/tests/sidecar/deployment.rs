//! The files in `deploy`, as far as this machine can run or check them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use auth_sandbox::Sandbox;
use serde_json::Value;

use crate::running::{Host, PROGRAM};

/// Largest exposure that `systemd-analyze security` may find, from 0 to 100. Higher is worse; below 20 it says `OK`.
const EXPOSURE: &str = "20";

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

fn read(path: &str) -> String {
    fs::read_to_string(deploy().join(path)).unwrap()
}

/// Runs a tool; `None` if this machine has not got it.
fn run(command: &mut Command) -> Option<(bool, String)> {
    match command.output() {
        Ok(output) => {
            let text = [output.stdout, output.stderr].concat();
            Some((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: this machine has no {}", command.get_program().display());
            None
        }
        Err(error) => panic!("{}: {error}", command.get_program().display()),
    }
}

#[test]
fn systemd_accepts_the_units_and_finds_little_exposure() {
    let folder = tempfile::tempdir().unwrap();
    for (name, installed) in
        [("access-token.socket", None), ("access-token.service", Some("/usr/local/bin/access-token"))]
    {
        let text = read(&format!("systemd/{name}"));
        let text = installed.map_or(text.clone(), |installed| {
            assert!(text.contains(&format!("ExecStart={installed} serve ")), "{text}");
            text.replace(installed, PROGRAM)
        });
        fs::write(folder.path().join(name), text).unwrap();
    }
    let units = ["./access-token.socket", "./access-token.service"];
    let mut verify = Command::new("systemd-analyze");
    verify.arg("verify").args(units).current_dir(&folder);
    let Some((is_good, said)) = run(&mut verify) else { return };
    assert!(is_good && said.trim().is_empty(), "{said}");
    let mut security = Command::new("systemd-analyze");
    security.args(["security", "--offline=true", "--threshold", EXPOSURE, units[1]]).current_dir(&folder);
    let (is_good, said) = run(&mut security).unwrap();
    assert!(is_good, "{said}");
    // The user of a caller is that of the host only outside a user namespace.
    assert!(!read("systemd/access-token.service").lines().any(|line| line.starts_with("PrivateUsers=")));
}

/// All places in a document, with the values at their ends.
fn places(value: &Value, place: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| places(value, &format!("{place}/{name}"), found))
        }
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(at, value)| places(value, &format!("{place}/{at}"), found))
        }
        value => {
            found.insert(format!("{place} = {value}"));
        }
    }
}

/// The documents of the manifest as they are written; `None` without the tool that reads them.
fn documents() -> Option<Vec<Value>> {
    let mut command = Command::new("kubectl");
    command.args(["annotate", "--local", "-o", "json", "-f"]).arg(deploy().join("kubernetes/pod.yaml")).arg("a=b");
    let (is_good, said) = run(&mut command)?;
    assert!(is_good, "{said}");
    let documents = serde_json::Deserializer::from_str(&said).into_iter().collect::<Result<Vec<_>, _>>();
    Some(documents.unwrap())
}

#[test]
fn kubernetes_knows_every_field_of_the_manifest() {
    let Some(documents) = documents() else { return };
    assert_eq!(
        documents.iter().map(|document| document["kind"].as_str().unwrap()).collect::<Vec<_>>(),
        ["ConfigMap", "Pod"]
    );
    // This command reads a document into the types of its version, which drop what they do not know.
    let folder = tempfile::tempdir().unwrap();
    let pod = folder.path().join("pod.json");
    fs::write(&pod, documents[1].to_string()).unwrap();
    let mut typed = Command::new("kubectl");
    typed.args(["set", "env", "--local", "-o", "json", "-f"]).arg(&pod).arg("A=b");
    let (is_good, said) = run(&mut typed).unwrap();
    assert!(is_good, "{said}");
    let (mut written, mut known) = (BTreeSet::new(), BTreeSet::new());
    places(&documents[1], "", &mut written);
    places(&serde_json::from_str(&said).unwrap(), "", &mut known);
    assert!(written.len() > 40, "{written:?}");
    assert_eq!(written.difference(&known).collect::<Vec<_>>(), [""; 0], "unknown to Kubernetes");
}

#[tokio::test]
async fn the_program_runs_with_the_configuration_and_the_probes_of_the_manifest() {
    let Some(documents) = documents() else { return };
    let (config, pod) = (documents[0]["data"]["config.toml"].as_str().unwrap(), &documents[1]["spec"]);
    let sidecar = &pod["initContainers"][0];
    assert_eq!((&sidecar["restartPolicy"], &sidecar["args"][0]), (&"Always".into(), &"serve".into()));
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    fs::create_dir(host.path("secret")).unwrap();
    host.write("secret/client-secret", &sandbox.lean_client_secret());
    let folder = host.path("").display().to_string();
    let own = [rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw()];
    let server = format!("base_url = \"{}\"", sandbox.base_url());
    let mut text = config.to_owned();
    // The paths, numbers and the server of the pod are replaced by those of this machine.
    for (of_the_pod, own) in [
        ("/var/run/secrets/access-token", format!("{folder}secret")),
        ("/var/cache/access-token", format!("{folder}cache")),
        ("/run/access-token", format!("{folder}run")),
        ("group = 2000", format!("group = {}", own[1])),
        ("users = [1001]", format!("users = [{}]", own[0])),
        ("region = \"sa\"\nenvironment = \"sandbox\"", server),
        ("my-application-id", sandbox.lean_client_id()),
    ] {
        assert!(text.contains(of_the_pod), "{of_the_pod}");
        text = text.replace(of_the_pod, &own);
    }
    host.write("config.toml", &text);
    // As Kubernetes creates volumes.
    for volume in ["cache", "run"] {
        fs::create_dir_all(host.path(volume)).unwrap();
        fs::set_permissions(host.path(volume), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    }
    let mount = "/run/access-token";
    let socket = pod["containers"][0]["env"][0]["value"]
        .as_str()
        .unwrap()
        .replace(mount, &host.path("run").display().to_string());
    let running = host.start(&["serve"], socket.into()).await;
    integration_tests::within("the sidecar is ready", async {
        while running.get("/readyz").await.status != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    })
    .await;
    for probe in ["startupProbe", "livenessProbe"] {
        let words: Vec<String> = serde_json::from_value(sidecar[probe]["exec"]["command"].clone()).unwrap();
        assert_eq!(words[0], "/access-token");
        let words: Vec<String> =
            words[1..].iter().map(|word| word.replace(mount, &host.path("run").display().to_string())).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let probed = host.command(&words).output().await.unwrap();
        assert_eq!(probed.status.code(), Some(0), "{probe}: {probed:?}");
    }
    let reply = running.get("/v1/token?profile=lean").await;
    assert_eq!((reply.status, running.get("/v1/token?profile=lean&scope=admin").await.status), (200, 403), "{reply:?}");
    host.check_for_leaks(&running, &[&reply.text("access_token")]);
}

#[test]
fn the_image_is_empty_but_for_the_program_and_its_certificates() {
    let dockerfile = read("docker/Dockerfile");
    let (build, image) = dockerfile.split_once("\nFROM scratch\n").expect("an empty base");
    let instructions: Vec<&str> = image.lines().filter_map(|line| line.split_once(' ')).map(|(name, _)| name).collect();
    assert_eq!(instructions, ["COPY", "ENV", "USER", "ENTRYPOINT", "CMD"]);
    let user = image.lines().find_map(|line| line.strip_prefix("USER ")).unwrap();
    assert!(
        user.split(':').all(|id| id.parse::<u32>().is_ok_and(|id| id > 0)),
        "a number, so that Kubernetes knows it is not root"
    );
    assert!(image.contains("ENTRYPOINT [\"/access-token\"]"));
    let cargo = build.lines().find(|line| line.contains("cargo build")).unwrap();
    assert!(cargo.contains("--locked") && cargo.contains(&format!("-p {}", env!("CARGO_PKG_NAME"))), "{cargo}");
    // The features exist, and the program is where it is copied from.
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let features = cargo.split("--features ").nth(1).unwrap().split(' ').next().unwrap();
    for feature in features.split(',') {
        assert!(manifest.contains(&format!("\n{feature} = [")), "{feature}");
    }
    assert!(build.contains("target/release/access-token") && Path::new(PROGRAM).ends_with("access-token"));
    let version = build.split("FROM rust:1.").nth(1).unwrap().split('-').next().unwrap();
    assert!(version.parse::<u32>().unwrap() >= 88, "the minimum Rust version");
    let ignored = read("docker/Dockerfile.dockerignore");
    assert!(ignored.contains("**/target") && ignored.contains(".git"));
}
