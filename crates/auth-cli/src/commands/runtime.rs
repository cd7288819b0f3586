//! The runtime of commands that wait for something.

use crate::failure::Failure;

/// Runs a future on this thread. What it leaves behind ends with the process.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::other(format!("the program cannot wait for events: {error}")))?;
    let output = runtime.block_on(future);
    runtime.shutdown_background();
    Ok(output)
}
