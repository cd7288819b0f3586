//! No response prevents a report.

use auth_sandbox::{Raw, Sandbox, Step};

use crate::common::{program, text};

const JSON: &str = "content-type: application/json\r\ncache-control: no-store\r\n";
const TOKEN: &str = r#"{"access_token":"abc","token_type":"Bearer","expires_in":3599}"#;

fn raw(text: String) -> Step {
    Raw::new(text).into()
}

fn chunk(size: &str) -> Step {
    raw(format!("HTTP/1.1 200 OK\r\n{JSON}transfer-encoding: chunked\r\n\r\n{size}\r\n{TOKEN}"))
}

fn json(status: &str, body: &str) -> Step {
    raw(format!("HTTP/1.1 {status}\r\n{JSON}content-length: {}\r\n\r\n{body}", body.len()))
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_server_answers_the_run_ends_with_its_report() {
    let sandbox = Sandbox::start().await.unwrap();
    let (id, secret, token) = (sandbox.lean_client_id(), sandbox.lean_client_secret(), sandbox.leanix_api_token());
    let variables = [
        ("LEAN_CLIENT_ID", id.as_str()),
        ("LEAN_CLIENT_SECRET", &secret),
        ("LEAN_AUTH_URL", sandbox.base_url()),
        ("LEAN_CUSTOMER_ID", "a1b2c3d4-e5f6-7890-abcd-ef0123456789"),
        ("LEANIX_API_TOKEN", &token),
        ("LEANIX_URL", sandbox.base_url()),
    ];
    let answer = format!("HTTP/1.1 200 OK\r\n{JSON}content-length: {}\r\n\r\n{TOKEN}", TOKEN.len());
    let interims = |count| raw("HTTP/1.1 100 Continue\r\n\r\n".repeat(count) + &answer);
    let fields = |count| raw(format!("HTTP/1.1 200 OK\r\n{}{JSON}\r\n", "x-a: b\r\n".repeat(count)));
    let errors = |count| format!(r#"{{"status":"ERROR","errors":[{}1]}}"#, "1,".repeat(count));
    for (name, step, statuses) in [
        ("three interim answers", interims(3), [Some(0); 2]),
        ("40,000 interim answers", interims(40_000), [Some(2); 2]),
        ("a chunk of 2^64 - 1 bytes", chunk("ffffffffffffffff"), [Some(2); 2]),
        ("a chunk of 2^64 - 2 bytes", chunk("fffffffffffffffe"), [Some(2); 2]),
        ("a chunk of 2^64 bytes", chunk("10000000000000000"), [Some(2); 2]),
        ("a chunk of 2^63 bytes", chunk("8000000000000000"), [Some(2); 2]),
        (
            "a length of 2^64 - 1",
            raw(format!("HTTP/1.1 200 OK\r\n{JSON}content-length: 18446744073709551615\r\n\r\n{TOKEN}")),
            [Some(2); 2],
        ),
        ("10,000 header fields", fields(10_000), [Some(2); 2]),
        ("an endless field", raw(format!("HTTP/1.1 200 OK\r\nx-a: {}", "a".repeat(2_000_000))), [Some(2); 2]),
        (
            "2 MB in one-byte chunks",
            {
                let chunks = "1\r\n \r\n".repeat(350_000);
                raw(format!("HTTP/1.1 200 OK\r\n{JSON}transfer-encoding: chunked\r\n\r\n{chunks}"))
            },
            [Some(2); 2],
        ),
        ("100,000 lists in one another", json("200 OK", &"[".repeat(100_000)), [Some(2); 2]),
        (
            "20,000 unknown members",
            {
                let members: String = (0..20_000).map(|index| format!(r#""m{index}":0,"#)).collect();
                json("200 OK", &format!("{{{members}{}", &TOKEN[1..]))
            },
            [Some(0), Some(0)],
        ),
        ("100,000 wrong items", json("400 Bad Request", &errors(100_000)), [Some(2); 2]),
    ] {
        for (target, provider, status) in
            [("lean", sandbox.lean(), statuses[0]), ("leanix", sandbox.leanix(), statuses[1])]
        {
            provider.script().always(step.clone());
            let output = program(&["--live", target], &variables);
            let printed = text(&output.stdout);
            assert_eq!(output.status.code(), status, "{name} {target}: {printed}{}", text(&output.stderr));
            let last = printed.trim_end().lines().next_back().unwrap_or_default();
            assert!(last.starts_with(&format!("contract with {target}: ")), "{name} {target}: {printed}");
            assert!(printed.len() < 100_000, "{name} {target}: {} bytes of report", printed.len());
        }
    }
}
