//! `OAuth2TokenEndpoint::discover` against the metadata document of the sandbox's server for RFC 6749.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::time::Duration;

use auth_core::{
    Certificate, ClientAuthentication, ClientCredentials, FailureReason, MetadataProblem, OAuth2Client,
    OAuth2TokenEndpoint, PrivateKeyJwt, Scope, Secret, SigningAlgorithm, TokenCache, TokenEndpoint, TokenError,
    Transport, TransportErrorKind,
};
use auth_sandbox::{Gate, Raw, Reply, Sandbox, Step, TokenReply};
use auth_transport::{PayloadProblem, TokenUrlProblem};
use integration_tests::{Rendered, joined, responding, within};
use tokio::task::JoinSet;

fn credentials(sandbox: &Sandbox) -> ClientCredentials {
    let client = sandbox.oauth2_client();
    ClientCredentials::new(client.id(), client.secret()).unwrap()
}

fn discovered<C: OAuth2Client>(sandbox: &Sandbox, client: C) -> OAuth2TokenEndpoint<C> {
    OAuth2TokenEndpoint::discover(&sandbox.oauth2().issuer(), client).unwrap()
}

fn scope(text: &str) -> Scope {
    text.parse().unwrap()
}

/// The paths of the requests so far.
fn paths(sandbox: &Sandbox) -> Vec<String> {
    sandbox.oauth2().recorded().iter().map(|request| request.target().to_owned()).collect()
}

const OAUTH: &str = "/.well-known/oauth-authorization-server/generic";
const OPENID: &str = "/generic/.well-known/openid-configuration";

#[tokio::test]
async fn the_document_is_read_once_before_the_first_token() {
    let sandbox = Sandbox::builder().record_requests().start().await.unwrap();
    let tokens = TokenCache::new(discovered(&sandbox, credentials(&sandbox)));
    assert_eq!(sandbox.connections(), 0, "nothing is read in advance");
    for text in ["a", "b", "c"] {
        tokens.access_token(&scope(text)).await.unwrap();
    }
    assert_eq!(paths(&sandbox), [OAUTH, "/generic/token", "/generic/token", "/generic/token"]);
}

#[tokio::test]
async fn callers_at_the_same_time_share_one_document_or_its_failure() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoint = discovered(&sandbox, credentials(&sandbox));
    for (step, fails) in [(Step::close(), true), (Step::token(), false)] {
        let (gate, before) = (Gate::new(), sandbox.oauth2_client().metadata_requests());
        sandbox.oauth2_client().metadata_script().push(step.held_by(&gate));
        let mut requests = JoinSet::new();
        let request = |endpoint: OAuth2TokenEndpoint| async move { endpoint.request_token(&scope("a")).await };
        requests.spawn(request(endpoint.clone()));
        within("the document is requested", gate.reached(1)).await;
        for _ in 0..20 {
            requests.spawn(request(endpoint.clone()));
        }
        // The others wait for the first one as soon as they have run once.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        gate.release();
        let outcomes = joined(requests).await;
        assert!(outcomes.iter().all(|outcome| outcome.is_err() == fails), "{outcomes:?}");
        assert_eq!(sandbox.oauth2_client().metadata_requests() - before, 1);
    }
}

#[tokio::test]
async fn without_a_document_of_rfc_8414_that_of_openid_connect_is_read() {
    let sandbox = Sandbox::builder().record_requests().start().await.unwrap();
    for first in [
        Step::status(404),
        Step::status(403),
        Step::status(500),
        Step::redirect(302, "https://login.example/"),
        Reply::new(200).header("content-type", "text/html").body("<html>MARKER</html>").into(),
    ] {
        let before = paths(&sandbox).len();
        sandbox.oauth2_client().metadata_script().push(first);
        discovered(&sandbox, credentials(&sandbox)).request_token(&scope("a")).await.unwrap();
        assert_eq!(paths(&sandbox)[before..], [OAUTH, OPENID, "/generic/token"]);
    }
}

