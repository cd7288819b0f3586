//! Time limits that count only the time in which this process runs.
//!
//! A process that is stopped, or that waits for a processor or for its own tasks, sees an answer late. That says nothing about the
//! store.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, timeout};

/// Into how many parts a limit is divided. Between two of them, the process shows that it runs.
const PARTS: u32 = 10;

/// The shortest part: Tokio's timers are not more precise.
const SHORTEST_PART: Duration = Duration::from_millis(1);

/// Runs a future for `limit` at most. A part of the limit that ends late counts as if it had ended in time.
///
/// The caller keeps the future, so that it is not part of two of them.
pub(crate) async fn within<F: Future>(limit: Duration, mut future: Pin<&mut F>) -> Option<F::Output> {
    let (part, mut left) = ((limit / PARTS).max(SHORTEST_PART), limit);
    while !left.is_zero() {
        let began = Instant::now();
        if let Ok(output) = timeout(part.min(left), future.as_mut()).await {
            return Some(output);
        }
        let took = began.elapsed();
        left = left.saturating_sub(if took < part * 2 { took } else { part });
    }
    None
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use tokio::time::{advance, sleep};

    use super::*;

    const LIMIT: Duration = Duration::from_millis(50);

    /// How long it takes until a future that never ends is given up, if the process is busy for `busy` again and again.
    async fn given_up_after(limit: Duration, busy: Duration) -> Duration {
        let began = Instant::now();
        let future = async {
            loop {
                sleep(Duration::from_millis(1)).await;
                advance(busy).await;
            }
        };
        let None::<()> = within(limit, pin!(future)).await else { unreachable!("it never ends") };
        began.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_runs_gives_up_after_the_limit() {
        for millis in [1, 2, 7, 50, 1_000] {
            let limit = Duration::from_millis(millis);
            let took = given_up_after(limit, Duration::ZERO).await;
            assert!((limit..limit * 2 + Duration::from_millis(2)).contains(&took), "{limit:?}: {took:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_seldom_runs_waits_for_longer() {
        for (busy, least) in [(15, 100), (40, 300), (100, 900)] {
            let took = given_up_after(LIMIT, Duration::from_millis(busy)).await;
            assert!(took >= Duration::from_millis(least), "{busy}: {took:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_a_busy_process_sees_late_is_in_time() {
        let answer = async {
            advance(Duration::from_secs(60)).await;
            sleep(LIMIT / 2).await;
            1
        };
        assert_eq!(within(LIMIT, pin!(answer)).await, Some(1));
    }
}
