//! Where secrets come from.

use auth_sandbox::Sandbox;

use crate::home::Home;

fn config(sandbox: &Sandbox, secret: &str) -> String {
    let (base_url, id) = (sandbox.base_url(), sandbox.lean_client_id());
    format!(
        "[profiles.lean]\nprovider = \"lean\"\nbase_url = \"{base_url}\"\nclient_id = \"{id}\"\nclient_secret = {secret}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_comes_from_a_file_a_variable_or_a_program() {
    let sandbox = Sandbox::start().await.unwrap();
    let secret = sandbox.lean_client_secret();
    for reference in [
        "{ file = \"secret\" }",
        "{ file = \"readable\", readable_by_others = true }",
        "{ variable = \"LEAN_SECRET\" }",
        "{ command = [\"cat\", \".config/access-token/secret\"] }",
        "{ command = [\"sh\", \"-c\", \"cat .config/access-token/secret\"], timeout = \"20s\" }",
    ] {
        let mut home = Home::new();
        home.secret("secret", &secret);
        home.write("readable", &secret, 0o644);
        home.config(&config(&sandbox, reference));
        let run = async || {
            let mut command = home.command(&["get", "lean"]);
            command.env("LEAN_SECRET", &secret);
            home.finish(command, "").await
        };
        assert!(run().await.success().starts_with("eyJ"), "{reference}");
        assert!(run().await.success().starts_with("eyJ"), "{reference}");
    }
    assert_eq!(sandbox.lean().issued(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cached_token_does_not_start_the_program_that_has_the_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut home = Home::new();
    home.secret("secret", &sandbox.lean_client_secret());
    let script = "echo . >> started; cat .config/access-token/secret";
    home.config(&config(&sandbox, &format!("{{ command = [\"sh\", \"-c\", \"{script}\"] }}")));
    let first = home.run(&["get", "lean"]).await;
    let started = || std::fs::read_to_string(home.path().join("started")).unwrap();
    let before = started();
    assert_eq!(first.success(), home.run(&["get", "lean"]).await.success());
    assert_eq!(started(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_cannot_be_read_is_a_mistake_of_the_configuration() {
    let sandbox = Sandbox::start().await.unwrap();
    for (reference, message) in [
        ("{ file = \"missing\" }", "missing\" is missing"),
        ("{ file = \"readable\" }", "set `readable_by_others = true` next to `file`"),
        ("{ file = \"lines\" }", "holds U+000A (line feed) at position"),
        ("{ variable = \"UNSET\" }", "environment variable \"UNSET\" is missing"),
        ("{ command = [\"false\"] }", "the program \"false\" failed (exit status: 1)"),
        ("{ command = [\"sleep\", \"600\"], timeout = \"1s\" }", "the program \"sleep\" did not end within 1 seconds"),
        ("{ command = [\"echo\", \"the-marked-secret\\nuser: a\"] }", "the program \"echo\" printed several lines"),
        ("{ command = [\"printf\", \"the\\tmarked\"] }", "the program \"printf\" printed U+0009"),
        ("{ command = [\"true\"], timeout = \"0s\" }", "must be at least 1s"),
        ("{ file = \"~/secret\" }", "`~` and variables are not expanded"),
        ("{ file = \"$HOME/secret\" }", "`~` and variables are not expanded"),
        ("{ command = [\"/nonexistent\"] }", "the program \"/nonexistent\" cannot be started"),
        ("{ keyring = \"lean\" }", "the keyring cannot be used: "),
    ] {
        let mut home = Home::new();
        home.secret("readable", "the-marked-secret");
        home.write("readable", "the-marked-secret", 0o644);
        home.write("lines", "the-marked-secret\nthe-marked-secret\n", 0o600);
        home.config(&config(&sandbox, reference));
        let output = home.run(&["get", "lean"]).await;
        assert!(output.failure(2).contains(message), "{output:?}");
    }
    assert_eq!(sandbox.lean().requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_replaced_credentials_are_not_used() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut home = Home::of(&sandbox);
    let before = home.run(&["get", "lean"]).await;
    sandbox.set_lean_client_secret("another-secret-of-the-client");
    home.secret("lean-secret", "another-secret-of-the-client");
    let after = home.run(&["get", "lean"]).await;
    assert_ne!(before.success(), after.success());
}

/// True once no process has this argument.
#[cfg(target_os = "linux")]
async fn is_gone(argument: &str) -> bool {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let mut processes = std::fs::read_dir("/proc").unwrap().flatten();
        let runs = processes.any(|process| {
            // A process that has ended and is not yet waited for has no arguments.
            let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).any(|word| word == argument.as_bytes())
        });
        if !runs {
            return true;
        }
        if std::time::Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Without a terminal, as in `serve`: with one, Ctrl-C ends them.
#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn a_program_that_takes_too_long_is_stopped_with_all_that_it_started() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::new();
    // A number of seconds that no other process sleeps.
    let seconds = format!("{}.25", 100_000 + std::process::id());
    for script in [format!("sleep {seconds} & echo x; wait"), format!("sleep {seconds}; true")] {
        home.config(&config(&sandbox, &format!("{{ command = [\"sh\", \"-c\", \"{script}\"], timeout = \"1s\" }}")));
        let mut command = tokio::process::Command::new("setsid");
        command.args(["--wait", crate::home::PROGRAM, "get", "lean"]).env_clear().env("HOME", home.path());
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").kill_on_drop(true);
        let output = home.finish(command, "").await;
        assert!(output.failure(2).contains("did not end within 1 seconds, and was stopped"), "{output:?}");
        assert!(is_gone(&seconds).await, "{script}");
    }
}

/// `gpg-agent` and others are started by the first program that needs them, and inherit its output.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_does_not_wait_for_what_the_program_leaves_behind() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut home = Home::new();
    home.secret("secret", &sandbox.lean_client_secret());
    let script = "sleep 60 & cat .config/access-token/secret";
    home.config(&config(&sandbox, &format!("{{ command = [\"sh\", \"-c\", \"{script}\"], timeout = \"50s\" }}")));
    let started = std::time::Instant::now();
    // Its errors are those of the program, too: what it leaves behind keeps them open.
    let mut command = home.command(&["get", "lean", "--timeout", "55s"]);
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::null());
    let output = command.spawn().unwrap().wait_with_output().await.unwrap();
    assert!(output.stdout.starts_with(b"eyJ"), "{output:?}");
    assert!(started.elapsed() < std::time::Duration::from_secs(50), "it waited");
}
