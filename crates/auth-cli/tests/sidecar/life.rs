//! From start to end: signals, the service manager, and the socket.

use std::os::fd::AsRawFd as _;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::time::Duration;

use auth_sandbox::{Gate, Sandbox, Step};
use integration_tests::within;
use rustix::process::Signal;
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;

use crate::http::{Target, read};
use crate::running::{Host, port};

const TOKEN: &str = "/v1/token?profile=lean";

#[tokio::test]
async fn a_hang_up_reads_the_configuration_again_and_keeps_the_tokens() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let sidecar = host.serve().await;
    let token = sidecar.get(TOKEN).await.text("access_token");
    let more = format!(
        "[profiles.second]\nprovider = 'lean'\nbase_url = '{}'\nclient_id = '{}'\nclient_secret = {{ file = 'lean' }}",
        sandbox.base_url(),
        sandbox.lean_client_id()
    );
    assert_eq!(sidecar.get("/v1/token?profile=second").await.status, 404);
    host.configure(&more);
    sidecar.signal(Signal::HUP);
    sidecar.logged("configuration read again").await;
    assert_eq!(sidecar.get("/v1/token?profile=second").await.status, 200);
    let issued = sandbox.lean().issued();
    assert_eq!(sidecar.get(TOKEN).await.text("access_token"), token);
    assert_eq!(sandbox.lean().issued(), issued);

    host.configure(&format!("{more}\n[serve]\nunknown = 1"));
    sidecar.signal(Signal::HUP);
    sidecar.logged("the configuration is not used, the one before stays").await;
    assert!(sidecar.log().contains("serve.unknown: unknown field"), "{}", sidecar.log());
    assert_eq!(sidecar.get("/v1/token?profile=second").await.status, 200, "the one before stays");

    host.configure("[serve.callers.other]\nusers = [4000000000]\nprofiles.lean = []");
    sidecar.signal(Signal::HUP);
    within("the rights are those of the new configuration", async {
        while sidecar.get(TOKEN).await.status != 403 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    host.check_for_leaks(&sidecar, &[&token]);
}

#[tokio::test]
async fn a_profile_with_another_secret_is_opened_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let wrong = std::fs::read_to_string(host.path("config.toml")).unwrap();
    host.write(
        "config.toml",
        &wrong.replace("client_secret = { file = 'lean' }", "client_secret = 'wrong-9d3f7a1c5e8b2460'"),
    );
    let sidecar = host.serve().await;
    assert_eq!(sidecar.get(TOKEN).await.status, 502);
    let right = format!("client_secret = '{}'", sandbox.lean_client_secret());
    host.write("config.toml", &wrong.replace("client_secret = { file = 'lean' }", &right));
    sidecar.signal(Signal::HUP);
    sidecar.logged("configuration read again").await;
    let reply = sidecar.get(TOKEN).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    host.check_for_leaks(&sidecar, &[&reply.text("access_token")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_end_under_load_it_answers_all_who_have_connected() {
    let sandbox = Sandbox::start().await.unwrap();
    let gate = Gate::new();
    sandbox.lean().script().push(Step::token().held_by(&gate));
    let host = Host::of(&sandbox, "");
    let mut sidecar = host.serve().await;
    let target = sidecar.target();
    let mut connections = Vec::new();
    for _ in 0..200 {
        let mut connection = target.connect().await;
        connection.write_all(target.request("GET", TOKEN, &[], "").as_bytes()).await.unwrap();
        connections.push(connection);
    }
    integration_tests::until("the request has arrived", || sandbox.lean().requests() == 1).await;
    let socket = sidecar.socket.clone();
    sidecar.signal(Signal::TERM);
    integration_tests::until("the socket is removed", || !socket.exists()).await;
    gate.release();
    let mut callers = JoinSet::new();
    for mut connection in connections {
        callers.spawn(async move { read(&mut connection).await.map(|reply| reply.status) });
    }
    let answers = within("all answers", callers.join_all()).await;
    assert_eq!(answers.iter().filter(|status| **status == Some(200)).count(), 200, "{answers:?}");
    let status = sidecar.ended().await;
    assert_eq!(status.code(), Some(0), "{}", sidecar.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_end_it_does_so_although_callers_keep_connecting_or_keep_connections() {
    let sandbox = Sandbox::start().await.unwrap();
    let settings = "[serve]\ntcp = '127.0.0.1:0'\ncaller_tokens = 'callers'\ncallers = {}\n[serve.limits]\nconnections = 50\nhead = '1h'";
    let host = Host::of(&sandbox, settings);
    host.write("callers", "# none\n");
    let mut sidecar = host.spawn(host.command(&["serve"]), host.path("none"));
    sidecar.logged("listening").await;
    let Target::Port(address) = port(&sidecar) else { panic!("a port") };
    let mut callers = JoinSet::new();
    for _ in 0..8 {
        callers.spawn(async move {
            // Until nobody listens any more.
            while let Ok(mut connection) = tokio::net::TcpStream::connect(address).await {
                let _ = connection.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").await;
                let _ = read(&mut connection).await;
            }
        });
    }
    let mut idle = Vec::new();
    for _ in 0..49 {
        idle.push(tokio::net::TcpStream::connect(address).await.unwrap());
    }
    sidecar.signal(Signal::TERM);
    let status = sidecar.ended().await;
    assert_eq!(status.code(), Some(0), "{}", sidecar.log());
    within("all callers know", callers.join_all()).await;
}

#[tokio::test]
async fn requests_that_take_too_long_do_not_keep_it_from_ending() {
    let sandbox = Sandbox::start().await.unwrap();
    let gate = Gate::new();
    sandbox.lean().script().always(Step::token().held_by(&gate));
    let host = Host::of(&sandbox, "[serve.limits]\ndrain = '1s'");
    let mut sidecar = host.serve().await;
    let mut connection = sidecar.target().connect().await;
    connection.write_all(sidecar.target().request("GET", TOKEN, &[], "").as_bytes()).await.unwrap();
    integration_tests::until("the request has arrived", || sandbox.lean().requests() == 1).await;
    sidecar.signal(Signal::INT);
    let status = sidecar.ended().await;
    assert_eq!(status.code(), Some(1), "{}", sidecar.log());
    assert!(sidecar.log().contains("requests were still in progress"), "{}", sidecar.log());
    gate.release();
}

#[tokio::test]
async fn a_socket_that_is_left_over_is_replaced() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let mut first = host.serve().await;
    let token = first.get(TOKEN).await.text("access_token");
    first.child.kill().await.unwrap();
    first.ended().await;
    assert!(first.socket.exists(), "nobody removed it");
    let second = host.serve().await;
    assert_eq!(second.get(TOKEN).await.text("access_token"), token, "the token is in the shared store");
    assert_eq!(sandbox.lean().issued(), 1);
}

#[tokio::test]
async fn a_service_manager_passes_the_socket_and_is_told_when_it_is_used() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let socket = host.path("passed");
    let listener = UnixListener::bind(&socket).unwrap();
    let manager = UnixDatagram::bind(host.path("notify")).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let told = |wanted: &str| {
        let mut bytes = [0; 512];
        // A signal, such as that of a child that has ended, interrupts it.
        let length = loop {
            match manager.recv(&mut bytes) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                length => break length.unwrap(),
            }
        };
        let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
        assert!(text.contains(wanted), "{text}");
    };
    // As systemd does: the socket is file descriptor 3, and LISTEN_PID is the process itself.
    let script = format!("exec 3<&{}; export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$@\"", listener.as_raw_fd());
    rustix::io::fcntl_setfd(&listener, rustix::io::FdFlags::empty()).unwrap();
    let program = host.command(&["serve"]);
    let program = program.as_std();
    let mut command = tokio::process::Command::new("/bin/bash");
    command.arg("-c").arg(script).arg("bash").arg(program.get_program()).args(program.get_args()).env_clear();
    command.env("HOME", host.path("")).env("NOTIFY_SOCKET", host.path("notify"));
    command.stdin(std::process::Stdio::null()).kill_on_drop(true);
    let mut sidecar = host.spawn(command, socket.clone());
    told("READY=1");
    assert_eq!(sidecar.get(TOKEN).await.status, 200);
    sidecar.signal(Signal::HUP);
    told("RELOADING=1");
    told("READY=1");
    sidecar.signal(Signal::TERM);
    told("STOPPING=1");
    assert_eq!(sidecar.ended().await.code(), Some(0), "{}", sidecar.log());
    assert!(socket.exists(), "the socket belongs to the service manager");
}
