//! Who may connect, and what they may have.

use auth_sandbox::Sandbox;

use crate::http::{Target, get, post};
use crate::running::{CALLER_TOKEN, Host, port};

/// Callers that connect over TCP.
const CALLERS: &str = "
[serve]
tcp = '127.0.0.1:0'
caller_tokens = 'callers'
[serve.callers.reports]
profiles.lean = ['customer.*']
[serve.callers.nobody]
users = [4000000000]
profiles.lean = ['*']
";

const CUSTOMER: &str = "customer.7d3a9b0e-5c1f-4e62-9a84-0b6f2d8c1e35";

async fn over_tcp(sandbox: &Sandbox) -> (Host, crate::running::Running, Target) {
    let host = Host::of(sandbox, CALLERS);
    host.write("callers", &format!("# of the test\nreports {CALLER_TOKEN}\n"));
    let command = host.command(&["serve"]);
    let running = host.spawn(command, host.path("none"));
    running.logged("listening").await;
    let target = port(&running);
    (host, running, target)
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[tokio::test]
async fn over_tcp_a_caller_needs_its_token_and_gets_what_it_may_have() {
    let sandbox = Sandbox::start().await.unwrap();
    let (host, sidecar, target) = over_tcp(&sandbox).await;
    let own = bearer(CALLER_TOKEN);
    let own = [("authorization", own.as_str())];
    for (path, status) in [
        ("/v1/token?profile=lean".to_owned(), 200),
        ("/v1/token?profile=lean&scope=api".to_owned(), 200),
        (format!("/v1/token?profile=lean&scope={CUSTOMER}"), 200),
        ("/v1/token?profile=lean&scope=admin".to_owned(), 403),
        (format!("/v1/token?profile=lean&scope=admin+{CUSTOMER}"), 403),
        ("/v1/token?profile=leanix".to_owned(), 403),
        ("/v1/token?profile=none".to_owned(), 403),
        ("/metrics".to_owned(), 200),
    ] {
        let reply = get(&target, &path, &own).await;
        assert_eq!(reply.status, status, "{path}: {reply:?}");
        if status == 403 {
            assert_eq!((reply.text("error").as_str(), reply.header("connection")), ("refused", Some("close")));
        }
    }
    let form = [own[0], ("content-type", "application/x-www-form-urlencoded")];
    let texas = post(&target, "/api/v1/token", &form, "identity_provider=leanix&target=").await;
    assert_eq!((texas.status, texas.text("error").as_str()), (403, "unauthorized_client"));
    let basic = "Basic cmVwb3J0czpjYWxsZXItN1FtMnZYYzlUelI0a0xwVzhzWWRCbkgzakdmQTZl";
    assert_eq!(get(&target, "/v1/token?profile=lean", &[("authorization", basic)]).await.status, 200);

    let wrong = [
        vec![],
        vec![bearer("")],
        vec![bearer(&CALLER_TOKEN[1..])],
        vec![bearer(&CALLER_TOKEN.to_lowercase())],
        vec![bearer(&format!("{CALLER_TOKEN}x"))],
        vec![bearer(CALLER_TOKEN), bearer(CALLER_TOKEN)],
        vec![format!("Digest {CALLER_TOKEN}")],
    ];
    for authorization in wrong {
        let headers: Vec<_> = authorization.iter().map(|value| ("authorization", value.as_str())).collect();
        for path in ["/v1/token?profile=lean", "/metrics"] {
            let reply = get(&target, path, &headers).await;
            assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer")), "{headers:?}");
        }
        assert_eq!(get(&target, "/healthz", &headers).await.status, 200);
        assert_eq!(get(&target, "/readyz", &headers).await.status, 200);
    }
    assert_eq!(sandbox.lean().issued(), 2);
    host.check_for_leaks(&sidecar, &[]);
}

#[tokio::test]
async fn tokens_of_callers_are_read_again_when_their_file_changes() {
    let sandbox = Sandbox::start().await.unwrap();
    let (host, sidecar, target) = over_tcp(&sandbox).await;
    let next = format!("next-{CALLER_TOKEN}");
    let status = async |token: &str| {
        let authorization = bearer(token);
        get(&target, "/v1/token?profile=lean", &[("authorization", &authorization)]).await.status
    };
    assert_eq!((status(CALLER_TOKEN).await, status(&next).await), (200, 401));
    for (text, own, replaced) in [
        (format!("reports {CALLER_TOKEN}\nreports {next}\n"), 200, 200),
        (format!("reports {next}\n"), 401, 200),
        ("reports short\n".to_owned(), 401, 401),
        (format!("reports {CALLER_TOKEN}\n"), 200, 401),
    ] {
        host.write("callers", &text);
        integration_tests::within("the new file is used", async {
            while (status(CALLER_TOKEN).await, status(&next).await) != (own, replaced) {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        })
        .await;
    }
    std::fs::remove_file(host.path("callers")).unwrap();
    integration_tests::within("nobody is accepted without the file", async {
        while status(CALLER_TOKEN).await != 401 {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    })
    .await;
    assert_eq!(sidecar.log().matches("no caller token is accepted").count(), 2, "{}", sidecar.log());
    host.check_for_leaks(&sidecar, &[&next]);
}

#[tokio::test]
async fn a_user_without_rights_is_refused_at_the_socket() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "[serve.callers.other]\nusers = [4000000000]\nprofiles.lean = []");
    let sidecar = host.serve().await;
    for path in ["/v1/token?profile=lean", "/metrics"] {
        let reply = sidecar.get(path).await;
        assert_eq!((reply.status, reply.text("error").as_str()), (403, "refused"), "{reply:?}");
        assert!(reply.text("message").contains("no caller of the configuration has the user"), "{reply:?}");
    }
    assert_eq!((sidecar.get("/healthz").await.status, sandbox.lean().requests()), (200, 0));
    let refused = sidecar.get("/v1/token?profile=lean").await;
    assert_eq!(refused.header("connection"), Some("close"));
}

#[tokio::test]
async fn requests_for_another_host_and_those_of_pages_are_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let (host, sidecar, tcp) = over_tcp(&sandbox).await;
    let mut local = host.command(&["serve", "--socket"]);
    host.configure("");
    let path = host.path("s/socket");
    local.arg(&path);
    let other = host.spawn(local, path.clone());
    other.logged("listening").await;
    let own = bearer(CALLER_TOKEN);
    let Target::Port(address) = tcp else { panic!("{tcp:?}") };
    for target in [tcp.clone(), Target::Socket(path)] {
        for headers in [
            vec![("host", "evil.example")],
            vec![("host", "127.0.0.1.evil.example")],
            vec![("origin", "https://evil.example")],
            vec![("origin", "null")],
            vec![("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "same-origin")],
        ] {
            for path in ["/v1/token?profile=lean", "/healthz", "/readyz", "/metrics"] {
                let headers: Vec<_> = headers.iter().copied().chain([("authorization", own.as_str())]).collect();
                assert_eq!(get(&target, path, &headers).await.status, 403, "{path} {headers:?}");
            }
        }
        let absolute = get(&target, "http://evil.example/v1/token?profile=lean", &[("authorization", &own)]).await;
        assert_eq!(absolute.status, 403);
    }
    let named = format!("localhost:{}", address.port());
    assert_eq!(get(&tcp, "/v1/token?profile=lean", &[("host", &named), ("authorization", &own)]).await.status, 200);
    let elsewhere = format!("localhost:{}", address.port() ^ 1);
    assert_eq!(get(&tcp, "/v1/token?profile=lean", &[("host", &elsewhere), ("authorization", &own)]).await.status, 403);
    host.check_for_leaks(&sidecar, &[]);
}

#[tokio::test]
async fn nothing_but_loopback_is_listened_on_and_not_without_tokens() {
    let sandbox = Sandbox::start().await.unwrap();
    for (settings, problem) in [
        ("[serve]\ntcp = '0.0.0.0:0'\ncaller_tokens = 'callers'\ncallers = {}", "must be a loopback address"),
        ("[serve]\ntcp = '127.0.0.1:0'", "needs `callers`"),
        ("[serve]\ntcp = '127.0.0.1:0'\ncaller_tokens = 'none'\ncallers = {}", "none"),
        ("[serve]\ntcp = '127.0.0.1:0'\ncaller_tokens = 'readable'\ncallers = {}", "readable by every user"),
        ("[serve]\ntcp = '127.0.0.1:0'\ncaller_tokens = 'callers'\n[serve.callers.report]\nprofiles = {}", "line 1: "),
        ("[serve]\ngroup = 'no-such-group'", "no such group"),
        ("[serve]\nsockets = 'a'", "unknown field"),
    ] {
        let host = Host::of(&sandbox, settings);
        let readable = host.write("readable", &format!("reports {CALLER_TOKEN}\n"));
        std::fs::set_permissions(readable, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        host.write("callers", &format!("reports {CALLER_TOKEN}\n"));
        let mut command = host.command(&["serve"]);
        let output = integration_tests::within("the program ends", command.output()).await.unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{settings}: {message}");
        assert!(message.contains(problem) && !message.contains(CALLER_TOKEN), "{settings}: {message}");
    }
}

/// Needs root, which can start processes of other users.
#[tokio::test]
async fn the_kernel_says_which_user_has_connected() {
    use std::os::unix::fs::PermissionsExt as _;

    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can start processes of other users");
        return;
    }
    let sandbox = Sandbox::start().await.unwrap();
    let settings =
        "[serve]\nsocket = 'open/socket'\ngroup = 3000\n[serve.callers.one]\nusers = [3001]\nprofiles.lean = []";
    let host = Host::of(&sandbox, settings);
    std::fs::set_permissions(host.path(""), std::fs::Permissions::from_mode(0o755)).unwrap();
    // Other users may not be able to enter the folder of the build.
    let program = host.path("program");
    std::fs::copy(crate::running::PROGRAM, &program).unwrap();
    let sidecar = host.start(&["serve"], host.path("open/socket")).await;
    let get = async |user: u32, group: u32| {
        let mut command = tokio::process::Command::new(&program);
        command.args(["get", "lean"]).env_clear().env("ACCESS_TOKEN_SOCKET", &sidecar.socket).uid(user).gid(group);
        command.output().await.unwrap()
    };
    let permitted = get(3001, 3000).await;
    assert!(permitted.status.success() && permitted.stdout.starts_with(b"ey"), "{permitted:?}");
    // The sidecar refuses this user, who has no configuration either.
    let refused = get(3002, 3000).await;
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    sidecar.logged("unknown=User(3002)").await;
    // The socket refuses this one.
    let outside = get(3003, 3003).await;
    assert_eq!(outside.status.code(), Some(4), "{outside:?}");
    assert!(!sidecar.log().contains("User(3003)"), "{}", sidecar.log());
    assert_eq!(sidecar.get("/v1/token?profile=lean").await.status, 403, "root is no caller");
    assert_eq!(sandbox.lean().issued(), 1);
}
