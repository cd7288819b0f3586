//! `access-token exec`.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::Duration;

use auth_sandbox::Sandbox;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::time::timeout;

use crate::home::{Home, profiles};

#[tokio::test(flavor = "multi_thread")]
async fn the_program_finds_the_token_in_its_environment() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let token = home.run(&["get", "lean"]).await.success().to_owned();
    for (arguments, variable) in [(&[][..], "ACCESS_TOKEN"), (&["--variable", "MY_TOKEN"], "MY_TOKEN")] {
        let script = format!("echo \"${variable}\"; cat");
        let arguments = [&["exec", "lean"], arguments, &["--", "sh", "-c", &script]].concat();
        let output = home.run_with(&arguments, "input\n").await;
        assert_eq!(output.success(), format!("{token}input\n"));
    }
    let output = home.run(&["exec", "lean", "--variable", "A=B", "--", "true"]).await;
    assert_eq!(output.code, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_is_that_of_the_program() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    for code in [0, 1, 5, 42, 255] {
        let output = home.run(&["exec", "lean", "--", "sh", "-c", &format!("exit {code}")]).await;
        assert_eq!((output.code, output.stderr.as_str()), (Some(code), ""));
    }
    fs::write(home.path().join("text"), "no program").unwrap();
    for (program, code) in [("/nonexistent/program", 127), ("no-such-program", 127), ("./text", 126), ("/", 126)] {
        let output = home.run(&["exec", "lean", "--", program]).await;
        assert!(output.failure(code).contains("cannot be run"), "{output:?}");
    }
    let output = home.run(&["exec", "nobody", "--", "true"]).await;
    assert!(output.failure(2).contains("no profile"));
    assert_eq!(home.run(&["exec", "lean", "--"]).await.code, Some(2));
    for arguments in [&["exec", "lean", "ls"][..], &["exec", "lean", "ls", "-l"], &["exec", "lean"]] {
        let output = home.run(arguments).await;
        assert!(output.code == Some(2) && output.stderr.contains("write the program after `--`"), "{output:?}");
        let output = home.run(&[arguments, &["--errors", "json"]].concat()).await;
        assert!(output.stderr.contains("write the program after `--`"), "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_takes_the_place_of_this_one_and_gets_its_signals() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let script = "trap 'echo caught; exit 3' TERM; echo $$; while :; do sleep 0.02; done";
    for (signal, end) in [(Signal::TERM, (Some(3), None)), (Signal::KILL, (None, Some(9)))] {
        let mut command = home.command(&["exec", "lean", "--", "sh", "-c", script]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let id = lines.next_line().await.unwrap().unwrap();
        // The same process: nothing stays between the caller and the program.
        assert_eq!(id, child.id().unwrap().to_string());
        kill_process(Pid::from_raw(id.parse().unwrap()).unwrap(), signal).unwrap();
        let status = timeout(Duration::from_secs(30), child.wait()).await.expect("it ends").unwrap();
        assert_eq!((status.code(), status.signal()), end);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_does_not_inherit_the_secrets_of_the_profiles_nor_open_files() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut home = Home::of(&sandbox);
    let config = profiles(&sandbox).replace("{ file = \"lean-secret\" }", "{ variable = \"LEAN_SECRET\" }");
    let shared = "[profiles.shared]\nprovider = \"leanix\"\ninstance = \"acme\"\napi_token = { variable = \"A\" }\n\
                  cache = { redis = \"rediss://a.example\", keys = { variable = \"REDIS_KEYS\" }, user = \"a\", \
                  password = { variable = \"REDIS_PASSWORD\" } }\n";
    let has_redis = cfg!(feature = "redis");
    home.config(&if has_redis { config + shared } else { config });
    home.hide("another-secret");
    let run = async |script: &str| {
        let mut command = home.command(&["exec", "lean", "--", "sh", "-c", script]);
        command.env("LEAN_SECRET", sandbox.lean_client_secret()).env("OTHER", "kept");
        if has_redis {
            command.env("REDIS_KEYS", "another-secret").env("REDIS_PASSWORD", "another-secret");
        }
        home.finish(command, "").await
    };
    let environment = run("env").await;
    let lines = environment.success();
    assert!(lines.contains("OTHER=kept\n") && lines.contains("ACCESS_TOKEN=ey"), "{lines}");
    assert!(!lines.contains("LEAN_SECRET") && !lines.contains("REDIS_"), "{lines}");
    let count = "ls /proc/self/fd 2>/dev/null | wc -l";
    let mut without = tokio::process::Command::new("sh");
    without.args(["-c", count]).env_clear().env("PATH", "/usr/bin:/bin");
    assert_eq!(run(count).await.success(), home.finish(without, "").await.success(), "open files");
    assert_eq!(run("ulimit -Sc").await.success().trim(), "0", "its core dump would hold the token");
}
