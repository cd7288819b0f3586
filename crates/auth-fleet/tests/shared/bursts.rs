//! Many calls at once.

use std::sync::Arc;
use std::time::Duration;

use auth_core::{Scope, TokenEndpoint as _};
use auth_fleet::{Entry, Generation, Grant, Keys, Lease, Name, Owner, Published, Seen, Shared, Store, StoreError};
use tokio::sync::Mutex;
use tokio::time::sleep;

use crate::endpoint::TestEndpoint;
use crate::memory::MemoryStore;
use crate::processes::together;

/// A store that executes one operation after the other, each in a millisecond.
#[derive(Clone)]
struct OneByOne(MemoryStore, Arc<Mutex<()>>);

impl OneByOne {
    async fn turn(&self) {
        let _turn = self.1.lock().await;
        sleep(Duration::from_millis(1)).await;
    }
}

impl Store for OneByOne {
    fn keys(&self) -> &Keys {
        self.0.keys()
    }

    async fn get(&self, name: &Name) -> Result<Option<Entry>, StoreError> {
        self.turn().await;
        self.0.get(name).await
    }

    async fn lease(&self, name: &Name, owner: Owner, seen: Seen, duration: Duration) -> Result<Lease, StoreError> {
        self.turn().await;
        self.0.lease(name, owner, seen, duration).await
    }

    async fn publish(
        &self,
        name: &Name,
        grant: Grant,
        value: &[u8],
        lifetime: Duration,
    ) -> Result<Published, StoreError> {
        self.turn().await;
        self.0.publish(name, grant, value, lifetime).await
    }

    async fn release(&self, name: &Name, owner: Owner) -> Result<(), StoreError> {
        self.turn().await;
        self.0.release(name, owner).await
    }

    async fn wait(&self, name: &Name, seen: Option<Generation>, at_most: Duration) -> Result<(), StoreError> {
        self.0.wait(name, seen, at_most).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_process_takes_all_tokens_from_the_store_at_once() {
    let (store, endpoint) = (OneByOne(MemoryStore::new(), Arc::default()), TestEndpoint::default());
    for process in 0..2 {
        let shared = Shared::new(endpoint.clone(), store.clone());
        let scopes = (0..1_000).map(|number| format!("scope{number}").parse::<Scope>().unwrap());
        let calls = scopes.map(|scope| {
            let shared = shared.clone();
            async move { shared.request_token(&scope).await }
        });
        for response in together(calls).await {
            response.unwrap();
        }
        assert_eq!(endpoint.requests(), 1_000, "process {process}");
    }
}
