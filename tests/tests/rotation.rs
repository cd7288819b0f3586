//! Credentials that change while the program runs, against the sandbox's authorization servers.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_core::{
    AccessToken, ApiToken, ClientCredentials, CredentialError, CredentialSource, ErrorCode, LeanTokenEndpoint,
    LeanixTokenEndpoint, OldTokens, Refused, Scope, SecretFile, SecretPlace, SecretProblem, SecretVariable,
    SharedCredentials, TokenCache, TokenEndpoint, TokenError, TokenResponse, UnverifiedClaims, lean, leanix,
};
use auth_sandbox::{Gate, Provider, Reply, Sandbox, Step};
use integration_tests::{
    Issuer, ManualClock, api, callers, customer, ended, joined, output, reached, until, write_secret,
};
use tokio::sync::Semaphore;

/// Part of every secret of these tests, so that errors can be searched for it.
const OLD: &str = "MARKER-old";
const NEW: &str = "MARKER-new";

/// A file of this test run that does not exist yet.
fn absent(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("rotation-{}-{name}", std::process::id()));
    let _ = fs::remove_file(&path);
    path
}

/// A file that holds `content`.
fn file(name: &str, content: &str) -> PathBuf {
    let path = absent(name);
    write_secret(&path, content);
    path
}

/// A sandbox that accepts this secret of either vendor's client.
async fn sandbox(secret: &str) -> Sandbox {
    Sandbox::builder().lean_client_secret(secret).leanix_api_token(secret).start().await.unwrap()
}

fn lean<S: CredentialSource<ClientCredentials>>(sandbox: &Sandbox, source: S) -> LeanTokenEndpoint<S> {
    LeanTokenEndpoint::new(lean::Client::new(sandbox.base_url()).unwrap(), source)
}

fn leanix<S: CredentialSource<ApiToken>>(sandbox: &Sandbox, source: S) -> LeanixTokenEndpoint<S> {
    LeanixTokenEndpoint::new(leanix::Client::new(sandbox.base_url()).unwrap(), source)
}

/// Asserts that an error shows no secret.
fn shows_no_secret(error: &TokenError) {
    let printed = format!("{error} {error:#} {error:?} {error:#?}");
    assert!(!printed.contains("MARKER"), "{printed}");
}

/// The error of an endpoint that must not have sent anything.
async fn refused_unsent(endpoint: impl TokenEndpoint, scope: &Scope, provider: &Provider) -> CredentialError {
    let error = endpoint.request_token(scope).await.unwrap_err();
    shows_no_secret(&error);
    assert_eq!(provider.requests(), 0, "{error}");
    let TokenError::Credentials(error) = error else { panic!("{error:?}") };
    error
}

/// Waits until a token request with the old secret has arrived, writes the new one before the server answers, and
/// checks the outcome.
async fn replaced_meanwhile(endpoint: impl TokenEndpoint, scope: Scope, provider: &Provider, path: &Path) {
    let gate = Gate::new();
    provider.script().push(Step::token().held_by(&gate));
    let request = tokio::spawn(async move { endpoint.request_token(&scope).await });
    reached(&gate, 1).await;
    write_secret(path, &format!("{NEW}\n"));
    gate.release();
    request.await.unwrap().unwrap();
    assert_eq!((provider.requests(), provider.refusals()), (2, 1));
}

/// Row: credentials replaced while running.
#[tokio::test]
async fn a_secret_file_that_is_replaced_is_used_by_the_next_request() {
    let sandbox = sandbox(OLD).await;
    let path = file("next", &format!("{OLD}\n"));
    let id = sandbox.lean_client_id();
    let lean = TokenCache::new(lean(&sandbox, SecretFile::new(&path).for_client(id)));
    let leanix = TokenCache::new(leanix(&sandbox, SecretFile::new(&path)));
    let first = (lean.access_token(&api()).await.unwrap(), leanix.access_token(&Scope::empty()).await.unwrap());

    sandbox.set_lean_client_secret(NEW);
    sandbox.set_leanix_api_token(NEW);
    write_secret(&path, NEW);
    lean.reject(&first.0);
    leanix.reject(&first.1);
    lean.access_token(&api()).await.unwrap();
    leanix.access_token(&Scope::empty()).await.unwrap();
    for provider in [sandbox.lean(), sandbox.leanix()] {
        assert_eq!((provider.requests(), provider.refusals()), (2, 0));
    }
}

