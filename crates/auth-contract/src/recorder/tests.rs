use auth_sandbox::Sandbox;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncReadExt as _;

use super::*;

/// The response to these bytes from a program outside the run.
async fn foreign(recorder: &Recorder, bytes: &str) -> String {
    let mut stream = TcpStream::connect(recorder.address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    // The connection may end with a reset if the recorder did not read everything.
    let _ = timeout(CONNECT_REQUEST_TIMEOUT * 2, stream.read_to_end(&mut reply)).await.unwrap();
    String::from_utf8(reply).unwrap()
}

async fn recorder(sandbox: &Sandbox) -> Recorder {
    let address = sandbox.base_url().trim_start_matches("http://").parse().unwrap();
    Recorder::start(Upstream::Loopback(vec![address])).await.unwrap()
}

#[tokio::test]
async fn programs_outside_the_run_are_refused_and_not_recorded() {
    let sandbox = Sandbox::start().await.unwrap();
    let recorder = recorder(&sandbox).await;
    recorder.route("https://auth.example.com").unwrap();
    let server = sandbox.base_url().trim_start_matches("http://");
    let guessed = format!("Basic {}", STANDARD.encode("run:guess"));
    for (head, status) in [
        (format!("CONNECT {server} HTTP/1.1\r\nhost: {server}\r\n\r\n"), "407"),
        ("CONNECT auth.example.com:443 HTTP/1.1\r\nhost: auth.example.com\r\n\r\n".to_owned(), "407"),
        (format!("CONNECT auth.example.com:443 HTTP/1.1\r\nproxy-authorization: {guessed}\r\n\r\n"), "407"),
        ("CONNECT auth.example.com:443 HTTP/1.1\r\nproxy-authorization: Basic\r\n\r\n".to_owned(), "407"),
        (format!("GET http://{server}/ HTTP/1.1\r\nhost: {server}\r\n\r\n"), "407"),
        (format!("POST /oauth2/token HTTP/1.1\r\nhost: {server}\r\n\r\n"), "407"),
        ("nothing of the kind\r\n\r\n".to_owned(), "400"),
        (format!("GET / HTTP/1.1\r\na: {}\r\n", "b".repeat(9_000)), "400"),
    ] {
        let reply = foreign(&recorder, &head).await;
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{head:.80}: {reply}");
        assert_eq!(status == "407", reply.contains("proxy-authenticate: Basic"), "{reply}");
    }
    assert!(recorder.take("https://auth.example.com", None).is_empty());
    assert_eq!(sandbox.connections(), 0);
}

#[tokio::test]
async fn a_client_of_the_run_reaches_the_servers_of_the_run_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let recorder = recorder(&sandbox).await;
    let (address, transport) = recorder.route("http://127.0.0.1:80/a?b").unwrap();
    assert_eq!(address, "https://127.0.0.1:80/a?b");
    let call = auth_transport::Call::new(&transport);
    let get = |url: &str| call.execute(call.client().get(url).build().unwrap());
    get(&address).await.unwrap();
    let _ = get("https://127.0.0.1:81/a").await;
    let mut taken = recorder.take("http://127.0.0.1", None);
    assert_eq!(taken.len(), 2, "both are the run's own");
    let (exchange, trouble) = taken.remove(0);
    let sent = String::from_utf8(exchange.sent).unwrap();
    assert!(sent.starts_with("GET /a?b HTTP/1.1\r\n") && sent.contains("host: 127.0.0.1:80\r\n"), "{sent}");
    assert!(exchange.received.starts_with(b"HTTP/1.1 404") && trouble.is_none(), "{trouble:?}");
    let (exchange, trouble) = taken.remove(0);
    assert_eq!((exchange.sent.len(), trouble), (0, Some(Trouble::Astray)));
    assert_eq!(sandbox.connections(), 1);
}

#[test]
fn a_client_gets_an_https_address_with_the_servers_own_host_and_port() {
    for (url, server, address) in [
        ("https://auth.example.com", "auth.example.com:443", "https://auth.example.com/"),
        ("https://auth.example.com:8443/a?b=c", "auth.example.com:8443", "https://auth.example.com:8443/a?b=c"),
        ("http://127.0.0.1", "127.0.0.1:80", "https://127.0.0.1:80/"),
        ("http://localhost:8080/token/", "localhost:8080", "https://localhost:8080/token/"),
        ("http://[::1]:8080/token", "localhost:8080", "https://localhost:8080/token"),
        ("http://127.0.0.1:443/a", "127.0.0.1:443", "https://127.0.0.1/a"),
    ] {
        assert_eq!(Recorder::addresses(url), Some((server.to_owned(), address.to_owned())), "{url}");
    }
    assert_eq!(Recorder::addresses("nowhere"), None);
}

#[tokio::test]
async fn every_run_has_another_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    let (one, other) = (recorder(&sandbox).await, recorder(&sandbox).await);
    let passwords = [one.shared.admission.password(), other.shared.admission.password()];
    assert!(passwords[0] != passwords[1] && passwords.iter().all(|password| password.len() == 43));
    let (_, transport) = one.route("https://auth.example.com").unwrap();
    assert!(!format!("{transport:?}").contains(passwords[0]));
}
