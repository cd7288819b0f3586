//! The program as a user runs it.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader},
    process::Command,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{common::*, process::Program};

fn form(settings: &HashMap<String, String>) -> String {
    let (id, secret) = (&settings["LEAN_CLIENT_ID"], encoded(&settings["LEAN_CLIENT_SECRET"]));
    format!("grant_type=client_credentials&client_id={id}&client_secret={secret}&scope=api")
}

#[tokio::test]
async fn the_printed_settings_work_and_the_log_holds_no_secret() {
    let mut program = Program::start(&["--lean-client-secret", "my secret", "--fail", "503:1", "--lifetime", "60"]);
    let settings = program.settings();
    assert_eq!(settings["LEAN_CLIENT_SECRET"], "my secret");
    assert!(settings.contains_key("LEAN_CUSTOMER_ID"));
    let lean = format!("{}/oauth2/token", settings["LEAN_AUTH_URL"]);
    assert_eq!(post(&lean, form(&settings)).send().await.unwrap().status(), 503);
    let answer = json(post(&lean, form(&settings)).send().await.unwrap()).await;
    assert_eq!(answer["expires_in"], 60);
    let leanix = format!("{}/services/mtm/v1/oauth2/token", settings["LEANIX_URL"]);
    let request = post(&leanix, "grant_type=client_credentials".into())
        .header("authorization", basic("apitoken", &settings["LEANIX_API_TOKEN"]));
    assert_eq!(request.send().await.unwrap().status(), 503);
    let generic = format!("{}/token", settings["OAUTH2_ISSUER"]);
    let request = post(&generic, "grant_type=client_credentials".into())
        .header("authorization", basic(&settings["OAUTH2_CLIENT_ID"], &settings["OAUTH2_CLIENT_SECRET"]));
    let (first, second) = (request.try_clone().unwrap(), request);
    assert_eq!(
        (first.send().await.unwrap().status().as_u16(), second.send().await.unwrap().status().as_u16()),
        (503, 200)
    );

    let log = program.log();
    let lines: Vec<&str> = log.lines().collect();
    assert!(
        lines[1].starts_with("503 POST /oauth2/token ") && lines[2].starts_with("200 POST /oauth2/token "),
        "{log}"
    );
    assert!(lines[2].ends_with(" api"), "{log}");
    assert!(
        !log.contains("my secret")
            && !log.contains(&settings["LEANIX_API_TOKEN"])
            && !log.contains(&settings["OAUTH2_CLIENT_SECRET"])
            && !log.contains("eyJ"),
        "{log}"
    );
}

