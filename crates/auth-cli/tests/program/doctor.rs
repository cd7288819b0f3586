//! `access-token doctor`.

use std::os::unix::fs::symlink;

use auth_sandbox::{FaultServer, Raw, Sandbox};
use chrono::{TimeDelta, Utc};
use serde_json::Value;

use crate::home::{Home, Output, profiles};

/// The checks with their verdicts, and the remedies of those that failed.
fn checks(output: &Output) -> (Vec<(String, String)>, String) {
    let report: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let checks = report["checks"].as_array().unwrap();
    let failed = checks.iter().filter(|check| check["verdict"] == "failed");
    let remedy = failed.map(|check| text(&check["remedy"])).collect::<Vec<_>>().join("\n");
    (checks.iter().map(|check| (text(&check["check"]), text(&check["verdict"]))).collect(), remedy)
}

/// The names of the checks that were made, and of those that failed.
async fn found(home: &Home, arguments: &[&str], code: i32) -> (String, String, Output) {
    let output = home.run(&[&["doctor", "--json"], arguments].concat()).await;
    assert_eq!((output.code, output.stderr.as_str()), (Some(code), ""), "{output:?}");
    let (checks, remedy) = checks(&output);
    let failed: Vec<_> =
        checks.iter().filter(|(_, verdict)| verdict == "failed").map(|(name, _)| name.as_str()).collect();
    assert!(failed.is_empty() || !remedy.is_empty(), "{output:?}");
    let names: Vec<_> = checks.iter().map(|(name, _)| name.as_str()).collect();
    (names.join(" "), failed.join(" "), output)
}

