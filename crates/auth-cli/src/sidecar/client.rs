//! The client that the commands use to ask a sidecar that is running.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use auth_core::{Scope, Secret};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use clap::ValueEnum;
use http::header::HOST;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::failure::{Failure, Kind};
use crate::sidecar::place::{VARIABLE, in_runtime_folder, in_variable};

/// Time for the answer to a probe.
const PROBE: Duration = Duration::from_secs(5);

/// Time after which a sidecar that has not answered is asked whether it runs.
const HUNG: Duration = Duration::from_secs(2);

/// Bytes of the largest answer.
const LARGEST: usize = 1024 * 1024;

/// A token that a sidecar has given.
#[derive(Debug)]
pub(crate) struct SidecarToken {
    pub(crate) access_token: Secret,
    pub(crate) expires_at: DateTime<Utc>,
    /// The scope that it was requested for, as sorted text.
    pub(crate) scope: String,
}

/// The token that a command asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SidecarRequest<'request> {
    pub(crate) profile: &'request str,
    /// Without one, that of the profile.
    pub(crate) scope: Option<&'request Scope>,
    pub(crate) min_validity: Duration,
    /// Whether a token from the cache is not wanted, for example because a server has rejected it.
    pub(crate) skip_cache: bool,
    /// How long the answer may take.
    pub(crate) timeout: Duration,
}

/// Asks the sidecar for a token. `None` if no sidecar runs, or if it does not serve the profile to this user: the command then gets
/// its token itself.
///
/// The socket is that of `ACCESS_TOKEN_SOCKET`, which the user has chosen, otherwise the one in `$XDG_RUNTIME_DIR`, which is asked
/// only if a process of the same user, or of root, listens there.
///
/// # Errors
/// If the sidecar has no token, or if nothing listens on the socket that the variable names.
pub(crate) async fn token(request: SidecarRequest<'_>) -> Result<Option<SidecarToken>, Failure> {
    let Some(socket) = Socket::find() else { return Ok(None) };
    let stream = match socket.connect().await {
        Ok(Some(stream)) => stream,
        Ok(None) => return Ok(None),
        Err(_) if !socket.is_chosen => return Ok(None),
        Err(error) => {
            let path = socket.path.display();
            let message = format!(
                "no sidecar answers at {path}, which {VARIABLE} names: {error}; start `access-token serve`, or unset {VARIABLE}"
            );
            return Err(Failure::new(Kind::Unavailable, message));
        }
    };
    let asked = Utc::now();
    let Some(answer) = socket.answer(stream, request).await else { return Ok(None) };
    let (status, body) = answer.map_err(|problem| socket.failure(&problem))?;
    if status == StatusCode::OK {
        let token = serde_json::from_slice::<TokenBody>(&body).map_err(|_| "its answer is not a token".to_owned());
        let token = token.and_then(|body| body.checked(request.min_validity, asked));
        return token.map(Some).map_err(|problem| socket.failure(&problem));
    }
    if matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
        return Ok(None);
    }
    Err(serde_json::from_slice::<ErrorBody>(&body).map_or_else(
        |_| socket.failure(&format!("it answers with status {}", status.as_u16())),
        ErrorBody::into_failure,
    ))
}

/// What a probe asks.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Probe {
    /// Whether the sidecar has the tokens that it keeps warm.
    Ready,
    /// Whether it runs.
    Health,
}

/// Asks the sidecar a question that it answers with yes or no.
///
/// # Errors
/// If it does not run, or if the answer is no.
pub(super) async fn probe(probe: Probe, path: Option<&Path>) -> Result<(), Failure> {
    let chosen = path.map(|path| Socket { path: path.to_owned(), is_chosen: true });
    let Some(socket) = chosen.or_else(Socket::find) else {
        return Err(Failure::usage(format!("there is no socket to ask; name it with `--socket` or {VARIABLE}")));
    };
    let unavailable = |problem: String| Failure::new(Kind::Unavailable, problem);
    let stream = socket
        .connect()
        .await
        .map_err(|error| unavailable(format!("no sidecar answers at {}: {error}", socket.path.display())))?;
    let stream =
        stream.ok_or_else(|| unavailable(format!("another user's process listens at {}", socket.path.display())))?;
    let target = match probe {
        Probe::Ready => "/readyz",
        Probe::Health => "/healthz",
    };
    let (status, body) = exchange(stream, target, PROBE).await.map_err(|problem| socket.failure(&problem))?;
    if status == StatusCode::OK {
        return Ok(());
    }
    let waiting = serde_json::from_slice::<Readiness>(&body).map(|readiness| readiness.waiting.join(", "));
    Err(unavailable(format!("the sidecar has no token yet for: {}", waiting.unwrap_or_default())))
}

