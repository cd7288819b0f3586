//! What a renewal through a store adds to the request of the issuer.

use std::time::{Duration, Instant};

use auth_core::{OAuth2TokenEndpoint, Replaced, Scope, TokenEndpoint as _};
use auth_fleet::Store;
use redis::AsyncCommands as _;
use tokio::runtime::Runtime;

use crate::support::calls::{Call, Kind, Measured};
use crate::support::issuer::{Issuer, TOKEN};
use crate::support::percentiles::Percentiles;
use crate::support::report::{Report, Target};
use crate::support::test_endpoint::access_token;
use crate::support::{customer, file_store, folder, redis_store, server};

/// Renewals without a wait.
const RENEWALS: usize = 2_000;

/// Renewals for which another process waits.
const WAITS: usize = 200;

/// The 99th percentile that a renewal through the store may add, in milliseconds.
const LIMIT: f64 = 5.0;

/// The length of a sealed value: the token, its metadata and the seal.
const VALUE: usize = TOKEN + 100;

pub(crate) fn measure(runtime: &Runtime) {
    runtime.block_on(compare());
}

async fn compare() {
    let (server, folder) = (server(), folder());
    let quick = Issuer::start(Duration::ZERO, 3_600);
    let slow = Issuer::start(Duration::from_millis(30), 3_600);
    let redis = [redis_store(&server.url()).await, redis_store(&server.url()).await];
    let files = [(); 2].map(|()| file_store(&folder.path().join("store")));
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();

    let (mut gets, mut sets, mut requests) = (vec![], vec![], vec![]);
    let (mut over_redis, mut over_files) = (Pair::new(&quick, redis.clone()), Pair::new(&quick, files.clone()));
    let endpoint = quick.endpoint();
    let value = vec![b'x'; VALUE];
    for number in 0..RENEWALS {
        let scope = customer(number);
        let began = Instant::now();
        endpoint.request_token(&scope).await.unwrap();
        requests.push(began.elapsed());

        over_redis.renew(&scope).await;
        over_files.renew(&scope).await;

        let key = format!("floor:{number}");
        let began = Instant::now();
        let () = connection.pset_ex(&key, &value, 3_600_000).await.unwrap();
        sets.push(began.elapsed());
        let began = Instant::now();
        let found: Vec<u8> = connection.get(&key).await.unwrap();
        gets.push(began.elapsed());
        assert_eq!(found.len(), VALUE);
    }
    let (mut redis_waits, mut files_waits) = (Pair::new(&slow, redis), Pair::new(&slow, files));
    for number in 0..WAITS {
        let scope = customer(RENEWALS + number);
        redis_waits.renew_while_one_waits(&scope).await;
        files_waits.renew_while_one_waits(&scope).await;
    }

    let header = ["", "times", "50 %, ms", "99 %, ms", "longest, ms", "target", ""];
    let mut report = Report::new(format!("What a renewal through the store adds, tokens of {TOKEN} bytes"), &header);
    let mut add = |name: &str, durations: Vec<Duration>, limit: Option<f64>| {
        let times = Percentiles::of(durations);
        let [middle, slow, longest] = times.cells();
        let [target, mark] = Target::cells(limit.map(Target::AtMost), times.at(99));
        report.row([name.to_owned(), times.count().to_string(), middle, slow, longest, target, mark]);
    };
    add("floor: GET of as many bytes, redis crate", gets, None);
    add("floor: SET of as many bytes, redis crate", sets, None);
    add("the whole request, without a store", requests, None);
    for (store, [pair, waits]) in
        [("Redis", [over_redis, redis_waits].map(Added::from)), ("files", [over_files, files_waits].map(Added::from))]
    {
        add(&format!("{store}: the process that requests"), pair.leading, Some(LIMIT));
        add(&format!("{store}: one that takes the token later"), pair.taking, Some(LIMIT));
        add(&format!("{store}: one that waits, from the answer on"), waits.waiting, Some(LIMIT));
    }
}

/// Two processes that share a store.
struct Pair<S> {
    one: Measured<OAuth2TokenEndpoint, S>,
    other: Measured<OAuth2TokenEndpoint, S>,
    added: Added,
}

/// What the calls of each kind add.
#[derive(Default)]
struct Added {
    leading: Vec<Duration>,
    taking: Vec<Duration>,
    waiting: Vec<Duration>,
}

impl<S: Store + Clone> Pair<S> {
    fn new(issuer: &Issuer, [one, other]: [S; 2]) -> Self {
        let [one, other] = [one, other].map(|store| Measured::new(issuer.endpoint(), store));
        Self { one, other, added: Added::default() }
    }

    /// One process replaces the token that both have, and then the other one does.
    async fn renew(&mut self, scope: &Scope) {
        let first = self.one.request_token(scope).await.unwrap();
        let first = access_token(first.access_token.expose()).await;
        self.one.calls();
        self.one.replace_token(scope, &Replaced::new(&first, false)).await.unwrap();
        self.other.replace_token(scope, &Replaced::new(&first, false)).await.unwrap();
        if let ([leader @ Call { kind: Kind::Led, .. }], [taker @ Call { kind: Kind::Took, .. }]) =
            (&self.one.calls()[..], &self.other.calls()[..])
        {
            self.added.leading.push(leader.took - leader.issuer);
            self.added.taking.push(taker.took);
        } else {
            self.recover().await;
        }
    }

    /// One process replaces the token that both have, while the other one waits.
    async fn renew_while_one_waits(&mut self, scope: &Scope) {
        let first = self.one.request_token(scope).await.unwrap();
        let first = access_token(first.access_token.expose()).await;
        self.one.calls();
        let replaced = Replaced::new(&first, false);
        let later = async {
            tokio::time::sleep(Duration::from_millis(8)).await;
            self.other.replace_token(scope, &replaced).await
        };
        let (one, other) = tokio::join!(self.one.replace_token(scope, &replaced), later);
        assert!(one.is_ok() && other.is_ok());
        if let ([leader @ Call { kind: Kind::Led, .. }], [waiter @ Call { kind: Kind::Waited, .. }]) =
            (&self.one.calls()[..], &self.other.calls()[..])
        {
            self.added.waiting.push(waiter.ended - leader.answered.unwrap());
        } else {
            self.recover().await;
        }
    }

    /// Waits until both processes use the store, and no longer than necessary on a machine so busy that they do not.
    async fn recover(&self) {
        eprintln!("a renewal was disturbed, and is not counted");
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        for process in [&self.one, &self.other] {
            let _ = process.request_token(&customer(usize::MAX)).await;
            process.calls();
        }
    }
}

impl<S> From<Pair<S>> for Added {
    fn from(pair: Pair<S>) -> Self {
        pair.added
    }
}
