//! `access-token doctor` with the credentials of Lean's other region. A proxy leads the names of Lean's servers to the test.

use auth_sandbox::{Authority, Certificate, FaultServer, Raw, Tls};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::home::Home;

/// A server with a certificate for this name, which answers every request with this status and body.
fn server(authority: &Authority, name: &str, status: &str, body: &str) -> FaultServer {
    let identity = authority.issue(Certificate::for_host(name)).unwrap();
    let answer = Raw::response(status, &["content-type: application/json"], body.to_owned());
    FaultServer::builder().tls(Tls::new(identity.server_config().unwrap())).always(answer).start().unwrap()
}

/// A proxy that connects to the servers with these names. Returns its URL.
async fn proxy(servers: Vec<(&'static str, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let servers = servers.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                let named = servers.iter().find(|(name, _)| head.starts_with(&format!("CONNECT {name}:443 ")));
                let (_, target) = named.unwrap_or_else(|| panic!("another server: {head}"));
                stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                let mut target = TcpStream::connect(target).await.unwrap();
                // Either side may close the connection first.
                let _ = copy_bidirectional(&mut stream, &mut target).await;
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_of_the_other_region_are_recognized() {
    const SA: &str = "auth.sandbox.sa.leantech.me";
    const AE: &str = "auth.sandbox.ae.leantech.me";
    const REFUSAL: &str = "{\"error\":\"invalid_client\"}";
    const TOKEN: &str = "{\"access_token\":\"abc\",\"token_type\":\"bearer\",\"expires_in\":600,\"scope\":\"api\"}";

    let authority = Authority::new().unwrap();
    let mut home = Home::new();
    home.secret("secret", "the-marked-secret");
    let root = home.write("root.pem", authority.root_pem(), 0o644);
    home.config(
        "[profiles.lean]\nprovider = \"lean\"\nregion = \"sa\"\nenvironment = \"sandbox\"\nclient_id = \"id\"\n\
         client_secret = { file = \"secret\" }\n",
    );
    for (answers, code, region, text) in [
        ([("200 OK", TOKEN), ("401 Unauthorized", REFUSAL)], 0, "ok", "Saudi Arabia (KSA)"),
        ([("401 Unauthorized", REFUSAL), ("200 OK", TOKEN)], 3, "failed", "set `region = \\\"ae\\\"` in the profile"),
        ([("401 Unauthorized", REFUSAL); 2], 3, "ok", "does not accept the credentials either"),
        ([("401 Unauthorized", REFUSAL), ("503 Service Unavailable", "")], 3, "skipped", "did not say whether"),
    ] {
        let [sa, ae] = [SA, AE].map(|name| {
            let (status, body) = answers[usize::from(name == AE)];
            (name, server(&authority, name, status, body))
        });
        let place = |server: &FaultServer| server.base_url().replace("https://", "").replace("localhost", "127.0.0.1");
        let proxy = proxy(vec![(sa.0, place(&sa.1)), (ae.0, place(&ae.1))]).await;
        let mut command = home.command(&["doctor", "lean", "--json"]);
        command.env("HTTPS_PROXY", proxy).env("SSL_CERT_FILE", &root);
        let output = home.finish(command, "").await;
        assert_eq!(output.code, Some(code), "{output:?}");
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        let last = report["checks"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["check"], &last["verdict"]), (&"region".into(), &region.into()), "{output:?}");
        assert!(output.stdout.contains(text), "{output:?}");
        // The other region gets the credentials only if this one refuses them.
        let is_refused = answers[0].0 != "200 OK";
        assert_eq!(ae.1.requests().iter().any(|request| request.contains("the-marked-secret")), is_refused);
    }
}