/// A socket that a sidecar may listen on.
struct Socket {
    path: PathBuf,
    /// Whether the user has named it.
    is_chosen: bool,
}

impl Socket {
    fn find() -> Option<Self> {
        let chosen = in_variable().map(|path| Self { path, is_chosen: true });
        chosen.or_else(|| in_runtime_folder().map(|path| Self { path, is_chosen: false }))
    }

    /// Connects. `None` if another user listens, who could give away a token of his own.
    async fn connect(&self) -> io::Result<Option<UnixStream>> {
        let stream = UnixStream::connect(&self.path).await?;
        let server = stream.peer_cred()?.uid();
        let is_trusted = self.is_chosen || server == 0 || server == rustix::process::geteuid().as_raw();
        Ok(is_trusted.then_some(stream))
    }

    /// The answer to a request. `None` if the sidecar hangs, unless the user has named it.
    async fn answer(
        &self,
        stream: UnixStream,
        request: SidecarRequest<'_>,
    ) -> Option<Result<(StatusCode, Bytes), String>> {
        let target = target(request);
        let answer = exchange(stream, &target, request.timeout);
        if self.is_chosen {
            return Some(answer.await);
        }
        tokio::pin!(answer);
        let hung = HUNG.min(request.timeout / 2);
        if let Ok(answer) = timeout(hung, &mut answer).await {
            return Some(answer);
        }
        // Its server may take long. One that hangs does not say so.
        let health = async { exchange(self.connect().await.ok()??, "/healthz", hung).await.ok() };
        timeout(hung, health).await.ok()??;
        Some(answer.await)
    }

    fn failure(&self, problem: &str) -> Failure {
        Failure::new(Kind::Unavailable, format!("the sidecar at {} gave no token: {problem}", self.path.display()))
    }
}

#[derive(Deserialize)]
struct TokenBody {
    access_token: Secret,
    expires_at: DateTime<Utc>,
    scope: String,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: String,
    message: String,
    retry_after: Option<u64>,
    profile: Option<String>,
}

#[derive(Deserialize)]
struct Readiness {
    waiting: Vec<String>,
}

impl TokenBody {
    /// The token, if it is one that was `asked` for at that time. Whoever listens on the socket could answer anything, so the answer is
    /// checked like that of a token endpoint.
    fn checked(self, min_validity: Duration, asked: DateTime<Utc>) -> Result<SidecarToken, String> {
        let Self { access_token, expires_at, scope } = self;
        if !is_bearer_token(access_token.expose()) {
            return Err("access_token is empty or holds characters that are not allowed in a bearer token".to_owned());
        }
        if !scope.is_empty() && scope.parse::<Scope>().is_err() {
            return Err("its answer is not a token: scope holds characters that are not allowed in a scope".to_owned());
        }
        if expires_at <= asked {
            return Err("the token has already expired".to_owned());
        }
        // The sidecar rounds the time down to the second.
        let remaining = (expires_at - asked + TimeDelta::seconds(1)).to_std().unwrap_or_default();
        if remaining < min_validity {
            return Err(format!("the token is valid for less than {} seconds", min_validity.as_secs()));
        }
        Ok(SidecarToken { access_token, expires_at, scope })
    }
}

/// True for the `b64token` of RFC 6750 section 2.1.
fn is_bearer_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

impl ErrorBody {
    fn into_failure(self) -> Failure {
        let kinds = [Kind::Usage, Kind::Refused, Kind::Unavailable, Kind::RateLimited];
        let kind = kinds.into_iter().find(|kind| kind.name() == self.error).unwrap_or(Kind::Other);
        let (message, retry_after) = (self.message, self.retry_after.map(Duration::from_secs));
        Failure { kind, message, retry_after, profile: self.profile }
    }
}

