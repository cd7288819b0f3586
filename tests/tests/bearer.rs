//! Requests with a token: through the client for plain `reqwest`, the middleware, and the layer for `tower`.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use auth_core::{
    BearerClient, BearerLayer, BearerMiddleware, CallError, Origins, Secret, TokenCache, TokenError, TokenHandle,
};
use auth_sandbox::{FaultServer, Provider, Raw, Reply, Sandbox, Step, TokenReply};
use auth_transport::{TokenUnavailable, TransportError};
use bytes::Bytes;
use integration_tests::{Issuer, Markers, Rendered, responding, within};
use reqwest::redirect::Policy;
use reqwest::{Body, Method, Request};
use tokio::task::JoinSet;
use tower::{Service, ServiceExt, service_fn};

/// The ways to add a token to a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Client,
    /// With an HTTP client of the program, which follows redirects.
    Over,
    Middleware,
    Layer,
    /// With a client that follows redirects inside the layer, which is the wrong order.
    Outside,
}

const WAYS: [Way; 5] = [Way::Client, Way::Over, Way::Middleware, Way::Layer, Way::Outside];

impl Way {
    /// True if redirects are followed.
    fn follows(self) -> bool {
        matches!(self, Self::Over | Self::Middleware | Self::Outside)
    }
}

/// A body that can be sent once, or repeatedly.
#[derive(Clone, Copy)]
enum Content {
    Empty,
    Stream,
}

type Failure = CallError<String>;

/// The status and the URL of the response, or why there is none.
async fn call(
    way: Way,
    tokens: &TokenHandle,
    base_url: &str,
    url: impl Into<String>,
    content: Content,
) -> Result<u16, Failure> {
    let url = url.into();
    let redirects = if way.follows() { Policy::default() } else { Policy::none() };
    let plain = reqwest::Client::builder().no_proxy().redirect(redirects).tls_certs_only([]).build().unwrap();
    let request = || {
        let mut request = Request::new(Method::GET, url.parse().unwrap());
        if let Content::Stream = content {
            // Such a body cannot be copied.
            *request.body_mut() = Some(Body::wrap(Body::from("content")));
        }
        request
    };
    match way {
        Way::Client | Way::Over => {
            let client = match way {
                Way::Client => BearerClient::new(tokens.clone(), base_url).unwrap(),
                _ => BearerClient::over(tokens.clone(), base_url, plain).unwrap(),
            };
            let answer = client.execute(request()).await;
            answer.map(|answer| answer.status().as_u16()).map_err(|error| of(error, |error| error.to_string()))
        }
        Way::Middleware => {
            let bearer = BearerMiddleware::new(tokens.clone(), Origins::of(base_url).unwrap());
            let client = reqwest_middleware::ClientBuilder::new(plain).with(bearer).build();
            match client.execute(request()).await {
                Ok(answer) => Ok(answer.status().as_u16()),
                Err(reqwest_middleware::Error::Reqwest(error)) => Err(CallError::Send(error.to_string())),
                Err(reqwest_middleware::Error::Middleware(error)) => {
                    Err(of(error.downcast::<CallError<reqwest::Error>>().unwrap(), |error| error.to_string()))
                }
            }
        }
        Way::Layer | Way::Outside => {
            let send = service_fn(move |request: http::Request<Bytes>| {
                let plain = plain.clone();
                async move {
                    let request = Request::try_from(request).unwrap();
                    Ok::<_, reqwest::Error>(http::Response::from(plain.execute(request).await?))
                }
            });
            let layer = BearerLayer::new(tokens.clone(), Origins::of(base_url).unwrap());
            let request = http::Request::get(&url).body(Bytes::from_static(b"content")).unwrap();
            let answer = match content {
                Content::Empty => tower::Layer::layer(&layer, send).oneshot(request).await,
                Content::Stream => tower::Layer::layer(&layer.sending_once(), send).oneshot(request).await,
            };
            answer.map(|answer| answer.status().as_u16()).map_err(|error| of(error, |error| error.to_string()))
        }
    }
}

