//! Users, passwords, TLS, sockets, databases, prefixes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_core::{CredentialError, Secret, SharedCredentials};
use auth_fleet::{Keys, RedisStore, Seen, Store, StoreErrorKind};
use redis::Value;

use crate::certificates::Certificates;
use crate::redis_server::{Server, free_port};
use crate::support::{keys, name, publish, value};

/// The permissions that docs/fleet.md names.
pub(crate) const PERMISSIONS: &str = "~auth-fleet:* &auth-fleet:* +evalsha +script|load +get +set +del +pttl +pexpire +time +publish \
                           +subscribe +unsubscribe +select";

/// Row: a user without a permission (`NOPERM`).
#[tokio::test]
async fn a_user_needs_the_documented_permissions_and_no_other() {
    let documented = std::fs::read_to_string("../../docs/fleet.md").unwrap();
    assert!(documented.contains(PERMISSIONS), "docs/fleet.md does not name the permissions");
    let Some(server) = Server::start() else { return };
    let all: Vec<&str> = PERMISSIONS.split_whitespace().collect();
    let set = |permissions: &[&str]| {
        server.command(&[&["ACL", "SETUSER", "fleet", "reset", "on", ">s3cret"], permissions].concat());
    };
    let url = format!("redis://fleet:s3cret@127.0.0.1:{}/1", server.port);
    set(&all);
    let store = RedisStore::connect(url.clone(), keys()).await.unwrap();
    use_it(&store).await.unwrap();
    server.command(&["ACL", "LOG", "RESET"]);
    use_it(&store).await.unwrap();
    assert_eq!(server.command(&["ACL", "LOG"]), Value::Array(vec![]), "something was denied");
    for index in 0..all.len() {
        // Without these, a task polls.
        if ["&auth-fleet:*", "+publish", "+subscribe", "+unsubscribe"].contains(&all[index]) {
            continue;
        }
        let mut fewer = all.clone();
        let removed = fewer.remove(index);
        set(&fewer);
        server.command(&["SCRIPT", "FLUSH"]);
        let outcome = match RedisStore::connect(url.clone(), keys()).await {
            Ok(store) => use_it(&store).await,
            Err(error) => Err(error),
        };
        let error = outcome.expect_err(removed);
        assert_eq!(error.kind(), StoreErrorKind::Denied, "{removed}: {error}");
        assert!(!format!("{error} {error:?}").contains("s3cret"));
        // The connection that exists is refused as well, and serves again after the permissions have been corrected.
        set(&all);
        use_it(&store).await.unwrap();
    }
}

pub(crate) async fn use_it(store: &RedisStore) -> Result<(), auth_fleet::StoreError> {
    let name = name();
    let grant = publish(store, &name, Seen::Nothing, b"value").await?;
    let owner = crate::support::owner();
    for _ in 0..2 {
        store.lease(&name, owner, Seen::Entry(grant.generation), crate::support::LONG).await?;
    }
    store.wait(&name, Some(grant.generation), std::time::Duration::from_millis(20)).await?;
    store.release(&name, owner).await?;
    store.lease(&name, owner, Seen::Rejected(grant.generation), crate::support::LONG).await?;
    assert_eq!(value(store, &name).await?, None);
    Ok(())
}

/// Row: the password changes.
#[tokio::test]
async fn a_password_can_be_changed_while_the_program_runs() {
    let Some(server) = Server::start() else { return };
    let password = |password: &str| {
        server.command(&["ACL", "SETUSER", "fleet", "reset", "on", &format!(">{password}"), "~*", "&*", "+@all"]);
    };
    password("first-s3cret");
    let source = SharedCredentials::new(Secret::from("first-s3cret"));
    let store = RedisStore::builder(server.url()).user("fleet").password(source.clone()).keys(keys()).build().unwrap();
    let name = name();
    publish(&store, &name, Seen::Nothing, b"value").await.unwrap();
    // The server ends the connections of a user that is replaced.
    server.command(&["ACL", "DELUSER", "fleet"]);
    password("second-s3cret");
    let error = store.get(&name).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Denied, "{error}");
    assert!(!format!("{error} {error:?} {store:?}").contains("s3cret"), "{error}");
    source.replace(Secret::from("second-s3cret"));
    let (found, errors) = crate::support::until_ok(|| value(&store, &name)).await;
    assert_eq!(found.unwrap(), b"value");
    assert!(errors.iter().all(|error| error.kind() == StoreErrorKind::Denied), "{errors:?}");
}

