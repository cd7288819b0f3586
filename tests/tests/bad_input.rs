//! Invalid input of a program is refused before anything is sent; the error names the field.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::error::Error;

use auth_core::lean::CustomerId;
use auth_core::{ApiToken, BearerClient, ClientCredentials, Origins, Scope, Secret};
use auth_transport::BaseUrl;

/// Part of every value that may be a secret.
const MARKER: &str = "MARKER91cc";

/// The result of a constructor for a value.
type Construct = fn(&str) -> Result<(), Box<dyn Error>>;

fn scope(value: &str) -> Result<(), Box<dyn Error>> {
    Ok(value.parse::<Scope>().map(drop)?)
}

fn customer_id(value: &str) -> Result<(), Box<dyn Error>> {
    Ok(value.parse::<CustomerId>().map(drop)?)
}

fn subdomain(value: &str) -> Result<(), Box<dyn Error>> {
    Ok(leanix_auth::Client::instance(value).map(drop)?)
}

fn base_url(value: &str) -> Result<(), Box<dyn Error>> {
    Ok(BaseUrl::parse(value).map(drop)?)
}

fn origin(value: &str) -> Result<(), Box<dyn Error>> {
    Ok(Origins::of(value).map(drop)?)
}

fn another_origin(value: &str) -> Result<(), Box<dyn Error>> {
    Ok(Origins::of("https://api.example.com")?.and(value).map(drop)?)
}

fn bearer_base_url(value: &str) -> Result<(), Box<dyn Error>> {
    Ok(BearerClient::new(Secret::from(MARKER), value).map(drop)?)
}

fn lean_base_url(value: &str) -> Result<(), Box<dyn Error>> {
    Ok(lean_auth::Client::new(value).map(drop)?)
}

fn leanix_base_url(value: &str) -> Result<(), Box<dyn Error>> {
    Ok(leanix_auth::Client::new(value).map(drop)?)
}

fn client_id(value: &str) -> Result<(), Box<dyn Error>> {
    Ok(ClientCredentials::new(value, "s3cret").map(drop)?)
}

fn client_secret(value: &str) -> Result<(), Box<dyn Error>> {
    Ok(ClientCredentials::new("my-application", value).map(drop)?)
}

fn api_token(value: &str) -> Result<(), Box<dyn Error>> {
    Ok(ApiToken::new(value).map(drop)?)
}