fn of<E>(error: CallError<E>, send: impl Fn(E) -> String) -> Failure {
    match error {
        CallError::Token(error) => CallError::Token(error),
        CallError::Send(error) => CallError::Send(send(error)),
        _ => CallError::OtherOrigin,
    }
}

/// A sandbox and a handle with a cached token of one vendor.
async fn warm(sandbox: &Sandbox, issuer: &Issuer) -> (TokenCache, TokenHandle, Provider) {
    let cache = issuer.cache();
    let handle = cache.handle(&issuer.scope);
    handle.access_token().await.unwrap();
    assert_eq!(sandbox.provider(issuer.provider.vendor()).resource_requests(), issuer.provider.resource_requests());
    (cache, handle, issuer.provider.clone())
}

#[tokio::test]
async fn a_request_carries_a_token_and_a_rejected_one_is_replaced_once() {
    for way in WAYS {
        let sandbox = Sandbox::start().await.unwrap();
        for issuer in Issuer::both(&sandbox) {
            let (cache, tokens, provider) = warm(&sandbox, &issuer).await;
            let get = || call(way, &tokens, sandbox.base_url(), provider.resource_url(), Content::Empty);
            assert_eq!(get().await.unwrap(), 200);
            assert_eq!((provider.issued(), provider.resource_requests()), (1, 1), "{way:?}");
            sandbox.revoke_all();
            assert_eq!(get().await.unwrap(), 200, "{way:?}: with another token");
            assert_eq!((provider.issued(), provider.resource_requests()), (2, 3), "{way:?}");
            assert_eq!(get().await.unwrap(), 200);
            assert_eq!((cache.stats().rejected, provider.issued(), provider.resource_requests()), (1, 2, 4), "{way:?}");
        }
    }
}

#[tokio::test]
async fn a_hundred_rejections_at_once_make_one_new_token_and_a_hundred_successes() {
    for way in WAYS {
        let sandbox = Sandbox::start().await.unwrap();
        for issuer in Issuer::both(&sandbox) {
            let (_cache, tokens, provider) = warm(&sandbox, &issuer).await;
            sandbox.revoke_all();
            let mut calls = JoinSet::new();
            for _ in 0..100 {
                let (tokens, base_url, url) = (tokens.clone(), sandbox.base_url().to_owned(), provider.resource_url());
                calls.spawn(async move { call(way, &tokens, &base_url, url.as_str(), Content::Empty).await.unwrap() });
            }
            assert_eq!(within("every call has an answer", calls.join_all()).await, [200; 100], "{way:?}");
            assert_eq!(provider.issued(), 2, "{way:?}: the rejected one and one more");
            assert!((101..=200).contains(&provider.resource_requests()), "{way:?}: {}", provider.resource_requests());
        }
    }
}

