//! The keyring of the desktop, with GNOME Keyring where it is installed.

use std::process::Command as Blocking;

use auth_sandbox::Sandbox;

use crate::home::{Home, PROGRAM, profiles};

/// Starts a keyring, then runs the steps of the test, which are its argument. Everything ends with the session.
const SESSION: &str = "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; . \"$0\"";

fn is_installed() -> bool {
    let tools = ["dbus-run-session", "gnome-keyring-daemon", "secret-tool"];
    let missing = tools.into_iter().find(|tool| Blocking::new(tool).arg("--version").output().is_err());
    if let Some(missing) = missing {
        eprintln!("skipped: {missing} is not installed");
    }
    missing.is_none()
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_and_the_key_of_the_cache_are_in_the_keyring_if_there_is_one() {
    if !is_installed() {
        return;
    }
    let sandbox = Sandbox::start().await.unwrap();
    let mut home = Home::of(&sandbox);
    let client = sandbox.oauth2_client();
    home.hide(&client.secret());
    home.config(&profiles(&sandbox).replace("{ file = \"lean-secret\" }", "{ keyring = \"lean entry\" }"));
    let (url, cache) = (format!("{}/generic/token", sandbox.base_url()), home.cache_folder());
    let steps = format!(
        "set -e
        export XDG_DATA_HOME=\"$HOME/data\"
        \"$PROGRAM\" get lean && exit 90
        printf '%s' \"$LEAN_SECRET\" | secret-tool store --label lean service access-token username 'lean entry'
        \"$PROGRAM\" get lean
        \"$PROGRAM\" get lean
        [ ! -e {cache}/key ] || exit 91
        [ -n \"$(secret-tool lookup service access-token username 'cache {cache}')\" ] || exit 92
        printf '%s\\n' \"$CLIENT_SECRET\" | \"$PROGRAM\" init kept --provider oauth2 --token-url {url} --client-id {id} --secret-stdin >/dev/null
        \"$PROGRAM\" get kept >/dev/null
        \"$PROGRAM\" logout --all
        [ -z \"$(secret-tool lookup service access-token username 'cache {cache}')\" ] || exit 93
        env -u DBUS_SESSION_BUS_ADDRESS \"$PROGRAM\" get leanix
        [ -e {cache}/key ] || exit 94
        \"$PROGRAM\" get leanix
        ",
        cache = cache.display(),
        id = client.id(),
    );
    // The first step fails, as it has to.
    let steps = steps.replacen("\"$PROGRAM\" get lean && exit 90", "if \"$PROGRAM\" get lean; then exit 90; fi", 1);
    let script = home.write("steps.sh", &steps, 0o600);
    let mut command = tokio::process::Command::new("dbus-run-session");
    command.args(["--", "sh", "-c", SESSION]).arg(script).env_clear().current_dir(home.path()).kill_on_drop(true);
    command.env("HOME", home.path()).env("XDG_RUNTIME_DIR", home.path()).env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command
        .env("PROGRAM", PROGRAM)
        .env("LEAN_SECRET", sandbox.lean_client_secret())
        .env("CLIENT_SECRET", client.secret());
    let output = home.finish(command, "").await;
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output.stderr.contains("the keyring has no entry \"lean entry\" of the service \"access-token\""),
        "{output:?}"
    );
    let tokens: Vec<&str> = output.stdout.lines().collect();
    let [lean, again, leanix, same] = tokens[..] else { panic!("{output:?}") };
    assert_eq!((lean, leanix), (again, same));
    assert_eq!((sandbox.lean().issued(), sandbox.leanix().issued(), sandbox.oauth2().issued()), (1, 1, 1));
    let config = std::fs::read_to_string(home.config_folder().join("config.toml")).unwrap();
    assert!(config.contains("client_secret = { keyring = \"kept\" }"), "{config}");
}
