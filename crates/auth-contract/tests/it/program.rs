//! The program as started by `cargo xtask contract`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use auth_sandbox::{Authority, Certificate, FaultServer, Raw, Sandbox, Tls, TokenReply};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::common::{program, text};

#[test]
fn a_local_run_prints_a_table_and_writes_its_reports() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join("new").join(name).display().to_string();
    let output = program(&["--report", &path("report.json"), "--report", &path("report.html")], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    assert!(
        printed.contains("│ lean-auth.yaml") && printed.trim_end().ends_with("contract with sandbox: conforms"),
        "{printed}"
    );
    let json = std::fs::read(path("report.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((json["verdict"].as_str(), json["cases"].as_array().map(Vec::len)), (Some("conforms"), Some(14)));
    let html = std::fs::read_to_string(path("report.html")).unwrap();
    for part in ["<!doctype html>", "Contract with sandbox", "https://auth.sandbox.ae.leantech.me", "</html>"] {
        assert!(html.contains(part), "{part}");
    }
    for outside in ["http-equiv", "<script", "<link", "src=", "url("] {
        assert!(!html.contains(outside), "the page is self-contained: {outside}");
    }
}

#[test]
fn an_error_without_a_report_ends_the_run_with_status_1() {
    for (arguments, words) in [
        (&["--live", "lean"][..], "error: LEAN_CLIENT_ID: is not set"),
        (&["--live", "nobody"], "invalid value 'nobody'"),
        (
            &["--report", "report.txt"],
            "error: report.txt: cannot write the report: the extension must be .html, .json, .sarif or .xml",
        ),
    ] {
        let output = program(arguments, &[]);
        let printed = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{printed}");
        assert!(printed.contains(words), "{printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_contract_ends_with_status_2_and_drift_only_on_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let (id, secret) = (sandbox.lean_client_id(), sandbox.lean_client_secret());
    let variables = [
        ("LEAN_CLIENT_ID", id.as_str()),
        ("LEAN_CLIENT_SECRET", &secret),
        ("LEAN_AUTH_URL", sandbox.base_url()),
        ("LEAN_CUSTOMER_ID", "a1b2c3d4-e5f6-7890-abcd-ef0123456789"),
    ];
    let drift = TokenReply::new().member("id_token", "abc");
    let violation = TokenReply::new().member("expires_in", "soon");
    for (reply, arguments, status) in [
        (TokenReply::new(), &["--live", "lean"][..], 0),
        (drift.clone(), &["--live", "lean"], 0),
        (drift, &["--live", "lean", "--fail-on", "drift"], 2),
        (violation, &["--live", "lean"], 2),
    ] {
        sandbox.lean().script().always(reply);
        let output = program(arguments, &variables);
        assert_eq!(output.status.code(), Some(status), "{}", text(&output.stdout));
        assert!(!text(&output.stdout).contains(&secret));
    }
}

/// A proxy that opens any tunnel, and the number of its tunnels.
async fn proxy() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, tunnels) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&tunnels);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                assert!(client.read_buf(&mut head).await.unwrap() > 0, "the client has hung up");
            }
            let head = String::from_utf8(head).unwrap();
            let mut server = TcpStream::connect(head.split(' ').nth(1).unwrap()).await.unwrap();
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            counted.fetch_add(1, SeqCst);
            tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await.ok() });
        }
    });
    (format!("http://{address}"), tunnels)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_server_is_asked_over_verified_tls_through_the_proxy_of_the_environment() {
    let authority = Authority::new().unwrap();
    let config = authority.issue(Certificate::for_host("127.0.0.1")).unwrap().server_config().unwrap();
    let headers = ["content-type: application/json", "cache-control: no-store"];
    let reply = Raw::response("200 OK", &headers, r#"{"access_token":"abc","token_type":"bearer","expires_in":60}"#);
    let server = FaultServer::builder().tls(Tls::new(config)).always(reply).start().unwrap();
    let roots = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(roots.path(), authority.root_pem()).unwrap();
    let (proxy, tunnels) = proxy().await;
    let (url, roots) = (server.base_url(), roots.path().to_str().unwrap());
    let target = [("LEANIX_API_TOKEN", "token"), ("LEANIX_URL", url.as_str()), ("NO_PROXY", "")];
    for (more, status, used) in [
        (&[("SSL_CERT_FILE", roots)][..], 0, 0),
        (&[("SSL_CERT_FILE", roots), ("HTTPS_PROXY", proxy.as_str())], 0, 1),
        // The certificate has no trusted root.
        (&[("HTTPS_PROXY", "")], 1, 1),
    ] {
        let asked = server.received().iter().filter(|received| !received.is_empty()).count();
        let variables = [&target[..], more].concat();
        let output = program(&["--live", "leanix"], &variables);
        assert_eq!(output.status.code(), Some(status), "{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(tunnels.load(SeqCst), used);
        let requests = server.received().iter().filter(|received| !received.is_empty()).count() - asked;
        assert_eq!(requests, usize::from(status == 0), "nothing is sent to a server that is not trusted");
        assert_eq!(text(&output.stdout).contains("UnknownIssuer"), status != 0, "{}", text(&output.stdout));
    }
    let sent = server.requests().remove(0);
    assert!(sent.starts_with("POST /services/mtm/v1/oauth2/token HTTP/1.1\r\n") && sent.contains(&url[8..]), "{sent}");
}