#[tokio::test]
async fn the_source_of_the_password_is_asked_before_each_connection_and_its_error_told() {
    let Some(server) = Server::start() else { return };
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let source = move || {
        counter.fetch_add(1, Ordering::SeqCst);
        async { Err(CredentialError::unavailable("the vault is sealed")) }
    };
    let error = RedisStore::builder(server.url()).password(source).keys(keys()).connect().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Denied);
    assert!(error.to_string().contains("the vault is sealed"), "{error}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

/// Row: a wrong or missing password.
#[tokio::test]
async fn a_wrong_or_missing_password_is_denied_and_not_shown() {
    let Some(server) = Server::with(&["--requirepass", "right-s3cret"]) else { return };
    let place = format!("127.0.0.1:{}", server.port);
    for url in [
        format!("redis://:wrong-s3cret@{place}"),
        format!("redis://nobody:wrong-s3cret@{place}"),
        format!("redis://{place}"),
    ] {
        let error = RedisStore::connect(url.clone(), keys()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Denied, "{url}: {error}");
        let shown = format!("{error} {error:?} {:?}", RedisStore::builder(url).keys(keys()));
        assert!(!shown.contains("s3cret") && !shown.contains("127.0.0.1"), "{shown}");
    }
    RedisStore::connect(format!("redis://:right-s3cret@{place}"), keys()).await.unwrap();
    // The password of the builder precedes that of the URL.
    let builder = RedisStore::builder(format!("redis://:wrong-s3cret@{place}"));
    builder.password(Secret::from("right-s3cret")).keys(keys()).connect().await.unwrap();
}

#[tokio::test]
async fn databases_and_prefixes_are_apart() {
    let Some(server) = Server::start() else { return };
    let name = name();
    let url = server.url();
    let stores = [
        RedisStore::connect(url.clone(), keys()).await.unwrap(),
        RedisStore::connect(format!("{url}/3"), keys()).await.unwrap(),
        RedisStore::builder(format!("{url}/3")).database(4).keys(keys()).connect().await.unwrap(),
        RedisStore::builder(url.clone()).prefix("other:fleet").keys(keys()).connect().await.unwrap(),
    ];
    for (index, store) in stores.iter().enumerate() {
        assert_eq!(value(store, &name).await.unwrap(), None, "{index}");
        publish(store, &name, Seen::Nothing, b"value").await.unwrap();
    }
    assert_eq!(server.keys().len(), 2, "{:?}", server.keys());
    let error = RedisStore::connect(format!("{url}/9999"), keys()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Configuration, "{error}");
}

#[tokio::test]
async fn a_unix_socket_is_a_way_to_the_store() {
    let Some(server) = Server::with(&["--unixsocket", "FOLDER/socket"]) else { return };
    let url = format!("unix://{}?db=2", server.path("socket").display());
    let (store, name) = (RedisStore::connect(url, keys()).await.unwrap(), name());
    publish(&store, &name, Seen::Nothing, b"value").await.unwrap();
    assert_eq!(value(&store, &name).await.unwrap().unwrap(), b"value");
    let error = RedisStore::connect(format!("unix://{}", server.path("absent").display()), keys()).await.unwrap_err();
    assert_eq!(error.to_string(), "the store cannot be reached: there is no such socket");
}

/// Row: a certificate of another authority or for another host.
#[tokio::test]
async fn a_server_with_tls_is_reached_if_its_certificate_is_trusted() {
    let certificates = Certificates::for_hosts(&["localhost"]);
    let port = free_port().to_string();
    let Some(_server) = Server::with(&[&["--tls-port", &port], &certificates.options()[..]].concat()) else { return };
    let (url, root) = (format!("rediss://localhost:{port}"), certificates.root.clone());
    let store = RedisStore::builder(url.clone()).root_certificates(root.clone()).keys(keys()).connect().await.unwrap();
    let name = name();
    publish(&store, &name, Seen::Nothing, &[7; 64 * 1024]).await.unwrap();
    assert_eq!(value(&store, &name).await.unwrap().unwrap().len(), 64 * 1024);
    let other = Certificates::for_hosts(&["localhost"]).root;
    for (url, root) in [(url.clone(), Some(other)), (url, None), (format!("rediss://127.0.0.1:{port}"), Some(root))] {
        let mut builder = RedisStore::builder(url).keys(keys());
        if let Some(root) = root {
            builder = builder.root_certificates(root);
        }
        let error = builder.connect().await.unwrap_err();
        let expected = "the store cannot be reached: its certificate is not trusted, or is for another host";
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_refused_before_anything_is_sent() {
    let url = "redis://127.0.0.1:1";
    for (builder, word) in [
        (RedisStore::builder(url), "keys"),
        (RedisStore::builder("redis://store.example.com").keys(keys()), "plain_text_allowed"),
        (RedisStore::builder("http://127.0.0.1").keys(keys()), "scheme"),
        (RedisStore::builder(url).user("fleet").keys(keys()), "password"),
        (RedisStore::builder("redis://fleet@127.0.0.1:1").keys(keys()), "password"),
        (RedisStore::builder(url).prefix("").keys(keys()), "prefix"),
        (RedisStore::builder(url).prefix("a{b}").keys(keys()), "prefix"),
        (RedisStore::builder(url).prefix("a b").keys(keys()), "prefix"),
        (RedisStore::builder("rediss://localhost").root_certificates("none").keys(keys()), "root certificates"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Configuration);
        assert!(error.to_string().contains(word), "{error}");
    }
    RedisStore::builder("redis://store.example.com").plain_text_allowed().keys(keys()).build().unwrap();
    let bad = Keys::new(Secret::from("not a key"));
    let error = RedisStore::connect(url, bad).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Configuration);
    assert!(error.to_string().contains("line 1"), "{error}");
}
