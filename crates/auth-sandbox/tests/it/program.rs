//! The program as a user starts it.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
};

use crate::common::*;

/// A running program; dropping it ends it.
struct Program(Child);

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auth-sandbox"));
        Self(command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// The six lines for the shell.
    fn settings(&mut self) -> HashMap<String, String> {
        let lines = BufReader::new(self.0.stdout.take().unwrap()).lines().take(6);
        let pair = |line: String| {
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            (name.to_owned(), value.trim_matches('\'').to_owned())
        };
        lines.map(|line| pair(line.unwrap())).collect()
    }

    fn log(mut self) -> String {
        self.0.kill().unwrap();
        let mut log = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn form(settings: &HashMap<String, String>) -> String {
    let (id, secret) = (&settings["LEAN_CLIENT_ID"], encoded(&settings["LEAN_CLIENT_SECRET"]));
    format!("grant_type=client_credentials&client_id={id}&client_secret={secret}&scope=api")
}

#[tokio::test]
async fn the_printed_settings_work_and_the_log_holds_no_secret() {
    let mut program = Program::start(&["--lean-client-secret", "my secret", "--fail", "503:1", "--lifetime", "60"]);
    let settings = program.settings();
    assert_eq!(settings["LEAN_CLIENT_SECRET"], "my secret");
    assert!(settings.contains_key("LEAN_CUSTOMER_ID"));
    let lean = format!("{}/oauth2/token", settings["LEAN_AUTH_URL"]);
    assert_eq!(post(&lean, form(&settings)).send().await.unwrap().status(), 503);
    let answer = json(post(&lean, form(&settings)).send().await.unwrap()).await;
    assert_eq!(answer["expires_in"], 60);
    let leanix = format!("{}/services/mtm/v1/oauth2/token", settings["LEANIX_URL"]);
    let request = post(&leanix, "grant_type=client_credentials".into())
        .header("authorization", basic("apitoken", &settings["LEANIX_API_TOKEN"]));
    assert_eq!(request.send().await.unwrap().status(), 503);

    let log = program.log();
    let lines: Vec<&str> = log.lines().collect();
    assert!(
        lines[1].starts_with("503 POST /oauth2/token ") && lines[2].starts_with("200 POST /oauth2/token "),
        "{log}"
    );
    assert!(lines[2].ends_with(" api"), "{log}");
    assert!(
        !log.contains("my secret") && !log.contains(&settings["LEANIX_API_TOKEN"]) && !log.contains("eyJ"),
        "{log}"
    );
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_error() {
    let sandbox = sandbox().await;
    let address = sandbox.base_url().trim_start_matches("http://");
    let port = address.rsplit(':').next().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_auth-sandbox")).args(["--port", port]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.starts_with(&format!("error: {address} is already in use")), "{text}");
}

#[test]
fn a_wrong_option_is_a_usage_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_auth-sandbox")).args(["--fail", "soon"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("STATUS is a number from 200 to 999"));
}
