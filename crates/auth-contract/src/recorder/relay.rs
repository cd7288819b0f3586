//! Passing on what client and server say.

use std::io;
use std::sync::Mutex;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split};

use super::record::{Record, keep, lock};

/// Passes on both directions until both have ended; what goes over the client's socket is kept before it goes on.
pub(super) async fn run<C, S>(client: C, server: S, record: &Mutex<Record>) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite,
    S: AsyncRead + AsyncWrite,
{
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (split(client), split(server));
    let up = pass(&mut from_client, &mut to_server, |bytes| keep(&mut lock(record).sent, bytes));
    let down = pass(&mut from_server, &mut to_client, |bytes| keep(&mut lock(record).received, bytes));
    // A server that ends its answer ends the exchange; a client that hangs up is done.
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