/// Path and query of a request for a token.
fn target(request: SidecarRequest<'_>) -> String {
    let SidecarRequest { profile, scope, min_validity, skip_cache, timeout: _ } = request;
    const PATH: &str = "/v1/token?";
    let mut query = form_urlencoded::Serializer::for_suffix(PATH.to_owned(), PATH.len());
    query.append_pair("profile", profile);
    if let Some(scope) = scope {
        query.append_pair("scope", scope.as_str());
    }
    if !min_validity.is_zero() {
        query.append_pair("min_validity", &min_validity.as_secs().to_string());
    }
    if skip_cache {
        query.append_pair("skip_cache", "true");
    }
    query.finish()
}

/// Sends a request without a body, and reads the answer.
async fn exchange(stream: UnixStream, target: &str, within: Duration) -> Result<(StatusCode, Bytes), String> {
    let exchange = async {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(describe)?;
        let request = Request::get(target).header(HOST, "localhost").body(Empty::<Bytes>::new());
        let request = request.map_err(|error| error.to_string())?;
        let answer = async {
            let answer = sender.send_request(request).await.map_err(describe)?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LARGEST).collect().await;
            let body = body.map_err(|_| "its answer is cut off or too large".to_owned())?;
            Ok((status, body.to_bytes()))
        };
        tokio::pin!(answer, connection);
        tokio::select! {
            answer = &mut answer => answer,
            // The connection may end before its answer has been read.
            _ = &mut connection => answer.await,
        }
    };
    let late = |_| Err(format!("it took longer than {} seconds", within.as_secs()));
    timeout(within, exchange).await.unwrap_or_else(late)
}

fn describe(error: hyper::Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_only_what_is_wanted() {
        let (min_validity, timeout) = (Duration::ZERO, Duration::from_secs(1));
        let request = SidecarRequest { profile: "a&b", scope: None, min_validity, skip_cache: false, timeout };
        assert_eq!(target(request), "/v1/token?profile=a%26b");
        let (min_validity, scope) = (Duration::from_secs(600), "c d".parse().unwrap());
        let request = SidecarRequest { profile: "a", scope: Some(&scope), min_validity, skip_cache: true, timeout };
        assert_eq!(target(request), "/v1/token?profile=a&scope=c+d&min_validity=600&skip_cache=true");
    }

    #[test]
    fn a_token_is_one_that_was_asked_for() {
        let asked = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        for (token, milliseconds, min_validity, scope, accepted) in [
            ("a.b-c~d+e/f_9==", 1, 0, "api", true),
            ("a", 59_000, 60, "", true),
            ("a", 58_999, 60, "", false),
            ("a", 0, 0, "", false),
            ("a", i64::from(u32::MAX), u64::MAX, "", false),
            ("a=b", 1, 0, "", false),
            ("a b", 1, 0, "", false),
            ("a\n", 1, 0, "", false),
            ("\u{e9}", 1, 0, "", false),
            ("==", 1, 0, "", false),
            ("", 1, 0, "", false),
            ("a", 1, 0, "a\"b", false),
        ] {
            let expires_at = asked + TimeDelta::milliseconds(milliseconds);
            let body = TokenBody { access_token: Secret::from(token), expires_at, scope: scope.to_owned() };
            let checked = body.checked(Duration::from_secs(min_validity), asked);
            assert_eq!(checked.is_ok(), accepted, "{token:?} {milliseconds} {min_validity} {scope:?}");
        }
    }

    #[test]
    fn an_error_of_the_sidecar_is_that_of_the_command() {
        let body = r#"{"error":"rate_limited","message":"wait","retry_after":30,"profile":"lean"}"#;
        let failure = serde_json::from_str::<ErrorBody>(body).unwrap().into_failure();
        let retry_after = Some(Duration::from_secs(30));
        assert_eq!(failure, Failure { retry_after, ..Failure::new(Kind::RateLimited, "wait").of_profile("lean") });
        let failure = serde_json::from_str::<ErrorBody>(r#"{"error":"new","message":"a"}"#).unwrap().into_failure();
        assert_eq!(failure.kind, Kind::Other);
    }
}
