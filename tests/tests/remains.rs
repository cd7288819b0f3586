//! Searches the memory of a process that has dropped all secrets and tokens for what remains of them.
//!
//! The test runs itself in another process for each case: the server must not be in the searched process, and only the
//! client may have written the searched bytes to its memory.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]
#![allow(clippy::print_stdout, reason = "measurements are visible with --nocapture")]

use std::process::Command;
use std::time::Duration;

use auth_core::{
    ApiToken, ClientCredentials, LeanTokenEndpoint, LeanixTokenEndpoint, Scope, Secret, TokenCache, Transport,
};
use auth_sandbox::{Authority, Certificate, FaultServer, Raw, Tls};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use integration_tests::searched::{KEY, hide, remains, revealed};
use integration_tests::{api, output};
use tokio::runtime;

/// The case of the searched process; see [`run`].
const CASE: &str = "INTEGRATION_TESTS_REMAINS_CASE";
/// The address of its server.
const SERVER: &str = "INTEGRATION_TESTS_REMAINS_SERVER";
/// The certificate that it must trust.
const ROOT: &str = "INTEGRATION_TESTS_REMAINS_ROOT";

/// Lengths of the secret, of its HTTP Basic form and of the token, which is as long as a JWT.
const SECRET: usize = 40;
const BASIC: usize = 68;
const TOKEN: usize = 800;

/// The beginning of the line with the numbers.
const REMAINS: &str = "remains: ";

/// Letters and digits without a pattern, the same in each process, combined with `KEY`.
fn hidden(seed: u64, length: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut hidden = Vec::with_capacity(length);
    hidden.extend(
        (0..length).map(|_| b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"[random.usize(..57)] ^ KEY),
    );
    hidden
}

/// A client secret or an API token, hidden.
fn hidden_secret() -> Vec<u8> {
    hidden(1, SECRET)
}

/// An access token, hidden.
fn hidden_token() -> Vec<u8> {
    hidden(2, TOKEN)
}

/// The API token in its HTTP Basic form, hidden.
fn hidden_basic() -> Vec<u8> {
    let mut joined = [hide(b"apitoken:"), hidden_secret()].concat();
    let mut encoded = vec![0; joined.len().div_ceil(3) * 4];
    joined.iter_mut().for_each(|byte| *byte ^= KEY);
    STANDARD.encode_slice(&joined, &mut encoded).unwrap();
    joined.iter_mut().chain(&mut encoded).for_each(|byte| *byte ^= KEY);
    encoded
}

/// Gets a token, uses it and drops everything, including the runtime.
fn run(case: &str) {
    let server = std::env::var(SERVER).unwrap();
    let roots = std::env::var(ROOT).ok().map(|pem| auth_transport::Certificate::from_pem(pem.as_bytes()).unwrap());
    let transport = Transport::builder().only_root_certificates(roots).build().unwrap();
    let (call, threads) = case.split_once(' ').unwrap();
    let runtime = match threads {
        "one" => runtime::Builder::new_current_thread().enable_all().build(),
        _ => runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build(),
    };
    runtime.unwrap().block_on(async {
        match call {
            "lean" => {
                let credentials = ClientCredentials::new("my-application", revealed(&hidden_secret())).unwrap();
                let client = lean_auth::Client::over(&server, transport).unwrap();
                let tokens = TokenCache::new(LeanTokenEndpoint::new(client, credentials));
                assert_eq!(tokens.access_token(&api()).await.unwrap().authorization().len(), 807);
            }
            "leanix" => {
                let api_token = ApiToken::new(revealed(&hidden_secret())).unwrap();
                let client = leanix_auth::Client::over(&server, transport).unwrap();
                let tokens = TokenCache::new(LeanixTokenEndpoint::new(client, api_token));
                assert_eq!(tokens.access_token(&Scope::empty()).await.unwrap().authorization().len(), 807);
            }
            _ => {
                let client =
                    leanix_poll::Client::over(&server, transport, Secret::from(revealed(&hidden_token()))).unwrap();
                client.list_poll_runs().await.unwrap();
            }
        }
    });
}

/// In the searched process: runs a case and prints how many bytes remain of the secret, of its HTTP Basic form and of
/// the token.
fn be_searched(case: &str) {
    if case == "control" {
        let kept = (revealed(&hidden_secret()), revealed(&hidden_basic()), revealed(&hidden_token()));
        report();
        drop(kept);
    } else {
        run(case);
        report();
    }
}

fn report() {
    let [secret, basic, token] = remains(&[hidden_secret(), hidden_basic(), hidden_token()]);
    println!("{REMAINS}{secret} {basic} {token}");
}

/// The numbers that the searched process prints.
async fn search(case: &str, server: &FaultServer, root: Option<&str>) -> [u64; 3] {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "dropped_secrets_and_tokens_leave_nothing_accessible_in_memory", "--nocapture"]);
    command.env(CASE, case).env(SERVER, server.base_url()).envs(root.map(|root| (ROOT, root)));
    let output = output(command).await;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.split_once(REMAINS));
    let (_, numbers) = line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    let numbers: Vec<u64> = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