/// Row: credentials replaced while running.
#[tokio::test]
async fn shared_credentials_that_are_replaced_are_used_by_the_next_request() {
    let sandbox = sandbox(NEW).await;
    let credentials = |secret| ClientCredentials::new(sandbox.lean_client_id(), secret).unwrap();
    let of_lean = SharedCredentials::new(credentials(OLD));
    let of_leanix = SharedCredentials::new(ApiToken::new(OLD).unwrap());
    let (lean, leanix) = (lean(&sandbox, of_lean.clone()), leanix(&sandbox, of_leanix.clone()));
    shows_no_secret(&lean.request_token(&api()).await.unwrap_err());
    shows_no_secret(&leanix.request_token(&Scope::empty()).await.unwrap_err());

    of_lean.replace(credentials(NEW));
    of_leanix.replace(ApiToken::new(NEW).unwrap());
    lean.request_token(&api()).await.unwrap();
    leanix.request_token(&Scope::empty()).await.unwrap();
    for provider in [sandbox.lean(), sandbox.leanix()] {
        assert_eq!((provider.requests(), provider.refusals()), (2, 1));
    }
}

/// Row: invalid_client as 400, as 401 with or without WWW-Authenticate (Basic, Bearer, two challenges), as 403 with an empty body.
#[tokio::test]
async fn a_refused_secret_that_was_replaced_meanwhile_costs_one_more_request() {
    let sandbox = sandbox(NEW).await;
    let path = file("lean-meanwhile", OLD);
    let source = SecretFile::new(&path).for_client(sandbox.lean_client_id());
    replaced_meanwhile(lean(&sandbox, source), api(), &sandbox.lean(), &path).await;
    let path = file("leanix-meanwhile", OLD);
    replaced_meanwhile(leanix(&sandbox, SecretFile::new(&path)), Scope::empty(), &sandbox.leanix(), &path).await;
}

/// Row: invalid_client as 400, as 401 with or without WWW-Authenticate (Basic, Bearer, two challenges), as 403 with an empty body.
#[tokio::test]
async fn a_refused_secret_that_stays_the_same_is_sent_once_per_request() {
    let sandbox = sandbox(NEW).await;
    let path = file("same", OLD);
    let lean = TokenCache::new(lean(&sandbox, SecretFile::new(&path).for_client(sandbox.lean_client_id())));
    let leanix = TokenCache::new(leanix(&sandbox, SecretFile::new(&path)));
    for _ in 0..20 {
        for error in
            [lean.access_token(&api()).await.unwrap_err(), leanix.access_token(&Scope::empty()).await.unwrap_err()]
        {
            assert!(error.refuses_credentials() && !error.is_transient(), "{error:?}");
            shows_no_secret(&error);
        }
    }
    assert_eq!((sandbox.lean().requests(), sandbox.leanix().requests()), (1, 1));
}

/// Row: invalid_client as 400, as 401 with or without WWW-Authenticate (Basic, Bearer, two challenges), as 403 with an empty body.
#[tokio::test]
async fn a_secret_that_is_refused_after_its_replacement_is_not_tried_a_third_time() {
    let sandbox = sandbox("another").await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    // A different secret each time, so that only the rule ends this.
    let source = move || {
        let api_token = ApiToken::new(format!("{OLD}-{}", counter.fetch_add(1, Ordering::SeqCst)));
        async move { api_token }
    };
    let error = leanix(&sandbox, source).request_token(&Scope::empty()).await.unwrap_err();
    assert!(error.refuses_credentials(), "{error:?}");
    shows_no_secret(&error);
    assert_eq!((sandbox.leanix().requests(), asked.load(Ordering::SeqCst)), (2, 2));
}

#[tokio::test]
async fn a_source_without_other_credentials_leaves_the_refusal_unchanged() {
    let sandbox = sandbox(NEW).await;
    let asked = AtomicUsize::new(0);
    let source = move || {
        let api_token = match asked.fetch_add(1, Ordering::SeqCst) {
            0 => ApiToken::new(OLD),
            _ => Err(CredentialError::unavailable("the vault is sealed")),
        };
        async move { api_token }
    };
    let error = leanix(&sandbox, source).request_token(&Scope::empty()).await.unwrap_err();
    assert!(error.refuses_credentials(), "{error:?}");
    assert_eq!(sandbox.leanix().requests(), 1);
}

