//! Where this process listens.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use listenfd::ListenFd;
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener, UnixStream};

use crate::failure::Failure;
use crate::sidecar::screening::Arrival;
use crate::sidecar::settings::Places;
use crate::sidecar::socket::OwnSocket;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4_096;

/// A listener.
#[derive(Debug)]
pub(super) enum Listener {
    Unix(UnixListener),
    Tcp { listener: TcpListener, port: u16 },
}

/// A connection.
pub(super) enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
}

/// All listeners of this process.
#[derive(Debug)]
pub(super) struct Listeners {
    pub(super) all: Vec<Listener>,
    /// The socket that this process has created and removes.
    pub(super) own: Option<OwnSocket>,
}

impl Listeners {
    /// The sockets that the service manager has opened (`LISTEN_FDS`); `None` if there are none.
    ///
    /// # Errors
    /// If one is not for this purpose.
    pub(super) fn passed(sockets: &mut ListenFd) -> Result<Option<Self>, Failure> {
        let mut all = Vec::new();
        for index in 0..sockets.len() {
            all.push(passed(sockets, index)?);
        }
        Ok((!all.is_empty()).then_some(Self { all, own: None }))
    }

    /// Opens the places to listen on.
    ///
    /// # Errors
    /// If there is none, or one cannot be opened.
    pub(super) fn open(places: &Places) -> Result<Self, Failure> {
        let mut listeners = Self { all: Vec::new(), own: None };
        if let Some(address) = places.tcp {
            let listener =
                listen(address).map_err(|error| Failure::usage(format!("cannot listen on {address}: {error}")))?;
            listeners.all.push(listener);
        }
        if let Some(path) = &places.socket {
            let (own, listener) = OwnSocket::bind(path, places.group)?;
            listeners.all.push(unix(listener).map_err(|error| cannot_use(&path.display(), error))?);
            listeners.own = Some(own);
        }
        if listeners.all.is_empty() {
            return Err(Failure::usage("there is nothing to listen on; name a socket, or a loopback address"));
        }
        Ok(listeners)
    }

    /// The addresses, for the log.
    pub(super) fn addresses(&self) -> Vec<String> {
        self.all.iter().map(Listener::address).collect()
    }

    /// True if there is a loopback address among them, for which callers need tokens.
    pub(super) fn are_any_tcp(&self) -> bool {
        self.all.iter().any(|listener| matches!(listener, Listener::Tcp { .. }))
    }
}

impl Listener {
    /// Accepts a connection. Nothing is lost if the returned future is dropped.
    pub(super) async fn accept(&self) -> io::Result<(Stream, Arrival)> {
        match self {
            Self::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                let user = stream.peer_cred()?.uid();
                Ok((Stream::Unix(stream), Arrival::Socket { user }))
            }
            Self::Tcp { listener, port } => {
                let (stream, _) = listener.accept().await?;
                // Sends small responses without delay. A failure to set this only makes them slower.
                let _ = stream.set_nodelay(true);
                Ok((Stream::Tcp(stream), Arrival::Loopback { port: *port }))
            }
        }
    }

    fn address(&self) -> String {
        match self {
            Self::Unix(listener) => {
                let path = listener.local_addr().ok().and_then(|address| address.as_pathname().map(PathBuf::from));
                path.map_or_else(|| "a socket without a path".to_owned(), |path| path.display().to_string())
            }
            Self::Tcp { listener, .. } => {
                listener.local_addr().map_or_else(|_| "a closed port".to_owned(), |address| address.to_string())
            }
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<Listener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let port = listener.local_addr()?.port();
    Ok(Listener::Tcp { listener, port })
}

/// A socket that the service manager has passed.
fn passed(sockets: &mut ListenFd, index: usize) -> Result<Listener, Failure> {
    let unusable = |error| cannot_use(&"a socket of the service manager", error);
    // The error means that it is another kind of socket.
    if let Ok(Some(listener)) = sockets.take_unix_listener(index) {
        unix(listener).map_err(unusable)
    } else if let Ok(Some(listener)) = sockets.take_tcp_listener(index) {
        tcp(listener).map_err(unusable)
    } else {
        let message =
            "the service manager passed a socket of another kind: it must be a Unix socket or one of TCP, for streams";
        Err(Failure::usage(message))
    }
}

fn unix(listener: std::os::unix::net::UnixListener) -> io::Result<Listener> {
    listener.set_nonblocking(true)?;
    Ok(Listener::Unix(UnixListener::from_std(listener)?))
}

fn tcp(listener: std::net::TcpListener) -> io::Result<Listener> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(io::Error::other(format!("{address} is not a loopback address")));
    }
    listener.set_nonblocking(true)?;
    Ok(Listener::Tcp { listener: TcpListener::from_std(listener)?, port: address.port() })
}

fn cannot_use(what: &dyn std::fmt::Display, error: io::Error) -> Failure {
    Failure::usage(format!("cannot use {what}: {error}"))
}
