//! Many callers, slow callers, and callers that send what is not a request.

use std::time::Duration;

use auth_sandbox::{Gate, Sandbox, Step};
use integration_tests::within;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use crate::http::{Target, read};
use crate::running::{CALLER_TOKEN, Host, Running, port};

const TOKEN: &str = "/v1/token?profile=lean";

async fn still_answers(sidecar: &Running) {
    assert_eq!(sidecar.get(TOKEN).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_connections_at_once_get_one_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    let mut callers = JoinSet::new();
    for _ in 0..500 {
        let target = sidecar.target();
        callers.spawn(async move {
            let mut connection = target.connect().await;
            let request = format!("GET {TOKEN} HTTP/1.1\r\nhost: localhost\r\n\r\n");
            // Each connection is used ten times, and stays open until all are done.
            let mut tokens = Vec::new();
            for _ in 0..10 {
                connection.write_all(request.as_bytes()).await.unwrap();
                tokens.push(answer(&mut connection).await);
            }
            (connection, tokens)
        });
    }
    let done = within("all callers have their tokens", callers.join_all()).await;
    let mut tokens: Vec<String> = done.iter().flat_map(|(_, tokens)| tokens.clone()).collect();
    assert_eq!(tokens.len(), 5_000);
    tokens.dedup();
    assert_eq!((tokens.len(), sandbox.lean().requests()), (1, 1));
    host.check_for_leaks(&sidecar, &[&tokens[0]]);
}

/// Reads one answer of a connection that stays open, and returns its token.
async fn answer(connection: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    loop {
        let read = connection.read_buf(&mut bytes).await.unwrap();
        assert_ne!(read, 0, "the connection was closed");
        if let Some(reply) = crate::http::parse(&bytes)
            && reply.header("content-length").and_then(|length| length.parse().ok()) == Some(reply.body.len())
        {
            assert_eq!(reply.status, 200, "{reply:?}");
            return reply.text("access_token");
        }
    }
}

#[tokio::test]
async fn slow_heads_and_idle_connections_are_closed_and_others_are_answered_meanwhile() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "[serve.limits]\nhead = '1s'\nbody = '1s'\nwrite = '1s'");
    let sidecar = host.serve().await;
    let target = sidecar.target();
    let mut slow = JoinSet::new();
    for part in ["", "G", "GET /v1/token?profile=lean HTTP/1.1\r\nhost: localh"] {
        let mut connection = target.connect().await;
        slow.spawn(async move {
            connection.write_all(part.as_bytes()).await.unwrap();
            let reply = read(&mut connection).await;
            assert!(reply.is_none_or(|reply| reply.status == 408));
        });
    }
    let mut drips = target.connect().await;
    slow.spawn(async move {
        // One byte at a time does not extend the time.
        for byte in "GET /v1/token?profile=lean HTTP/1.1\r\nx: ".bytes().chain(std::iter::repeat(b'a')) {
            if drips.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let mut body = target.connect().await;
    slow.spawn(async move {
        let head = "POST /api/v1/token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
        body.write_all(head.as_bytes()).await.unwrap();
        assert_eq!(read(&mut body).await.map(|reply| reply.status), Some(408));
    });
    still_answers(&sidecar).await;
    within("all slow callers are disconnected", slow.join_all()).await;
    still_answers(&sidecar).await;
}

#[tokio::test]
async fn a_caller_that_reads_nothing_is_disconnected() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "[serve.limits]\nwrite = '1s'");
    let sidecar = host.serve().await;
    still_answers(&sidecar).await;
    let mut connection = sidecar.target().connect().await;
    let request = format!("GET {TOKEN} HTTP/1.1\r\nhost: localhost\r\n\r\n").repeat(100);
    // The sidecar stops reading when its answers are not taken, so this ends only when it closes the connection.
    let closed = async { while connection.write_all(request.as_bytes()).await.is_ok() {} };
    within("the connection is closed", closed).await;
    still_answers(&sidecar).await;
}

#[tokio::test]
async fn more_connections_than_permitted_wait_for_their_turn() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "[serve.limits]\nconnections = 2\nhead = '1s'");
    let sidecar = host.serve().await;
    let mut idle = Vec::new();
    for _ in 0..20 {
        idle.push(sidecar.target().connect().await);
    }
    // Those that send nothing are closed one after the other.
    still_answers(&sidecar).await;
    drop(idle);
}

#[tokio::test]
async fn connections_of_unknown_callers_give_way_to_callers() {
    let sandbox = Sandbox::start().await.unwrap();
    let settings = "[serve]\ntcp = '127.0.0.1:0'\ncaller_tokens = 'callers'\n\
        [serve.callers.reports]\nprofiles.lean = []\n[serve.limits]\nconnections = 8\nhead = '1h'";
    let host = Host::of(&sandbox, settings);
    host.write("callers", &format!("reports {CALLER_TOKEN}\n"));
    let sidecar = host.spawn(host.command(&["serve"]), host.path("none"));
    sidecar.logged("listening").await;
    let target = port(&sidecar);
    let own = format!("Bearer {CALLER_TOKEN}");
    let request = target.request("GET", TOKEN, &[("authorization", &own)], "").replace("connection: close\r\n", "");
    let mut known = target.connect().await;
    known.write_all(request.as_bytes()).await.unwrap();
    within("an answer", answer(&mut known)).await;

    // They stay connected: some send nothing, some a part of a head, some requests for which nobody needs to be known.
    let mut unknown = Vec::new();
    let alive = target.request("GET", "/healthz", &[], "").replace("connection: close\r\n", "");
    for part in ["", "GET /v1/tok", &alive].repeat(20) {
        let mut connection = target.connect().await;
        connection.write_all(part.as_bytes()).await.unwrap();
        unknown.push(connection);
    }
    let mut caller = target.connect().await;
    caller.write_all(request.as_bytes()).await.unwrap();
    within("a caller is answered", answer(&mut caller)).await;
    known.write_all(request.as_bytes()).await.unwrap();
    within("the connection of a caller was kept", answer(&mut known)).await;
    drop(unknown);
}

