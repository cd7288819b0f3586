//! The body of a request on its way to the upstream.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use reqwest::Body;
use tokio::time::{Instant, sleep_until};
use tower_http::timeout::TimeoutBody;

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
    is_broken: bool,
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
            breaks.update(|state| state.is_broken = true);
            error
        });
        Self::Stream(Body::wrap(body), progress)
    }
}

impl Progress {
    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// True if the caller has broken off, or sent nothing for too long.
    pub(super) fn is_broken(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_broken
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
        Self(Arc::new(Mutex::new(State { last: Instant::now(), is_broken: false })))
    }
}
