//! Faults of a hostile or broken server that try to expose the secrets that it has received.

use std::time::Duration;

use auth_sandbox::{Conversation, Raw};

use crate::TestSecrets;

/// One fault of the table, with known secrets in every part that can hold them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Hostile {
    /// A description of the fault.
    pub case: String,
    /// The behaviour of the server.
    pub conversation: Conversation,
    /// True if the client must end the exchange itself.
    pub has_no_end: bool,
}

/// All faults of the table that a server without TLS can cause, with these secrets.
#[must_use]
pub fn hostile(secrets: &TestSecrets) -> Vec<Hostile> {
    [tokens(secrets), refusals(secrets), redirects(secrets), broken(secrets), endless(secrets)].concat()
}

fn case(case: impl Into<String>, conversation: impl Into<Conversation>) -> Hostile {
    Hostile { case: case.into(), conversation: conversation.into(), has_no_end: false }
}

/// A success response with this body.
fn success(body: impl Into<Vec<u8>>) -> Hostile {
    let body = body.into();
    let name = format!("200 {}", String::from_utf8_lossy(&body));
    case(name, Raw::response("200 OK", &["content-type: application/json"], body))
}

fn token(secrets: &TestSecrets, rest: &str) -> String {
    format!(r#"{{"access_token":"{}","token_type":"bearer"{rest}}}"#, secrets.access_token())
}

/// Responses that are tokens or resemble tokens.
fn tokens(secrets: &TestSecrets) -> Vec<Hostile> {
    let (access_token, echo) = (secrets.access_token(), secrets.echo());
    let (secret, api_token, customer, body) =
        (secrets.client_secret, secrets.api_token, secrets.customer_id, secrets.body);
    let mut all: Vec<Hostile> = [
        r#","expires_in":0"#.to_owned(),
        r#","expires_in":-1,"scope":"""#.to_owned(),
        r#","expires_in":1e400"#.to_owned(),
        format!(r#","expires_in":"{body}""#),
        format!(r#","expires_in":["{body}"]"#),
        format!(r#","error":"{secret}""#),
        format!(r#","error":"{api_token}""#),
        format!(r#","error":"{access_token}""#),
        format!(r#","error":"{echo}","error_description":"{echo}""#),
        format!(r#","error":{{"{echo}":1}}"#),
        format!(r#","scope":"{body}\u0001""#),
        format!(r#","scope":"customer.{customer}""#),
        format!(r#","scope":"api customer.{customer}""#),
        format!(r#","scope":"{secret} {access_token} {body}""#),
        format!(r#","scope":["{customer}"]"#),
        r#","expired":true"#.to_owned(),
        format!(r#","expired":"{body}""#),
        format!(r#","refresh_token":"{body}","{body}":"{echo}""#),
        format!(r#","{body}":1,"{body}":2"#),
        format!(r#","access_token":"{access_token}""#),
        "}{".to_owned(),
        format!(",{body}"),
    ]
    .into_iter()
    .map(|rest| success(token(secrets, &rest)))
    .collect();
    all.extend(
        [
            token(secrets, ""),
            token(secrets, "").replace("bearer", body),
            token(secrets, "").replace(r#","token_type":"bearer""#, ""),
            token(secrets, "").replace("bearer\"}", "bea"),
            token(secrets, "") + &echo,
            format!("\u{feff}{}", token(secrets, "")),
            format!(r#"{{"access_token":"{access_token} {body}","token_type":"bearer"}}"#),
            format!(r#"{{"access_token":"{access_token}\r\nx: {body}","token_type":"bearer"}}"#),
            format!(r#"{{"access_token":["{access_token}"],"token_type":"bearer"}}"#),
            format!(r#"{{"access_token":{{"{access_token}":1}},"token_type":"bearer"}}"#),
            format!(r#"{{"error":"{secret}"}}"#),
            format!(r#"{{"token":"{access_token}"}}"#),
            format!(r#""{access_token}""#),
            format!(r#"["{access_token}",null,3599,"api","bearer"]"#),
            format!("access_token={access_token}&token_type=bearer"),
            format!("<html>{echo}</html>"),
            format!("{access_token}\u{0}\u{1}"),
        ]
        .map(success),
    );
    all.extend(TestSecrets::words(secret).iter().map(|word| success(format!(r#"{{"error":"{word}"}}"#))));
    all.extend(
        TestSecrets::words(&access_token).iter().map(|word| success(token(secrets, &format!(r#","error":"{word}""#)))),
    );
    all.push(success([token(secrets, "").as_bytes(), b"\xff", echo.as_bytes()].concat()));
    all.push(success(token(secrets, "").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()));
    all
}

/// Headers that repeat all secrets.
fn echoing_headers(secrets: &TestSecrets) -> Vec<String> {
    let (echo, body) = (secrets.echo(), secrets.body);
    vec![
        format!("www-authenticate: Basic realm=\"{echo}\", Bearer error_description=\"{echo}\""),
        format!("set-cookie: {}={}", secrets.access_token(), secrets.client_secret),
        format!("content-type: {body}"),
        format!("retry-after: {body}"),
        format!("date: {body}"),
        format!("{body}: {body}"),
    ]
}

/// A response with this status line and the echoing headers.
fn echoing(secrets: &TestSecrets, status: &str, more: &[&str], body: &str) -> Raw {
    let headers = echoing_headers(secrets);
    let headers: Vec<&str> = headers.iter().map(String::as_str).chain(more.iter().copied()).collect();
    Raw::response(status, &headers, body.to_owned())
}

fn refusals(secrets: &TestSecrets) -> Vec<Hostile> {
    let (echo, secret, api_token) = (secrets.echo(), secrets.client_secret, secrets.api_token);
    let reason = format!("400 {}", secrets.body);
    let mut all = Vec::new();
    for status in [
        "204 No Content",
        "206 Partial Content",
        "300 Multiple Choices",
        "304 Not Modified",
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "407 Proxy Authentication Required",
        "408 Timeout",
        "415 Unsupported",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "503 Service Unavailable",
        "599 Odd",
        "999 Odder",
        &reason,
    ] {
        for body in [
            String::new(),
            echo.clone(),
            format!(r#"{{"error":"{secret}","error_description":"{echo}","error_uri":"{echo}"}}"#),
            format!(r#"{{"error":"{api_token}","message":"{echo}","errors":[{{"value":"{echo}"}}]}}"#),
            format!(r#"{{"error":"invalid_client","error_description":"{echo}"}}"#),
            format!(r#"{{"error":{{"{echo}":1}}}}"#),
            token(secrets, ""),
        ]
        .into_iter()
        .chain(
            [secret, api_token].into_iter().flat_map(TestSecrets::words).map(|word| format!(r#"{{"error":"{word}"}}"#)),
        ) {
            all.push(case(format!("{status} {body}"), echoing(secrets, status, &[], &body)));
        }
    }
    all.push(case("400 and a megabyte", echoing(secrets, "400 Bad Request", &[], &echo.repeat(3000))));
    all
}

fn redirects(secrets: &TestSecrets) -> Vec<Hostile> {
    let (secret, api_token, body) = (secrets.client_secret, secrets.api_token, secrets.body);
    let mut all = Vec::new();
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        for location in [
            format!("https://{api_token}:{secret}@127.0.0.1:1/{}?{body}#{body}", secrets.access_token()),
            format!("{secret}://127.0.0.1/"),
            format!("/{body}"),
            format!("{body} \u{e4}"),
        ] {
            let header = format!("location: {location}");
            all.push(case(format!("{status} to {location}"), echoing(secrets, status, &[&header], &secrets.echo())));
        }
    }
    all
}

/// Connections that end too early, and bytes that are not HTTP.
fn broken(secrets: &TestSecrets) -> Vec<Hostile> {
    let (echo, secret, body) = (secrets.echo(), secrets.client_secret, secrets.body);
    let chunked = || Raw::head("200 OK", &["transfer-encoding: chunked"]);
    let long = format!("content-length: {}", token(secrets, "").len() + 10);
    let mut all = vec![
        case("closed at once", Conversation::new(Raw::nothing()).at_once()),
        case("closed in the request", Conversation::new(Raw::nothing()).after_bytes(10)),
        case("reset at once", Conversation::new(Raw::nothing().then_reset()).at_once()),
        case("closed after the request", Raw::nothing()),
        case("reset after the request", Raw::nothing().then_reset()),
        case(
            "an answer before the request",
            Conversation::new(echoing(secrets, "200 OK", &[], &token(secrets, ""))).at_once(),
        ),
    ];
    for (name, raw) in [
        ("headers", Raw::new(format!("HTTP/1.1 200 OK\r\nx: {echo}"))),
        ("an interim answer", Raw::new(format!("HTTP/1.1 103 {body}\r\nlink: <{echo}>\r\n\r\n"))),
        ("a body", Raw::head("200 OK", &[&long]).send(token(secrets, ""))),
        ("a chunk", chunked().send(format!("fff\r\n{}", token(secrets, "")))),
        (
            "the chunk after the last",
            chunked().send(format!("{:x}\r\n{}\r\n", token(secrets, "").len(), token(secrets, ""))),
        ),
    ] {
        all.push(case(format!("closed in {name}"), raw.clone()));
        all.push(case(format!("reset in {name}"), raw.then_reset()));
    }
    for (name, text) in [
        ("text", echo.clone()),
        ("a status", format!("HTTP/1.1 {secret} OK\r\n\r\n")),
        ("a version", format!("HTTP/{secret} 200 OK\r\n\r\n")),
        ("a header without a colon", format!("HTTP/1.1 200 OK\r\n{secret}\r\n\r\n{}", token(secrets, ""))),
        ("a header's name", format!("HTTP/1.1 200 OK\r\n{secret} {body}: a\r\n\r\n{}", token(secrets, ""))),
        ("a header's value", format!("HTTP/1.1 200 OK\r\na: {echo}\0\r\n\r\n{}", token(secrets, ""))),
        ("a length", format!("HTTP/1.1 200 OK\r\ncontent-length: {secret}\r\n\r\n{}", token(secrets, ""))),
        ("two lengths", format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{echo}")),
        ("a coding", format!("HTTP/1.1 200 OK\r\ntransfer-encoding: {secret}\r\n\r\n{}", token(secrets, ""))),
        ("a chunk's length", format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{secret}\r\n{echo}")),
        (
            "a chunk's extension and trailer",
            format!(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;a={secret}\r\n{{}}\r\n0\r\n{body}: {echo}\r\n\r\n"
            ),
        ),
        ("a TLS alert", format!("\u{15}\u{3}\u{3}{echo}")),
    ] {
        all.push(case(format!("no HTTP: {name}"), Raw::new(text)));
    }
    all
}

/// Responses without an end, which the client must stop by its deadline or its limits.
fn endless(secrets: &TestSecrets) -> Vec<Hostile> {
    let (echo, pause) = (secrets.echo(), Duration::from_millis(5));
    let megabyte = echo.repeat(3000);
    let length = "content-length: 100000000";
    let mut all = vec![
        case("a large body, announced", Raw::head("200 OK", &[length]).send_times(megabyte.clone(), 100)),
        case("a large body, unannounced", Raw::head("200 OK", &[]).send_times(megabyte.clone(), 100)),
        case("a gzip bomb", echoing_head(secrets, "content-encoding: gzip").send_gzip_bomb(1024)),
        case("a small gzip bomb", echoing_head(secrets, "content-encoding: gzip").send_gzip_bomb(10)),
        case("headers too large", Raw::new("HTTP/1.1 200 OK\r\nx: ").then_repeat(megabyte, Duration::ZERO)),
    ];
    for (name, raw) in [
        ("silence", Raw::nothing().then_silence()),
        ("silence in a body", Raw::head("200 OK", &[length]).send(echo.clone()).then_silence()),
        ("slow headers", Raw::new("HTTP/1.1 200 OK\r\nx: ").then_repeat(echo.clone(), pause)),
        ("a slow body", Raw::head("200 OK", &[]).then_repeat(echo.clone(), pause)),
        ("interim answers", Raw::nothing().then_repeat(format!("HTTP/1.1 103 Early\r\nx: {echo}\r\n\r\n"), pause)),
    ] {
        all.push(Hostile { has_no_end: true, ..case(format!("endless {name}"), raw) });
    }
    all
}

fn echoing_head(secrets: &TestSecrets, header: &str) -> Raw {
    let headers = echoing_headers(secrets);
    let headers: Vec<&str> = headers.iter().map(String::as_str).chain([header]).collect();
    Raw::head("200 OK", &headers)
}
