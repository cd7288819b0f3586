//! `access-token call`: sends one request with a token.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use auth_core::reqwest::{Method, Url};
use auth_core::{BearerClient, BearerResponse, CallError, Origins, ResponseError, TransportError, TransportErrorKind};
use clap::Args;

use crate::commands::body;
use crate::commands::request::TokenArguments;
use crate::commands::runtime::block_on;
use crate::commands::source::CommandTokens;
use crate::config::Config;
use crate::config::profile::Profile;
use crate::failure::{ErrorFormat, Failure, Kind, transport};
use crate::tokens::endpoint;

/// Headers that are set by the program: that of the token, and those of the connection (RFC 9110 section 7.6.1). With another `Host`, a
/// server that has several would take the token to another one.
const OWN_HEADERS: [&str; 13] = [
    "authorization",
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Which request.
#[derive(Args, Debug)]
pub(crate) struct CallArguments {
    #[command(flatten)]
    token: TokenArguments,

    /// Method, such as GET
    #[arg(value_parser = method)]
    method: Method,

    /// URL; its origin must be one that the profile permits
    url: Url,

    /// Header of the request, can be repeated
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,

    /// Body of the request: a text, @FILE, or - or @- for standard input. The media type is application/json unless a header says otherwise
    #[arg(short, long, value_name = "BODY")]
    data: Option<String>,

    /// Print the status and the headers of the response before its body
    #[arg(short, long)]
    include: bool,

    /// Send the token to this origin as well, such as https://api.example.com; can be repeated
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,

    /// Maximum time for the response, including its body, and for reading the body of the request
    #[arg(long, value_name = "DURATION", value_parser = crate::duration::parse_positive, default_value = "60s")]
    max_time: Duration,
}

/// Sends the request, and prints the body of the response.
pub(crate) fn run(config: Option<&Path>, errors: ErrorFormat, arguments: &CallArguments) -> Result<ExitCode, Failure> {
    let config = Config::load(config)?;
    let profile = config.profile(&arguments.token.profile)?;
    let of_profile = |failure: Failure| failure.of_profile(&profile.name);
    let base_url = base_url(profile, arguments).map_err(of_profile)?;
    // Before a token is requested for it.
    headers(&arguments.headers).map_err(of_profile)?;
    block_on(async {
        let body = match arguments.data.as_deref() {
            Some(data) => Some(body::read(data, arguments.max_time).await?),
            None => None,
        };
        call(&config, arguments, &base_url, body, errors).await
    })?
    .map_err(of_profile)
}

/// Parses a method. Methods are case-sensitive (RFC 9110 section 9.1), but nobody means another one with the letters of these.
fn method(text: &str) -> Result<Method, String> {
    const USUAL: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];
    match USUAL.into_iter().find(|usual| usual.eq_ignore_ascii_case(text) && *usual != text) {
        Some(usual) => Err(format!("methods are in capital letters; write it as `{usual}`")),
        None => text.parse().map_err(|_| "a method is one word, such as GET".to_owned()),
    }
}

async fn call(
    config: &Config,
    arguments: &CallArguments,
    base_url: &str,
    body: Option<Vec<u8>>,
    errors: ErrorFormat,
) -> Result<ExitCode, Failure> {
    let tokens = CommandTokens::open(config, &arguments.token, errors).await?;
    let client = BearerClient::new(tokens, base_url).map_err(|error| Failure::usage(endpoint::problem(&error)))?;
    let mut request = client.request_to(arguments.method.clone(), arguments.url.clone()).timeout(arguments.max_time);
    let headers = headers(&arguments.headers)?;
    let has_type = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if body.is_some() && !has_type {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    if let Some(body) = body {
        request = request.body(body);
    }
    let response = request.send().await.map_err(|error| failed(&error))?;
    print(response, arguments.include).await
}

/// The origin of the request as the base URL of a client, if the token may be sent there.
fn base_url(profile: &Profile, arguments: &CallArguments) -> Result<String, Failure> {
    let origin = arguments.url.origin().ascii_serialization();
    check_url(&arguments.url, &origin)?;
    let permitted = profile.origins.iter().cloned().chain(profile.provider.origins());
    for permitted in permitted.chain(arguments.allow_origin.iter().cloned()) {
        let origins = Origins::of(&permitted)
            .map_err(|error| Failure::usage(format!("a token must not be sent to {permitted:?}: {error}")))?;
        if origins.permit(&arguments.url) {
            return Ok(origin);
        }
    }
    Err(Failure::usage(format!(
        "the profile does not permit sending its token to {origin}; if it is meant for that server, add `--allow-origin {origin}`, or the \
         origin to `origins` in the profile"
    )))
}

/// Refuses a URL that no profile can permit.
fn check_url(url: &Url, origin: &str) -> Result<(), Failure> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::usage(
            "the URL holds a user or a password, but the request is authenticated by the token; remove it",
        ));
    }
    if !matches!(url.scheme(), "https" | "http") {
        return Err(Failure::usage(format!(
            "the URL has the scheme `{}`; a token is sent with `https` only",
            url.scheme()
        )));
    }
    match Origins::of(origin) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::usage(format!("a token must not be sent to {origin:?}: {error}"))),
    }
}

