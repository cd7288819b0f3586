//! What is in the store does not open: it was changed, copied, or sealed with other keys.

use std::time::Duration;

use redis::{Commands as _, Connection, ExistenceCheck, SetExpiry, SetOptions};

use crate::boot_clock;
use crate::fleet::{Fleet, KEYS};
use crate::outcome::{Outcome, print_head, since};
use crate::records::{Mint, duplicates};
use crate::redis_server::Server;
use crate::scale::Scale;
use crate::worker;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisoned_or_copied_value_costs_a_token_and_no_error() {
    if worker::is_done().await {
        return;
    }
    let Some(server) = Server::start() else { return };
    let test = "keys::a_poisoned_or_copied_value_costs_a_token_and_no_error";
    let mut fleet = Fleet::working(test, Scale::get(), Some(server.url())).await;
    fleet.listen(fleet.scale.gap * 3).await;
    let mut store = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
    let end = boot_clock::now() + u64::try_from(fleet.scale.trouble.as_micros()).unwrap();
    let mut poisoned = 0;
    while boot_clock::now() < end {
        for poison in [Poison::Garbage, Poison::Changed, Poison::Copied, Poison::Newer, Poison::OtherType] {
            poisoned += usize::from(poison.put_into(&mut store));
        }
        fleet.listen(Duration::from_millis(100)).await;
    }
    let calm = boot_clock::now();
    fleet.listen(fleet.scale.lifetime()).await;
    // Poison is found when its scope is renewed next.
    let mints = since(&fleet.issuer.mints(), calm + u64::from(fleet.scale.lifetime) * 1_000_000);
    fleet.end().await;
    print_head();
    let outcome = Outcome::of("redis: values poisoned and copied", &fleet);
    outcome.check();
    eprintln!("  {poisoned} values poisoned");
    assert!(outcome.not_opened > 0, "nothing was poisoned");
    assert!(outcome.duplicates <= poisoned, "{poisoned} poisoned: {outcome:?}");
    assert_eq!(duplicates(&mints, fleet.scale.closest()), 0, "after the poison");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rotating_keys_in_one_half_after_the_other_costs_nothing() {
    if worker::is_done().await {
        return;
    }
    let Some(server) = Server::start() else { return };
    let test = "keys::rotating_keys_in_one_half_after_the_other_costs_nothing";
    let mut fleet = Fleet::new(test, Scale::get(), Some(server.url())).await;
    let halves = ["one half", "the other half"];
    for half in halves {
        fleet.write_keys(half, &[1, 2]);
    }
    for number in 0..fleet.scale.processes {
        fleet.start_with(halves[number % 2]);
    }
    let step = fleet.scale.lifetime() / 2;
    fleet.listen(step).await;
    // Added, then used, each in one half after the other.
    for keys in [&[1, 2, 3], &[1, 3, 2]] {
        for half in halves {
            fleet.write_keys(half, keys);
            fleet.listen(step).await;
        }
    }
    // The tokens that the old key has sealed have expired.
    fleet.listen(fleet.scale.lifetime()).await;
    for half in halves {
        fleet.write_keys(half, &[1, 3]);
        fleet.listen(step).await;
    }
    fleet.end().await;
    print_head();
    let outcome = Outcome::of("redis: keys rotated", &fleet);
    outcome.check();
    assert_eq!((outcome.duplicates, outcome.not_opened), (0, 0), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_with_wrong_keys_share_nothing_and_cost_the_others_no_error() {
    if worker::is_done().await {
        return;
    }
    let Some(server) = Server::start() else { return };
    let test = "keys::processes_with_wrong_keys_share_nothing_and_cost_the_others_no_error";
    let mut fleet = Fleet::working(test, Scale::get(), Some(server.url())).await;
    fleet.listen(fleet.scale.gap * 3).await;
    let closest = fleet.scale.closest();
    let of = |mints: &[Mint], wrong: &[usize]| -> (Vec<Mint>, Vec<Mint>) {
        mints.iter().partition(|mint| !wrong.contains(&mint.worker))
    };

    // All keys are wrong: names differ, so they are a fleet of their own.
    fleet.write_keys("other keys", &[8, 9]);
    let wrong = [fleet.start_with("other keys"), fleet.start_with("other keys")];
    fleet.listen(fleet.scale.lifetime() * 2).await;
    let (ours, theirs) = of(&fleet.issuer.mints(), &wrong);
    assert_eq!(duplicates(&ours, closest), 0, "those with other names disturb");
    assert!(theirs.len() >= fleet.scale.scopes);
    assert_eq!(duplicates(&theirs, closest), 0, "those with the same keys share");
    wrong.into_iter().for_each(|number| fleet.kill(number));

    // Only the key that seals is wrong: they find the entries of the others, and open none.
    fleet.write_keys("other seal", &[KEYS[0], 9]);
    let began = boot_clock::now();
    let wrong = [fleet.start_with("other seal")];
    fleet.listen(fleet.scale.lifetime() * 3).await;
    let during = since(&fleet.issuer.mints(), began);
    let (ours, theirs) = of(&during, &wrong);
    let lifetimes = during.len() - duplicates(&during, closest);
    eprintln!(
        "  with one wrong seal: {} mints of the others, {} duplicates among them, {} of the wrong one, about {lifetimes} lifetimes",
        ours.len(),
        duplicates(&ours, closest),
        theirs.len(),
    );
    wrong.into_iter().for_each(|number| fleet.kill(number));
    fleet.listen(fleet.scale.lifetime()).await;
    let calm = boot_clock::now();
    fleet.listen(fleet.scale.lifetime()).await;
    let mints = since(&fleet.issuer.mints(), calm);
    fleet.end().await;
    print_head();
    let outcome = Outcome::of("redis: wrong keys", &fleet);
    outcome.check();
    assert!(outcome.not_opened > 0, "the wrong seal was opened");
    assert_eq!(duplicates(&mints, closest), 0, "after the wrong keys are gone");
}
