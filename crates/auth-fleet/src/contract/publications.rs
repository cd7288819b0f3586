//! Publications and what is read of them.

use std::time::Duration;

use tokio::task::JoinSet;

use super::case::{Checked, LONG, Scene, ensure, name, owner};
use crate::store::{Generation, Grant, Published, Seen, Store};

/// A value that shows its generation in every part.
fn pattern(generation: Generation) -> Vec<u8> {
    generation.0.to_be_bytes().repeat(8 * 1024)
}

pub(super) async fn an_entry_is_read_as_a_whole(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let first = scene.one.granted(&name, owner(), Seen::Nothing).await?;
    scene.one.stored(&name, first, &pattern(first.generation)).await?;
    let mut tasks: JoinSet<Checked> = JoinSet::new();
    for writer in 0..4 {
        let store = if writer % 2 == 0 { scene.one.clone() } else { scene.other.clone() };
        tasks.spawn(async move {
            for step in 0..10 {
                let generation = Generation(first.generation.0 + step * 4 + writer);
                let grant = Grant { owner: owner(), generation, ..first };
                store.publish(&name, grant, &pattern(generation), LONG).await?;
            }
            Ok(())
        });
        let store = if writer % 2 == 0 { scene.other.clone() } else { scene.one.clone() };
        tasks.spawn(async move {
            for _ in 0..20 {
                let entry = store.entry(&name).await?;
                ensure(entry.value == pattern(entry.generation), || {
                    format!("{entry:?} has bytes of another publication, or not all of its own")
                })?;
            }
            Ok(())
        });
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.map_err(|_| "an operation panicked".to_owned())??;
    }
    let (last, entry) = (Generation(first.generation.0 + 39), scene.one.entry(&name).await?);
    ensure(entry.generation == last, || format!("{last:?} was published, and {entry:?} is there"))
}

pub(super) async fn entries_of_other_names_stay_as_they_are(scene: &Scene<impl Store>) -> Checked {
    let (name, neighbour) = (name(), name());
    let generation = scene.one.replaced(&neighbour, Seen::Nothing, b"neighbour").await?;
    ensure(scene.other.get(&name).await?.is_none(), || "there is an entry that nobody has published".into())?;
    let own = scene.one.replaced(&name, Seen::Nothing, b"value").await?;
    scene.one.granted(&name, owner(), Seen::Rejected(own)).await?;
    let entry = scene.other.entry(&neighbour).await?;
    ensure((entry.generation, &entry.value[..]) == (generation, b"neighbour"), || {
        format!("another name changed, and {entry:?} is there instead of {generation:?}")
    })?;
    scene.other.granted(&neighbour, owner(), Seen::Entry(generation)).await.map(|_| ())
}

pub(super) async fn values_are_kept_byte_for_byte(scene: &Scene<impl Store>) -> Checked {
    let all: Vec<u8> = (0..=u8::MAX).collect();
    for value in [b"\0".to_vec(), b"\r\n:1:".to_vec(), all.clone(), all.repeat(256)] {
        let name = name();
        scene.one.replaced(&name, Seen::Nothing, &value).await?;
        let entry = scene.other.entry(&name).await?;
        ensure(entry.value == value, || {
            format!("{} bytes were published, and others are there: {entry:?}", value.len())
        })?;
    }
    Ok(())
}

pub(super) async fn a_late_publication_is_stored_if_nothing_is_newer(scene: &Scene<impl Store>) -> Checked {
    let (name, released) = (name(), owner());
    let grant = scene.one.granted(&name, released, Seen::Nothing).await?;
    scene.one.release(&name, released).await?;
    scene.one.stored(&name, grant, b"released").await?;
    let grant = scene.one.granted_for(&name, owner(), Seen::Entry(grant.generation), Duration::from_millis(1)).await?;
    tokio::time::sleep(Duration::from_millis(10)).await;
    scene.one.stored(&name, grant, b"over").await?;
    let entry = scene.other.entry(&name).await?;
    ensure(entry.value == b"over", || format!("{grant:?} was published last, and {entry:?} is there"))
}

pub(super) async fn an_older_publication_is_superseded(scene: &Scene<impl Store>) -> Checked {
    let (name, late) = (name(), owner());
    let old = scene.one.granted(&name, late, Seen::Nothing).await?;
    scene.one.release(&name, late).await?;
    let new = scene.other.replaced(&name, Seen::Nothing, b"new").await?;
    for store in [&scene.one, &scene.other] {
        let published = store.publish(&name, old, b"old", LONG).await?;
        ensure(published == Published::Superseded, || format!("{new:?} is there, and {old:?} was {published:?}"))?;
        let entry = store.entry(&name).await?;
        ensure((entry.generation, &entry.value[..]) == (new, b"new"), || {
            format!("{new:?} is newer than {old:?}, and {entry:?} is there")
        })?;
    }
    Ok(())
}

pub(super) async fn the_same_publication_twice_is_stored_twice(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let grant = scene.one.granted(&name, owner(), Seen::Nothing).await?;
    for store in [&scene.one, &scene.other] {
        store.stored(&name, grant, b"value").await?;
    }
    Ok(())
}