/// Names and values of headers.
fn headers(texts: &[String]) -> Result<Vec<(&str, &str)>, Failure> {
    let mut headers = Vec::new();
    for text in texts {
        let (name, value) = text.split_once(':').map_or(("", ""), |(name, value)| (name.trim(), value.trim()));
        if name.is_empty() {
            // The text is not shown: it may be a secret.
            return Err(Failure::usage("a header is a name, a colon and a value"));
        }
        if OWN_HEADERS.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            return Err(Failure::usage(format!("the header `{name}` is set by the program; remove it")));
        }
        headers.push((name, value));
    }
    Ok(headers)
}

fn failed(error: &CallError<TransportError, Failure>) -> Failure {
    match error {
        CallError::Token(error) => error.clone(),
        CallError::Send(error) => Failure::new(Kind::Unavailable, unsent(error)),
        error => Failure::usage(error.to_string()),
    }
}

/// Why there is no response, or not all of it.
fn unsent(error: &TransportError) -> String {
    let text = transport(error);
    match error.kind() {
        TransportErrorKind::Timeout => format!("{text}; raise it with `--max-time`"),
        _ => text,
    }
}

/// Prints the response as it arrives; the exit code is that of its status.
async fn print(mut response: BearerResponse, include: bool) -> Result<ExitCode, Failure> {
    let status = response.status();
    let mut out = io::stdout().lock();
    if include {
        writeln!(out, "HTTP/1.1 {status}")?;
        for (name, value) in response.headers() {
            out.write_all(name.as_str().as_bytes())?;
            out.write_all(b": ")?;
            out.write_all(value.as_bytes())?;
            out.write_all(b"\n")?;
        }
        out.write_all(b"\n")?;
    }
    let interrupted = |error: ResponseError| {
        let text = match &error {
            ResponseError::Transport(error) => unsent(error),
            error => error.to_string(),
        };
        Failure::new(Kind::Unavailable, text)
    };
    while let Some(chunk) = response.chunk().await.map_err(interrupted)? {
        out.write_all(&chunk)?;
        out.flush()?;
    }
    out.flush()?;
    let Some(kind) = kind(status.as_u16()) else { return Ok(ExitCode::SUCCESS) };
    let note = if status.is_redirection() { "; redirects are not followed with a token" } else { "" };
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let failure = Failure::new(kind, format!("the server answered with status {status}{note}"));
    Err(Failure { retry_after: retry_after.map(Duration::from_secs), ..failure })
}

/// What a status says; `None` for success.
fn kind(status: u16) -> Option<Kind> {
    match status {
        408 | 500.. => Some(Kind::Unavailable),
        429 => Some(Kind::RateLimited),
        400.. => Some(Kind::Refused),
        300.. => Some(Kind::Other),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_an_exit_code() {
        for (status, code) in [
            (200, 0),
            (204, 0),
            (302, 1),
            (304, 1),
            (400, 3),
            (401, 3),
            (403, 3),
            (404, 3),
            (408, 4),
            (429, 5),
            (500, 4),
            (503, 4),
        ] {
            assert_eq!(kind(status).map_or(0, Kind::code), code, "{status}");
        }
    }

    #[test]
    fn a_header_has_a_name_and_a_value_and_is_not_that_of_the_token() {
        let read = |text: &str| headers(&[text.to_owned()]).map(|read| format!("{read:?}"));
        assert_eq!(read("X-A: b: c ").unwrap(), "[(\"X-A\", \"b: c\")]");
        assert_eq!(read("X-A:").unwrap(), "[(\"X-A\", \"\")]");
        for text in ["X-A", ": b", "Authorization: b", "authorization : b", " Host: b", "TE: b"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
