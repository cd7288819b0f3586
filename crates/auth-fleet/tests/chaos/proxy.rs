//! A proxy before the store, which cuts and delays connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// A proxy on loopback.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    /// The longest delay in milliseconds.
    longest: Arc<AtomicU64>,
    cuts: watch::Sender<u64>,
}

impl Proxy {
    /// Passes connections on to this port of loopback.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), longest: Arc::default(), cuts: watch::Sender::new(0) };
        let (longest, cuts) = (Arc::clone(&proxy.longest), proxy.cuts.subscribe());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (longest, mut cuts) = (Arc::clone(&longest), cuts.clone());
                cuts.mark_unchanged();
                tokio::spawn(async move {
                    // The client sees the end of the connection if there is no server.
                    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::select! {
                        () = pass(from_client, to_server, &longest) => {}
                        () = pass(from_server, to_client, &longest) => {}
                        _ = cuts.changed() => {}
                    }
                });
            }
        });
        proxy
    }

    /// Ends all connections.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Delays everything by up to this time in each direction.
    pub(crate) fn delay(&self, longest: Duration) {
        self.longest.store(u64::try_from(longest.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

/// Passes on what arrives, until the connection ends.
async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, longest: &AtomicU64) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        match longest.load(Ordering::Relaxed) {
            0 => {}
            longest => sleep(Duration::from_millis(fastrand::u64(..=longest))).await,
        }
        if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}