const ALL: &str = "configuration file cache proxy dns tcp tls clock credentials scope";

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_works_passes_all_checks() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    for profile in ["lean", "leanix"] {
        let (names, failed, _) = found(&home, &[profile], 0).await;
        assert_eq!((names.as_str(), failed.as_str()), (ALL, ""));
    }
    let output = home.run(&["doctor", "lean"]).await;
    let lines = output.success();
    assert!(
        lines.starts_with("ok      configuration  /") && lines.contains("\nok      scope          `api` was granted\n"),
        "{lines}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_named_with_a_remedy_and_ends_the_checks() {
    let sandbox = Sandbox::builder().tls().start().await.unwrap();
    let mut home = Home::of(&sandbox);
    let (id, base_url) = (sandbox.lean_client_id(), sandbox.base_url());
    let secure = sandbox.secure_base_url().unwrap();
    home.secret("wrong", "the-wrong-secret");
    home.write("readable", "the-wrong-secret", 0o644);
    let profile = |name: &str, base_url: &str, secret: &str| {
        format!(
            "[profiles.{name}]\nprovider = \"lean\"\nbase_url = \"{base_url}\"\nclient_id = \"{id}\"\nclient_secret = {secret}\n"
        )
    };
    home.config(
        &[
            profile("wrong", base_url, "{ file = \"wrong\" }"),
            profile("unset", base_url, "{ variable = \"UNSET\" }"),
            profile("readable", base_url, "{ file = \"readable\" }"),
            profile("fails", base_url, "{ command = [\"false\"] }"),
            profile("desktop", base_url, "{ keyring = \"lean\" }"),
            profile("name", "https://nothing.invalid", "{ file = \"lean-secret\" }"),
            profile("closed", "http://127.0.0.1:1", "{ file = \"lean-secret\" }"),
            profile("untrusted", secure, "{ file = \"lean-secret\" }"),
            profile("good", base_url, "{ file = \"lean-secret\" }"),
        ]
        .concat(),
    );
    for (arguments, code, check, made) in [
        (&["nobody"][..], 2, "configuration", "configuration"),
        (&["unset"], 2, "variable", "configuration variable cache"),
        (&["readable"], 2, "file", "configuration file cache"),
        (&["fails"], 2, "command", "configuration command cache"),
        (&["desktop"], 2, "keyring", "configuration keyring cache"),
        (&["name"], 4, "dns", "configuration file cache proxy dns"),
        (&["closed"], 4, "tcp", "configuration file cache proxy dns tcp"),
        (&["untrusted"], 4, "tls", "configuration file cache proxy dns tcp tls"),
        (&["wrong"], 3, "credentials", "configuration file cache proxy dns tcp tls clock credentials"),
        (
            &["good", "--scope", "nonsense"],
            3,
            "scope",
            "configuration file cache proxy dns tcp tls clock credentials scope",
        ),
    ] {
        let (names, failed, output) = found(&home, arguments, code).await;
        assert_eq!((names.as_str(), failed.as_str()), (made, check), "{output:?}");
    }
    assert_eq!(sandbox.lean().requests(), 2, "only complete profiles send their credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_cannot_be_used_is_named() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    std::fs::create_dir(home.path().join(".cache")).unwrap();
    symlink(home.path(), home.cache_folder()).unwrap();
    let (_, failed, output) = found(&home, &["lean"], 2).await;
    assert_eq!(failed, "cache");
    assert!(output.stdout.contains("is a symbolic link"), "{output:?}");
    let mut command =
        home.command(&["doctor", "lean", "--config", home.config_folder().join("config.toml").to_str().unwrap()]);
    command.env_remove("HOME");
    let output = home.finish(command, "").await;
    assert!(output.success().contains("warning cache "), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_an_hour_off_is_named() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut home = Home::of(&sandbox);
    let key = sandbox.oauth2_client().new_key("ES256").unwrap();
    home.write("key.pem", &key.pem, 0o600);
    home.hide(key.pem.lines().nth(1).unwrap());
    let date = (Utc::now() - TimeDelta::hours(1)).format("date: %a, %d %b %Y %H:%M:%S GMT").to_string();
    let body = "{\"access_token\":\"opaque-token\",\"token_type\":\"bearer\",\"expires_in\":600}";
    let headers = ["content-type: application/json", date.as_str()];
    let server = FaultServer::builder().always(Raw::response("200 OK", &headers, body)).start().unwrap();
    let url = server.base_url();
    home.config(&format!(
        "{}[profiles.secret]\nprovider = \"oauth2\"\ntoken_url = \"{url}\"\nclient_id = \"id\"\nclient_secret = {{ file = \"lean-secret\" }}\n\
         [profiles.key]\nprovider = \"oauth2\"\ntoken_url = \"{url}\"\nauthentication = \"private_key_jwt\"\nclient_id = \"id\"\n\
         private_key = {{ file = \"key.pem\" }}\n",
        profiles(&sandbox)
    ));
    // A lifetime is counted, so tokens work all the same.
    let (_, failed, output) = found(&home, &["secret"], 0).await;
    assert_eq!(failed, "", "{output:?}");
    assert!(
        output.stdout.contains("seconds ahead of that of the server; lifetimes of tokens are counted"),
        "{output:?}"
    );
    // An assertion would have expired.
    let (_, failed, output) = found(&home, &["key"], 2).await;
    assert_eq!(failed, "clock", "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_named_by_its_variable_and_not_by_its_password() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut home = Home::of(&sandbox);
    home.hide("marked-password");
    home.config(
        "[profiles.lean]\nprovider = \"lean\"\nregion = \"sa\"\nenvironment = \"sandbox\"\nclient_id = \"id\"\n\
         client_secret = { file = \"lean-secret\" }\n",
    );
    let mut command = home.command(&["doctor", "lean", "--json"]);
    command.env("HTTPS_PROXY", "http://user:marked-password@127.0.0.1:1");
    let output = home.finish(command, "").await;
    assert_eq!(output.code, Some(4), "{output:?}");
    let (checks, remedy) = checks(&output);
    assert_eq!(checks.last().unwrap(), &("proxy".to_owned(), "failed".to_owned()), "{output:?}");
    assert!(remedy.contains("NO_PROXY") && output.stdout.contains("127.0.0.1:1"), "{output:?}");
}

/// A page or a redirect comes from another server, or from another path of it.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_no_token_endpoint_gives_points_to_the_address() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let html = ["content-type: text/html"];
    for answer in [
        Raw::response("200 OK", &html, "<html>Sign in</html>"),
        Raw::response("302 Found", &["location: https://a.example/login"], ""),
    ] {
        let server = FaultServer::builder().always(answer).start().unwrap();
        home.config(&format!(
            "[profiles.page]\nprovider = \"oauth2\"\ntoken_url = \"{}\"\nclient_id = \"id\"\n\
             client_secret = {{ file = \"lean-secret\" }}\n",
            server.base_url()
        ));
        let output = home.run(&["doctor", "page", "--json"]).await;
        let (checks, remedy) = checks(&output);
        assert_eq!(checks.last().unwrap(), &("credentials".to_owned(), "failed".to_owned()), "{output:?}");
        assert!(remedy.contains("check `token_url` or `issuer`"), "{remedy}");
    }
    // A host that is an address needs no name.
    let output = home.run(&["doctor", "page"]).await;
    assert!(output.stdout.contains("the host is an address"), "{output:?}");
}
