//! A proxy between a store and its server that cuts connections, delays or swallows what passes, or lets
//! nobody in.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// A proxy that ends with its last clone and its connections.
#[derive(Clone)]
pub(crate) struct Proxy {
    address: SocketAddr,
    faults: Arc<Faults>,
}

struct Faults {
    /// The number of cuts; each ends all connections.
    cuts: watch::Sender<usize>,
    refuses: AtomicBool,
    /// The longest delay in milliseconds.
    delay: AtomicU64,
    /// Swallows what passes, as a network that loses everything.
    is_silent: AtomicBool,
    accepted: AtomicUsize,
}

impl Proxy {
    /// A proxy for the server at this port.
    pub(crate) async fn start(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let faults = Arc::new(Faults {
            cuts: watch::channel(0).0,
            refuses: AtomicBool::new(false),
            delay: AtomicU64::new(0),
            is_silent: AtomicBool::new(false),
            accepted: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&faults);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                shared.accepted.fetch_add(1, Ordering::SeqCst);
                if !shared.refuses.load(Ordering::SeqCst) {
                    tokio::spawn(relay(client, port, Arc::clone(&shared)));
                }
            }
        });
        Self { address, faults }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Ends all connections.
    pub(crate) fn cut(&self) {
        self.faults.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Ends new connections at once, or no longer.
    pub(crate) fn refuse(&self, refuses: bool) {
        self.faults.refuses.store(refuses, Ordering::SeqCst);
    }

    /// Delays what passes by a random time, at most this long in each direction.
    pub(crate) fn delay(&self, longest: Duration) {
        self.faults.delay.store(u64::try_from(longest.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Swallows what passes on the connections that exist, also what the server sends. New connections work.
    pub(crate) fn silence(&self) {
        self.faults.is_silent.store(true, Ordering::SeqCst);
    }

    /// How many connections there were.
    pub(crate) fn accepted(&self) -> usize {
        self.faults.accepted.load(Ordering::SeqCst)
    }
}

async fn relay(mut client: TcpStream, port: u16, faults: Arc<Faults>) {
    let mut cuts = faults.cuts.subscribe();
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    // A new connection ends the silence.
    faults.is_silent.store(false, Ordering::SeqCst);
    let both = async {
        tokio::join!(pass(&mut from_client, &mut to_server, &faults), pass(&mut from_server, &mut to_client, &faults))
    };
    tokio::select! {
        _ = cuts.changed() => {}
        _ = both => {}
    }
}

async fn pass(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin), faults: &Faults) {
    let mut buffer = vec![0; 64 * 1024];
    let mut is_silent = false;
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let delay = faults.delay.load(Ordering::SeqCst);
        if delay > 0 {
            sleep(Duration::from_millis(fastrand::u64(..=delay))).await;
        }
        // A connection that lost something stays silent.
        is_silent |= faults.is_silent.load(Ordering::SeqCst);
        if !is_silent && to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
