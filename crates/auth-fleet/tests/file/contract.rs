//! The contract of stores, for `FileStore`.

use std::fs;
use std::path::Path;

use auth_core::SecretFile;
use auth_fleet::contract::StoreContract;
use auth_fleet::{FileStore, Keys};
use tempfile::TempDir;

async fn check(temporary: TempDir) {
    let folder = temporary.path().join("store");
    let lost = folder.clone();
    let open = |folder: &Path| FileStore::open(folder, Keys::new(SecretFile::new("not used"))).unwrap();
    StoreContract::new(move || {
        let store = open(&folder);
        async move { store }
    })
    .losing_everything(move || {
        let lost = lost.clone();
        async move { fs::remove_dir_all(&lost).unwrap() }
    })
    .check()
    .await
    .unwrap();
}

#[tokio::test]
async fn a_folder_on_a_disk_keeps_the_contract() {
    check(TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_in_memory_keeps_the_contract() {
    let Ok(temporary) = TempDir::new_in("/dev/shm") else { return eprintln!("skipped: there is no folder in memory") };
    check(temporary).await;
}