/// The error with this document, after which nothing else has been sent.
async fn refused(document: impl Into<Step>, client: impl OAuth2Client, sandbox: &Sandbox) -> TokenError {
    let script = sandbox.oauth2_client().metadata_script();
    script.always(document);
    let endpoint = discovered(sandbox, client);
    let error = endpoint.request_token(&scope("a")).await.unwrap_err();
    let mut rendered = Rendered::default();
    rendered.error(&error);
    assert!(!rendered.as_str().contains("MARKER"), "{}", rendered.as_str());
    assert_eq!(sandbox.oauth2().requests(), 0, "no credentials are sent: {error}");
    script.reset();
    error
}

/// Row: the metadata document of the authorization server is wrong.
#[tokio::test]
async fn a_document_that_is_wrong_is_a_final_error_and_no_credentials_are_sent() {
    use MetadataProblem::{Body, ClientAuthentication, Issuer, NoTokenEndpoint, Status, TokenEndpoint};

    type Fits = Box<dyn Fn(&MetadataProblem) -> bool>;

    let sandbox = Sandbox::start().await.unwrap();
    let with = |name, value: &str| Step::from(TokenReply::new().member(name, value));
    let body = |text: &str| Step::from(Reply::new(200).body(text.to_owned()));
    let is_body = |wanted: PayloadProblem| move |problem: &MetadataProblem| matches!(problem, Body { problem, .. } if *problem == wanted);
    let is = |wanted: MetadataProblem| move |problem: &MetadataProblem| *problem == wanted;
    let cases: Vec<(Step, Fits)> = vec![
        (with("issuer", "https://MARKER.example"), Box::new(is(Issuer { differs_in_slash: false }))),
        (with("issuer", &format!("{}/", sandbox.oauth2().issuer())), Box::new(is(Issuer { differs_in_slash: true }))),
        (TokenReply::new().without("issuer").into(), Box::new(is_body(PayloadProblem::Schema))),
        (TokenReply::new().without("token_endpoint").into(), Box::new(is(NoTokenEndpoint))),
        (TokenReply::new().member("token_endpoint", 7).into(), Box::new(is_body(PayloadProblem::Schema))),
        (
            with("token_endpoint", "http://MARKER.example/token"),
            Box::new(|problem| matches!(problem, TokenEndpoint(TokenUrlProblem::Url(_)))),
        ),
        (with("token_endpoint", "https://a.example/#MARKER"), Box::new(is(TokenEndpoint(TokenUrlProblem::Fragment)))),
        (
            TokenReply::new().member("token_endpoint_auth_methods_supported", vec!["MARKER", "private_key_jwt"]).into(),
            Box::new(is(ClientAuthentication { configured: "client_secret_basic", accepted: vec!["private_key_jwt"] })),
        ),
        (body("<html>MARKER"), Box::new(is_body(PayloadProblem::Syntax))),
        (body(""), Box::new(is_body(PayloadProblem::Truncated))),
        (body(r#"["MARKER"]"#), Box::new(is_body(PayloadProblem::Schema))),
        (body(r#"{"issuer":"a","issuer":"MARKER"}"#), Box::new(is_body(PayloadProblem::Schema))),
        (Step::status(404), Box::new(is(Status(404)))),
        (Step::status(204), Box::new(is_body(PayloadProblem::Truncated))),
        (Step::status(501), Box::new(is(Status(501)))),
    ];
    for (number, (document, fits)) in cases.into_iter().enumerate() {
        let error = refused(document, credentials(&sandbox), &sandbox).await;
        let TokenError::Metadata(found) = &error else { panic!("{number}: {error:?}") };
        assert!(fits(&found.problem), "{number}: {error:?}");
        assert!(error.to_string().contains(&sandbox.oauth2().issuer()), "{error}");
        assert!(!error.is_transient() && !error.refuses_credentials(), "{number}: {error:?}");
    }
    let key = sandbox.oauth2_client().new_key("ES256").unwrap();
    let client = PrivateKeyJwt::new("id", Secret::from(key.pem));
    let algorithms = TokenReply::new().member("token_endpoint_auth_signing_alg_values_supported", vec!["RS256"]);
    let error = refused(algorithms, client, &sandbox).await;
    let TokenError::Metadata(found) = &error else { panic!("{error:?}") };
    assert_eq!(
        (&found.problem, error.reason()),
        (&MetadataProblem::Algorithm(SigningAlgorithm::Es256), FailureReason::Metadata)
    );
}

/// Row: the metadata document of the authorization server cannot be read.
#[tokio::test]
async fn a_server_that_cannot_send_its_document_now_is_a_transient_error() {
    let sandbox = Sandbox::start().await.unwrap();
    for status in [500, 503, 429, 408] {
        let reply = Reply::new(status).header("retry-after", "7");
        let error = refused(reply, credentials(&sandbox), &sandbox).await;
        assert!(matches!(&error, TokenError::Metadata(found) if found.problem == MetadataProblem::Status(status)));
        let wait = matches!(status, 429 | 503).then(|| Duration::from_secs(7));
        assert_eq!((error.is_transient(), error.retry_after()), (true, wait), "{error}");
    }
    let error = refused(Step::close(), credentials(&sandbox), &sandbox).await;
    let TokenError::Transport(found) = &error else { panic!("{error:?}") };
    assert_eq!((found.kind(), error.is_transient()), (&TransportErrorKind::Closed, true));
    assert!(error.to_string().starts_with("metadata of the issuer: "), "{error}");
}

/// Row: accepts and stays silent; slow headers; slow body; endless headers; endless body.
#[tokio::test]
async fn a_document_has_the_limits_of_a_token_response() {
    let huge = format!(r#"{{"a":"{}"}}"#, "x".repeat(256 * 1024));
    let server = responding("200 OK", &["content-type: application/json"], &huge);
    let credentials = || ClientCredentials::new("id", "s3cret").unwrap();
    let error = OAuth2TokenEndpoint::discover(&server.base_url(), credentials()).unwrap();
    let error = error.request_token(&scope("a")).await.unwrap_err();
    let TokenError::Transport(found) = &error else { panic!("{error:?}") };
    assert_eq!(found.kind(), &TransportErrorKind::BodyTooLarge { limit: 256 * 1024 });
    let silent = auth_sandbox::FaultServer::start(Raw::nothing().then_silence()).unwrap();
    let transport =
        Transport::builder().timeout(Duration::from_millis(100)).only_root_certificates([]).build().unwrap();
    let endpoint = OAuth2TokenEndpoint::discover_over(&silent.base_url(), transport, credentials()).unwrap();
    let error = endpoint.request_token(&scope("a")).await.unwrap_err();
    let TokenError::Transport(found) = &error else { panic!("{error:?}") };
    assert_eq!((found.kind(), error.is_transient()), (&TransportErrorKind::Timeout, true));
}

#[tokio::test]
async fn a_document_that_is_too_old_is_read_again_and_used_if_that_fails() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoint = discovered(&sandbox, credentials(&sandbox)).with_metadata_age(Duration::ZERO);
    for reads in 1..=3 {
        endpoint.request_token(&scope("a")).await.unwrap();
        assert_eq!(sandbox.oauth2_client().metadata_requests(), reads);
    }
    for wrong in [
        Reply::new(503).header("retry-after", "7").into(),
        Step::close(),
        TokenReply::new().member("issuer", "https://other.example").into(),
    ] {
        sandbox.oauth2_client().metadata_script().push(wrong);
        endpoint.request_token(&scope("a")).await.unwrap();
    }
    assert_eq!((sandbox.oauth2_client().metadata_requests(), sandbox.oauth2().issued()), (6, 6));
    let kept = discovered(&sandbox, credentials(&sandbox)).with_metadata_age(Duration::from_secs(3600));
    for _ in 0..3 {
        kept.request_token(&scope("a")).await.unwrap();
    }
    assert_eq!(sandbox.oauth2_client().metadata_requests(), 7);
}

/// Row: the token endpoint has moved.
#[tokio::test]
async fn a_token_endpoint_that_has_moved_is_found_again() {
    let sandbox = Sandbox::builder().record_requests().start().await.unwrap();
    let endpoint = discovered(&sandbox, credentials(&sandbox));
    let old = format!("{}/generic/old", sandbox.base_url());
    sandbox.oauth2_client().metadata_script().push(TokenReply::new().member("token_endpoint", old));
    endpoint.request_token(&scope("a")).await.unwrap();
    assert_eq!(
        paths(&sandbox),
        [OAUTH, OAUTH, "/generic/token"],
        "the request to the old URL is not one to this server"
    );

    for status in [404, 410] {
        let before = sandbox.oauth2_client().metadata_requests();
        sandbox.oauth2().script().push(Step::status(status));
        let error = endpoint.request_token(&scope("a")).await.unwrap_err();
        assert!(matches!(&error, TokenError::Refused(refused) if refused.status == status), "{error:?}");
        assert_eq!(
            sandbox.oauth2_client().metadata_requests(),
            before + 1,
            "it is still there, so it is not tried again"
        );
    }
    endpoint.request_token(&scope("a")).await.unwrap();
}

#[tokio::test]
async fn a_server_that_accepts_the_client_later_needs_no_restart() {
    let sandbox = Sandbox::start().await.unwrap();
    let endpoint = discovered(&sandbox, credentials(&sandbox)).with_authentication(ClientAuthentication::Form);
    sandbox.oauth2_client().accept_only(["client_secret_basic"]);
    let error = endpoint.request_token(&scope("a")).await.unwrap_err().to_string();
    let wanted = "the server does not accept the client authentication client_secret_post; use client_secret_basic";
    assert!(error.ends_with(wanted), "{error}");
    sandbox.oauth2_client().accept_only(["client_secret_post"]);
    endpoint.request_token(&scope("a")).await.unwrap();
}

#[tokio::test]
async fn an_issuer_with_tls_has_its_token_endpoint_with_tls() {
    let sandbox = Sandbox::builder().tls().start().await.unwrap();
    let issuer = format!("{}/generic", sandbox.secure_base_url().unwrap());
    let root = Certificate::from_pem(sandbox.root_pem().unwrap().as_bytes()).unwrap();
    let transport = Transport::builder().only_root_certificates([root]).build().unwrap();
    let endpoint = || OAuth2TokenEndpoint::discover_over(&issuer, transport.clone(), credentials(&sandbox)).unwrap();
    endpoint().request_token(&scope("a")).await.unwrap();
    let plain = TokenReply::new().member("token_endpoint", sandbox.oauth2().token_url());
    sandbox.oauth2_client().metadata_script().push(plain);
    let error = endpoint().request_token(&scope("a")).await.unwrap_err();
    assert!(error.to_string().contains("token_endpoint: not https"), "{error}");
    assert_eq!(sandbox.oauth2().requests(), 1);
}

#[tokio::test]
async fn the_identity_is_that_of_the_issuer_and_needs_no_document() {
    let sandbox = Sandbox::start().await.unwrap();
    let bytes = async |endpoint: OAuth2TokenEndpoint| {
        let mut bytes = vec![];
        endpoint.identity().await.unwrap().feed(|part| bytes.extend_from_slice(part));
        bytes
    };
    let issuer = bytes(discovered(&sandbox, credentials(&sandbox))).await;
    let url = sandbox.oauth2().token_url();
    assert_ne!(issuer, bytes(OAuth2TokenEndpoint::new(&url, credentials(&sandbox)).unwrap()).await);
    let text = sandbox.oauth2().issuer();
    assert!(issuer.windows(text.len()).any(|part| part == text.as_bytes()));
    assert_eq!(sandbox.connections(), 0);
}
