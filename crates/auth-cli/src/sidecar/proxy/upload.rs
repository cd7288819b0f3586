//! The body of a request on its way to the upstream.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use reqwest::Body;
use tokio::time::{Instant, sleep_until};
use tower_http::timeout::{TimeoutBody, TimeoutError};

/// A body that is forwarded.
pub(super) enum Upload {
    /// One that can be sent again.
    Whole(Bytes),
    /// One that is sent as it arrives.
    Stream(Body, Progress),
}

/// How far a body has come.
#[derive(Clone, Debug)]
pub(super) struct Progress(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// When its last part arrived.
    last: Instant,
    end: Option<EarlyEnd>,
}

/// Why a body does not arrive as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EarlyEnd {
    /// It is malformed, or the caller has broken off.
    Broken,
    /// The caller has sent nothing for too long.
    TooSlow,
}

impl Upload {
    /// A body that is sent as it arrives, as long as no two parts are further apart than `idle`.
    pub(super) fn stream(body: Incoming, idle: Duration) -> Self {
        let progress = Progress::default();
        let (moves, breaks) = (progress.clone(), progress.clone());
        let body = TimeoutBody::new(idle, body).map_frame(move |frame| {
            moves.update(|state| state.last = Instant::now());
            frame
        });
        let body = body.map_err(move |error: Box<dyn StdError + Send + Sync>| {
            let end = if error.is::<TimeoutError>() { EarlyEnd::TooSlow } else { EarlyEnd::Broken };
            breaks.update(|state| state.end = Some(end));
            error
        });
        Self::Stream(Body::wrap(body), progress)
    }
}

impl Progress {
    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Why no more of the body arrives; `None` if it is whole so far.
    pub(super) fn end(&self) -> Option<EarlyEnd> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).end
    }

    /// Waits until nothing has arrived for this long.
    pub(super) async fn idle(&self, time: Duration) {
        loop {
            let end = self.0.lock().unwrap_or_else(PoisonError::into_inner).last + time;
            if end <= Instant::now() {
                return;
            }
            sleep_until(end).await;
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State { last: Instant::now(), end: None })))
    }
}