/// Row: invalid_client as 400, as 401 with or without WWW-Authenticate (Basic, Bearer, two challenges), as 403 with an empty body.
#[tokio::test]
async fn every_refusal_of_credentials_asks_the_source_again_and_no_other_refusal_does() {
    let challenge = |text| Reply::oauth_error(401, "invalid_client").header("www-authenticate", text);
    for (case, reply, requests) in [
        ("invalid_client as 200", Reply::oauth_error(200, "invalid_client"), 2),
        ("invalid_client as 400", Reply::oauth_error(400, "invalid_client"), 2),
        ("invalid_client as 401", Reply::oauth_error(401, "invalid_client"), 2),
        ("with a challenge", challenge("Basic realm=\"a\""), 2),
        ("with two challenges", challenge("Bearer, Basic realm=\"a\""), 2),
        ("401 with an empty body", Reply::new(401), 2),
        ("401 with a page", Reply::new(401).body("<html>no</html>"), 2),
        ("403 with an empty body", Reply::new(403), 2),
        ("403 with a code", Reply::oauth_error(403, "access_denied"), 1),
        ("invalid_scope", Reply::oauth_error(400, "invalid_scope"), 1),
        ("unauthorized_client", Reply::oauth_error(400, "unauthorized_client"), 1),
        ("404", Reply::new(404), 1),
        ("429", Reply::new(429), 1),
        ("503", Reply::new(503), 1),
    ] {
        let sandbox = sandbox(NEW).await;
        for provider in [sandbox.lean(), sandbox.leanix()] {
            provider.script().push(reply.clone());
        }
        let (id, asked) = (sandbox.lean_client_id(), AtomicUsize::new(0));
        let secret = |asked: &AtomicUsize| if asked.fetch_add(1, Ordering::SeqCst) == 0 { OLD } else { NEW };
        let of_lean = move || {
            let credentials = ClientCredentials::new(id.clone(), secret(&asked));
            async move { credentials }
        };
        let asked = AtomicUsize::new(0);
        let of_leanix = move || {
            let api_token = ApiToken::new(secret(&asked));
            async move { api_token }
        };
        let outcome = lean(&sandbox, of_lean).request_token(&api()).await;
        assert_eq!((sandbox.lean().requests(), outcome.is_ok()), (requests, requests == 2), "Lean, {case}");
        let outcome = leanix(&sandbox, of_leanix).request_token(&Scope::empty()).await;
        assert_eq!((sandbox.leanix().requests(), outcome.is_ok()), (requests, requests == 2), "LeanIX, {case}");
    }
}

/// Row: a secret file with a byte order mark.
#[tokio::test]
async fn a_byte_order_mark_in_a_file_is_not_sent() {
    let sandbox = sandbox(OLD).await;
    let source = SecretFile::new(file("byte-order-mark", &format!("\u{feff}{OLD}\r\n")));
    lean(&sandbox, source.clone().for_client(sandbox.lean_client_id())).request_token(&api()).await.unwrap();
    leanix(&sandbox, source).request_token(&Scope::empty()).await.unwrap();
}

/// Row: a secret with spaces.
#[tokio::test]
async fn spaces_are_sent_as_a_part_of_the_secret() {
    let secret = " MARKER  with spaces ";
    let sandbox = sandbox(secret).await;
    let id = sandbox.lean_client_id();
    let file = SecretFile::new(file("spaces", &format!("{secret}\n")));
    let credentials = ClientCredentials::new(id.clone(), secret).unwrap();
    lean(&sandbox, credentials).request_token(&api()).await.unwrap();
    lean(&sandbox, file.clone().for_client(id)).request_token(&api()).await.unwrap();
    leanix(&sandbox, ApiToken::new(secret).unwrap()).request_token(&Scope::empty()).await.unwrap();
    leanix(&sandbox, file).request_token(&Scope::empty()).await.unwrap();
}

