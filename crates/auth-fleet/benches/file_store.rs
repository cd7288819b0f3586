//! What the operations of `FileStore` cost, for 10,000 entries: `cargo bench -p auth-fleet --bench file_store [FOLDER]...`.
//!
//! Without a folder, it measures in memory (`/dev/shm`) and in the folder for temporary files.
#![cfg_attr(unix, allow(clippy::unwrap_used, reason = "a failed step of a benchmark is a failed benchmark"))]
#![allow(clippy::print_stdout, reason = "a program that shows its result")]

#[cfg(not(unix))]
fn main() {
    println!("`FileStore` is for Linux and Apple's systems");
}

#[cfg(unix)]
#[tokio::main]
async fn main() {
    let folders: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let default = ["/dev/shm".into(), std::env::temp_dir().display().to_string()];
    for folder in if folders.is_empty() { default.to_vec() } else { folders } {
        unix::measure(&folder).await;
    }
}

#[cfg(unix)]
mod unix {
    use std::path::Path;
    use std::time::{Duration, Instant};

    use auth_core::SecretFile;
    use auth_fleet::{FileStore, Grant, Keys, Lease, Name, Owner, Published, Seen, Store};
    use tokio::task::JoinSet;

    const ENTRIES: u32 = 10_000;
    const HOUR: Duration = Duration::from_secs(3_600);
    const OWNER: Owner = Owner([1; 16]);

    fn name(number: u32) -> Name {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        Name::new(bytes)
    }

    /// Runs an operation for each entry, and prints how long it took.
    async fn each(operation: &str, mut run: impl AsyncFnMut(u32)) {
        let mut times = Vec::new();
        for number in 0..ENTRIES {
            let start = Instant::now();
            run(number).await;
            times.push(start.elapsed());
        }
        times.sort_unstable();
        let [median, slow, slowest] =
            [times.len() / 2, times.len() * 99 / 100, times.len() - 1].map(|index| times[index]);
        println!("  {operation:<24} median {median:>10.1?}, 99 of 100 {slow:>10.1?}, slowest {slowest:>10.1?}");
    }

    async fn lease(store: &FileStore, number: u32, seen: Seen) -> Grant {
        match store.lease(&name(number), OWNER, seen, HOUR).await.unwrap() {
            Lease::Granted(grant) => grant,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn measure(place: &str) {
        let temporary = tempfile::TempDir::new_in(place).unwrap();
        let folder = temporary.path().join("store");
        let store = FileStore::open(&folder, Keys::new(SecretFile::new("not used"))).unwrap();
        // As long as a large token.
        let value = [7; 2_000];
        println!("{ENTRIES} entries of {} bytes in {place}", value.len());

        let mut grants = Vec::new();
        each("get, nothing there", async |number| assert!(store.get(&name(number)).await.unwrap().is_none())).await;
        each("lease, a new file", async |number| grants.push(lease(&store, number, Seen::Nothing).await)).await;
        each("lease, held", async |number| {
            let lease = store.lease(&name(number), Owner([2; 16]), Seen::Nothing, HOUR).await.unwrap();
            assert!(matches!(lease, Lease::Held(_)), "{lease:?}");
        })
        .await;
        each("publish", async |number| {
            let published = store.publish(&name(number), grants[number as usize], &value, HOUR).await.unwrap();
            assert_eq!(published, Published::Stored);
        })
        .await;
        each("get", async |number| assert!(store.get(&name(number)).await.unwrap().is_some())).await;
        each("lease, with an entry", async |number| {
            let seen = Seen::Entry(grants[number as usize].generation);
            grants[number as usize] = lease(&store, number, seen).await;
        })
        .await;
        each("release", async |number| store.release(&name(number), OWNER).await.unwrap()).await;

        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for number in 0..ENTRIES {
            let store = store.clone();
            tasks.spawn(async move { assert!(store.get(&name(number)).await.unwrap().is_some()) });
        }
        tasks.join_all().await;
        println!("  {ENTRIES} times `get` at once: {:.1?}", start.elapsed());
        println!("  {} files, {} KiB", files(&folder).0, files(&folder).1 / 1_024);
    }

    /// How many files are below a folder, and how many bytes of the disk they occupy.
    fn files(folder: &Path) -> (u64, u64) {
        use std::os::unix::fs::MetadataExt as _;

        let mut found = (0, 0);
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let metadata = entry.metadata().unwrap();
            let below = if metadata.is_dir() { files(&entry.path()) } else { (1, 0) };
            found = (found.0 + below.0, found.1 + below.1 + metadata.blocks() * 512);
        }
        found
    }
}
