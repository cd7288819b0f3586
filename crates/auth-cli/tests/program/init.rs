//! `access-token init`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use auth_sandbox::Sandbox;
use tokio::time::timeout;

use crate::home::{Home, PATIENCE};
use crate::terminal::{User, terminal};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[tokio::test(flavor = "multi_thread")]
async fn options_write_a_profile_that_works_and_keep_the_secret_in_a_file() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut home = Home::new();
    let (client, url) = (sandbox.oauth2_client(), format!("{}/generic/token", sandbox.base_url()));
    home.hide(&client.secret());
    let id = client.id();
    let arguments =
        ["init", "other", "--provider", "oauth2", "--token-url", &url, "--client-id", &id, "--secret-stdin"];
    let output = home.run_with(&arguments, &format!("{}\n", client.secret())).await;
    assert!(output.success().contains("check it with: access-token doctor other"), "{output:?}");
    let (config, secret) = (home.config_folder().join("config.toml"), home.config_folder().join("other.secret"));
    assert_eq!((mode(&home.config_folder()), mode(&config), mode(&secret)), (0o700, 0o600, 0o600));
    assert!(!fs::read_to_string(&config).unwrap().contains(&client.secret()));
    home.run(&["get", "other"]).await.success();
    home.run(&["doctor", "other"]).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_profile_and_reference_can_be_written() {
    let home = Home::new();
    let config = home.config_folder().join("config.toml");
    let lean = &["--provider", "lean", "--region", "sa", "--environment", "sandbox", "--client-id", "id"][..];
    let leanix = &["--provider", "leanix", "--instance", "acme.leanix.net"][..];
    let issuer = &[
        "--provider",
        "oauth2",
        "--issuer",
        "https://a.example",
        "--client-id",
        "id",
        "--authentication",
        "form",
        "--scope",
        "a b",
    ][..];
    for (name, provider, secret, line) in [
        ("a", lean, &["--secret-variable", "LEAN_SECRET"][..], "client_secret = { variable = \"LEAN_SECRET\" }"),
        (
            "b",
            leanix,
            &["--secret-command", "pass", "show", "leanix"],
            "api_token = { command = [\"pass\", \"show\", \"leanix\"] }",
        ),
        ("c", issuer, &["--secret-keyring", "entry"], "client_secret = { keyring = \"entry\" }"),
        ("d.e", lean, &["--secret-file", "/run/secrets/lean"], "client_secret = { file = \"/run/secrets/lean\" }"),
    ] {
        home.run(&[&["init", name], provider, secret].concat()).await.success();
        assert!(fs::read_to_string(&config).unwrap().ends_with(&format!("{line}\n")), "{name}");
    }
    let text = fs::read_to_string(&config).unwrap();
    assert!(
        text.contains("scope = \"a b\"")
            && text.contains("authentication = \"form\"")
            && text.contains("[profiles.\"d.e\"]"),
        "{text}"
    );
    assert!(home.run(&["get", "nobody"]).await.failure(2).contains("`a`, `b`, `c`, `d.e`"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_exists_is_overwritten() {
    let home = Home::new();
    let lean = ["--provider", "lean", "--region", "sa", "--environment", "sandbox", "--client-id", "id"];
    let before = "# mine\n[profiles.lean]   # the first\nprovider='leanix'\ninstance = \"acme\"\napi_token = { variable = \"A\" }";
    let config = home.config(before);
    let output = home.run(&[&["init", "lean"][..], &lean, &["--secret-variable", "B"]].concat()).await;
    assert!(output.failure(2).contains("has a profile `lean`, which is not overwritten"), "{output:?}");
    assert_eq!(fs::read_to_string(&config).unwrap(), before);
    // Nothing is asked before.
    let output = home.run(&["init", "lean"]).await;
    assert!(output.failure(2).contains("has a profile `lean`, which is not overwritten"), "{output:?}");
    home.run(&[&["init", "other"][..], &lean, &["--secret-variable", "B"]].concat()).await.success();
    let after = fs::read_to_string(&config).unwrap();
    assert!(after.starts_with(&format!("{before}\n\n[profiles.other]\n")), "{after}");
    // Neither is the file of a secret, and no profile names one that was not written.
    home.write("third.secret", "kept", 0o600);
    let output = home.run_with(&[&["init", "third"][..], &lean, &["--secret-stdin"]].concat(), "a-new-secret\n").await;
    assert!(output.failure(2).contains("third.secret exists and is not overwritten"), "{output:?}");
    assert_eq!(fs::read_to_string(&config).unwrap(), after);
    assert_eq!(fs::read_to_string(home.config_folder().join("third.secret")).unwrap(), "kept");
    // A file that cannot be read stays as it is.
    home.config("[profiles\n");
    let output = home.run(&[&["init", "other"][..], &lean, &["--secret-variable", "B"]].concat()).await;
    assert!(output.failure(2).contains("config.toml:1: "), "{output:?}");
    assert_eq!(fs::read_to_string(&config).unwrap(), "[profiles\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_the_missing_option_is_named() {
    let home = Home::new();
    for (arguments, option) in [
        (&[][..], "--provider"),
        (&["--provider", "lean"], "the name of the profile"),
        (&["lean", "--provider", "lean"], "--region"),
        (&["lean", "--provider", "lean", "--region", "sa"], "--environment"),
        (&["lean", "--provider", "lean", "--region", "sa", "--environment", "sandbox"], "--client-id"),
        (
            &["lean", "--provider", "lean", "--region", "sa", "--environment", "sandbox", "--client-id", "a"],
            "one of --secret-file",
        ),
        (&["other", "--provider", "oauth2"], "--token-url or --issuer"),
        (&["other", "--provider", "leanix"], "--instance"),
    ] {
        let output = home.run(&[&["init"], arguments].concat()).await;
        assert!(output.failure(2).starts_with(option), "{output:?}");
    }
    let output =
        home.run(&["init", "a", "--provider", "leanix", "--instance", "a.example.com", "--secret-variable", "A"]).await;
    assert!(output.failure(2).contains("instance: "), "{output:?}");
    assert!(!home.config_folder().join("config.toml").exists());
    assert_eq!(
        home.run(&["init", "lean", "--client-secret", "a-secret"]).await.code,
        Some(2),
        "there is no such option"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_at_a_terminal_is_asked_and_the_secret_is_not_shown() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut home = Home::new();
    let client = sandbox.oauth2_client();
    let (mine, theirs) = terminal();
    let mut command = home.command(&["init"]);
    command.stdin(Stdio::from(theirs.try_clone().unwrap())).stderr(Stdio::from(theirs)).stdout(Stdio::piped());
    let child = command.spawn().unwrap();
    drop(command);
    let (id, secret) = (client.id(), client.secret());
    let url = format!("{}/generic/token", sandbox.base_url());
    let typed = secret.clone();
    let shown = tokio::task::spawn_blocking(move || {
        let mut user = User::new(mine);
        user.answer("Provider (lean, leanix, oauth2): ", "another");
        user.answer("Provider (lean, leanix, oauth2): ", "oauth2");
        user.answer("Name of the profile [oauth2]: ", "");
        user.answer("Token URL: ", &url);
        user.answer("Client id: ", &id);
        user.answer("client secret (not shown): ", &typed);
        user.shown()
    });
    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("it has an answer to each question");
    let output = output.unwrap();
    let shown = shown.await.unwrap();
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("please answer one of lean, leanix, oauth2") && !shown.contains(&secret), "{shown}");
    home.hide(&secret);
    home.run(&["get", "oauth2"]).await.success();
}
