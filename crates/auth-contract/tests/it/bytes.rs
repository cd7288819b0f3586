//! Changes every byte that the servers send, one at a time.

use std::collections::BTreeMap;

use auth_contract::{Expected, Severity, judge, local};
use auth_sandbox::Sandbox;

use crate::common::documents;

/// Parts of a response that neither a document nor an RFC restricts, so any byte is allowed there.
const FREE: [&str; 9] = [
    "version",
    "reason",
    "header date",
    "header pragma",
    "header www-authenticate: realm",
    "header www-authenticate: after the realm",
    "header content-length: name",
    "body: a text",
    "body: a number",
];

/// The name of the part of a response to which the byte at `index` belongs.
fn part(answer: &[u8], index: usize) -> String {
    let text = String::from_utf8_lossy(answer);
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    if index >= head.len() + 4 {
        return in_body(&answer[head.len() + 4..], index - head.len() - 4);
    }
    if index >= head.len() {
        return "end of the head".to_owned();
    }
    let start = head[..index].rfind("\r\n").map_or(0, |end| end + 2);
    let line = head[start..].split("\r\n").next().unwrap();
    let within = index - start;
    if start == 0 {
        return match within {
            5..=7 => "version",
            0..=12 => "status line",
            _ => "reason",
        }
        .to_owned();
    }
    match line.split_once(':') {
        Some((name, _)) if within < name.len() => match name {
            "content-length" => "header content-length: name".to_owned(),
            name => format!("header {name}"),
        },
        Some(("www-authenticate", _)) if within < line.len() => in_challenge(line, within),
        Some((name, _)) if within < line.len() => format!("header {name}"),
        _ => "end of a line".to_owned(),
    }
}

/// Inside the realm, which may be any text, in the parameters after it, which may have any name, or elsewhere.
fn in_challenge(line: &str, within: usize) -> String {
    let before = &line[..within];
    match (before.contains("\","), before.contains("realm=\"") && !line[within..].starts_with('"')) {
        (true, _) => "header www-authenticate: after the realm".to_owned(),
        (false, true) => "header www-authenticate: realm".to_owned(),
        (false, false) => "header www-authenticate".to_owned(),
    }
}

/// Inside a string or number that is the value of a member, or elsewhere.
fn in_body(body: &[u8], index: usize) -> String {
    let before = String::from_utf8_lossy(&body[..index]);
    let quotes = before.matches('"').count();
    let is_value = before.trim_end_matches(|c: char| c != ':' && c != ',' && c != '{').ends_with(':');
    match (quotes % 2 == 1, is_value, body[index]) {
        (true, true, byte) if byte != b'"' && in_code(&before) => "body: a code".to_owned(),
        (true, true, byte) if byte != b'"' => "body: a text".to_owned(),
        (false, true, b'0'..=b'9') => "body: a number".to_owned(),
        _ => "body".to_owned(),
    }
}

/// Inside the value of `error`.
fn in_code(before: &str) -> bool {
    before.rsplit_once('"').is_some_and(|(before, _)| before.ends_with("\"error\":"))
}

#[tokio::test]
async fn every_changed_byte_of_a_response_is_detected_where_it_matters() {
    let documents = documents();
    let sandbox = Sandbox::start().await.unwrap();
    let run = local(&documents, &sandbox).await.unwrap();
    let (mut tried, mut unseen) = (0, BTreeMap::<String, usize>::new());
    for name in ["token for the scope api", "unknown scope", "wrong client secret", "token", "wrong API token"] {
        let recorded = run.recorded.iter().find(|recorded| recorded.case == name).unwrap();
        let document = documents.named(&recorded.document).unwrap();
        let is_red = |exchange: &auth_contract::Exchange| {
            judge(exchange, document, recorded.expected).iter().any(|finding| finding.severity >= Severity::Drift)
        };
        assert!(!is_red(&recorded.exchange), "{name}");
        let answer = &recorded.exchange.received;
        let token = String::from_utf8_lossy(answer).find("eyJ").unwrap_or(usize::MAX);
        for index in 0..answer.len() {
            // A token has hundreds of bytes; only the first ones are changed.
            if index > token.saturating_add(3) && part(answer, index) == "body: a text" && answer[index] != b',' {
                let in_token = !answer[token..index].contains(&b'"');
                if in_token {
                    continue;
                }
            }
            for byte in [answer[index] ^ 1, b'\0', b'"', b'~'] {
                if byte == answer[index] {
                    continue;
                }
                let mut exchange = recorded.exchange.clone();
                exchange.received[index] = byte;
                tried += 1;
                if !is_red(&exchange) {
                    let part = part(answer, index);
                    // Only a response with a token must not be stored (RFC 6749 section 5.1).
                    let may_be_kept = recorded.expected != Expected::Token && part == "header cache-control";
                    assert!(
                        may_be_kept || FREE.iter().any(|free| part.starts_with(free)),
                        "{name}: byte {index}, {part}: {:?} for {:?} is not detected in {:?}",
                        char::from(byte),
                        char::from(answer[index]),
                        String::from_utf8_lossy(&answer[index.saturating_sub(20)..(index + 20).min(answer.len())]),
                    );
                    *unseen.entry(part).or_default() += 1;
                }
            }
        }
    }
    assert!(tried > 4_000, "{tried}");
    eprintln!("{tried} changes of a byte, unseen in {unseen:?}");
}
