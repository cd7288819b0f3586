//! Blocking calls, for programs that are not async.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::token::access_token::AccessToken;
use crate::token::error::token_error::TokenError;

/// A runtime with one thread, for programs without a runtime. The first call that needs it starts it.
#[derive(Default)]
pub(crate) struct Background(OnceLock<Option<Runtime>>);

impl Background {
    /// Runs `call` to completion.
    pub(crate) fn run(
        &self,
        call: impl Future<Output = Result<AccessToken, TokenError>>,
    ) -> Result<AccessToken, TokenError> {
        match Handle::try_current() {
            Ok(_) => return Err(TokenError::InsideRuntime),
            // A thread whose thread-local storage has been destroyed cannot enter a runtime.
            Err(error) if error.is_thread_local_destroyed() => return Err(TokenError::NoRuntime),
            Err(_) => {}
        }
        let build = || Builder::new_multi_thread().worker_threads(1).thread_name("auth-core").enable_all().build().ok();
        self.0.get_or_init(build).as_ref().ok_or(TokenError::NoRuntime)?.block_on(call)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // The last owner may be dropped inside another runtime, where waiting for this one would panic.
        if let Some(Some(runtime)) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