#[tokio::test]
async fn the_log_names_method_and_path_of_unknown_paths_without_credentials() {
    let mut program = Program::start(&["--lean-client-secret", "my secret"]);
    let settings = program.settings();
    let base_url = &settings["LEAN_AUTH_URL"];
    let api_token = &settings["LEANIX_API_TOKEN"];
    for (method, path) in [
        ("PUT", "/oauth2/Token?client_secret=my%20secret".to_owned()),
        ("GET", format!("/{api_token}/a%1b%5b31m/x")),
        ("GET", "/my%20secret/\u{9b}".to_owned()),
        ("GET", "/customers/v1/app-user-id/first-user".to_owned()),
    ] {
        let request = client().request(method.parse().unwrap(), format!("{base_url}{path}"));
        assert_eq!(request.send().await.unwrap().status(), 404, "{path}");
    }
    let mut stream = TcpStream::connect(base_url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(b"DELETE /\xc2\x9b31m HTTP/1.1\r\nconnection: close\r\n\r\n").await.unwrap();
    within("the connection has ended", stream.read_to_end(&mut Vec::new())).await.unwrap();

    let log = program.log();
    let lines: Vec<String> = log.lines().skip(1).map(|line| line.split(" ms").next().unwrap().to_owned()).collect();
    let lines: Vec<&str> = lines.iter().map(|line| line.rsplit_once(' ').unwrap().0).collect();
    assert_eq!(
        lines,
        [
            "404 PUT /oauth2/Token",
            "404 GET /.../a%1b%5b31m/x",
            "404 GET /.../%C2%9B",
            "404 GET /customers/v1/app-user-id/first-user",
            "400 DELETE /??31m",
        ]
    );
    assert!(log.chars().all(|char| char == '\n' || !char.is_control()), "{log:?}");
}

#[tokio::test]
async fn binding_beyond_loopback_warns_and_prints_a_usable_address() {
    for (bind, host, warned) in [
        ("0.0.0.0", "127.0.0.1", true),
        ("127.0.0.1", "127.0.0.1", false),
        ("::", "[::1]", true),
        ("::1", "[::1]", false),
    ] {
        if host == "[::1]" && TcpListener::bind("[::1]:0").await.is_err() {
            // This machine has no IPv6.
            continue;
        }
        let mut program = Program::start(&["--bind", bind]);
        let settings = program.settings();
        let base_url = &settings["LEAN_AUTH_URL"];
        assert!(base_url.starts_with(&format!("http://{host}:")), "{base_url}");
        let token = format!("{base_url}/oauth2/token");
        assert_eq!(post(&token, form(&settings)).send().await.unwrap().status(), 200, "{base_url}");
        let log = program.log();
        let warning = format!("warning: {bind} can be reached from other machines over plain HTTP");
        assert_eq!(log.contains(&warning), warned, "{log}");
    }
    assert_eq!(Program::start(&["--bind", "here"]).ended().code(), Some(2));
}

#[tokio::test]
async fn the_page_and_the_interface_are_there_by_default_on_loopback_only() {
    for (arguments, controlled) in [
        (&[][..], true),
        (&["--control", "off"], false),
        (&["--bind", "0.0.0.0"], false),
        (&["--bind", "0.0.0.0", "--control", "on"], true),
        (&["--bind", "0.0.0.0", "--control-host", "sandbox"], true),
    ] {
        let mut program = Program::start(arguments);
        let settings = program.settings();
        let base_url = &settings["LEAN_AUTH_URL"];
        for path in ["/", "/_sandbox/v1/state"] {
            let status = client().get(format!("{base_url}{path}")).send().await.unwrap().status();
            assert_eq!(status == 200, controlled, "{arguments:?} {path} {status}");
        }
        assert_eq!(program.log().contains("open it in a browser"), controlled, "{arguments:?}");
    }
}

#[tokio::test]
async fn the_probe_tells_whether_a_sandbox_answers() {
    let mut program = Program::start(&["--control", "off"]);
    let base_url = program.settings()["LEAN_AUTH_URL"].clone();
    assert!(Program::start(&["--probe", &base_url]).ended().success());
    program.log();
    for (url, reason) in [(&*base_url, "does not answer"), ("ftp://a", "not a URL with http"), ("", "not a URL")] {
        let mut probe = Program::start(&["--probe", url]);
        assert_eq!(probe.ended().code(), Some(1), "{url}");
        let log = probe.log();
        assert!(log.contains(reason), "{log}");
    }
    assert_eq!(Program::start(&["--probe", &base_url, "--port", "1"]).ended().code(), Some(2));
}

#[tokio::test]
async fn known_customers_only_is_an_option_of_the_program() {
    let mut program = Program::start(&["--known-customers-only"]);
    let settings = program.settings();
    let token = format!("{}/oauth2/token", settings["LEAN_AUTH_URL"]);
    let customer = |id: &str| post(&token, form(&settings).replace("scope=api", &format!("scope=customer.{id}")));
    assert_eq!(customer(&settings["LEAN_CUSTOMER_ID"]).send().await.unwrap().status(), 200);
    let unknown = customer("00000000-0000-4000-8000-000000000000");
    assert_eq!(refusal(unknown).await, (400, "invalid_scope".to_owned()));
}

#[cfg(unix)]
#[test]
fn sigterm_ends_the_program_in_an_orderly_way() {
    let mut program = Program::start(&[]);
    program.settings();
    // After this line, it waits for signals.
    let mut lines = BufReader::new(program.0.stderr.take().unwrap()).lines();
    let line = within_blocking("the program listens", move || lines.next().unwrap().unwrap());
    assert!(line.starts_with("listening on "), "{line}");
    let signalled = Command::new("kill").args(["-TERM", &program.0.id().to_string()]).status().unwrap();
    assert!(signalled.success() && program.ended().success());
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_error() {
    let sandbox = sandbox().await;
    let address = sandbox.base_url().trim_start_matches("http://");
    let port = address.rsplit(':').next().unwrap();
    let mut program = Program::start(&["--port", port]);
    assert_eq!(program.ended().code(), Some(1));
    let text = program.log();
    assert!(text.starts_with(&format!("error: {address} is already in use")), "{text}");
}

#[test]
fn a_wrong_option_is_a_usage_error() {
    let mut program = Program::start(&["--fail", "soon"]);
    assert_eq!(program.ended().code(), Some(2));
    let text = program.log();
    assert!(text.contains("STATUS must be a number from 200 to 999"), "{text}");
}
