//! The commands ask a sidecar that runs.

use std::process::Output;

use auth_sandbox::{Sandbox, Step};
use integration_tests::within;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;

use crate::running::{Host, PROGRAM};

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap().trim_end().to_owned()
}

#[tokio::test]
async fn commands_get_the_token_of_the_sidecar_without_a_configuration() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    let token = sidecar.get("/v1/token?profile=lean").await.text("access_token");
    let elsewhere = |arguments: &[&str]| {
        let mut command = tokio::process::Command::new(PROGRAM);
        command
            .args(arguments)
            .env_clear()
            .env("HOME", host.path("elsewhere"))
            .env("ACCESS_TOKEN_SOCKET", &sidecar.socket);
        command
    };
    assert_eq!(stdout(&elsewhere(&["get", "lean"]).output().await.unwrap()), token);
    let json = stdout(&elsewhere(&["get", "lean", "--format", "json", "--scope", "api"]).output().await.unwrap());
    assert!(json.contains(&token) && json.contains("\"scope\":\"api\""), "{json}");
    let exec =
        elsewhere(&["exec", "lean", "--", "/bin/sh", "-c", "printf %s \"$ACCESS_TOKEN\""]).output().await.unwrap();
    assert_eq!(stdout(&exec), token);
    assert_eq!(sandbox.lean().requests(), 1);

    let own = elsewhere(&["get", "lean", "--no-sidecar"]).output().await.unwrap();
    assert_eq!(own.status.code(), Some(2), "without a configuration: {own:?}");
    let unknown = elsewhere(&["get", "none"]).output().await.unwrap();
    assert_eq!(unknown.status.code(), Some(2), "{unknown:?}");
}

#[tokio::test]
async fn without_a_sidecar_that_serves_them_commands_get_their_token_themselves() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "[serve.callers.other]\nusers = [4000000000]\nprofiles.lean = []");
    let token = stdout(&host.command(&["get", "lean"]).output().await.unwrap());
    let sidecar = host.serve().await;
    assert_eq!(sidecar.get("/v1/token?profile=lean").await.status, 403);
    assert_eq!(stdout(&host.command(&["get", "lean"]).output().await.unwrap()), token);
    assert_eq!(sandbox.lean().requests(), 1);
}

#[tokio::test]
async fn a_socket_that_the_user_has_named_must_answer() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let silent = host.path("silent");
    let _listener = UnixListener::bind(&silent).unwrap();
    for (socket, problem) in [(host.path("none"), "ACCESS_TOKEN_SOCKET"), (silent, "longer than 1 seconds")] {
        let mut command = host.command(&["get", "lean", "--timeout", "1s", "--errors", "json"]);
        let output = command.env("ACCESS_TOKEN_SOCKET", socket).output().await.unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{message}");
        assert!(message.contains(problem) && message.contains("\"error\":\"unavailable\""), "{message}");
    }
    assert_eq!(sandbox.lean().requests(), 0);
}

#[tokio::test]
async fn an_error_of_the_sidecar_is_that_of_the_command() {
    let sandbox = Sandbox::start().await.unwrap();
    let busy = auth_sandbox::Reply::new(429).header("retry-after", "120");
    sandbox.leanix().script().always(busy);
    sandbox.lean().script().always(Step::status(503));
    let host = Host::of(&sandbox, "");
    let _sidecar = host.serve().await;
    for (profile, code, text) in [("leanix", 5, "\"retry_after\":1"), ("lean", 4, "\"profile\":\"lean\"")] {
        let output = host.command(&["get", profile, "--errors", "json"]).output().await.unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{message}");
        assert!(message.contains(text), "{message}");
    }
}

