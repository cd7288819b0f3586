//! Why a call gets no token.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

use crate::exchange::Exchange;

/// Why there is no token to send.
///
/// `Display` includes that of the token source's error, [`TokenUnavailable::reason`], so the errors of your own sources must not
/// show a secret. [`source`](StdError::source) returns the source of that error.
#[derive(Clone)]
pub struct TokenUnavailable {
    reason: Arc<dyn StdError + Send + Sync>,
    call: Option<Arc<Call>>,
}

/// The call that got no token.
#[derive(Debug)]
struct Call {
    exchange: Exchange,
    /// The status with which the server did not accept the first token.
    rejected: Option<StatusCode>,
}

impl TokenUnavailable {
    /// Wraps the error of a token source. An error that is a `TokenUnavailable` already is returned unchanged.
    pub fn new(reason: impl StdError + Send + Sync + 'static) -> Self {
        match (&reason as &dyn Any).downcast_ref::<Self>() {
            Some(same) => same.clone(),
            None => Self { reason: Arc::new(reason), call: None },
        }
    }

    /// The error of the token source, which can be downcast.
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

    /// Sets the call that got no token, and the status with which the server rejected the first one.
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
