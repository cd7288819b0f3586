//! `--probe`: whether a sandbox answers, for the health checks of containers, which often have no other HTTP client.

use std::{io, time::Duration};

use http::Uri;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// The maximum time for an answer.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Succeeds if a server at this URL answers a request, with any status.
pub(crate) async fn answers(url: &str) -> io::Result<()> {
    let uri: Uri = url.parse().map_err(|_| unusable(url))?;
    let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http")).ok_or_else(|| unusable(url))?;
    let exchange = exchange(authority.host(), authority.port_u16().unwrap_or(80), authority.as_str());
    match timeout(LONGEST_WAIT, exchange).await {
        Ok(answered) => {
            answered.map_err(|error| io::Error::new(error.kind(), format!("{url} does not answer: {error}")))
        }
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, format!("{url} does not answer within 5 s"))),
    }
}

async fn exchange(host: &str, port: u16, authority: &str) -> io::Result<()> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut stream = TcpStream::connect((host, port)).await?;
    // The page, because the program does not log requests for it.
    let request = format!("GET / HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut start = [0; 9];
    stream.read_exact(&mut start).await?;
    if start == *b"HTTP/1.1 " { Ok(()) } else { Err(io::Error::other("the answer is not HTTP/1.1")) }
}

fn unusable(url: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{url} is not a URL with http and a host"))
}
