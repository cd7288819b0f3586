//! The configuration: where it is, what is refused, and who may read and write it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

use auth_sandbox::Sandbox;

use crate::home::{Home, profiles};

/// A profile that is complete.
const LEAN: &str =
    "[profiles.lean]\nprovider = \"lean\"\nregion = \"sa\"\nenvironment = \"sandbox\"\nclient_id = \"id\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_name_the_file_the_line_and_the_field_and_no_value() {
    let mut home = Home::new();
    home.hide("marked-secret");
    let secret = format!("{LEAN}client_secret = \"marked-secret\"\n");
    for (text, place) in [
        (format!("{secret}client_secrt = \"marked-secret\"\n"), "7: profiles.lean.client_secrt: unknown field; the fields here are"),
        (format!("{LEAN}client_secret = marked-secret\n"), "6: string values must be quoted"),
        (format!("{LEAN}client_secret = [\"marked-secret\"]\n"), "6: profiles.lean.client_secret: must be a text, or a table with one of"),
        (format!("{LEAN}client_secret = {{ file = \"a\", variable = \"marked-secret\" }}\n"), "6: profiles.lean.client_secret: must be"),
        (format!("{LEAN}client_secret = {{ fil = \"marked-secret\" }}\n"), "6: profiles.lean.client_secret.fil: unknown field"),
        (LEAN.to_owned(), "1: profiles.lean: `client_secret` is missing"),
        (format!("{secret}keep_warm = \"marked-secret\"\n"), "7: profiles.lean.keep_warm: must be `true` or `false`"),
        (format!("{secret}scope = \"marked-secret \\\"\"\n"), "7: profiles.lean.scope: "),
        (format!("{secret}[profiles.\"a/b\"]\n"), "7: profiles.a/b: the name of a profile"),
        (
            format!("{secret}base_url = \"https://marked-secret.example\"\n"),
            "3: profiles.lean.region: cannot stand next to `base_url`; remove one of them",
        ),
        (
            format!("{secret}base_url = \"https://marked-secret.example\"\n").replace("region = \"sa\"\n", ""),
            "3: profiles.lean.environment: cannot stand next to `base_url`; remove one of them",
        ),
        (
            "[profiles.a]\nprovider = \"leanix\"\ninstance = \"acme\"\nbase_url = \"https://marked-secret.example\"\n".to_owned(),
            "3: profiles.a.instance: cannot stand next to `base_url`; remove one of them",
        ),
        (secret.replace("\"sa\"", "\"marked-secret\""), "3: profiles.lean.region: must be one of `sa`, `ae`"),
        (secret.replace("\"lean\"", "\"marked-secret\""), "2: profiles.lean.provider: must be one of `lean`, `leanix`, `oauth2`"),
        (format!("{secret}[cache]\nfoldr = \"marked-secret\"\n"), "8: cache.foldr: unknown field"),
        (format!("{secret}[cach]\n"), "7: cach: unknown field; the fields here are `profiles`, `cache`, `serve`"),
        (
            "[profiles.a]\nprovider = \"oauth2\"\ntoken_url = \"http://marked-secret.example\"\n".to_owned(),
            "3: profiles.a.token_url: token URL: not https",
        ),
        (
            "[profiles.a]\nprovider = \"oauth2\"\ntoken_url = \"https://a.example/\"\nclient_id = \"a\"\nclient_secret = \"b\"\n\
             parameters = { scope = \"marked-secret\" }\n"
                .to_owned(),
            "6: profiles.a.parameters.scope: is not set here",
        ),
    ] {
        let path = home.config(&text);
        let output = home.run(&["get", "lean"]).await;
        let message = output.failure(2).to_owned();
        assert!(message.starts_with(&format!("{}:{place}", path.display())), "{message}\nwanted {place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_is_at_the_place_that_is_named() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let moved = home.config_folder().join("moved.toml");
    fs::rename(home.config_folder().join("config.toml"), &moved).unwrap();
    let moved = moved.to_str().unwrap();
    let missing = home.run(&["get", "lean"]).await;
    let message = missing.failure(2);
    assert!(message.contains(".config/access-token/config.toml") && message.contains("access-token init"), "{message}");
    home.run(&["get", "lean", "--config", moved]).await.success();
    let mut command = home.command(&["get", "lean"]);
    command.env("ACCESS_TOKEN_CONFIG", moved);
    home.finish(command, "").await.success();
    let mut command = home.command(&["get", "lean", "--config", moved]);
    command.env("ACCESS_TOKEN_CONFIG", "/nonexistent");
    home.finish(command, "").await.success();
    let mut command = home.command(&["get", "lean"]);
    command.env_remove("HOME");
    let message = home.finish(command, "").await.failure(2).to_owned();
    assert!(message.starts_with("no configuration is named") && message.contains("ACCESS_TOKEN_CONFIG"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_clear_text_is_for_the_owner_of_the_file_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut home = Home::new();
    home.hide(&sandbox.lean_client_secret());
    home.hide("marked-password");
    let id = sandbox.lean_client_id();
    let clear = format!(
        "[profiles.lean]\nprovider = \"lean\"\nbase_url = \"{}\"\nclient_id = \"{id}\"\nclient_secret = \"{}\"\n",
        sandbox.base_url(),
        sandbox.lean_client_secret()
    );
    for (mode, accepted) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o644, false)] {
        home.write("config.toml", &clear, mode);
        let output = home.run(&["get", "lean"]).await;
        if accepted {
            output.success();
        } else {
            let message = output.failure(2);
            assert!(message.contains(":5: profiles.lean.client_secret: is a secret in clear text"), "{message}");
            assert!(message.contains(&format!("mode {mode:04o}")) && message.contains("chmod 600"), "{message}");
        }
        fs::remove_file(home.config_folder().join("config.toml")).unwrap();
    }
    let redis = "[cache]\nredis = \"rediss://user:marked-password@a.example\"\nkeys = { file = \"keys\" }\n";
    home.write("config.toml", redis, 0o644);
    let message = home.run(&["get", "lean"]).await.failure(2).to_owned();
    assert!(message.contains(":2: cache.redis: is a secret in clear text"), "{message}");
    // Without a secret, the file may be read by others, and is when a distribution or a ConfigMap provides it.
    let home = Home::of(&sandbox);
    home.write("config.toml", &profiles(&sandbox), 0o644);
    home.run(&["get", "lean"]).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_others_could_have_written_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    for mode in [0o620, 0o602, 0o666] {
        home.write("config.toml", &profiles(&sandbox), mode);
        let message = home.run(&["get", "lean"]).await.failure(2).to_owned();
        assert!(message.contains("is writable by other users") && message.contains("chmod go-w"), "{message}");
    }
    let path = home.write("config.toml", &profiles(&sandbox), 0o600);
    match chown(&path, Some(12_345), None) {
        Ok(()) => {
            let message = home.run(&["get", "lean"]).await.failure(2).to_owned();
            assert!(message.contains("belongs to user 12345"), "{message}");
        }
        Err(_) => eprintln!("skipped: only root can give a file to another user"),
    }
    assert_eq!(sandbox.lean().requests(), 0);
    // A link is followed: what counts is the file.
    fs::remove_file(&path).unwrap();
    let real = home.write("real.toml", &profiles(&sandbox), 0o600);
    symlink(&real, &path).unwrap();
    home.run(&["get", "lean"]).await.success();
    // Neither a folder nor a pipe is read.
    let output = home.run(&["get", "lean", "--config", home.path().to_str().unwrap()]).await;
    assert!(output.failure(2).ends_with("is not a regular file"));
    fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The examples in the documents of the repository are configurations that the program reads.
#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_the_documents_is_read() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut examples = Vec::new();
    for document in ["docs/cli.md", "docs/sidecar.md", "crates/auth-cli/README.md"] {
        let Ok(text) = fs::read_to_string(root.join(document)) else { continue };
        let blocks = text.split("```toml\n").skip(1).filter_map(|block| block.split_once("```"));
        examples.extend(blocks.map(|(example, _)| (document, example.to_owned())));
    }
    assert!(examples.iter().filter(|(document, _)| *document == "docs/cli.md").count() >= 5, "{examples:?}");
    let home = Home::new();
    for (document, example) in examples {
        home.config(&example);
        let output = home.run(&["get", "no-such-profile", "--no-sidecar"]).await;
        assert!(output.failure(2).contains("has no profile \"no-such-profile\""), "{document}:\n{example}\n{output:?}");
    }
}
