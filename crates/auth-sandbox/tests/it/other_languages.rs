//! The commands and programs of the README, run as they are printed there.

use std::{
    collections::HashMap,
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output},
};

use auth_sandbox::Sandbox;
use tempfile::TempDir;

use crate::{common::*, deadlines::output, process::Program};

/// The address in the README.
const PRINTED: &str = "http://127.0.0.1:8080";

/// The first block of the README in a language.
fn block(language: &str) -> String {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, rest) = readme.split_once(&format!("\n```{language}\n")).unwrap_or_else(|| panic!("a block in {language}"));
    rest.split_once("\n```\n").unwrap().0.to_owned()
}

/// The blocks of the README in a language.
fn blocks(language: &str) -> Vec<String> {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let start = format!("\n```{language}\n");
    readme.split(start.as_str()).skip(1).map(|rest| rest.split_once("\n```\n").unwrap().0.to_owned()).collect()
}

async fn sandbox_of_the_readme() -> Sandbox {
    let builder =
        Sandbox::builder().control_over_http().lean_client_id("test-client").lean_client_secret("test-secret");
    builder.start().await.unwrap()
}

/// Whether this machine has a program.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        println!("skipped: there is no {program}");
    }
    found
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_readme_work_and_print_what_it_says() {
    if !has("curl") {
        return;
    }
    let sandbox = sandbox_of_the_readme().await;
    let commands = blocks("console").into_iter().find(|block| block.contains("curl")).unwrap();
    let mut run = 0;
    for command in commands.split("$ ").skip(1) {
        let (command, expected) = command.split_once('\n').unwrap_or((command, ""));
        let mut shell = Command::new("sh");
        shell.env("no_proxy", "*").args(["-c", &command.replace(PRINTED, sandbox.base_url())]);
        let output = output(shell).await;
        assert!(output.status.success(), "{command}: {}", text(&output));
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), expected.trim_end(), "{command}");
        run += 1;
    }
    assert_eq!(run, 9);
}

#[tokio::test]
async fn the_script_of_the_readme_is_accepted() {
    let sandbox = sandbox_of_the_readme().await;
    let script = blocks("json").into_iter().find(|block| block.contains("\"next\"")).unwrap();
    let url = format!("{}/_sandbox/v1/scripts/lean/token", sandbox.base_url());
    let request = client().put(url).header("content-type", "application/json").body(script);
    assert_eq!(request.send().await.unwrap().status(), 204);
    assert_eq!(sandbox.lean().script().remaining(), 3);
}

/// Runs a program of the README in a folder of its own.
async fn run(sandbox: &Sandbox, language: &str, file: &str, command: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(file), block(language)).unwrap();
    let mut program = Command::new(command[0]);
    program.args(&command[1..]).arg(file).current_dir(folder.path());
    program.env("SANDBOX_URL", sandbox.base_url()).env("no_proxy", "*").env("PYTHONDONTWRITEBYTECODE", "1");
    output(program).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tests_of_the_readme_in_python_pass() {
    if !has("python3") {
        return;
    }
    let sandbox = sandbox_of_the_readme().await;
    let output = run(&sandbox, "python", "test_client.py", &["python3", "-m", "unittest"]).await;
    assert!(output.status.success() && text(&output).contains("Ran 2 tests"), "{}", text(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tests_of_the_readme_in_javascript_pass() {
    // `--test` exists since version 18.
    let version = Command::new("node").args(["-p", "process.versions.node.split('.')[0]"]).output();
    let version = version.ok().and_then(|output| String::from_utf8_lossy(&output.stdout).trim().parse::<u32>().ok());
    if version.is_none_or(|version| version < 18) {
        println!("skipped: there is no node of version 18 or later");
        return;
    }
    let sandbox = sandbox_of_the_readme().await;
    let output = run(&sandbox, "js", "client.test.mjs", &["node", "--test"]).await;
    assert!(output.status.success() && text(&output).contains("pass 2"), "{}", text(&output));
}

/// The list after a key of the file for docker-compose, which is written as JSON.
fn list(compose: &str, key: &str) -> Vec<String> {
    let (_, rest) = compose.split_once(&format!("{key}: [")).unwrap();
    let list = format!("[{}]", rest.split_once(']').unwrap().0);
    serde_json::from_str(&list).unwrap()
}

#[tokio::test]
async fn the_service_for_docker_compose_starts_and_is_healthy() {
    let compose = block("yaml");
    let (arguments, check) = (list(&compose, "command"), list(&compose, "test"));
    assert_eq!(check[..2], ["CMD", "auth-sandbox"]);
    let dockerfile = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Dockerfile")).unwrap();
    assert!(dockerfile.contains("ENTRYPOINT [\"auth-sandbox\"]"), "{dockerfile}");

    // Another program may take the port before the sandbox does.
    for _ in 0..10 {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let on_port = |text: &String| text.replace("8080", &port);
        let (arguments, check) = (arguments.iter().map(on_port), check[2..].iter().map(on_port).collect::<Vec<_>>());
        let arguments: Vec<String> = arguments.collect();
        let mut program = Program::start(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let Some(settings) = program.try_settings() else { continue };
        let expected = HashMap::from([
            ("LEAN_CLIENT_ID", "test-client"),
            ("LEAN_CLIENT_SECRET", "test-secret"),
            ("LEANIX_API_TOKEN", "test-token"),
        ]);
        for (name, value) in expected {
            assert_eq!(settings[name], value);
        }
        let mut probe = Command::new(env!("CARGO_BIN_EXE_auth-sandbox"));
        probe.args(&check);
        let healthy = output(probe).await;
        assert!(healthy.status.success(), "{}", text(&healthy));
        let state = format!("http://127.0.0.1:{port}/_sandbox/v1/state");
        for (host, status) in [("sandbox:8080", 200), ("another:8080", 403)] {
            let response = client().get(&state).header("host", host).send().await.unwrap();
            assert_eq!(response.status(), status, "{host}");
        }
        return;
    }
    panic!("ten ports were taken");
}
