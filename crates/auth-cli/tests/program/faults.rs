//! What can be wrong with a host: its folders, its disk, its clock.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

use auth_sandbox::{Reply, Sandbox};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use serde_json::json;
use tempfile::TempDir;

use crate::home::{Home, Output, profiles};

/// The warning of a program that succeeded without a cache.
#[track_caller]
fn uncached(output: &Output) -> &str {
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stdout.starts_with("eyJ"), "{output:?}");
    let warning = "access-token: warning: tokens are not cached for other processes: ";
    output.stderr.strip_prefix(warning).expect("a warning")
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_home_folder_tokens_are_not_cached() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let config = home.config_folder().join("config.toml");
    let config = config.to_str().unwrap();
    let run = async |arguments: &[&str]| {
        let mut command = home.command(&[&["--config", config], arguments].concat());
        command.env_remove("HOME");
        home.finish(command, "").await
    };
    let output = run(&["get", "lean"]).await;
    assert!(uncached(&output).contains("XDG_CACHE_HOME and HOME"), "{output:?}");
    let output = run(&["get", "lean", "--errors", "json"]).await;
    let warning: serde_json::Value = serde_json::from_str(&output.stderr).unwrap();
    assert_eq!((output.code, &warning["warning"]), (Some(0), &json!("not_cached")));
    assert_eq!(sandbox.lean().issued(), 2);
    run(&["logout", "--all"]).await.success();
    let mut command = home.command(&["--config", config, "get", "lean"]);
    command.env_remove("HOME").env("XDG_CACHE_HOME", home.path().join("cache"));
    home.finish(command, "").await.success();
    assert!(home.path().join("cache/access-token/tokens/lean").is_dir());
}

/// A small file system in memory at this folder, until it is dropped.
struct Mounted<'folder>(&'folder Path);

impl<'folder> Mounted<'folder> {
    /// `None` if the user of the test may not mount anything.
    fn new(folder: &'folder Path, options: &str) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("skipped: this user may not mount a file system");
        None
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_read_only_home_folder_tokens_are_not_cached() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let cache = home.path().join(".cache");
    let Some(_mounted) = Mounted::new(&cache, "ro,size=64k") else { return };
    for _ in 0..2 {
        let output = home.run(&["get", "lean"]).await;
        assert!(uncached(&output).contains("cannot be created: Read-only file system"), "{output:?}");
    }
    home.run(&["logout", "lean"]).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_tokens_are_not_cached() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let cache = home.path().join(".cache");
    let Some(_mounted) = Mounted::new(&cache, "size=1m,mode=700") else { return };
    let fill = || {
        // Until the last byte.
        for size in [65_536, 4_096, 1] {
            let name = format!("full-{size}");
            let mut file = fs::File::options().create(true).append(true).open(cache.join(name)).unwrap();
            while std::io::Write::write_all(&mut file, &vec![0; size]).is_ok() {}
        }
    };
    fill();
    let output = home.run(&["get", "lean"]).await;
    uncached(&output);
    // There is room again: the cache works without help.
    fs::remove_file(cache.join("full-65536")).unwrap();
    let cached = home.run(&["get", "lean"]).await;
    assert_eq!(cached.success(), home.run(&["get", "lean"]).await.success());
    // Full again: what is cached can still be read.
    fill();
    let output = home.run(&["get", "lean"]).await;
    assert_eq!((output.code, &output.stdout), (Some(0), &cached.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_others_may_have_touched_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let (cache, elsewhere) = (home.cache_folder(), TempDir::new().unwrap());
    fs::create_dir_all(cache.parent().unwrap()).unwrap();
    symlink(elsewhere.path(), &cache).unwrap();
    let message = home.run(&["get", "lean"]).await.failure(2).to_owned();
    assert!(message.contains("is a symbolic link"), "{message}");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0, "nothing was written there");
    assert!(home.run(&["logout", "--all"]).await.failure(2).contains("is a symbolic link"));
    fs::remove_file(&cache).unwrap();
    fs::write(&cache, "").unwrap();
    assert!(home.run(&["get", "lean"]).await.failure(2).contains("is not a folder"));
    fs::remove_file(&cache).unwrap();
    fs::create_dir(&cache).unwrap();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o755)).unwrap();
    let message = home.run(&["get", "lean"]).await.failure(2).to_owned();
    assert!(message.contains("is accessible to other users (mode 0755); run `chmod 700`"), "{message}");
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o700)).unwrap();
    home.run(&["get", "lean"]).await.success();
    let tokens = cache.join("tokens");
    fs::rename(&tokens, elsewhere.path().join("tokens")).unwrap();
    fs::create_dir(&tokens).unwrap();
    symlink(elsewhere.path().join("tokens/lean"), tokens.join("lean")).unwrap();
    assert!(home.run(&["get", "lean"]).await.failure(2).contains("is a symbolic link"));
    if chown(&cache, Some(12_345), None).is_ok() {
        let message = home.run(&["get", "lean"]).await.failure(2).to_owned();
        assert!(message.contains("belongs to user 12345"), "{message}");
        chown(&cache, Some(rustix::process::geteuid().as_raw()), None).unwrap();
    } else {
        eprintln!("skipped: only root can give a folder to another user");
    }
    assert_eq!(sandbox.lean().issued(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_the_cache_is_for_the_user_only_and_a_damaged_one_is_reported() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let first = home.run(&["get", "lean"]).await;
    let key = home.cache_folder().join("key");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&key), mode(&home.cache_folder())), (0o600, 0o700));
    let remedy = "`access-token logout --all` removes the key";
    let damaged = async |problem: &str| {
        let output = home.run(&["get", "lean"]).await;
        let warning = uncached(&output);
        assert!(warning.contains(problem) && warning.contains(remedy), "{warning}");
        assert!(!warning.contains("openssl") && !warning.contains("permit_readable"), "{warning}");
    };
    fs::write(&key, "damaged\n").unwrap();
    damaged("line 1 of the keys").await;
    fs::write(&key, "").unwrap();
    damaged("is empty").await;
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    damaged("is readable by every user (mode 0644)").await;
    fs::remove_file(&key).unwrap();
    fs::create_dir(&key).unwrap();
    damaged("is a directory").await;
    home.run(&["logout", "--all"]).await.success();
    assert!(!key.exists());
    let new = home.run(&["get", "lean"]).await;
    assert_ne!(new.success(), first.success(), "nobody can open what the lost key sealed");
}

