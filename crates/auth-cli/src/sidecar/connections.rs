//! Accepts connections and serves each in a task of its own.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use metrics::gauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_io_timeout::TimeoutStream;

use crate::sidecar::in_progress::InProgress;
use crate::sidecar::limits::{HEAD_BYTES, HEADER_FIELDS, Limits};
use crate::sidecar::listeners::{Listener, Listeners, Stream};
use crate::sidecar::newcomers::{Newcomer, Newcomers};
use crate::sidecar::screening::Arrival;

/// Answers the requests of all connections.
pub(super) trait Handler: Send + Sync + 'static {
    /// The body of answers.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + Unpin + 'static;

    /// Answers a request.
    fn answer(
        self: Arc<Self>,
        arrival: Arrival,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// Accepts connections until `stop` is true. Then closes the listeners, removes the socket, and waits for the requests in progress,
/// but not for longer than [`Limits::drain`]. Returns whether all of them were answered.
pub(super) async fn serve<H: Handler>(
    listeners: Listeners,
    handler: Arc<H>,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) -> bool {
    let Listeners { all, own } = listeners;
    // Each listener holds one while it waits.
    let permits = limits.connections.saturating_add(all.len()).min(Semaphore::MAX_PERMITS);
    let permits = Arc::new(Semaphore::new(permits));
    let newcomers = Newcomers::default();
    let (close, closed) = watch::channel(false);
    let (sender, mut accepted) = mpsc::channel(1);
    let (graceful, mut connections, mut accepting) = (GracefulShutdown::new(), JoinSet::new(), JoinSet::new());
    for listener in all {
        let is_own = own.is_some() && matches!(listener, Listener::Unix(_));
        accepting.spawn(accept(
            listener,
            is_own,
            (Arc::clone(&permits), newcomers.clone()),
            sender.clone(),
            closed.clone(),
        ));
    }
    drop(sender);
    let in_progress = InProgress::default();
    let mut own = Some(own);
    let mut deadline = None;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop), if own.is_some() => {
                // No process can connect any more; those that have already are still answered.
                drop(own.take());
                deadline = Some(Instant::now() + limits.drain);
                let _ = close.send(true);
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = until(deadline) => break,
            next = accepted.recv() => match next {
                Some((stream, arrival, permit)) => {
                    let (handler, in_progress) = (Arc::clone(&handler), in_progress.clone());
                    let connection = Connection { arrival, handler, limits, in_progress, newcomer: newcomers.add(Instant::now()) };
                    let connection = connection.serve(stream, graceful.watcher());
                    connections.spawn(async move {
                        connection.await;
                        drop(permit);
                    });
                }
                None => break,
            },
        }
    }
    let deadline = deadline.unwrap_or_else(|| Instant::now() + limits.drain);
    tokio::select! {
        () = graceful.shutdown() => {}
        // What is left are connections without a request.
        () = answered(&in_progress) => {}
        () = sleep_until(deadline) => {}
    }
    let are_answered = in_progress.is_none();
    connections.shutdown().await;
    are_answered
}

/// Waits until requests that have arrived are answered.
async fn answered(in_progress: &InProgress) {
    /// Time for a request to be read whose connection has been accepted.
    const GRACE: Duration = Duration::from_secs(1);

    sleep(GRACE).await;
    while !in_progress.is_none() {
        sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until a time; for ever without one.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Accepts connections of a listener until `closed` is true. If the listener is the own socket, which is removed by then, those that
/// wait are still accepted. Others can always be connected to, so it ends at once.
async fn accept(
    listener: Listener,
    is_own: bool,
    (permits, newcomers): (Arc<Semaphore>, Newcomers),
    sender: mpsc::Sender<(Stream, Arrival, OwnedSemaphorePermit)>,
    mut closed: watch::Receiver<bool>,
) {
    while is_own || !*closed.borrow() {
        let permit = tokio::select! {
            biased;
            permit = newcomers.place(Arc::clone(&permits)) => permit,
            _ = closed.wait_for(|closed| *closed) => return,
        };
        // The semaphore is never closed.
        let Some(permit) = permit else { return };
        let accepted = tokio::select! {
            biased;
            accepted = listener.accept() => accepted,
            _ = closed.wait_for(|closed| *closed) => return,
        };
        match accepted {
            Ok((stream, arrival)) => {
                if sender.send((stream, arrival, permit)).await.is_err() {
                    return;
                }
            }
            // The caller has disconnected, or this process has no free file descriptors; other connections will free some.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

/// A connection, and what answers its requests.
struct Connection<H> {
    arrival: Arrival,
    handler: Arc<H>,
    limits: Limits,
    in_progress: InProgress,
    newcomer: Newcomer,
}

impl<H: Handler> Connection<H> {
    async fn serve(self, stream: Stream, watcher: Watcher) {
        let _open = Open::count();
        let newcomer = self.newcomer.clone();
        let served = async {
            match stream {
                Stream::Unix(stream) => self.serve_http(stream, watcher).await,
                Stream::Tcp(stream) => self.serve_http(stream, watcher).await,
            }
        };
        // The caller disconnected, sent what is not HTTP, or was too slow: nobody needs to know.
        tokio::select! {
            _ = served => {}
            () = newcomer.must_give_way() => {}
        }
    }

    async fn serve_http(
        self,
        stream: impl AsyncRead + AsyncWrite + Send + 'static,
        watcher: Watcher,
    ) -> Result<(), hyper::Error> {
        let Self { arrival, handler, limits, in_progress, newcomer } = self;
        let mut stream = TimeoutStream::new(stream);
        // There is no timeout for reading: while a request is answered, the connection waits for the caller to disconnect.
        stream.set_write_timeout(Some(limits.write));
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(newcomer.clone());
            let (handler, counted) = (Arc::clone(&handler), in_progress.count());
            async move { Ok::<_, io::Error>(handler.answer(arrival, request).await.map(|body| counted.until_sent(body))) }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new());
        // The time of an idle connection, too.
        http.header_read_timeout(limits.head).max_buf_size(HEAD_BYTES).max_headers(HEADER_FIELDS);
        watcher.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), service)).await
    }
}

/// Counts an open connection until it is dropped.
struct Open;

impl Open {
    fn count() -> Self {
        gauge!("access_token_connections").increment(1.0);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        gauge!("access_token_connections").decrement(1.0);
    }
}