#[tokio::test]
async fn refused_requests_do_not_fill_the_log() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "[serve.callers.other]\nusers = [4000000000]\nprofiles.lean = []");
    let sidecar = host.serve().await;
    for _ in 0..500 {
        assert_eq!(sidecar.get(TOKEN).await.status, 403);
    }
    sidecar.logged("left_out=").await;
    let shown = sidecar.log().matches("reason=\"unknown_caller\"").count();
    assert!((1..500).contains(&shown), "{shown}");
}

#[tokio::test]
async fn the_usual_limit_of_open_files_does_not_limit_connections() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "[serve.limits]\nhead = '1h'");
    let program = host.command(&["serve"]);
    let program = program.as_std();
    let mut command = tokio::process::Command::new("/bin/sh");
    command.args(["-c", "ulimit -S -n 64; exec \"$@\"", "sh"]).arg(program.get_program()).args(program.get_args());
    command.env_clear().env("HOME", host.path("")).env("XDG_RUNTIME_DIR", host.path("run")).kill_on_drop(true);
    let sidecar = host.spawn(command, host.path("run/access-token/socket"));
    sidecar.logged("listening").await;
    let mut connections = Vec::new();
    for _ in 0..100 {
        let mut connection = sidecar.target().connect().await;
        connection.write_all(format!("GET {TOKEN} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await.unwrap();
        within("an answer", answer(&mut connection)).await;
        connections.push(connection);
    }
}

#[tokio::test]
async fn what_is_huge_or_malformed_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    let target = sidecar.target();
    let long = "a".repeat(64 * 1024);
    let many = "x: y\r\n".repeat(200);
    let json = "content-type: application/json\r\n";
    for (name, request, statuses) in [
        ("a long target", format!("GET /v1/token?profile={long} HTTP/1.1\r\nhost: localhost\r\n\r\n"), &[414, 431][..]),
        ("a long header", format!("GET {TOKEN} HTTP/1.1\r\nhost: localhost\r\nx: {long}\r\n\r\n"), &[431]),
        ("many headers", format!("GET {TOKEN} HTTP/1.1\r\nhost: localhost\r\n{many}\r\n"), &[431]),
        (
            "a huge body",
            format!("POST /api/v1/token HTTP/1.1\r\nhost: localhost\r\n{json}content-length: 65536\r\n\r\n{long}"),
            &[413],
        ),
        (
            "a huge body in chunks",
            format!(
                "POST /api/v1/token HTTP/1.1\r\nhost: localhost\r\n{json}transfer-encoding: chunked\r\n\r\n10000\r\n{long}\r\n0\r\n\r\n"
            ),
            &[413],
        ),
        ("no HTTP", "hello\r\n\r\n".to_owned(), &[400]),
        ("TLS", "\u{16}\u{3}\u{1}\u{0}\u{5}\u{1}\u{0}\u{0}\u{1}\u{0}".to_owned(), &[400]),
        ("a space in the target", "GET /v1/token?profile=le an HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned(), &[400]),
        ("no host", format!("GET {TOKEN} HTTP/1.1\r\n\r\n"), &[400]),
        ("two hosts", format!("GET {TOKEN} HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n"), &[400]),
        (
            "two lengths",
            format!(
                "POST /api/v1/token HTTP/1.1\r\nhost: localhost\r\n{json}content-length: 2\r\ncontent-length: 3\r\n\r\n{{}}"
            ),
            &[400],
        ),
        (
            "nested JSON",
            {
                let body = "[".repeat(10_000);
                format!("POST /api/v1/token HTTP/1.1\r\nhost: localhost\r\n{json}content-length: 10000\r\n\r\n{body}")
            },
            &[400],
        ),
        ("CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n\r\n".to_owned(), &[403]),
        ("TRACE", target.request("TRACE", TOKEN, &[], ""), &[405]),
    ] {
        let mut connection = target.connect().await;
        let _ = connection.write_all(request.as_bytes()).await;
        let reply = read(&mut connection).await.unwrap_or_else(|| panic!("no answer to {name}"));
        assert!(statuses.contains(&reply.status), "{name}: {reply:?}");
    }
    let old = target.send(format!("GET {TOKEN} HTTP/1.0\r\n\r\n")).await;
    assert_eq!(old.status, 200, "HTTP/1.0 has no host: {old:?}");
    still_answers(&sidecar).await;
}

#[tokio::test]
async fn a_caller_that_goes_away_cancels_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let gate = Gate::new();
    sandbox.lean().script().push(Step::token().held_by(&gate));
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    let Target::Socket(path) = sidecar.target() else { panic!("a socket") };
    for _ in 0..50 {
        let mut connection = tokio::net::UnixStream::connect(&path).await.unwrap();
        connection.write_all(format!("GET {TOKEN} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await.unwrap();
    }
    integration_tests::until("the request has arrived", || sandbox.lean().requests() == 1).await;
    gate.release();
    still_answers(&sidecar).await;
    assert_eq!(sandbox.lean().issued(), 1, "the request went on, and its token is used");
}
