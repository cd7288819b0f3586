//! Leases and their ends.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::case::{Checked, LONG, SOON, Scene, Subject, ensure, name, owner};
use crate::store::name::Name;
use crate::store::{Generation, Grant, Lease, Owner, Seen, Store};

pub(super) async fn one_of_fifty_gets_the_lease(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let mut seen = Seen::Nothing;
    for round in 0..3 {
        let mut tasks = JoinSet::new();
        for number in 0..50 {
            let store = if number % 2 == 0 { scene.one.clone() } else { scene.other.clone() };
            tasks.spawn(async move {
                let owner = owner();
                store.lease(&name, owner, seen, LONG).await.map(|lease| (owner, lease))
            });
        }
        let mut grants = Vec::new();
        while let Some(answer) = tasks.join_next().await {
            match answer.map_err(|_| "`lease` panicked".to_owned())?? {
                (_, Lease::Granted(grant)) => grants.push(grant),
                (_, Lease::Held(left)) if left <= LONG + Duration::from_millis(1) => {}
                (owner, other) => return Err(format!("{owner:?} got {other:?} in round {round}")),
            }
        }
        let [grant] = grants[..] else { return Err(format!("{} of 50 owners got the lease", grants.len())) };
        scene.other.stored(&name, grant, b"value").await?;
        seen = Seen::Entry(grant.generation);
    }
    Ok(())
}

pub(super) async fn an_owner_gets_the_same_lease_again(scene: &Scene<impl Store>) -> Checked {
    let (name, owner) = (name(), owner());
    let grant = scene.one.granted(&name, owner, Seen::Nothing).await?;
    for store in [&scene.one, &scene.other] {
        let again = store.lease(&name, owner, Seen::Nothing, LONG).await?;
        ensure(again == Lease::Granted(grant), || format!("{grant:?} was granted first, and then {again:?}"))?;
    }
    scene.other.held(&name, Seen::Nothing).await
}

pub(super) async fn nobody_gets_a_lease_for_an_entry_that_has_changed(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let old = scene.one.replaced(&name, Seen::Nothing, b"old").await?;
    let new = scene.one.replaced(&name, Seen::Entry(old), b"new").await?;
    for held in [false, true] {
        for seen in [Seen::Nothing, Seen::Entry(old), Seen::Rejected(old)] {
            let lease = scene.other.lease(&name, owner(), seen, LONG).await?;
            ensure(lease == Lease::Changed, || {
                format!("{new:?} is there, {seen:?} was seen, and the answer was {lease:?}")
            })?;
        }
        if !held {
            scene.one.granted(&name, owner(), Seen::Entry(new)).await?;
        }
    }
    Ok(())
}

pub(super) async fn an_entry_that_is_gone_or_older_can_be_replaced(scene: &Scene<impl Store>) -> Checked {
    for rejected in [false, true] {
        let seen = |generation| if rejected { Seen::Rejected(generation) } else { Seen::Entry(generation) };
        scene.one.granted(&name(), owner(), seen(Generation(7))).await?;
        let name = name();
        let old = scene.one.replaced(&name, Seen::Nothing, b"old").await?;
        scene.other.granted(&name, owner(), seen(Generation(old.0 + 1))).await?;
    }
    Ok(())
}

pub(super) async fn a_rejected_entry_is_removed(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let rejected = scene.one.replaced(&name, Seen::Nothing, b"rejected").await?;
    let grant = scene.one.granted(&name, owner(), Seen::Rejected(rejected)).await?;
    gone(&scene.other, &name).await?;
    ensure(grant.generation > rejected, || format!("{rejected:?} was rejected, and {:?} was granted", grant.generation))
}

pub(super) async fn a_rejected_entry_is_removed_while_another_has_the_lease(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let rejected = scene.one.replaced(&name, Seen::Nothing, b"rejected").await?;
    scene.one.granted(&name, owner(), Seen::Entry(rejected)).await?;
    scene.other.held(&name, Seen::Rejected(rejected)).await?;
    gone(&scene.one, &name).await
}

async fn gone(store: &Subject<impl Store>, name: &Name) -> Checked {
    let entry = store.get(name).await?;
    ensure(entry.is_none(), || format!("its token was rejected, and {entry:?} is there"))
}

