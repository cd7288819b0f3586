//! The examples in other languages get tokens from the socket.

use std::path::Path;
use std::process::Output;

use auth_sandbox::{Sandbox, Step};
use tokio::process::Command;

use crate::running::Host;

const EXAMPLES: [(&str, &str); 2] = [("python3", "access_token.py"), ("node", "access_token.mjs")];

/// Runs an example; `None` if this machine has not got its interpreter.
async fn run(socket: &Path, (interpreter, file): (&str, &str), arguments: &[&str]) -> Option<Output> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut command = Command::new(interpreter);
    command
        .arg(folder.join(file))
        .args(arguments)
        .env("ACCESS_TOKEN_SOCKET", socket)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(variable);
    }
    match command.output().await {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: this machine has no {interpreter}");
            None
        }
        Err(error) => panic!("{interpreter}: {error}"),
    }
}

fn said(output: &Output) -> (bool, String) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.success(), String::from_utf8_lossy(&text).trim_end().to_owned())
}

#[tokio::test]
async fn programs_in_other_languages_get_tokens_and_call_an_api() {
    let sandbox = Sandbox::start().await.unwrap();
    for example in EXAMPLES {
        let host = Host::of(&sandbox, "");
        let sidecar = host.serve().await;
        let token = sidecar.get("/v1/token?profile=lean").await.text("access_token");
        let Some(output) = run(&sidecar.socket, example, &["lean"]).await else { continue };
        assert_eq!(said(&output), (true, format!("a token of {} characters", token.len())), "{example:?}");

        let url = format!("{}/customers/v1", sandbox.base_url());
        let (is_good, text) = said(&run(&sidecar.socket, example, &["lean", &url]).await.unwrap());
        assert!(is_good && text.starts_with("200 "), "{example:?}: {text}");
        sandbox.revoke_all();
        let (is_good, text) = said(&run(&sidecar.socket, example, &["lean", &url]).await.unwrap());
        assert!(is_good && text.starts_with("200 "), "a rejected token is replaced: {example:?}: {text}");

        let (is_good, text) = said(&run(&sidecar.socket, example, &["none"]).await.unwrap());
        assert!(!is_good && text.starts_with("usage: "), "{example:?}: {text}");
        sandbox.leanix().script().push(Step::status(403));
        let (is_good, text) = said(&run(&sidecar.socket, example, &["leanix"]).await.unwrap());
        assert!(!is_good && text.starts_with("refused: "), "{example:?}: {text}");
        let (is_good, text) = said(&run(&host.path("none"), example, &["lean"]).await.unwrap());
        assert!(!is_good && text.starts_with("unavailable: the sidecar does not answer"), "{example:?}: {text}");
    }
}