/// Row: a secret file that other users may write to or read, a pipe.
#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_can_access_is_refused_and_nothing_is_sent() {
    use std::os::unix::fs::PermissionsExt as _;

    let sandbox = sandbox(OLD).await;
    let refused = async |path: &Path| {
        let error = refused_unsent(leanix(&sandbox, SecretFile::new(path)), &Scope::empty(), &sandbox.leanix()).await;
        let CredentialError::Place { problem, .. } = error else { panic!("{error:?}") };
        problem
    };
    let pipe = absent("pipe");
    let mut mkfifo = std::process::Command::new("mkfifo");
    mkfifo.arg(&pipe);
    assert!(output(mkfifo).await.status.success());
    assert_eq!(refused(&pipe).await, SecretProblem::NotAFile);

    let path = file("permissions", OLD);
    let permit = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    permit(0o666);
    assert_eq!(refused(&path).await, SecretProblem::WritableByOthers { mode: 0o666 });
    permit(0o644);
    assert_eq!(refused(&path).await, SecretProblem::ReadableByOthers { mode: 0o644 });
    let mounted = SecretFile::new(&path).permit_readable_by_others();
    leanix(&sandbox, mounted).request_token(&Scope::empty()).await.unwrap();
}

/// Row: 200 with `error` and no token, `invalid_client`.
#[tokio::test]
async fn a_refusal_with_status_200_asks_the_source_again() {
    let sandbox = sandbox(NEW).await;
    let asked = AtomicUsize::new(0);
    let source = move || {
        let api_token = ApiToken::new(if asked.fetch_add(1, Ordering::SeqCst) == 0 { OLD } else { NEW });
        async move { api_token }
    };
    sandbox.leanix().script().push(Reply::oauth_error(200, "invalid_client"));
    TokenCache::new(leanix(&sandbox, source)).access_token(&Scope::empty()).await.unwrap();
    assert_eq!(sandbox.leanix().requests(), 2);
}

/// Row: a secret with invisible characters, an empty one.
#[tokio::test]
async fn a_file_without_a_secret_is_named_and_nothing_is_sent() {
    let sandbox = sandbox(OLD).await;
    for (path, problem) in [
        (absent("missing"), SecretProblem::Missing),
        (file("empty", ""), SecretProblem::Empty),
        (file("blank", "\n"), SecretProblem::Empty),
        (file("lines", "MARKER\nMARKER\n"), SecretProblem::Character { character: '\n', position: 7 }),
        (file("unseen", "MARK\u{200b}ER"), SecretProblem::Character { character: '\u{200b}', position: 5 }),
        (file("long", &"MARKER".repeat(20_000)), SecretProblem::TooLong),
        (PathBuf::from(env!("CARGO_TARGET_TMPDIR")), SecretProblem::Directory),
    ] {
        let wanted = CredentialError::Place { place: SecretPlace::File(path.clone()), problem };
        let source = SecretFile::new(&path);
        let error = refused_unsent(lean(&sandbox, source.clone().for_client("id")), &api(), &sandbox.lean()).await;
        assert_eq!(error, wanted);
        let error = refused_unsent(leanix(&sandbox, source), &Scope::empty(), &sandbox.leanix()).await;
        assert_eq!(error, wanted);
        assert!(error.to_string().contains(&format!("{path:?}")), "{error}");
    }
}

#[tokio::test]
async fn a_variable_is_used_if_it_is_set_and_named_if_it_is_not() {
    // Setting a variable would affect other tests, so this uses one that cargo sets.
    let sandbox = sandbox(&std::env::var("CARGO_PKG_NAME").unwrap()).await;
    let unset = SecretVariable::new("ROTATION_TEST_NEVER_SET");
    let place = SecretPlace::Variable("ROTATION_TEST_NEVER_SET".to_owned());
    let wanted = CredentialError::Place { place, problem: SecretProblem::Missing };
    let endpoint = lean(&sandbox, unset.clone().for_client("id"));
    assert_eq!(refused_unsent(endpoint, &api(), &sandbox.lean()).await, wanted);
    let error = refused_unsent(leanix(&sandbox, unset), &Scope::empty(), &sandbox.leanix()).await;
    assert_eq!(error, wanted);
    assert_eq!(error.to_string(), "no credentials: environment variable \"ROTATION_TEST_NEVER_SET\" is missing");

    let set = SecretVariable::new("CARGO_PKG_NAME");
    lean(&sandbox, set.clone().for_client(sandbox.lean_client_id())).request_token(&api()).await.unwrap();
    leanix(&sandbox, set).request_token(&Scope::empty()).await.unwrap();
    assert_eq!((sandbox.lean().requests(), sandbox.leanix().requests()), (1, 1));
}

