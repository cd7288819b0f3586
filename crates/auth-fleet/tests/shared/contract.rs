//! The contract of the store in memory.

use auth_fleet::contract::StoreContract;

use crate::memory::MemoryStore;

#[tokio::test(start_paused = true)]
async fn the_store_of_the_other_tests_keeps_the_contract() {
    let store = MemoryStore::new();
    let lost = store.clone();
    let lose = move || {
        lost.flush();
        async {}
    };
    let contract = StoreContract::new(move || std::future::ready(store.clone()));
    contract.losing_everything(lose).check().await.unwrap();
}
