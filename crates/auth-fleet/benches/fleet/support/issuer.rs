//! An authorization server on loopback, in a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth_core::{ClientCredentials, OAuth2TokenEndpoint};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

/// The length of a token.
pub(crate) const TOKEN: usize = 1_000;

/// Answers each request with a token of [`TOKEN`] bytes.
pub(crate) struct Issuer {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Issuer {
    /// A server that takes this long for a token with this lifetime in seconds.
    pub(crate) fn start(takes: Duration, lifetime: u64) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        std::thread::spawn(move || {
            Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((connection, _)) = listener.accept().await {
                    tokio::spawn(serve(connection, Arc::clone(&counted), takes, lifetime));
                }
            });
        });
        Self { url, requests }
    }

    /// The endpoint of a client of this server.
    pub(crate) fn endpoint(&self) -> OAuth2TokenEndpoint {
        endpoint(&self.url)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Number of requests received.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

/// The endpoint of the client, at this URL.
pub(crate) fn endpoint(url: &str) -> OAuth2TokenEndpoint {
    OAuth2TokenEndpoint::new(url, ClientCredentials::new("fleet", "not a real secret").unwrap()).unwrap()
}

/// Answers the requests of a connection, until it is closed.
async fn serve(connection: TcpStream, requests: Arc<AtomicUsize>, takes: Duration, lifetime: u64) -> Option<()> {
    connection.set_nodelay(true).ok()?;
    let mut connection = BufReader::new(connection);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        while line != "\r\n" {
            line.clear();
            if connection.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        connection.read_exact(&mut vec![0; length]).await.ok()?;
        let number = requests.fetch_add(1, Ordering::Relaxed);
        if !takes.is_zero() {
            tokio::time::sleep(takes).await;
        }
        let token = format!("{}-{number:0width$}", std::process::id(), width = TOKEN);
        let token = &token[token.len() - TOKEN..];
        let body = format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{lifetime}}}"#);
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        connection.write_all((head + &body).as_bytes()).await.ok()?;
    }
}
