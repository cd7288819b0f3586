//! Generations.

use std::time::Duration;

use super::case::{Checked, Loss, Scene, Subject, ensure, name, owner};
use crate::store::name::Name;
use crate::store::{Generation, Seen, Store};

/// The generation of a new grant, which must be greater than `last`.
async fn next(
    store: &Subject<impl Store>,
    name: &Name,
    seen: Seen,
    last: &mut Generation,
    after: &str,
) -> Result<(), String> {
    let owner = owner();
    let grant = store.granted(name, owner, seen).await?;
    let before = std::mem::replace(last, grant.generation);
    ensure(grant.generation > before, || {
        format!("{:?} was granted after {before:?}, after {after}", grant.generation)
    })?;
    store.release(name, owner).await
}

pub(super) async fn generations_rise_with_every_grant(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let mut last = Generation(0);
    for _ in 0..5 {
        next(&scene.one, &name, Seen::Nothing, &mut last, "a release").await?;
        next(&scene.other, &name, Seen::Nothing, &mut last, "a release").await?;
    }
    for store in [&scene.one, &scene.other] {
        let seen = store.get(&name).await?.map_or(Seen::Nothing, |entry| Seen::Entry(entry.generation));
        last = store.replaced(&name, seen, b"value").await?.max(last);
        next(store, &name, Seen::Entry(last), &mut last, "a publication").await?;
    }
    Ok(())
}

pub(super) async fn generations_rise_after_an_entry_is_gone(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let mut last = scene.one.replaced(&name, Seen::Nothing, b"value").await?;
    next(&scene.other, &name, Seen::Rejected(last), &mut last, "the removal of a rejected entry").await?;
    let grant = scene.one.granted(&name, owner(), Seen::Nothing).await?;
    scene.one.publish(&name, grant, b"value", Duration::from_millis(50)).await?;
    last = grant.generation;
    scene.one.absent_soon(&name).await?;
    next(&scene.other, &name, Seen::Nothing, &mut last, "an entry has expired").await?;
    let grant = scene.one.granted(&name, owner(), Seen::Nothing).await?;
    scene.one.publish(&name, grant, b"dead", Duration::ZERO).await?;
    last = grant.generation;
    next(&scene.other, &name, Seen::Nothing, &mut last, "a publication without a lifetime").await
}

pub(super) async fn generations_rise_after_the_store_lost_everything(
    scene: &Scene<impl Store>,
    lose: &Loss,
) -> Checked {
    let name = name();
    let mut last = scene.one.replaced(&name, Seen::Nothing, b"value").await?;
    for _ in 0..3 {
        last = scene.one.granted(&name, owner(), Seen::Entry(last)).await?.generation;
        lose().await;
        ensure(scene.other.get(&name).await?.is_none(), || {
            "the entry is still there after everything was lost".into()
        })?;
        next(&scene.other, &name, Seen::Nothing, &mut last, "everything was lost").await?;
        last = scene.one.replaced(&name, Seen::Nothing, b"value").await?;
    }
    Ok(())
}
