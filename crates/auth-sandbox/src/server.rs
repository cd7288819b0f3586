//! Listens for, accepts and serves connections.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, atomic::Ordering::SeqCst},
    time::Duration,
};

use axum::{Router, body::Body};
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rustls::pki_types::CertificateDer;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    Raw,
    lock::lock,
    peer::Peer,
    routes,
    state::Shared,
    timeouts::{Watch, Watched},
};

/// Number of connections that may wait to be accepted, enough for a thousand simultaneous clients.
const BACKLOG: u32 = 4096;

pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // On Windows, this option would allow two processes to listen on one port.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// The task that accepts connections. Dropping it closes the listener and all connections.
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a task that accepts connections and serves each in a new task.
    pub(crate) fn start<F>(listener: TcpListener, serve: impl FnMut(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        Self { stop: Some(stop), task: tokio::spawn(accept(listener, serve, stopped)) }
    }

    /// Starts a server with the routes of the sandbox.
    pub(crate) fn with_routes(listener: TcpListener, shared: Arc<Shared>) -> Self {
        let router = routes::router(&shared);
        Self::start(listener, move |stream| {
            shared.connections.fetch_add(1, SeqCst);
            let (router, shared) = (router.clone(), Arc::clone(&shared));
            async move {
                // Sends small responses without delay. A failure to set this only makes them slower.
                let _ = stream.set_nodelay(true);
                if let Some(stream) = serve(stream, Peer::Plain, router, shared).await {
                    // If this fails, the connection is closed and not reset.
                    let _ = stream.set_zero_linger();
                }
            }
        })
    }

    /// Starts a server with the same routes that uses TLS.
    pub(crate) fn with_routes_over_tls(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>) -> Self {
        let router = routes::router(&shared);
        Self::start(listener, move |stream| {
            shared.connections.fetch_add(1, SeqCst);
            let (tls, router, shared) = (tls.clone(), router.clone(), Arc::clone(&shared));
            async move {
                let _ = stream.set_nodelay(true);
                // As long as for the head of a request.
                let handshake = timeout(shared.timeouts.head, tls.accept(stream)).await;
                let Ok(Ok(stream)) = handshake else { return };
                let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
                let peer = Peer::Tls(chain.iter().cloned().map(CertificateDer::into_owned).collect());
                if let Some(stream) = serve(stream, peer, router, shared).await {
                    let _ = stream.get_ref().0.set_zero_linger();
                }
            }
        })
    }

    /// Closes the listener and all connections, and waits for completion.
    pub(crate) async fn shutdown(mut self) {
        drop(self.stop.take());
        // An error means that the task panicked or its runtime has ended; it has stopped in any case.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept<F: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    mut serve: impl FnMut(TcpStream) -> F,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _ = &mut stopped => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream));
                }
                // The client has disconnected, or this process has no free file descriptors; other connections will
                // free some.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    connections.shutdown().await;
}

/// Serves one connection, and returns it if it must be reset.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    peer: Peer,
    router: Router,
    shared: Arc<Shared>,
) -> Option<S> {
    /// The response to a head that is not completed in time (RFC 9110 section 15.5.9).
    const TIMEOUT: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

    let watch = Watch::new(shared.timeouts);
    let hijacked: Arc<Mutex<Option<Raw>>> = Arc::default();
    let service = service_fn(|mut request: Request<Incoming>| {
        watch.request_arrived();
        request.extensions_mut().insert(peer.clone());
        let (router, shared, hijacked) = (router.clone(), Arc::clone(&shared), Arc::clone(&hijacked));
        let watch = watch.clone();
        Box::pin(async move {
            let mut response = routes::answer(router, &shared, request.map(Body::new)).await;
            watch.answer_ready().await;
            match response.extensions_mut().remove::<Raw>() {
                Some(raw) => {
                    *lock(&hijacked) = Some(raw);
                    Err(Hijacked)
                }
                None => Ok(response),
            }
        })
    });
    let stream = TokioIo::new(Watched::new(stream, watch.clone()));
    let mut http = http1::Builder::new();
    // `Watched` distinguishes an idle connection from a slow head.
    let mut connection = http.header_read_timeout(None).serve_connection(stream, service);
    // Errors need no report: the client disconnected, sent invalid data or was too slow, or the connection was
    // hijacked.
    let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let watched = connection.into_parts().io.into_inner();
    let too_slow = watched.is_too_slow();
    let mut stream = watched.into_inner();
    let raw = lock(&hijacked).take();
    match raw {
        Some(raw) => {
            if raw.play(&mut stream).await {
                return Some(stream);
            }
        }
        None => {
            if too_slow {
                let _ = stream.write_all(TIMEOUT).await;
            }
            drop(stream.shutdown().await);
        }
    }
    None
}

/// Makes hyper release a connection without a response.
#[derive(Debug, thiserror::Error)]
#[error("the script has taken over the connection")]
struct Hijacked;
