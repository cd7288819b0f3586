//! Lifetimes.

use std::time::Duration;

use tokio::time::Instant;

use super::case::{Checked, LONG, Scene, ensure, name, owner};
use crate::store::{Published, Seen, Store};

/// Lifetimes in stores are whole milliseconds, which one may round up.
const ROUNDING: Duration = Duration::from_millis(1);

pub(super) async fn all_processes_see_the_same_remaining_time(scene: &Scene<impl Store>) -> Checked {
    for (writer, reader) in [(&scene.one, &scene.other), (&scene.other, &scene.one)] {
        let name = name();
        writer.replaced(&name, Seen::Nothing, b"value").await?;
        let remaining = reader.entry(&name).await?.remaining;
        ensure(remaining > LONG / 2 && remaining <= LONG, || {
            format!("one store published for {LONG:?}, and the other found {remaining:?} left")
        })?;
    }
    Ok(())
}

pub(super) async fn the_remaining_time_is_never_longer_than_it_is(scene: &Scene<impl Store>) -> Checked {
    let lifetime = Duration::from_millis(400);
    let name = name();
    let grant = scene.one.granted(&name, owner(), Seen::Nothing).await?;
    let granted = Instant::now();
    tokio::time::sleep(Duration::from_millis(50)).await;
    scene.one.publish(&name, grant, b"value", lifetime).await?;
    loop {
        let asked = granted.elapsed();
        let Some(entry) = scene.other.get(&name).await? else { return Ok(()) };
        let longest = (lifetime + ROUNDING).saturating_sub(asked);
        ensure(entry.remaining <= longest, || {
            format!("{:?} left, and the grant of a lifetime of {lifetime:?} was {asked:?} ago", entry.remaining)
        })?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(super) async fn an_entry_is_absent_when_its_lifetime_is_over(scene: &Scene<impl Store>) -> Checked {
    for milliseconds in [1, 3, 40] {
        let name = name();
        let grant = scene.one.granted(&name, owner(), Seen::Nothing).await?;
        let lifetime = Duration::from_millis(milliseconds);
        scene.one.publish(&name, grant, b"value", lifetime).await?;
        tokio::time::sleep(lifetime + ROUNDING).await;
        let entry = scene.other.get(&name).await?;
        ensure(entry.is_none(), || format!("the lifetime of {lifetime:?} is over, and {entry:?} is there"))?;
    }
    Ok(())
}

pub(super) async fn nothing_is_stored_when_the_lifetime_is_over(scene: &Scene<impl Store>) -> Checked {
    for lifetime in [Duration::ZERO, Duration::from_millis(20)] {
        let name = name();
        let grant = scene.one.granted(&name, owner(), Seen::Nothing).await?;
        tokio::time::sleep(lifetime + ROUNDING).await;
        let published = scene.one.publish(&name, grant, b"value", lifetime).await?;
        ensure(published == Published::Stored, || {
            format!("nothing newer was there, and the answer was {published:?}")
        })?;
        let entry = scene.other.get(&name).await?;
        ensure(entry.is_none(), || {
            format!("{entry:?} was published more than {lifetime:?} after its grant, for as long")
        })?;
    }
    Ok(())
}
