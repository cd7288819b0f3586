//! Connections over which no known caller has sent a request yet. They give way to others when there is no place left.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// How long a connection is left alone. A caller sends its request at once, and whoever sends nothing must not keep callers waiting.
const LEFT_ALONE: Duration = Duration::from_millis(500);

/// Time for a connection to end that has been asked to.
const ENDING: Duration = Duration::from_millis(10);

/// All newcomers, the oldest first.
#[derive(Clone, Default)]
pub(super) struct Newcomers(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// Number of the next one.
    next: u64,
    by_age: BTreeMap<u64, Waiting>,
}

struct Waiting {
    since: Instant,
    give_way: Arc<Notify>,
}

/// A connection, which is a newcomer until a known caller has sent a request over it.
#[derive(Clone)]
pub(super) struct Newcomer(Arc<Entry>);

struct Entry {
    newcomers: Newcomers,
    number: u64,
    give_way: Arc<Notify>,
}

impl Newcomers {
    /// A place for a connection. If there is none, waits for one; meanwhile, the oldest newcomers give way.
    ///
    /// `None` if there will be no more places.
    pub(super) async fn place(&self, places: Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
            return Some(place);
        }
        let mut place = pin!(places.acquire_owned());
        loop {
            let end = self.make_room(Instant::now());
            tokio::select! {
                biased;
                place = &mut place => return place.ok(),
                () = sleep_until(end) => {}
            }
        }
    }

    /// A connection that was accepted at this time.
    pub(super) fn add(&self, now: Instant) -> Newcomer {
        let give_way = Arc::new(Notify::new());
        let mut known = self.known();
        let number = known.next;
        known.next += 1;
        known.by_age.insert(number, Waiting { since: now, give_way: Arc::clone(&give_way) });
        drop(known);
        Newcomer(Arc::new(Entry { newcomers: self.clone(), number, give_way }))
    }

    /// Asks the oldest one to give way, unless it is to be left alone. Returns when to try again.
    fn make_room(&self, now: Instant) -> Instant {
        let mut known = self.known();
        let Some(oldest) = known.by_age.first_entry() else { return now + LEFT_ALONE };
        let end = oldest.get().since + LEFT_ALONE;
        if end > now {
            return end;
        }
        oldest.remove().give_way.notify_one();
        now + ENDING
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Each change is one step, so the map is whole even if a thread panicked while it held the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Newcomer {
    /// A known caller has sent a request: the connection gives way no more.
    pub(super) fn is_known(&self) {
        self.0.newcomers.known().by_age.remove(&self.0.number);
    }

    /// Waits until the connection must give way.
    pub(super) async fn must_give_way(&self) {
        self.0.give_way.notified().await;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.newcomers.known().by_age.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_oldest_newcomer_gives_way_and_a_known_caller_does_not() {
        let newcomers = Newcomers::default();
        let start = Instant::now();
        let [known, first, second] = [(); 3].map(|()| newcomers.add(start));
        known.is_known();
        assert_eq!(newcomers.make_room(start), start + LEFT_ALONE, "they are left alone for a while");
        newcomers.make_room(start + LEFT_ALONE);
        first.must_give_way().await;
        drop(second);
        newcomers.make_room(start + LEFT_ALONE);
        assert!(newcomers.known().by_age.is_empty());
        let gives_way = tokio::time::timeout(ENDING, known.must_give_way()).await;
        assert!(gives_way.is_err(), "it has asked for something");
    }

    #[tokio::test]
    async fn who_waits_for_a_place_gets_that_of_a_newcomer() {
        let (newcomers, places) = (Newcomers::default(), Arc::new(Semaphore::new(1)));
        let held = newcomers.place(Arc::clone(&places)).await.unwrap();
        let newcomer = newcomers.add(Instant::now());
        let connection = tokio::spawn(async move {
            newcomer.must_give_way().await;
            drop(held);
        });
        assert!(newcomers.place(places).await.is_some());
        connection.await.unwrap();
    }
}