#[tokio::test]
async fn the_claims_of_an_issued_token_can_be_read() {
    let sandbox = sandbox(OLD).await;
    let id = sandbox.lean_client_id();
    let lean = TokenCache::new(lean(&sandbox, ClientCredentials::new(id, OLD).unwrap()));
    let token = lean.access_token(&api()).await.unwrap();
    let claims = UnverifiedClaims::read(&token).unwrap();
    assert_eq!(claims.scope(), Some(&api()));
    assert!(claims.expires_at() > claims.issued_at() && claims.expires_at() >= Some(token.expires_at()));

    let leanix = TokenCache::new(leanix(&sandbox, ApiToken::new(OLD).unwrap()));
    let claims = UnverifiedClaims::read(&leanix.access_token(&Scope::empty()).await.unwrap()).unwrap();
    assert!(claims.principal_id().is_some() && claims.workspace_id().is_some() && claims.subject().is_some());
    assert_eq!(claims.workspace_name(), Some("Sandbox"));
    assert!(claims.issuer().is_some_and(|issuer| issuer.starts_with(sandbox.base_url())));
}

/// Row: credentials replaced while running.
#[tokio::test]
async fn credentials_are_asked_for_before_each_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let secret = Arc::new(std::sync::Mutex::new(String::from("outdated")));
    let (id, current) = (sandbox.lean_client_id(), Arc::clone(&secret));
    let source = move || {
        let credentials = ClientCredentials::new(id.clone(), current.lock().unwrap().clone());
        async move { credentials }
    };
    let client = lean::Client::new(sandbox.base_url()).unwrap();
    let tokens = TokenCache::new(LeanTokenEndpoint::new(client.clone(), source));
    let error = tokens.access_token(&customer(1)).await.unwrap_err();
    assert!(
        matches!(&error, TokenError::Refused(refused) if refused.code == Some(ErrorCode::InvalidClient)),
        "{error:?}"
    );
    let error = tokens.access_token(&customer(2)).await.unwrap_err();
    assert!(error.refuses_credentials(), "no other scope tries them either: {error:?}");
    assert_eq!(sandbox.lean().requests(), 1);
    *secret.lock().unwrap() = sandbox.lean_client_secret();
    tokens.rotate(OldTokens::Keep);
    tokens.access_token(&customer(2)).await.unwrap();

    let sealed = || async { Err(CredentialError::unavailable("the vault is sealed")) };
    let error = TokenCache::new(LeanTokenEndpoint::new(client, sealed)).access_token(&api()).await.unwrap_err();
    assert_eq!(error.to_string(), "no credentials: the vault is sealed");
}

/// A cache with a token, and its issuer.
async fn with_token(issuer: &Issuer) -> (TokenCache, AccessToken) {
    let tokens = issuer.cache();
    let token = tokens.access_token(&issuer.scope).await.unwrap();
    (tokens, token)
}

/// Row: credentials replaced while running.
#[tokio::test]
async fn tokens_of_replaced_credentials_are_kept_or_dropped_on_request() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let (tokens, token) = with_token(&issuer).await;
        tokens.rotate(OldTokens::Keep);
        assert_eq!(tokens.access_token(&issuer.scope).await.unwrap().expose(), token.expose());
        assert_eq!(issuer.provider.requests(), 1);
        tokens.rotate(OldTokens::Drop);
        assert!(tokens.cached(&issuer.scope).is_none());
        assert_ne!(tokens.access_token(&issuer.scope).await.unwrap().expose(), token.expose());
        assert_eq!(issuer.provider.requests(), 2);
    }
}

