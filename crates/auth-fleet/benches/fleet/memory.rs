//! What a token takes in a store.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use auth_core::TokenEndpoint as _;
use auth_fleet::{Shared, Store};
use tokio::runtime::Runtime;

use crate::support::issuer::{Issuer, TOKEN};
use crate::support::redis_server::Server;
use crate::support::report::Report;
use crate::support::{SCOPES, customer, file_store, folder, redis_store, server};

pub(crate) fn measure(runtime: &Runtime) {
    let issuer = Issuer::start(Duration::ZERO, 3_600);
    let header = ["", "bytes for each", "MEMORY USAGE of one", "length of the value"];
    let mut report = Report::new(format!("{SCOPES} entries, tokens of {TOKEN} bytes"), &header);

    let floor = server();
    let before = floor.info("used_memory");
    let body = "x".repeat(TOKEN + 52);
    for number in 0..SCOPES {
        floor.command(&["SET", &format!("token:{}", customer(number)), &body, "PX", "3600000"]);
    }
    add(&mut report, "floor: SET of the scope and the response", &floor, before);

    let server = server();
    let store = runtime.block_on(redis_store(&server.url()));
    let shared = Shared::new(issuer.endpoint(), store);
    // The first call loads the scripts.
    runtime.block_on(shared.request_token(&customer(SCOPES))).unwrap();
    let before = server.info("used_memory");
    runtime.block_on(fill(&shared));
    add(&mut report, "Redis, used_memory", &server, before);

    let folder = folder();
    let folder = folder.path().join("store");
    runtime.block_on(fill(&Shared::new(issuer.endpoint(), file_store(&folder))));
    let [files, length, occupied] = content(&folder);
    report.row([
        format!("files, {files} of them, length"),
        (length / SCOPES as u64).to_string(),
        String::new(),
        String::new(),
    ]);
    report.row([
        "files, space on the disk".to_owned(),
        (occupied / SCOPES as u64).to_string(),
        String::new(),
        String::new(),
    ]);
}

async fn fill<E: auth_core::TokenEndpoint, S: Store>(shared: &Shared<E, S>) {
    for number in 0..SCOPES {
        shared.request_token(&customer(number)).await.unwrap();
    }
    assert_eq!(shared.stats().alone, 0, "the store was down");
}

/// The growth of the memory for each entry, and the memory of one.
fn add(report: &mut Report, name: &str, server: &Server, before: u64) {
    let grown = (server.info("used_memory") - before) / SCOPES as u64;
    let keys = server.keys();
    let number = |words: &[&str]| redis::from_redis_value::<u64>(server.command(words)).unwrap();
    let one = keys.iter().max_by_key(|key| number(&["STRLEN", key])).unwrap();
    let (usage, length) = (number(&["MEMORY", "USAGE", one]), number(&["STRLEN", one]));
    report.row([name.to_owned(), grown.to_string(), usage.to_string(), length.to_string()]);
}

/// How many files are in a folder, how long they are, and how much space they take.
fn content(folder: &Path) -> [u64; 3] {
    let mut content = [0; 3];
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let metadata = entry.metadata().unwrap();
        let found =
            if metadata.is_dir() { self::content(&entry.path()) } else { [1, metadata.len(), metadata.blocks() * 512] };
        for (sum, found) in content.iter_mut().zip(found) {
            *sum += found;
        }
    }
    content
}
