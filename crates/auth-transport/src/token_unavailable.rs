//! Why a call gets no token.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

use crate::exchange::Exchange;

/// Why there is no token to send.
///
/// `Display` repeats that of the source's error, [`TokenUnavailable::reason`]: a source of one's own sees to it that its
/// errors repeat no secret. [`source`](StdError::source) is that error's source.
#[derive(Clone)]
pub struct TokenUnavailable {
    reason: Arc<dyn StdError + Send + Sync>,
    call: Option<Arc<Call>>,
}

/// The call that gets no token.
#[derive(Debug)]
struct Call {
    exchange: Exchange,
    /// The status with which the server did not accept the first token.
    rejected: Option<StatusCode>,
}

impl TokenUnavailable {
    /// There is no token for this reason. One that is a `TokenUnavailable` itself stays as it is.
    pub fn new(reason: impl StdError + Send + Sync + 'static) -> Self {
        match (&reason as &dyn Any).downcast_ref::<Self>() {
            Some(same) => same.clone(),
            None => Self { reason: Arc::new(reason), call: None },
        }
    }

    /// The error of the source of tokens, to be downcast.
    ///
    /// ```
    /// use std::io;
    ///
    /// use auth_transport::TokenUnavailable;
    ///
    /// let error = TokenUnavailable::new(io::Error::from(io::ErrorKind::NotFound));
    /// assert!(error.reason().is::<io::Error>());
    /// assert_eq!(error.to_string(), error.reason().to_string());
    /// ```
    #[must_use]
    pub fn reason(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.reason
    }

    /// Says which call gets no token, and with which status the server rejected the first.
    pub(crate) fn in_call(mut self, exchange: Exchange, rejected: Option<StatusCode>) -> Self {
        self.call = Some(Arc::new(Call { exchange, rejected }));
        self
    }

    pub(crate) fn exchange(&self) -> Option<&Exchange> {
        self.call.as_ref().map(|call| &call.exchange)
    }

    pub(crate) fn rejected(&self) -> Option<StatusCode> {
        self.call.as_ref()?.rejected
    }
}

impl fmt::Display for TokenUnavailable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(call) = &self.call {
            let (prefix, server, notes) = (call.exchange.prefix(), &call.exchange.server, call.exchange.notes(None));
            match call.rejected {
                None => write!(formatter, "{prefix}no access token for {server}, nothing was sent: ")?,
                Some(status) => write!(
                    formatter,
                    "{prefix}{server} rejected the access token with status {status}{notes}, and there is no other: "
                )?,
            }
        }
        self.reason.fmt(formatter)
    }
}

impl fmt::Debug for TokenUnavailable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("TokenUnavailable");
        debug.field("reason", &self.reason).field("call", &self.call).finish()
    }
}

impl StdError for TokenUnavailable {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.reason.source()
    }
}
