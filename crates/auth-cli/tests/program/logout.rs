//! `access-token logout`.

use auth_sandbox::Sandbox;

use crate::home::Home;

#[tokio::test(flavor = "multi_thread")]
async fn logout_drops_the_tokens_of_a_profile_or_of_all() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let get = async |profile| home.run(&["get", profile]).await.success().to_owned();
    let (lean, leanix) = (get("lean").await, get("leanix").await);
    assert_eq!(home.run(&["logout", "lean"]).await.success(), "");
    let new = get("lean").await;
    assert_ne!(new, lean);
    assert_eq!(get("leanix").await, leanix);
    assert_eq!(home.run(&["logout", "--all"]).await.success(), "");
    assert!(!home.cache_folder().join("key").exists());
    assert!(!home.cache_folder().join("tokens").exists());
    assert_ne!(get("lean").await, new);
    assert_ne!(get("leanix").await, leanix);
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_without_a_cache_has_nothing_to_do() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    home.run(&["logout", "--all"]).await.success();
    home.run(&["logout", "lean"]).await.success();
    assert!(!home.cache_folder().exists());
    assert!(home.run(&["logout", "nobody"]).await.failure(2).contains("no profile"));
    assert_eq!(home.run(&["logout"]).await.code, Some(2));
}