pub(super) async fn an_entry_that_was_not_rejected_stays(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let old = scene.one.replaced(&name, Seen::Nothing, b"old").await?;
    let new = scene.one.replaced(&name, Seen::Rejected(old), b"new").await?;
    scene.other.lease(&name, owner(), Seen::Rejected(old), LONG).await?;
    let entry = scene.other.entry(&name).await?;
    ensure(entry.generation == new, || format!("{new:?} was published, and {entry:?} is there"))?;
    scene.other.granted(&name, owner(), Seen::Entry(new)).await?;
    scene.one.entry(&name).await.map(|_| ())
}

pub(super) async fn a_lease_ends_when_its_owner_releases_it(scene: &Scene<impl Store>) -> Checked {
    let (name, first) = (name(), owner());
    scene.one.granted(&name, first, Seen::Nothing).await?;
    scene.other.held(&name, Seen::Nothing).await?;
    scene.one.release(&name, first).await?;
    scene.other.granted(&name, owner(), Seen::Nothing).await.map(|_| ())
}

pub(super) async fn a_lease_ends_when_its_owner_publishes(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let generation = scene.one.replaced(&name, Seen::Nothing, b"value").await?;
    let grant = scene.other.granted(&name, owner(), Seen::Entry(generation)).await?;
    // Also if the publication is of no use.
    scene.other.publish(&name, grant, b"dead", Duration::ZERO).await?;
    scene.one.granted(&name, owner(), Seen::Entry(generation)).await.map(|_| ())
}

pub(super) async fn a_lease_ends_when_its_duration_is_over(scene: &Scene<impl Store>) -> Checked {
    let duration = Duration::from_millis(150);
    for seen in [Seen::Nothing, Seen::Entry(Generation(1))] {
        let name = name();
        let asked = Instant::now();
        scene.one.granted_for(&name, owner(), seen, duration).await?;
        loop {
            let lease = scene.other.lease(&name, owner(), seen, LONG).await?;
            let passed = asked.elapsed();
            match lease {
                Lease::Granted(_) if passed < duration - Duration::from_millis(1) => {
                    return Err(format!("a lease of {duration:?} was over after {passed:?}"));
                }
                Lease::Granted(_) => break,
                Lease::Held(_) if passed < duration + SOON => tokio::time::sleep(Duration::from_millis(5)).await,
                other => {
                    return Err(format!(
                        "the lease was for {duration:?}, and after {passed:?} the answer was {other:?}"
                    ));
                }
            }
        }
    }
    Ok(())
}

pub(super) async fn a_lease_does_not_end_by_the_publication_of_another(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let late = scene.one.granted_for(&name, owner(), Seen::Nothing, Duration::from_millis(1)).await?;
    let current = granted_soon(&scene.other, &name, owner()).await?;
    scene.one.publish(&name, late, b"late", LONG).await?;
    scene.one.held(&name, Seen::Entry(late.generation)).await?;
    scene.other.stored(&name, current, b"value").await
}

/// Asks for a lease until it is granted.
async fn granted_soon(store: &Subject<impl Store>, name: &Name, owner: Owner) -> Result<Grant, String> {
    let start = Instant::now();
    loop {
        match store.lease(name, owner, Seen::Nothing, LONG).await? {
            Lease::Granted(grant) => return Ok(grant),
            Lease::Held(_) if start.elapsed() < SOON => tokio::time::sleep(Duration::from_millis(2)).await,
            other => return Err(format!("a lease of a millisecond is over, and the answer was {other:?}")),
        }
    }
}

pub(super) async fn a_lease_is_not_released_by_another(scene: &Scene<impl Store>) -> Checked {
    let (name, first) = (name(), owner());
    scene.one.granted(&name, first, Seen::Nothing).await?;
    scene.one.release(&name, owner()).await?;
    scene.other.release(&name, owner()).await?;
    scene.other.held(&name, Seen::Nothing).await?;
    scene.other.release(&name, first).await?;
    // Nothing is left to release.
    scene.one.release(&name, first).await?;
    scene.one.granted(&name, owner(), Seen::Nothing).await.map(|_| ())
}
