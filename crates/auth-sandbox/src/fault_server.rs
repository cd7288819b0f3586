use std::{
    collections::VecDeque,
    fmt,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use tokio::net::TcpStream;
use tokio_util::io::InspectReader;

use crate::{
    Conversation, Raw, StartError, Tls,
    lock::lock,
    server::{self, Server},
};

/// A server on a free loopback port that implements no protocol: it plays a [`Conversation`] on each connection, byte
/// by byte.
///
/// It records the bytes that it receives, and stops when it is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), auth_sandbox::StartError> {
/// use auth_sandbox::{Conversation, FaultServer, Raw};
///
/// let server = FaultServer::builder()
///     .then(Conversation::new(Raw::nothing().then_reset()).at_once()) // the first connection
///     .then(Raw::head("200 OK", &["content-length: 100"]).send("{")) // the second: cut off
///     .always(Raw::response("200 OK", &[], "{}")) // all others
///     .start()?;
///
/// // ... point the client under test at server.base_url() ...
///
/// assert_eq!(server.connections(), 0);
/// # Ok(())
/// # }
/// ```
pub struct FaultServer {
    base_url: String,
    received: Received,
    open: Arc<()>,
    _server: Server,
}

/// The bytes received on each connection, in the order in which they were accepted.
type Received = Arc<Mutex<Vec<Vec<u8>>>>;

impl FaultServer {
    /// Starts a server without TLS that plays the same conversation on each connection.
    ///
    /// # Errors
    ///
    /// As with [`FaultServerBuilder::start`].
    ///
    /// # Panics
    ///
    /// As with [`FaultServerBuilder::start`].
    pub fn start(conversation: impl Into<Conversation>) -> Result<Self, StartError> {
        Self::builder().always(conversation).start()
    }

    /// Settings for a server.
    pub fn builder() -> FaultServerBuilder {
        FaultServerBuilder { tls: None, queue: VecDeque::new(), standing: Raw::nothing().into() }
    }

    /// Scheme, address and port.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.base_url.clone()
    }

    /// Number of connections accepted so far; zero proves that no byte was sent to this server.
    #[must_use]
    pub fn connections(&self) -> usize {
        lock(&self.received).len()
    }

    /// Number of connections that are still open, as far as the server knows. A conversation that stays silent or repeats bytes
    /// ends when the client closes its connection.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        // The server and its task hold one each; every other is held by an open connection.
        Arc::strong_count(&self.open).saturating_sub(2)
    }

    /// The bytes received so far on each connection, decrypted; empty for a connection whose TLS handshake failed.
    #[must_use]
    pub fn received(&self) -> Vec<Vec<u8>> {
        lock(&self.received).clone()
    }

    /// What was received so far on each connection as text; invalid UTF-8 is replaced.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        lock(&self.received).iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }
}

impl fmt::Debug for FaultServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultServer").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// Settings of a [`FaultServer`].
#[derive(Clone, Debug)]
#[must_use]
pub struct FaultServerBuilder {
    tls: Option<Tls>,
    queue: VecDeque<Conversation>,
    standing: Conversation,
}

impl FaultServerBuilder {
    /// Uses TLS. Default: no TLS.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Adds the conversation of the next connection.
    pub fn then(mut self, conversation: impl Into<Conversation>) -> Self {
        self.queue.push_back(conversation.into());
        self
    }

    /// Sets the conversation of all connections without a queued one. Default: they are closed without a response.
    pub fn always(mut self, conversation: impl Into<Conversation>) -> Self {
        self.standing = conversation.into();
        self
    }

    /// Starts the server on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`StartError::Bind`] if no port is available.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime whose I/O and time drivers are enabled.
    pub fn start(self) -> Result<FaultServer, StartError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let bind_error = |source| StartError::Bind { address, source };
        let listener = server::listen(address).map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        let Self { tls, mut queue, standing } = self;
        let base_url = format!("{}://{address}", if tls.is_some() { "https" } else { "http" });
        let received = Received::default();
        let record = Arc::clone(&received);
        let open = Arc::new(());
        let token = Arc::clone(&open);
        let server = Server::start(listener, move |stream| {
            let conversation = queue.pop_front().unwrap_or_else(|| standing.clone());
            let number = lock(&record).len();
            lock(&record).push(Vec::new());
            let record = Arc::clone(&record);
            let hear = move |bytes: &[u8]| lock(&record)[number].extend_from_slice(bytes);
            let (token, connection) = (Arc::clone(&token), serve(stream, tls.clone(), conversation, hear));
            async move {
                connection.await;
                drop(token);
            }
        });
        Ok(FaultServer { base_url, received, open, _server: server })
    }
}

async fn serve(stream: TcpStream, tls: Option<Tls>, conversation: Conversation, hear: impl FnMut(&[u8])) {
    // Sends parts without delay. A failure to set this would only merge parts.
    let _ = stream.set_nodelay(true);
    let (stream, reset) = match tls {
        None => {
            let mut stream = InspectReader::new(stream, hear);
            let reset = conversation.have(&mut stream).await;
            (stream.into_inner(), reset)
        }
        Some(tls) => {
            let Some(stream) = tls.accept(stream).await else { return };
            let mut stream = InspectReader::new(stream, hear);
            let reset = conversation.have(&mut stream).await;
            (stream.into_inner().into_inner().0, reset)
        }
    };
    if reset {
        // If this fails, the connection is closed and not reset.
        let _ = stream.set_zero_linger();
    }
}
