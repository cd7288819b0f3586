//! Lifetimes.

use std::time::Duration;

use tokio::time::Instant;

use super::case::{Checked, LONG, Scene, ensure, name, owner};
use crate::store::{Seen, Store};

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
    scene.one.publish(&name, grant, b"value", lifetime).await?;
    let published = Instant::now();
    loop {
        let asked = published.elapsed();
        let Some(entry) = scene.other.get(&name).await? else { return Ok(()) };
        let longest = (lifetime + ROUNDING).saturating_sub(asked);
        ensure(entry.remaining <= longest, || {
            format!("{:?} left {asked:?} after a publication for {lifetime:?}", entry.remaining)
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

pub(super) async fn a_lifetime_of_zero_leaves_no_entry(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let generation = scene.one.replaced(&name, Seen::Nothing, b"value").await?;
    let grant = scene.one.granted(&name, owner(), Seen::Entry(generation)).await?;
    scene.one.publish(&name, grant, b"dead", Duration::ZERO).await?;
    let entry = scene.other.get(&name).await?;
    ensure(entry.is_none(), || format!("{entry:?} is there after a publication without a lifetime"))
}
