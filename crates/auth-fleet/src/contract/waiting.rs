//! Waiting.

use std::time::Duration;

use tokio::task::JoinSet;

use super::case::{Checked, LONG, SOON, Scene, name, owner};
use crate::store::name::Name;
use crate::store::{Generation, Seen, Store};

/// Waits in twenty tasks of both stores, until `then` has happened, and expects all of them to return soon after it.
async fn all_return<S: Store>(
    scene: &Scene<S>,
    name: Name,
    seen: Option<Generation>,
    then: impl Future<Output = Checked>,
) -> Checked {
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let store = if number % 2 == 0 { scene.one.clone() } else { scene.other.clone() };
        tasks.spawn(async move {
            // A wait may return early, so it is repeated until there is a reason.
            while store.get(&name).await?.map(|entry| entry.generation) == seen {
                store.wait(&name, seen, LONG).await?;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Ok(())
        });
    }
    // Most of them should be waiting by then; the outcome does not depend on it.
    tokio::time::sleep(Duration::from_millis(100)).await;
    then.await?;
    joined_soon(tasks).await
}

/// Expects all tasks to end soon.
async fn joined_soon(mut tasks: JoinSet<Checked>) -> Checked {
    let all = async {
        while let Some(outcome) = tasks.join_next().await {
            outcome.map_err(|_| "`wait` panicked".to_owned())??;
        }
        Ok(())
    };
    tokio::time::timeout(SOON, all).await.unwrap_or_else(|_| Err(format!("a task still waits {SOON:?} later")))
}

pub(super) async fn a_wait_ends_after_a_publication(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let mut seen = None;
    for _ in 0..2 {
        let grant = scene.one.granted(&name, owner(), seen.map_or(Seen::Nothing, Seen::Entry)).await?;
        all_return(scene, name, seen, scene.one.stored(&name, grant, b"value")).await?;
        seen = Some(grant.generation);
    }
    Ok(())
}

pub(super) async fn a_wait_ends_after_a_release(scene: &Scene<impl Store>) -> Checked {
    let (name, owner) = (name(), owner());
    scene.one.granted(&name, owner, Seen::Nothing).await?;
    let mut tasks = JoinSet::new();
    for store in [scene.one.clone(), scene.other.clone()] {
        tasks.spawn(async move { store.wait(&name, None, LONG).await });
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    scene.one.release(&name, owner).await?;
    joined_soon(tasks).await
}

pub(super) async fn a_publication_before_the_wait_is_not_missed(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    let mut seen = None;
    for round in 0..20 {
        let grant = scene.one.granted(&name, owner(), seen.map_or(Seen::Nothing, Seen::Entry)).await?;
        // Before the wait in the first rounds, and at the same time in the others.
        if round < 5 {
            scene.one.stored(&name, grant, b"value").await?;
        }
        let mut tasks = JoinSet::new();
        let store = scene.other.clone();
        tasks.spawn(async move { store.wait(&name, seen, LONG).await });
        if round >= 5 {
            scene.one.stored(&name, grant, b"value").await?;
        }
        joined_soon(tasks).await?;
        seen = Some(grant.generation);
    }
    Ok(())
}

pub(super) async fn a_wait_ends_when_its_time_is_over(scene: &Scene<impl Store>) -> Checked {
    let name = name();
    scene.one.granted(&name, owner(), Seen::Nothing).await?;
    for at_most in [Duration::ZERO, Duration::from_millis(1), Duration::from_millis(50)] {
        tokio::time::timeout(at_most + SOON, scene.other.wait(&name, None, at_most))
            .await
            .map_err(|_| format!("a wait of at most {at_most:?} goes on {SOON:?} later"))??;
    }
    Ok(())
}