#[tokio::test]
async fn a_token_of_the_sidecar_that_a_server_rejects_is_replaced_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    let first = sidecar.get("/v1/token?profile=lean").await.text("access_token");
    let url = format!("{}/customers/v1", sandbox.base_url());
    let call = || host.command(&["call", "lean", "GET", &url, "--allow-origin", sandbox.base_url()]);
    stdout(&call().output().await.unwrap());
    assert_eq!((sandbox.lean().issued(), sandbox.lean().resource_requests()), (1, 1));
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    sandbox.revoke_all();
    stdout(&call().output().await.unwrap());
    assert_eq!((sandbox.lean().issued(), sandbox.lean().resource_requests()), (2, 3));
    assert_ne!(sidecar.get("/v1/token?profile=lean").await.text("access_token"), first, "the sidecar has the new one");

    sandbox.lean().resource_script().always(Step::status(401));
    let refused = call().output().await.unwrap();
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    let requests = sandbox.lean().resource_requests();
    assert!(requests <= 5, "not without end: {requests}");
}

#[tokio::test]
async fn a_sidecar_that_hangs_does_not_keep_a_command_from_its_own_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let token = stdout(&host.command(&["get", "lean"]).output().await.unwrap());
    std::fs::create_dir_all(host.path("run/access-token")).unwrap();
    // Nothing answers those who connect, as if the process were stopped.
    let _listener = UnixListener::bind(host.path("run/access-token/socket")).unwrap();
    for timeout in ["2s", "30s"] {
        let output = host.command(&["get", "lean", "--timeout", timeout]).output().await.unwrap();
        assert_eq!(stdout(&output), token);
    }
    assert_eq!(sandbox.lean().requests(), 1);
}

#[tokio::test]
async fn a_sidecar_that_waits_for_its_server_is_waited_for() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let _sidecar = host.serve().await;
    let gate = auth_sandbox::Gate::new();
    sandbox.lean().script().push(Step::token().held_by(&gate));
    let mut command = host.command(&["get", "lean"]);
    let release = async {
        tokio::time::sleep(std::time::Duration::from_secs(4)).await;
        gate.release();
    };
    let (output, ()) = tokio::join!(command.output(), release);
    assert!(stdout(&output.unwrap()).starts_with("eyJ"));
    assert_eq!(sandbox.lean().requests(), 1);
}

/// Runs a command that asks a process which is no sidecar and answers this.
async fn asked(host: &Host, arguments: &[&str], status: u16, body: &serde_json::Value) -> Output {
    let socket = host.path("impostor");
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).unwrap();
    let body = body.to_string();
    let answer = format!("HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let serving = async {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    };
    let mut command = host.command(arguments);
    command.env("ACCESS_TOKEN_SOCKET", &socket);
    within("the command", async {
        tokio::select! {
            output = command.output() => output.unwrap(),
            () = serving => unreachable!(),
        }
    })
    .await
}

#[tokio::test]
async fn a_sidecar_is_not_trusted_with_what_it_answers() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let (past, future) = ("2000-01-01T00:00:00Z", "2999-01-01T00:00:00Z");
    let soon = (chrono::Utc::now() + chrono::TimeDelta::minutes(10)).to_rfc3339();
    let token = |text: &str, end: &str, scope: &str| json!({ "access_token": text, "expires_at": end, "scope": scope });
    let lasting = ["--min-validity", "1h"];
    for (answer, more, problem) in [
        (token("EV\"IL\nurl=file:///etc/passwd", future, "api"), &[][..], "characters"),
        (token("EVIL\r\nX-Evil: 1", future, "api"), &[], "characters"),
        (token("", future, "api"), &[], "characters"),
        (token("EVIL", future, "a\u{1b}b"), &[], "not a token"),
        (token("EVIL", past, "api"), &[], "expired"),
        (token("EVIL", &soon, "api"), &lasting, "less than"),
    ] {
        for arguments in
            [&["get", "lean", "--format", "curl"][..], &["get", "lean", "--format", "env"], &["exec", "lean"]]
        {
            let program: &[&str] = if arguments[0] == "exec" { &["--", "env"] } else { &[] };
            let output = asked(&host, &[arguments, more, program].concat(), 200, &answer).await;
            let message = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!((output.status.code(), output.stdout.len()), (Some(4), 0), "{answer} {output:?}");
            assert!(message.contains(problem) && !message.contains("EV"), "{message}");
        }
        let url = format!("{}/customers/v1", sandbox.base_url());
        let output = asked(&host, &[&["call", "lean", "GET", &url][..], more].concat(), 200, &answer).await;
        assert_eq!(output.status.code(), Some(4), "{output:?}");
    }
    assert_eq!(sandbox.lean().resource_requests(), 0);
    let output = asked(&host, &["get", "lean", "--min-validity", "9m"], 200, &token("GOOD", &soon, "api")).await;
    assert_eq!(stdout(&output), "GOOD");
}

