//! Searches the memory of a process that has signed an assertion for what remains of the private key, as `remains.rs` does for
//! secrets and tokens.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]
#![allow(clippy::print_stdout, reason = "measurements are visible with --nocapture")]

use std::env;
use std::process::Command;

use auth_core::{OAuth2TokenEndpoint, PrivateKeyJwt, Scope, Secret, TokenEndpoint, Transport};
use auth_sandbox::Sandbox;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use integration_tests::output;
use integration_tests::searched::{hide, remains, revealed};
use tokio::runtime;

/// The key in PEM format, hidden and in Base64.
const PEM: &str = "INTEGRATION_TESTS_REMAINS_PEM";
/// The secret number of the key, hidden and in Base64.
const NUMBER: &str = "INTEGRATION_TESTS_REMAINS_NUMBER";
/// The token URL; if it is empty, the process keeps the key.
const SERVER: &str = "INTEGRATION_TESTS_REMAINS_TOKEN_URL";
/// The client id.
const CLIENT: &str = "INTEGRATION_TESTS_REMAINS_CLIENT_ID";

/// The beginning of the line with the numbers.
const REMAINS: &str = "remains: ";

/// In the searched process: signs an assertion, drops everything and prints how many bytes remain of the text of the key and of
/// its secret number.
fn be_searched() {
    let hidden = [PEM, NUMBER].map(|name| STANDARD.decode(env::var(name).unwrap()).unwrap());
    let (url, id) = (env::var(SERVER).unwrap(), env::var(CLIENT).unwrap());
    let mut kept = None;
    if url.is_empty() {
        kept = Some(hidden.each_ref().map(|hidden| hidden.iter().map(|byte| byte ^ hide(&[0])[0]).collect::<Vec<_>>()));
    } else {
        let transport = Transport::builder().only_root_certificates([]).build().unwrap();
        let client = PrivateKeyJwt::new(id, Secret::from(revealed(&hidden[0])));
        let endpoint = OAuth2TokenEndpoint::over(&url, transport, client).unwrap();
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(endpoint.request_token(&Scope::empty())).unwrap();
    }
    let [pem, number] = remains(&hidden);
    println!("{REMAINS}{pem} {number}");
    drop(kept);
}

/// The numbers that the searched process prints.
async fn search(pem: &str, number: &[u8], url: &str, id: &str) -> [u64; 2] {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "a_dropped_private_key_leaves_nothing_accessible_in_memory", "--nocapture"]);
    command.env(PEM, STANDARD.encode(hide(pem.as_bytes()))).env(NUMBER, STANDARD.encode(hide(number)));
    command.env(SERVER, url).env(CLIENT, id);
    let output = output(command).await;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.split_once(REMAINS));
    let (_, numbers) = line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    let numbers: Vec<u64> = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

#[tokio::test]
async fn a_dropped_private_key_leaves_nothing_accessible_in_memory() {
    if env::var(PEM).is_ok() {
        // On a separate thread, since a runtime cannot start inside another one.
        return std::thread::spawn(be_searched).join().unwrap();
    }
    let sandbox = Sandbox::start().await.unwrap();
    let (id, url) = (sandbox.oauth2_client().id(), sandbox.oauth2().token_url());
    let pem = sandbox.oauth2_client().new_key("ES256").unwrap().pem;
    // Without the marks, which the program has anyway.
    let lines: Vec<&str> = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let number = &STANDARD.decode(lines.concat()).unwrap()[36..68];
    let text = lines.join("\n");
    let control = search(&text, number, "", &id).await;
    assert_eq!(control, [text.len() as u64, number.len() as u64], "the search works");
    let left = search(&pem, number, &url, &id).await;
    println!("{left:?} bytes of the key and of its secret number are left");
    assert_eq!(sandbox.oauth2().issued(), 1);
    assert_eq!(left, [0, 0]);
}
