//! A `tower` layer that adds a token to every request.

use std::fmt;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use auth_transport::{Attempt, Origins, TokenSource};
use http::header::AUTHORIZATION;
use http::{Request, Response, StatusCode, Uri};
use tower_http::follow_redirect::RequestUri;
use tower_layer::Layer;
use tower_service::Service;
use url::Url;

use crate::cache::handle::TokenHandle;
use crate::http::answered;
use crate::http::call_error::CallError;
use crate::http::prepared::Prepared;

/// A layer for `tower` HTTP clients that sends a bearer token with every request. Like
/// [`BearerClient`](crate::BearerClient), it repeats a request once with another token if the server answers 401
/// because of the token. The HTTP settings are those of the inner client.
///
/// Add a layer that follows redirects outside this one, so that this layer processes every request. An inner service
/// that follows redirects decides itself which of its requests carry the token. In that case a 401 after a redirect
/// does not reject the token, provided that the service reports the redirect with the `RequestUri` of `tower-http` 0.6,
/// as `reqwest` does.
///
/// A request is repeated only if its body can be cloned; for bodies that cannot, see [`BearerLayer::sending_once`].
/// Errors are [`CallError`]s.
///
/// ```
/// use auth_core::{BearerLayer, Origins, TokenHandle};
/// use tower::ServiceBuilder;
///
/// # fn example(tokens: TokenHandle) -> Result<(), auth_core::BuildError> {
/// # let client = tower::service_fn(|_: http::Request<String>| async { Ok::<_, std::io::Error>(http::Response::new(())) });
/// let bearer = BearerLayer::new(tokens, Origins::of("https://app.leanix.net")?);
/// let client = ServiceBuilder::new().layer(bearer).service(client);
/// # Ok(())
/// # }
/// ```
pub struct BearerLayer<S: TokenSource = TokenHandle, R = CloneBody> {
    shared: Arc<Shared<S>>,
    repeat: R,
}

struct Shared<S: TokenSource> {
    tokens: Prepared<S>,
    origins: Origins,
}

impl<S: TokenSource> BearerLayer<S> {
    /// A layer that sends `tokens` to `origins` and refuses requests to any other origin.
    #[must_use]
    pub fn new(tokens: S, origins: Origins) -> Self {
        Self { shared: Arc::new(Shared { tokens: Prepared::new(tokens), origins }), repeat: CloneBody }
    }

    /// Never repeats a request, for bodies that cannot be cloned, such as streams. After a rejection the caller gets
    /// the 401, and the next request gets another token.
    #[must_use]
    pub fn sending_once(self) -> BearerLayer<S, SendOnce> {
        BearerLayer { shared: self.shared, repeat: SendOnce }
    }
}

impl<I, S: TokenSource, R: Clone> Layer<I> for BearerLayer<S, R> {
    type Service = BearerService<I, S, R>;

    fn layer(&self, inner: I) -> Self::Service {
        BearerService { inner, shared: Arc::clone(&self.shared), repeat: self.repeat.clone() }
    }
}

/// The service that a [`BearerLayer`] produces.
pub struct BearerService<I, S: TokenSource = TokenHandle, R = CloneBody> {
    inner: I,
    shared: Arc<Shared<S>>,
    repeat: R,
}

/// How the body of a request is copied for a repetition.
pub trait RepeatBody<B>: Clone + Send + Sync + 'static {
    /// A copy of the body; `None` if there cannot be one.
    fn again(&self, body: &B) -> Option<B>;
}

/// Clones bodies, so that requests can be repeated.
#[derive(Clone, Copy, Debug)]
pub struct CloneBody;

impl<B: Clone> RepeatBody<B> for CloneBody {
    fn again(&self, body: &B) -> Option<B> {
        Some(body.clone())
    }
}

/// Sends each body once; requests are not repeated.
#[derive(Clone, Copy, Debug)]
pub struct SendOnce;

impl<B> RepeatBody<B> for SendOnce {
    fn again(&self, _: &B) -> Option<B> {
        None
    }
}

impl<I, S, R, B, C> Service<Request<B>> for BearerService<I, S, R>
where
    I: Service<Request<B>, Response = Response<C>> + Clone + Send + 'static,
    I::Future: Send,
    I::Error: Send,
    S: TokenSource,
    R: RepeatBody<B>,
    B: Send + 'static,
    C: Send,
{
    type Response = Response<C>;
    type Error = CallError<I::Error, S::Error>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(CallError::Send)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // This service is the one that was polled ready, not its clone.
        let other = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, other);
        let (shared, repeat) = (Arc::clone(&self.shared), self.repeat.clone());
        Box::pin(async move {
            if !shared.origins.permit_uri(request.uri()) {
                return Err(CallError::OtherOrigin);
            }
            let attempt = Attempt::first(&shared.tokens).await.map_err(CallError::Token)?;
            let spare = again(&request, &repeat);
            let address = spare.is_none().then(|| request.uri().clone());
            request.headers_mut().insert(AUTHORIZATION, attempt.authorization());
            let answer = inner.call(request).await.map_err(CallError::Send)?;
            let asked = spare.as_ref().map(Request::uri).or(address.as_ref());
            if answer.status() == StatusCode::UNAUTHORIZED && !asked.is_some_and(|asked| is_to(asked, &answer)) {
                return Ok(answer);
            }
            let next = attempt.after(answer.status(), answer.headers(), spare).await.map_err(CallError::Token)?;
            let Some((authorization, mut request)) = next else { return Ok(answer) };
            request.headers_mut().insert(AUTHORIZATION, authorization);
            poll_fn(|context| inner.poll_ready(context)).await.map_err(CallError::Send)?;
            inner.call(request).await.map_err(CallError::Send)
        })
    }
}

/// True unless the inner service reports that it followed a redirect.
fn is_to<C>(asked: &Uri, answer: &Response<C>) -> bool {
    let Some(RequestUri(answered)) = answer.extensions().get() else { return true };
    let url = |uri: &Uri| Url::parse(&uri.to_string()).ok();
    matches!((url(asked), url(answered)), (Some(asked), Some(answered)) if answered::is_to(&asked, &answered))
}

fn again<B>(request: &Request<B>, repeat: &impl RepeatBody<B>) -> Option<Request<B>> {
    let mut spare = Request::new(repeat.again(request.body())?);
    *spare.method_mut() = request.method().clone();
    *spare.uri_mut() = request.uri().clone();
    *spare.version_mut() = request.version();
    *spare.headers_mut() = request.headers().clone();
    *spare.extensions_mut() = request.extensions().clone();
    Some(spare)
}

impl<S: TokenSource, R: Clone> Clone for BearerLayer<S, R> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), repeat: self.repeat.clone() }
    }
}

impl<I: Clone, S: TokenSource, R: Clone> Clone for BearerService<I, S, R> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), shared: Arc::clone(&self.shared), repeat: self.repeat.clone() }
    }
}

impl<S: TokenSource, R> fmt::Debug for BearerLayer<S, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BearerLayer").field("origins", &self.shared.origins).finish_non_exhaustive()
    }
}

impl<I, S: TokenSource, R> fmt::Debug for BearerService<I, S, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BearerService").field("origins", &self.shared.origins).finish_non_exhaustive()
    }
}
