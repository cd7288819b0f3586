//! What is in the store does not open: it was changed, copied, or sealed with other keys.

use std::time::Duration;

use redis::{Commands as _, Connection, ExistenceCheck, SetExpiry, SetOptions};
use tokio::time::Instant;

use crate::boot_clock;
use crate::fleet::{Fleet, KEYS};
use crate::outcome::Outcome;
use crate::records::{Mint, duplicates};
use crate::redis_server::Server;
use crate::scale::{Part, Scale, run};
use crate::worker;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_does_not_open_costs_a_token_and_no_error() {
    if !worker::is_done().await {
        run([Box::pin(poisoned()) as Part, Box::pin(rotated()), Box::pin(wrong())]).await;
    }
}

const TEST: &str = "keys::what_does_not_open_costs_a_token_and_no_error";

/// Values are changed and copied.
async fn poisoned() {
    let Some(server) = Server::start() else { return };
    let mut fleet = Fleet::working(TEST, Scale::get().with_slow_store(), Some(server.url())).await;
    fleet.listen(fleet.scale.gap * 3).await;
    let mut store = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
    let end = Instant::now() + fleet.scale.trouble;
    let mut poisoned = 0;
    while Instant::now() < end {
        for poison in [Poison::Garbage, Poison::Changed, Poison::Copied, Poison::Newer, Poison::OtherType] {
            poisoned += usize::from(poison.put_into(&mut store));
        }
        fleet.listen(Duration::from_millis(100)).await;
    }
    // Poison is found when its scope is renewed next.
    fleet.listen(fleet.scale.lifetime()).await;
    fleet.check_calm("the poison").await;
    fleet.end().await;
    let outcome = Outcome::of(&format!("redis: {poisoned} values poisoned or copied"), &fleet);
    assert!(outcome.counts.not_opened > 0, "nothing was poisoned");
    outcome.check(poisoned + fleet.account.excused(fleet.scale.scopes));
}

/// The keys are rotated, in one half of the processes after the other.
async fn rotated() {
    let Some(server) = Server::start() else { return };
    let mut fleet = Fleet::new(TEST, Scale::get().with_slow_store(), Some(server.url())).await;
    let halves = ["one half", "the other half"];
    for half in halves {
        fleet.write_keys(half, &[1, 2]);
    }
    let numbers: Vec<usize> = (0..fleet.scale.processes).map(|number| fleet.add(halves[number % 2])).collect();
    fleet.work(&numbers).await;
    let step = fleet.scale.lifetime() / 3;
    fleet.listen(step).await;
    // Added, then used.
    for keys in [&[1, 2, 3], &[1, 3, 2]] {
        for half in halves {
            fleet.write_keys(half, keys);
            fleet.listen(step).await;
        }
    }
    // The tokens that the old key has sealed have expired, also those that were requested before the keys were changed.
    fleet.listen(fleet.scale.lifetime() + fleet.scale.request_deadline * 2).await;
    for half in halves {
        fleet.write_keys(half, &[1, 3]);
        fleet.listen(step).await;
    }
    fleet.end().await;
    let outcome = Outcome::of("redis: keys rotated", &fleet);
    outcome.check(fleet.account.excused(fleet.scale.scopes));
    assert_eq!(outcome.counts.not_opened, 0);
}

/// Some processes have wrong keys.
async fn wrong() {
    let Some(server) = Server::start() else { return };
    let mut fleet = Fleet::working(TEST, Scale::get().with_slow_store(), Some(server.url())).await;
    let (closest, lifetime) = (fleet.scale.closest(), fleet.scale.lifetime());
    let split = |mints: &[Mint], wrong: &[usize]| -> (Vec<Mint>, Vec<Mint>) {
        mints.iter().partition(|mint| !wrong.contains(&mint.worker))
    };

    // All keys are wrong: names differ, so they are a fleet of their own.
    fleet.write_keys("other keys", &[8, 9]);
    let others = [fleet.start_with("other keys"), fleet.start_with("other keys")];
    let scopes = fleet.scale.scopes;
    let have_all = |fleet: &Fleet| split(&fleet.issuer.mints(), &others).1.len() >= scopes;
    fleet.until("those with other keys have no tokens", have_all).await;
    fleet.listen(lifetime / 2).await;
    fleet.dismiss(&others).await;
    let (ours, theirs) = split(&fleet.mints(), &others);
    assert!(duplicates(&ours, closest) <= fleet.account.excused(fleet.scale.scopes), "those with other names disturb");
    assert!(
        duplicates(&theirs, closest) <= fleet.account.excused(fleet.scale.scopes),
        "those with the same wrong keys do not share"
    );

    // Only the key that seals is wrong: they find the entries of the others, and open none.
    fleet.write_keys("other seal", &[KEYS[0], 9]);
    let began = boot_clock::now();
    let other = [fleet.start_with("other seal")];
    fleet.listen(lifetime * 2).await;
    fleet.dismiss(&other).await;
    let mut mints = fleet.mints();
    mints.retain(|mint| mint.at >= began);
    let (ours, theirs) = split(&mints, &other);
    let what = format!(
        "redis: wrong keys (with one wrong seal: {} mints of all others, {} duplicates among them, {} of its own)",
        ours.len(),
        duplicates(&ours, closest),
        theirs.len(),
    );
    fleet.listen(lifetime).await;
    fleet.check_calm("the wrong keys are gone").await;
    fleet.end().await;
    let outcome = Outcome::of(&what, &fleet);
    assert!(outcome.counts.not_opened > 0, "the wrong seal was opened");
    outcome.check_each();
}

/// A value that is put in place of another one.
#[derive(Clone, Copy, Debug)]
enum Poison {
    Garbage,
    /// One bit is different.
    Changed,
    /// The entry of another scope.
    Copied,
    /// Claims to be newer than everything that will be published in the next hour.
    Newer,
    OtherType,
}

impl Poison {
    /// Puts it in place of any value. The time to live stays as it was.
    fn put_into(self, store: &mut Connection) -> bool {
        let keys: Vec<String> = store.keys("auth-fleet:*").unwrap();
        let mut entries: Vec<&String> = keys.iter().filter(|key| !key.ends_with(":lease")).collect();
        fastrand::shuffle(&mut entries);
        let [key, other, ..] = entries[..] else { return false };
        let Ok(Some(mut value)) = store.get::<_, Option<Vec<u8>>>(key) else { return false };
        match self {
            Self::Garbage => value = (0..200).map(|_| fastrand::u8(..)).collect(),
            Self::Changed => *value.last_mut().unwrap() ^= 1,
            Self::Copied => match store.get::<_, Option<Vec<u8>>>(other) {
                Ok(Some(copied)) => value = copied,
                _ => return false,
            },
            Self::Newer => {
                let colon = value.iter().position(|&byte| byte == b':').unwrap_or(0);
                let generation = str::from_utf8(&value[..colon]).ok().and_then(|digits| digits.parse::<u64>().ok());
                let Some(generation) = generation else { return false };
                value.splice(..colon, (generation + 3_600_000_000).to_string().into_bytes());
            }
            Self::OtherType => {
                let put: (i64, i64, bool) =
                    redis::pipe().atomic().del(key).rpush(key, 1).pexpire(key, 2_000).query(store).unwrap();
                return put.2;
            }
        }
        let options = SetOptions::default().conditional_set(ExistenceCheck::XX).with_expiration(SetExpiry::KEEPTTL);
        store.set_options::<_, _, Option<String>>(key, value, options).unwrap().is_some()
    }
}