/// A token in one segment with the head, and one in chunks that arrive separately.
fn answers() -> [Raw; 2] {
    let body = format!(r#"{{"access_token":"{}","token_type":"bearer","expires_in":3599}}"#, revealed(&hidden_token()));
    let mut chunked = Raw::head("200 OK", &["transfer-encoding: chunked"]);
    for chunk in body.as_bytes().chunks(300) {
        let framed = [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
        chunked = chunked.send(framed).pause(Duration::from_millis(30));
    }
    [Raw::response("200 OK", &[], body), chunked.send("0\r\n\r\n")]
}

#[tokio::test]
async fn dropped_secrets_and_tokens_leave_nothing_accessible_in_memory() {
    if let Ok(case) = std::env::var(CASE) {
        // On a separate thread, since a runtime cannot start inside another one.
        return std::thread::spawn(move || be_searched(&case)).join().unwrap();
    }
    let control = search("control", &FaultServer::start(Raw::nothing()).unwrap(), None).await;
    assert_eq!(control, [SECRET, BASIC, TOKEN].map(|length| length as u64), "the search works");

    let authority = Authority::new().unwrap();
    let tls = Tls::new(authority.issue(Certificate::for_host("127.0.0.1")).unwrap().server_config().unwrap());
    let [one_segment, chunks] = answers();
    for (case, answer, is_encrypted, most) in [
        ("lean", &one_segment, false, [0, 0, 0]),
        ("lean", &chunks, false, [0, 0, 0]),
        ("leanix", &one_segment, false, [0, 2 * BASIC, 0]),
        ("leanix", &chunks, false, [0, 2 * BASIC, 0]),
        ("lean", &one_segment, true, [0, 0, TOKEN]),
        ("lean", &chunks, true, [0, 0, 2 * TOKEN]),
        ("leanix", &one_segment, true, [0, 2 * BASIC, TOKEN]),
        ("leanix", &chunks, true, [0, 2 * BASIC, 2 * TOKEN]),
        ("api", &Raw::response("200 OK", &[], "{}"), false, [0, 0, TOKEN]),
        ("api", &Raw::response("200 OK", &[], "{}"), true, [0, 0, TOKEN]),
    ] {
        // With several threads, the one that closes the connection may run too late.
        for (threads, attempts) in [("one", 1), ("many", 5)] {
            let mut is_wiped = false;
            for _ in 0..attempts {
                let builder = FaultServer::builder();
                let builder = if is_encrypted { builder.tls(tls.clone()) } else { builder };
                let server = builder.always(answer.clone()).start().unwrap();
                let root = is_encrypted.then(|| authority.root_pem());
                let left = search(&format!("{case} {threads}"), &server, root).await;
                println!("{case}, TLS: {is_encrypted}, threads: {threads}: {left:?} bytes are left, at most {most:?}");
                is_wiped |= left.iter().zip(most).all(|(left, most)| *left <= most as u64);
                if is_wiped {
                    break;
                }
            }
            assert!(is_wiped, "{case}, TLS: {is_encrypted}, threads: {threads}");
        }
    }
}
