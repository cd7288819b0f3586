//! Listening, accepting and serving connections.

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
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use crate::{
    Raw,
    lock::lock,
    patience::{Watch, Watched},
    routes,
    state::Shared,
};

/// Connections that may wait to be accepted: enough for a thousand clients that all come at once.
const BACKLOG: u32 = 4096;

pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // On Windows the option would mean that two processes may listen on one port.
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
    /// Starts a task that accepts connections and lets `serve` make a task of each.
    pub(crate) fn start<F>(listener: TcpListener, serve: impl FnMut(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        Self { stop: Some(stop), task: tokio::spawn(accept(listener, serve, stopped)) }
    }

    /// The same, with the routes of the sandbox.
    pub(crate) fn with_routes(listener: TcpListener, shared: Arc<Shared>) -> Self {
        let router = routes::router(&shared);
        Self::start(listener, move |stream| {
            shared.connections.fetch_add(1, SeqCst);
            serve(stream, router.clone(), Arc::clone(&shared))
        })
    }

    /// Closes everything and waits until that is done.
    pub(crate) async fn shutdown(mut self) {
        drop(self.stop.take());
        // It could only fail if it had panicked or its runtime were gone: it is over in any case.
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
                // The client is gone already, or this process is out of file descriptors: others will free some.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, router: Router, shared: Arc<Shared>) {
    /// The answer to a head that does not come to its end (RFC 9110 section 15.5.9).
    const TIMEOUT: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

    // Small answers must not wait for one another. Without the option they would be slow, not wrong.
    let _ = stream.set_nodelay(true);
    let watch = Watch::new(shared.patience);
    let hijacked: Arc<Mutex<Option<Raw>>> = Arc::default();
    let service = service_fn(|request: Request<Incoming>| {
        watch.request_arrived();
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
    // `Watched` tells a connection that is idle from a head that is slow.
    let mut connection = http.header_read_timeout(None).serve_connection(stream, service);
    // An error here is the client's doing (it hung up, it sent garbage, it was too slow) or ours (hijacked): none needs a
    // word.
    let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let watched = connection.into_parts().io.into_inner();
    let too_slow = watched.is_too_slow();
    let mut stream = watched.into_inner();
    let raw = lock(&hijacked).take();
    match raw {
        Some(raw) => {
            if raw.play(&mut stream).await {
                // Without the option the connection would be closed, not reset.
                let _ = stream.set_zero_linger();
            }
        }
        None => {
            if too_slow {
                let _ = stream.write_all(TIMEOUT).await;
            }
            drop(stream.shutdown().await);
        }
    }
}

/// Makes hyper let go of a connection without a reply.
#[derive(Debug, thiserror::Error)]
#[error("the script has taken over the connection")]
struct Hijacked;
