//! A proxy between a store and its server that cuts connections, delays or swallows what passes, lets nobody in, or leads elsewhere.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

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
    /// Swallows what passes, as a network that loses everything.
    is_silent: AtomicBool,
    accepted: AtomicUsize,
    /// Milliseconds that everything takes.
    delay: AtomicU64,
    /// Where new connections lead.
    port: AtomicU16,
}

impl Proxy {
    /// A proxy for the server at this port.
    pub(crate) async fn start(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let faults = Arc::new(Faults {
            cuts: watch::channel(0).0,
            refuses: AtomicBool::new(false),
            is_silent: AtomicBool::new(false),
            accepted: AtomicUsize::new(0),
            delay: AtomicU64::new(0),
            port: AtomicU16::new(port),
        });
        let shared = Arc::clone(&faults);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                shared.accepted.fetch_add(1, Ordering::SeqCst);
                if !shared.refuses.load(Ordering::SeqCst) {
                    tokio::spawn(relay(client, shared.port.load(Ordering::SeqCst), Arc::clone(&shared)));
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

    /// Swallows what passes on the connections that exist, also what the server sends. New connections work.
    pub(crate) fn silence(&self) {
        self.faults.is_silent.store(true, Ordering::SeqCst);
    }

    /// Delays what passes in each direction by so many milliseconds.
    pub(crate) fn delay(&self, milliseconds: u64) {
        self.faults.delay.store(milliseconds, Ordering::SeqCst);
    }

    /// Leads new connections to this port.
    pub(crate) fn lead_to(&self, port: u16) {
        self.faults.port.store(port, Ordering::SeqCst);
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
        // A connection that lost something stays silent.
        is_silent |= faults.is_silent.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(faults.delay.load(Ordering::SeqCst))).await;
        if !is_silent && to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
