//! `access-token inspect`.

use auth_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::home::Home;

#[tokio::test(flavor = "multi_thread")]
async fn the_claims_of_a_token_are_shown_and_called_unverified() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut home = Home::of(&sandbox);
    for (profile, format) in
        [("lean", "token"), ("lean", "header"), ("lean", "json"), ("lean", "exec-credential"), ("leanix", "token")]
    {
        let token = home.run(&["get", profile, "--format", format]).await.success().to_owned();
        let text = home.run_with(&["inspect"], &token).await.success().to_owned();
        assert!(text.starts_with("unverified: the signature was not checked\nexpiry: "), "{text}");
        assert!(text.contains("\n  alg: RS256\n") && text.contains(", in 5"), "{text}");
        let answer = home.run_with(&["inspect", "--format", "json"], &token).await;
        let answer: Value = serde_json::from_str(answer.success()).unwrap();
        assert_eq!((&answer["verified"], &answer["expired"]), (&json!(false), &json!(false)));
        match profile {
            "lean" => assert_eq!(answer["claims"]["scope"], json!(["api"])),
            _ => assert!(answer["claims"]["principal"]["permission"]["workspaceId"].is_string(), "{answer}"),
        }
    }
    for format in ["env", "curl"] {
        let text = home.run(&["get", "lean", "--format", format]).await.success().to_owned();
        let output = home.run_with(&["inspect"], &text).await;
        assert!(output.failure(2).contains("pipe `--format token`"), "{output:?}");
    }
    home.hide("the-opaque-token");
    let output = home.run_with(&["inspect"], "the-opaque-token\n").await;
    assert!(output.failure(2).contains("only its issuer can tell what it says"), "{output:?}");
}