#[tokio::test]
async fn a_message_of_a_sidecar_does_not_steer_the_terminal() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let message = "\u{1b}[31mred\nline2\u{9b}1m\u{202e}x";
    let answer = json!({ "error": "refused", "message": message, "profile": "a\u{1b}b" });
    let output = asked(&host, &["get", "lean"], 502, &answer).await;
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let shown = String::from_utf8(output.stderr).unwrap();
    assert_eq!(shown, "access-token: \\u{1b}[31mred\\nline2\\u{9b}1m\\u{202e}x\n");
}

#[tokio::test]
async fn a_configuration_that_cannot_be_read_keeps_exec_from_handing_on_its_secrets() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    let exec = |config: Option<&str>, home: &str| {
        let mut command = tokio::process::Command::new(PROGRAM);
        command.args(["exec", "lean", "--", "/usr/bin/env"]).env_clear().env("LEAN_SECRET", "the-marked-secret");
        command.env("HOME", host.path(home)).env("ACCESS_TOKEN_SOCKET", &sidecar.socket);
        if let Some(config) = config {
            command.env("ACCESS_TOKEN_CONFIG", host.path(config));
        }
        command
    };
    host.write("broken.toml", "[profiles.lean\n");
    let usual = host.path("home/.config/access-token");
    std::fs::create_dir_all(&usual).unwrap();
    std::fs::write(usual.join("config.toml"), "[profiles.lean\n").unwrap();
    for (config, home) in [(Some("broken.toml"), "elsewhere"), (Some("missing.toml"), "elsewhere"), (None, "home")] {
        let output = exec(config, home).output().await.unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{output:?}");
    }
    // Who has no configuration names no secrets.
    let output = stdout(&exec(None, "elsewhere").output().await.unwrap());
    assert!(output.contains("ACCESS_TOKEN=ey"), "{output}");
}

/// Needs root, which can start processes of other users.
#[tokio::test]
async fn a_sidecar_of_another_user_at_the_usual_place_is_not_asked() {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can start processes of other users");
        return;
    }
    let (theirs, own) = (Sandbox::start().await.unwrap(), Sandbox::start().await.unwrap());
    let impostor = Host::of(&theirs, "[serve.callers.all]\nusers = [0, 3001]\nprofiles.lean = []");
    std::fs::set_permissions(impostor.path(""), std::fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["", "config.toml", "lean", "leanix"] {
        chown(impostor.path(name), Some(3001), Some(3001)).unwrap();
    }
    // Other users may not be able to enter the folder of the build.
    let program = impostor.path("program");
    std::fs::copy(PROGRAM, &program).unwrap();
    let mut command = tokio::process::Command::new(&program);
    command.args(["serve", "--config"]).arg(impostor.path("config.toml")).env_clear().kill_on_drop(true);
    command.env("HOME", impostor.path("")).env("XDG_RUNTIME_DIR", impostor.path("run")).uid(3001).gid(3001);
    let sidecar = impostor.spawn(command, impostor.path("run/access-token/socket"));
    sidecar.logged("listening").await;
    assert_eq!(sidecar.get("/v1/token?profile=lean").await.status, 200, "root could get a token");
    let host = Host::of(&own, "");
    let token =
        stdout(&host.command(&["get", "lean"]).env("XDG_RUNTIME_DIR", impostor.path("run")).output().await.unwrap());
    assert_eq!((theirs.lean().issued(), own.lean().issued()), (1, 1));
    assert_ne!(token, sidecar.get("/v1/token?profile=lean").await.text("access_token"));
}