/// No file of the user holds the secret or the token, in clear text or in Base64.
#[tokio::test(flavor = "multi_thread")]
async fn neither_the_secret_nor_the_token_is_in_a_file_of_the_cache() {
    fn search(folder: &Path, needles: &[String]) -> usize {
        let mut files = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files += search(&path, needles);
                continue;
            }
            files += 1;
            let content = fs::read(&path).unwrap();
            for needle in needles {
                let found = content.windows(needle.len()).any(|window| window == needle.as_bytes());
                assert!(!found, "{} holds a secret", path.display());
            }
        }
        files
    }

    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let token = home.run(&["get", "lean"]).await.success().trim().to_owned();
    let secret = sandbox.lean_client_secret();
    let mut needles = Vec::new();
    for text in [&token, &secret] {
        let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(text);
        needles.extend([text.clone(), text[text.len() - 16..].to_owned(), base64[..base64.len() - 2].to_owned()]);
    }
    let files = search(&home.path().join(".cache"), &needles);
    assert!(files >= 2, "{files}");
}

/// An hour between the clocks of the host and of the issuer changes nothing: a lifetime is counted, not compared.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_an_hour_off_does_not_shorten_tokens() {
    let sandbox = Sandbox::start().await.unwrap();
    for hours in [-1, 1] {
        let home = Home::of(&sandbox);
        let issued = Utc::now().timestamp() + hours * 3_600;
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = part(json!({ "iat": issued, "exp": issued + 600, "scope": "api" }));
        let token = format!("{}.{claims}.c2lnbmF0dXJl", part(json!({ "alg": "none" })));
        let body = json!({ "access_token": token, "token_type": "bearer", "expires_in": 600, "scope": "api" });
        let requests = sandbox.lean().requests();
        sandbox.lean().script().push(Reply::json(200, &body));
        let first = home.run(&["get", "lean", "--format", "json", "--min-validity", "9m"]).await;
        let answer: serde_json::Value = serde_json::from_str(first.success()).unwrap();
        let expires_in = answer["expires_in"].as_i64().unwrap();
        assert!((540..=600).contains(&expires_in), "{expires_in}");
        assert_eq!(home.run(&["get", "lean"]).await.success().trim(), token);
        assert_eq!(sandbox.lean().requests(), requests + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keyring_the_cache_works_and_says_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let mut command = home.command(&["get", "lean"]);
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    let first = home.finish(command, "").await;
    assert_eq!(first.success(), home.run(&["get", "lean"]).await.success());
    assert!(home.cache_folder().join("key").is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_arguments_nor_the_environment_of_the_program_show_a_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let gate = auth_sandbox::Gate::new();
    sandbox.lean().script().push(auth_sandbox::Step::token().held_by(&gate));
    let mut command = home.command(&["get", "lean"]);
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let process = format!("/proc/{}", child.id().unwrap());
    let sent = async {
        while sandbox.lean().requests() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), sent).await.expect("a request");
    if Path::new(&process).is_dir() {
        let secret = sandbox.lean_client_secret();
        for name in ["cmdline", "environ"] {
            // Root may read it although the process is not dumpable.
            let content = fs::read(format!("{process}/{name}")).unwrap_or_default();
            assert!(!String::from_utf8_lossy(&content).contains(&secret), "{name}");
        }
        let limits = fs::read_to_string(format!("{process}/limits")).unwrap_or_default();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap_or_default();
        assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    }
    gate.release();
    home.output(child).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cache_may_be_in_a_folder_of_the_configuration() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    home.config(&format!("{}\n[cache]\nfolder = \"cache\"\n", profiles(&sandbox)));
    let first = home.run(&["get", "lean"]).await;
    assert_eq!(first.success(), home.run(&["get", "lean"]).await.success());
    assert!(home.config_folder().join("cache/tokens/lean").is_dir());
    assert!(!home.cache_folder().exists());
}

/// `--timeout` holds whatever another process does with the files of the cache.
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_cannot_be_had_does_not_stop_the_program() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let cache = home.cache_folder();
    fs::create_dir_all(&cache).unwrap();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o700)).unwrap();
    let lock = cache.join("key.lock");
    let refused = async |problem: &str| {
        let output = home.run(&["get", "lean", "--timeout", "4s"]).await;
        assert!(uncached(&output).contains(problem), "{output:?}");
    };
    let held = fs::File::create(&lock).unwrap();
    held.lock().unwrap();
    refused("has been locked by another process").await;
    drop(held);
    fs::remove_file(&lock).unwrap();
    assert!(Command::new("mkfifo").arg(&lock).status().unwrap().success());
    refused("key.lock").await;
    fs::remove_file(&lock).unwrap();
    let victim = home.path().join("victim");
    symlink(&victim, &lock).unwrap();
    refused("key.lock").await;
    assert!(!victim.exists(), "it was created through a link");
    fs::remove_file(&lock).unwrap();
    let first = home.run(&["get", "lean"]).await;
    assert_eq!(first.success(), home.run(&["get", "lean"]).await.success());
}
