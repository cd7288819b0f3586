//! A small HTTP client: it sends exactly the bytes that a test gives it.

use std::net::SocketAddr;
use std::path::PathBuf;

use integration_tests::within;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

/// Where a sidecar listens.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Socket(PathBuf),
    Port(SocketAddr),
}

pub(crate) trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A member of the body that is a text.
    pub(crate) fn text(&self, member: &str) -> String {
        self.json()[member].as_str().unwrap_or_else(|| panic!("{member}: {self:?}")).to_owned()
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Target {
    pub(crate) async fn connect(&self) -> Box<dyn Connection> {
        match self {
            Self::Socket(path) => Box::new(UnixStream::connect(path).await.unwrap()),
            Self::Port(address) => Box::new(TcpStream::connect(address).await.unwrap()),
        }
    }

    fn host(&self) -> String {
        match self {
            Self::Socket(_) => "localhost".to_owned(),
            Self::Port(address) => address.to_string(),
        }
    }

    /// A request that closes its connection.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut request = format!("{method} {path} HTTP/1.1\r\n");
        if headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("host")) {
            request.push_str(&format!("host: {}\r\n", self.host()));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            request.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        request + "connection: close\r\n\r\n" + body
    }

    /// Sends bytes on a connection of its own, and reads until it is closed.
    pub(crate) async fn send(&self, bytes: impl AsRef<[u8]>) -> Reply {
        let mut connection = self.connect().await;
        // The sidecar may answer and close before it has read everything.
        let _ = connection.write_all(bytes.as_ref()).await;
        read(&mut connection).await.unwrap_or_else(|| panic!("no answer"))
    }
}

/// Reads an answer until the connection is closed; `None` if it is closed without one.
pub(crate) async fn read(connection: &mut (impl AsyncRead + Unpin)) -> Option<Reply> {
    let mut bytes = Vec::new();
    // A reset after the answer, because the request was not read to its end, is no failure.
    let _ = within("an answer and the end of the connection", connection.read_to_end(&mut bytes)).await;
    parse(&bytes)
}

pub(crate) fn parse(bytes: &[u8]) -> Option<Reply> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Reply { status, head: head.to_owned(), body: body.to_owned() })
}

pub(crate) async fn get(target: &Target, path: &str, headers: &[(&str, &str)]) -> Reply {
    target.send(target.request("GET", path, headers, "")).await
}

pub(crate) async fn post(target: &Target, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    target.send(target.request("POST", path, headers, body)).await
}