/// Row: credentials replaced while running.
#[tokio::test]
async fn an_in_flight_token_of_replaced_credentials_is_dropped_on_request() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let (gate, tokens) = (Gate::new(), issuer.cache());
        issuer.provider.script().push(Step::token().held_by(&gate));
        let asked = callers(5, &tokens, &issuer.scope);
        reached(&gate, 1).await;
        tokens.rotate(OldTokens::Drop);
        // Later callers do not wait for it: the server holds it until one of them has a token.
        let new = tokens.access_token(&issuer.scope).await.unwrap();
        gate.release();
        for answer in joined(asked).await {
            answer.unwrap();
        }
        ended(2, &tokens).await;
        assert_eq!(tokens.cached(&issuer.scope).unwrap().expose(), new.expose());

        let gate = Gate::new();
        tokens.rotate(OldTokens::Drop);
        issuer.provider.script().push(Step::token().held_by(&gate));
        let asked = callers(5, &tokens, &issuer.scope);
        reached(&gate, 1).await;
        tokens.rotate(OldTokens::Drop);
        gate.release();
        joined(asked).await;
        assert!(tokens.cached(&issuer.scope).is_none(), "nor if no other request is sent in the meantime");
    }
}

/// Row: credentials replaced while running.
#[tokio::test]
async fn an_in_flight_token_is_kept_with_the_others() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let (gate, tokens) = (Gate::new(), issuer.cache());
        issuer.provider.script().push(Step::token().held_by(&gate));
        let asked = callers(5, &tokens, &issuer.scope);
        reached(&gate, 1).await;
        tokens.rotate(OldTokens::Keep);
        gate.release();
        let token = joined(asked).await.remove(0).unwrap();
        assert_eq!(tokens.cached(&issuer.scope).unwrap().expose(), token.expose());
        assert_eq!(issuer.provider.requests(), 1);
    }
}

/// Row: credentials replaced while running.
#[tokio::test]
async fn an_in_flight_failure_of_replaced_credentials_affects_no_caller() {
    for old_tokens in [OldTokens::Keep, OldTokens::Drop] {
        let sandbox = sandbox(OLD).await;
        let gate = Gate::new();
        let source = SharedCredentials::new(ApiToken::new(OLD).unwrap());
        let tokens = TokenCache::new(leanix(&sandbox, source.clone()));
        sandbox.set_leanix_api_token(NEW);
        sandbox.leanix().script().push(Step::token().held_by(&gate));
        let asked = callers(5, &tokens, &Scope::empty());
        reached(&gate, 1).await;
        source.replace(ApiToken::new(NEW).unwrap());
        tokens.rotate(old_tokens);
        gate.release();
        for answer in joined(asked).await {
            answer.unwrap();
        }
        tokens.access_token(&Scope::empty()).await.unwrap();
        assert_eq!(sandbox.leanix().refusals(), 1);
    }
}

/// Row: credentials replaced while running.
#[tokio::test]
async fn new_credentials_close_the_breaker_that_the_old_ones_opened() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().push(Reply::oauth_error(401, "invalid_client"));
        let tokens = issuer.builder().clock(ManualClock::new()).build();
        assert!(tokens.access_token(&issuer.scope).await.unwrap_err().refuses_credentials());
        assert!(tokens.access_token(&issuer.scope).await.unwrap_err().refuses_credentials());
        tokens.rotate(OldTokens::Keep);
        tokens.access_token(&issuer.scope).await.unwrap();
        assert_eq!(issuer.provider.requests(), 2);
    }
}

/// An endpoint with its own credentials: the first request is refused once it is released, all others are granted.
struct RefusedFirst(Arc<AtomicUsize>, Arc<Semaphore>);

impl TokenEndpoint for RefusedFirst {
    async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
        if self.0.fetch_add(1, Ordering::SeqCst) > 0 {
            return Ok(TokenResponse::new("granted"));
        }
        self.1.acquire().await.unwrap().forget();
        Err(TokenError::Refused(Refused::new(401, Some(ErrorCode::InvalidClient))))
    }
}

#[tokio::test]
async fn a_refusal_of_credentials_that_comes_after_their_replacement_changes_nothing() {
    for old_tokens in [OldTokens::Keep, OldTokens::Drop] {
        let (requests, refusal) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let tokens = TokenCache::new(RefusedFirst(Arc::clone(&requests), Arc::clone(&refusal)));
        let waiting = callers(1, &tokens, &api());
        until("the request has been sent", || requests.load(Ordering::SeqCst) > 0).await;
        tokens.rotate(old_tokens);
        refusal.add_permits(1);
        assert!(joined(waiting).await[0].as_ref().unwrap_err().refuses_credentials());
        assert_eq!(tokens.access_token(&api()).await.unwrap().expose(), "granted");
        assert_eq!((tokens.stats().circuit_breaker_opened, tokens.stats().cooldowns), (0, 0));
    }
}
