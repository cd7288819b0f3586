//! The body of a request.

use std::fs::File;
use std::io::{self, Read};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::failure::Failure;

/// Size in bytes of the largest body that is sent. It is kept in memory, so that the request can be repeated.
const LONGEST: usize = 64 * 1024 * 1024;

/// The body: a text, the content of a file, or standard input. What does not end `within` this time, such as a pipe that nobody writes
/// to, is not waited for.
pub(super) async fn read(data: &str, within: Duration) -> Result<Vec<u8>, Failure> {
    let (place, file) = match data {
        "-" | "@-" => ("standard input", None),
        data => match data.strip_prefix('@') {
            Some(path) => (path, Some(path.to_owned())),
            None => return Ok(data.as_bytes().to_vec()),
        },
    };
    let failed = |problem: String| Failure::usage(format!("the body cannot be read from {place}: {problem}"));
    // Opening a pipe waits as well. The thread ends with the process.
    let reading = spawn_blocking(move || match file {
        Some(path) => content(File::open(path)?),
        None => content(io::stdin().lock()),
    });
    let late = || format!("it did not end within {} seconds; raise `--max-time`", within.as_secs());
    let read = timeout(within, reading).await.map_err(|_| failed(late()))?;
    let body =
        read.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into())).map_err(|error| failed(error.to_string()))?;
    if body.len() > LONGEST {
        return Err(failed("it is larger than 64 MiB".to_owned()));
    }
    Ok(body)
}

fn content(source: impl Read) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    source.take(LONGEST as u64 + 1).read_to_end(&mut body)?;
    Ok(body)
}