/// The constructors of each field, the field's name in their errors, a valid value, and invalid ones.
fn fields() -> Vec<(&'static [Construct], &'static str, &'static str, Vec<String>)> {
    let unusable_secrets = || {
        vec![
            String::new(),
            "\n".to_owned(),
            format!("{MARKER}\n"),
            format!("{MARKER}\r\n"),
            format!("\n{MARKER}"),
            format!("{MARKER}\n{MARKER}"),
            " ".to_owned(),
            format!("\t{MARKER}"),
            format!("{MARKER}\t"),
            format!("{MARKER}\0"),
            format!("{MARKER}\u{a0}"),
            format!("{MARKER}\u{2028}"),
            format!("\u{feff}{MARKER}"),
            format!("{MARKER}\u{200b}{MARKER}"),
            format!("\u{202e}{MARKER}"),
            format!("{MARKER}\u{ad}"),
        ]
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let long = |length: usize| "a".repeat(length);
    vec![
        (
            &[scope],
            "scope",
            "api customer.1",
            texts(&["api\n", "a\tb", "a\"b", "a\\b", "\u{430}pi", "a\u{a0}b", "a\0", "\u{7f}"]),
        ),
        (
            &[customer_id],
            "customer id",
            "a1b2c3d4-e5f6-7890-abcd-ef0123456789",
            [
                texts(&[
                    "",
                    " ",
                    "1 2",
                    "1 api",
                    "a.b",
                    "customer.1",
                    "1\n",
                    "a/b",
                    "%31",
                    "\u{661}",
                    "\u{430}",
                    "a\u{200b}",
                ]),
                vec![long(65)],
            ]
            .concat(),
        ),
        (
            &[subdomain],
            "subdomain",
            "demo-eu",
            [
                texts(&[
                    "",
                    "evil.com/",
                    "evil.com",
                    "app.leanix.net@evil.com",
                    "a@b",
                    "-x",
                    "x-",
                    "a:1",
                    "a#",
                    "a?",
                    "a/b",
                    "a\\b",
                    "a b",
                    "a\n",
                    "a%2e",
                    "\u{430}pp",
                    "\u{ff41}pp",
                    "app\u{200b}",
                    "a\u{3002}b",
                    "\u{212a}ing",
                    "app.",
                    "app\\",
                    "%61pp",
                    "127.1",
                ]),
                vec![long(64)],
            ]
            .concat(),
        ),
        (
            &[base_url, origin, another_origin, bearer_base_url, lean_base_url, leanix_base_url],
            "base URL",
            "http://127.0.0.1:1",
            [
                texts(&[
                    "",
                    "auth.leantech.me",
                    "//auth.leantech.me",
                    "http://auth.leantech.me",
                    "HTTP://auth.leantech.me",
                    "http://127.0.0.1.evil.com",
                    "https://auth.leantech.me\n",
                    "ht\ntps://auth.leantech.me",
                    "https://\u{430}uth.leantech.me",
                    "https://\u{ff41}uth.leantech.me",
                    "https://auth\u{3002}leantech.me",
                    "https:/\u{430}uth.leantech.me",
                    "https:auth.leantech.me",
                    "https:////auth.leantech.me",
                    "https:///@auth.leantech.me",
                    "https://%D0%B0uth.leantech.me",
                    "https://%61uth.leantech.me",
                    "https://auth.leantech.me\\.evil.com",
                    "http://127.0.0.1.",
                    "http://127.1",
                    "http://0177.0.0.1",
                    "http://0x7f000001",
                    "http://[::1%25lo]",
                    "https://auth.leantech.me/a/../b",
                    "https://auth.leantech.me?a",
                    "https://auth.leantech.me/#a",
                    "javascript:alert(1)",
                    "file:///a",
                ]),
                vec![
                    format!("https://user:{MARKER}@auth.leantech.me"),
                    format!("https://{MARKER}@auth.leantech.me"),
                    format!("https://:{MARKER}@auth.leantech.me"),
                    format!("http://{MARKER}@127.0.0.1"),
                    format!("https:\\\\user:{MARKER}@auth.leantech.me"),
                    format!("https:user:{MARKER}@auth.leantech.me"),
                    format!("https://auth.leantech.me?client_secret={MARKER}"),
                    format!("https://auth.leantech.me#{MARKER}"),
                ],
            ]
            .concat(),
        ),
        (&[client_id], "client_id", "my-application", texts(&["", " ", "my\tapp", "my-app\n", "a\0", "my-\u{ad}app"])),
        (&[client_secret], "client_secret", MARKER, unusable_secrets()),
        (&[api_token], "api_token", MARKER, unusable_secrets()),
    ]
}

#[test]
fn invalid_input_is_reported_by_field_and_not_repeated() {
    for (constructors, field, usable, values) in fields() {
        for construct in constructors {
            assert!(construct(usable).is_ok(), "{field}");
            for value in &values {
                let error = construct(value).err().unwrap_or_else(|| panic!("{field}: {value:?} is taken"));
                let printed = error.to_string();
                assert!(printed.strip_prefix(field).is_some_and(|rest| rest.starts_with(": ")), "{value:?}: {printed}");
                for text in [printed, format!("{error:?} {error:#?}"), format!("{:?}", error.source())] {
                    assert!(!text.contains("MARKER") && !text.contains("evil"), "{value:?}: {text}");
                }
            }
        }
    }
}