#[tokio::test]
async fn only_a_401_that_is_about_the_token_is_answered_with_another_one() {
    for (status, challenge, repeated) in [
        (401, None, true),
        (401, Some("Bearer"), true),
        (401, Some(r#"Bearer error="invalid_token""#), true),
        (401, Some(r#"Basic realm="a", Bearer error="invalid_token""#), true),
        (401, Some(r#"Bearer error="insufficient_scope""#), false),
        (401, Some(r#"Bearer error="invalid_request""#), false),
        (401, Some(r#"Bearer error="something_else""#), false),
        (401, Some(r#"Basic realm="a""#), false),
        (403, None, false),
        (403, Some(r#"Bearer error="invalid_token""#), false),
        (407, None, false),
        (500, Some(r#"Bearer error="invalid_token""#), false),
    ] {
        for way in WAYS {
            let sandbox = Sandbox::start().await.unwrap();
            let (_cache, tokens, provider) = warm(&sandbox, &Issuer::lean(&sandbox)).await;
            let reply = Reply::new(status);
            let reply = challenge.into_iter().fold(reply, |reply, it| reply.header("www-authenticate", it));
            provider.resource_script().push(reply);
            let url = provider.resource_url();
            let answer = call(way, &tokens, sandbox.base_url(), url.as_str(), Content::Empty).await.unwrap();
            let (answered, requests) = if repeated { (200, 2) } else { (status, 1) };
            assert_eq!(answer, answered, "{way:?} {status} {challenge:?}");
            assert_eq!(
                (provider.resource_requests(), provider.issued()),
                (requests, requests),
                "{way:?} {challenge:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_request_is_repeated_once_and_not_with_the_same_token() {
    for way in WAYS {
        let sandbox = Sandbox::start().await.unwrap();
        let (_cache, tokens, provider) = warm(&sandbox, &Issuer::leanix(&sandbox)).await;
        let get = || call(way, &tokens, sandbox.base_url(), provider.resource_url(), Content::Empty);
        provider.resource_script().always(Step::status(401));
        assert_eq!(get().await.unwrap(), 401, "{way:?}: the caller gets the second response");
        assert_eq!((provider.resource_requests(), provider.issued()), (2, 2), "{way:?}");

        let sandbox = Sandbox::start().await.unwrap();
        let (_cache, tokens, provider) = warm(&sandbox, &Issuer::leanix(&sandbox)).await;
        let get = || call(way, &tokens, sandbox.base_url(), provider.resource_url(), Content::Empty);
        sandbox.revoke_all();
        provider.script().always(TokenReply::new().repeat_last());
        assert_eq!(get().await.unwrap(), 401, "{way:?}: the server has no other token");
        assert_eq!((provider.resource_requests(), provider.issued()), (1, 2), "{way:?}");
    }
}

#[tokio::test]
async fn a_stream_is_sent_once_and_the_next_request_has_another_token() {
    for way in WAYS {
        let sandbox = Sandbox::start().await.unwrap();
        let (_cache, tokens, provider) = warm(&sandbox, &Issuer::lean(&sandbox)).await;
        sandbox.revoke_all();
        let get = |content| {
            let (tokens, url) = (&tokens, provider.resource_url());
            let base_url = sandbox.base_url();
            async move { call(way, tokens, base_url, &url, content).await.unwrap() }
        };
        assert_eq!(get(Content::Stream).await, 401, "{way:?}");
        assert_eq!((provider.resource_requests(), provider.issued()), (1, 1), "{way:?}");
        assert_eq!(get(Content::Stream).await, 200, "{way:?}");
        assert_eq!((provider.resource_requests(), provider.issued()), (2, 2), "{way:?}");
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_the_callers_error_is_the_tokens() {
    for way in WAYS {
        let sandbox = Sandbox::start().await.unwrap();
        let issuer = Issuer::lean(&sandbox);
        issuer.provider.script().push(Reply::oauth_error(401, "invalid_client"));
        let tokens = issuer.builder().retries(0).build().handle(&issuer.scope);
        let url = issuer.provider.resource_url();
        let answer = call(way, &tokens, sandbox.base_url(), url.as_str(), Content::Empty).await;
        let Err(CallError::Token(TokenError::Refused(refused))) = answer else { panic!("{way:?}: {answer:?}") };
        assert_eq!((refused.status, issuer.provider.resource_requests()), (401, 0), "{way:?}");

        // After a rejection, this applies as well: the error of the token, and no second request.
        let sandbox = Sandbox::start().await.unwrap();
        let (_cache, tokens, provider) = warm(&sandbox, &Issuer::lean(&sandbox)).await;
        sandbox.revoke_all();
        provider.script().always(Reply::oauth_error(400, "unauthorized_client"));
        let answer = call(way, &tokens, sandbox.base_url(), provider.resource_url(), Content::Empty).await;
        assert!(matches!(answer, Err(CallError::Token(TokenError::Refused(_)))), "{way:?}: {answer:?}");
        assert_eq!(provider.resource_requests(), 1, "{way:?}");
    }
}

#[tokio::test]
async fn a_token_does_not_go_to_another_origin_by_its_address() {
    let other = responding("200 OK", &[], "{}");
    let sandbox = Sandbox::start().await.unwrap();
    let (_cache, tokens, provider) = warm(&sandbox, &Issuer::lean(&sandbox)).await;
    let port = sandbox.base_url().rsplit(':').next().unwrap().to_owned();
    for url in [
        format!("{}/customers/v1", other.base_url()),
        // Another name of the same server is another origin.
        format!("http://localhost:{port}/customers/v1"),
        format!("http://127.0.0.1:{port}@{}", other.base_url().trim_start_matches("http://")),
        // The URL standard repairs this to another address.
        format!("http:{}", other.base_url().trim_start_matches("http://")),
        format!("http:/{}", other.base_url().trim_start_matches("http://")),
        format!("http:////{}", other.base_url().trim_start_matches("http://")),
        format!("http:\\\\{}", other.base_url().trim_start_matches("http://")),
        format!("http:///@{}/http://127.0.0.1:{port}", other.base_url().trim_start_matches("http://")),
        format!("{}\\@127.0.0.1:{port}", other.base_url()),
        format!("{}#@127.0.0.1:{port}", other.base_url()),
        format!("http://127.0.0.1.nip.io:{port}"),
    ] {
        for way in WAYS {
            // If `http` cannot parse the URI, it does not reach the layer.
            if matches!(way, Way::Layer | Way::Outside) && url.parse::<http::Uri>().is_err() {
                continue;
            }
            let answer = call(way, &tokens, sandbox.base_url(), url.as_str(), Content::Empty).await;
            assert!(matches!(answer, Err(CallError::OtherOrigin)), "{way:?} {url}: {answer:?}");
        }
    }
    assert_eq!((other.connections(), provider.resource_requests()), (0, 0));
}

#[tokio::test]
async fn a_token_does_not_follow_a_redirect_to_another_origin_and_is_not_rejected_there() {
    for status in ["200 OK", "401 Unauthorized"] {
        let other = responding(status, &["www-authenticate: Bearer error=\"invalid_token\""], "{}");
        for way in WAYS {
            let sandbox = Sandbox::start().await.unwrap();
            let (cache, tokens, provider) = warm(&sandbox, &Issuer::lean(&sandbox)).await;
            provider.resource_script().push(Step::redirect(307, &format!("{}/elsewhere", other.base_url())));
            let before = other.connections();
            let url = provider.resource_url();
            let answer = call(way, &tokens, sandbox.base_url(), url.as_str(), Content::Empty).await.unwrap();
            let wanted = if way.follows() { (status[..3].parse::<u16>().unwrap(), 1) } else { (307, 0) };
            assert_eq!((answer, other.connections() - before), wanted, "{way:?} {status}");
            assert_eq!(cache.stats().rejected, 0, "{way:?} {status}");
        }
        assert!(other.requests().iter().all(|sent| !sent.to_ascii_lowercase().contains("authorization")), "{status}");
    }
}

/// Row: redirect to another origin and back to the API.
#[tokio::test]
async fn a_token_that_a_redirect_dropped_is_not_rejected_by_the_401_that_follows() {
    for way in WAYS {
        let sandbox = Sandbox::start().await.unwrap();
        let (cache, tokens, provider) = warm(&sandbox, &Issuer::lean(&sandbox)).await;
        let back = format!("location: {}?back", provider.resource_url());
        let other = responding("307 Temporary Redirect", &[&back], "");
        provider.resource_script().push(Step::redirect(307, &format!("{}/elsewhere", other.base_url())));
        let get = || call(way, &tokens, sandbox.base_url(), provider.resource_url(), Content::Empty);
        // The API requires a token, since the redirects have removed it.
        let (status, requests, elsewhere) = if way.follows() { (401, 2, 1) } else { (307, 1, 0) };
        assert_eq!(get().await.unwrap(), status, "{way:?}");
        assert_eq!((cache.stats().rejected, provider.issued()), (0, 1), "{way:?}");
        assert_eq!((provider.resource_requests(), other.connections()), (requests, elsewhere), "{way:?}");
        assert!(other.requests().iter().all(|sent| !sent.contains("authorization")), "{way:?}");
        assert_eq!(get().await.unwrap(), 200, "{way:?}: the token is valid");
        // A 401 to the request itself still rejects the token.
        sandbox.revoke_all();
        assert_eq!(get().await.unwrap(), 200, "{way:?}: with another token");
        assert_eq!((cache.stats().rejected, provider.issued()), (1, 2), "{way:?}");
    }
}

#[tokio::test]
async fn a_token_that_never_changes_is_a_source_as_well() {
    let server = FaultServer::start(Raw::response("401 Unauthorized", &[], "")).unwrap();
    let client = BearerClient::new(Secret::from("abc"), &server.base_url()).unwrap();
    assert_eq!(client.get("a?b=c").send().await.unwrap().status(), 401);
    let post = client.post("/d").with(|request| request.header("x-trace", "1").body("content"));
    assert_eq!(post.send().await.unwrap().status(), 401);
    let sent = server.requests();
    assert_eq!(sent.len(), 2, "the source has no other token");
    assert!(
        sent[0].starts_with("GET /a?b=c HTTP/1.1\r\n") && sent[0].contains("authorization: Bearer abc\r\n"),
        "{sent:?}"
    );
    assert!(sent[1].starts_with("POST /d HTTP/1.1\r\n") && sent[1].contains("x-trace: 1\r\n"), "{sent:?}");

    let broken = BearerClient::new(Secret::from("a\nb"), &server.base_url()).unwrap();
    let error: CallError<TransportError, TokenUnavailable> = broken.get("/").send().await.unwrap_err();
    assert!(error.to_string().starts_with("no access token"), "{error}");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn types_that_hold_tokens_do_not_show_them() {
    let secret = "xK7f3aQ9MARKERxLw2Zr-8Tn4Vb";
    let markers = Markers::new([("the token", secret)]);
    let server = responding("401 Unauthorized", &[&format!("x-echo: {secret}")], secret);
    let (tokens, mut rendered) = (Secret::from(secret), Rendered::default());
    let client = BearerClient::new(tokens.clone(), &server.base_url()).unwrap();
    rendered.debug(&client);
    rendered.debug(&client.get("/").with(|request| request.bearer_auth("other")));
    let origins = Origins::of(&server.base_url()).unwrap();
    rendered.debug(&BearerMiddleware::new(tokens.clone(), origins.clone()));
    let layer = BearerLayer::new(tokens.clone(), origins);
    rendered.debug(&layer);
    rendered.debug(&tower::Layer::layer(&layer, ()));
    rendered.debug(&auth_transport::Tokens::new(tokens.clone()));
    let attempt = auth_transport::Attempt::first(&tokens).await.unwrap();
    rendered.debug(&attempt);
    rendered.debug(&attempt.authorization());
    let elsewhere = client.request_to(Method::GET, format!("https://example.com/?{secret}")).send().await;
    rendered.error(&elsewhere.unwrap_err());
    let broken = BearerClient::new(Secret::from(format!("{secret}\n")), &server.base_url()).unwrap();
    rendered.error(&broken.get("/").send().await.unwrap_err());
    assert!(rendered.as_str().len() > 500);
    assert_eq!(markers.find_in(rendered.as_str()), None);
}

/// A service that is ready only after it was polled.
#[tokio::test]
async fn the_layer_asks_its_service_whether_it_is_ready_before_each_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let (_cache, tokens, provider) = warm(&sandbox, &Issuer::lean(&sandbox)).await;
    sandbox.revoke_all();
    let plain = reqwest::Client::builder().no_proxy().build().unwrap();
    let send = service_fn(move |request: http::Request<Bytes>| {
        let plain = plain.clone();
        async move {
            let answer = plain.execute(Request::try_from(request).unwrap()).await?;
            Ok::<_, reqwest::Error>(http::Response::from(answer))
        }
    });
    // `ConcurrencyLimit` panics if it is called before it was ready.
    let limited = tower::limit::ConcurrencyLimit::new(send, 1);
    let mut service = tower::Layer::layer(&BearerLayer::new(tokens, Origins::of(sandbox.base_url()).unwrap()), limited);
    for _ in 0..2 {
        let request = http::Request::get(provider.resource_url()).body(Bytes::new()).unwrap();
        let answer = service.ready().await.unwrap().call(request).await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    assert_eq!((provider.resource_requests(), provider.issued()), (3, 2));
}
