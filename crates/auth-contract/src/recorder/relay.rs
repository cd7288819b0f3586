//! Forwards bytes between client and server.

use std::io;
use std::sync::Mutex;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split};

use super::record::{Record, keep, lock};

/// Forwards both directions until both have ended. Bytes on the client's socket are recorded before they are forwarded.
pub(super) async fn run<C, S>(client: C, server: S, record: &Mutex<Record>) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite,
    S: AsyncRead + AsyncWrite,
{
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (split(client), split(server));
    let up = pass(&mut from_client, &mut to_server, |bytes| keep(&mut lock(record).sent, bytes));
    let down = pass(&mut from_server, &mut to_client, |bytes| keep(&mut lock(record).received, bytes));
    // When either side closes its connection, the exchange ends.
    tokio::select! {
        ended = down => ended,
        ended = async {
            up.await?;
            std::future::pending::<io::Result<()>>().await
        } => ended,
    }
}

async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut received: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match from.read(&mut buffer).await? {
            0 => return to.shutdown().await,
            length => {
                received(&buffer[..length]);
                to.write_all(&buffer[..length]).await?;
                to.flush().await?;
            }
        }
    }
}
