//! The contract of [`Store`] as a test suite, for whoever writes a store.
//!
//! [`StoreContract::check`] runs a case for each sentence of the contract against a real store and reports the sentences that
//! the store breaks. Names are random, so a store that others use can be checked, too. The suite takes a few seconds.
//!
//! ```
//! # use std::future::Future;
//! use auth_fleet::Store;
//! use auth_fleet::contract::{StoreContract, Violations};
//!
//! // In a test of the store, which opens a connection to it:
//! async fn keeps_the_contract<S, F>(open: fn() -> F) -> Result<(), Violations>
//! where
//!     S: Store,
//!     F: Future<Output = S> + Send + 'static,
//! {
//!     StoreContract::new(open).check().await
//! }
//! ```

mod case;
mod generations;
mod leases;
mod publications;
mod times;
mod violations;
mod waiting;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::contract::case::{Checked, Loss, Opening, Scene};
use crate::contract::violations::Sentence;
pub use crate::contract::violations::{Violation, Violations};
use crate::store::Store;

/// How long one case may take. A store that answers takes a fraction of it.
const LONGEST_CASE: Duration = Duration::from_secs(20);

/// Checks a store against the contract of [`Store`].
pub struct StoreContract<S> {
    open: Opening<S>,
    lose: Option<Loss>,
}

impl<S: Store> StoreContract<S> {
    /// The contract for the store that this function opens.
    ///
    /// The function is called several times. All stores that it opens must share their entries, as those of several processes
    /// would: open a connection each time, for example.
    pub fn new<F>(open: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = S> + Send + 'static,
    {
        Self { open: Arc::new(move || Box::pin(open())), lose: None }
    }

    /// Also checks that generations rise after the store has lost everything. The function removes all entries and leases, as a
    /// restart without persistence would.
    #[must_use]
    pub fn losing_everything<F>(mut self, lose: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.lose = Some(Arc::new(move || Box::pin(lose())));
        self
    }

    /// Runs all cases, which takes a few seconds. It needs a runtime of tokio with timers.
    ///
    /// # Errors
    /// [`Violations`] lists each case that failed, with the sentence of the contract.
    pub async fn check(&self) -> Result<(), Violations> {
        let scene = Scene::new(&self.open).await;
        let mut violations = Vec::new();
        let mut note =
            |sentence: Sentence, case: &'static str, outcome: Result<Checked, tokio::time::error::Elapsed>| {
                let found = match outcome {
                    Ok(Ok(())) => return,
                    Ok(Err(found)) => found,
                    Err(_) => format!("it took longer than {LONGEST_CASE:?}"),
                };
                violations.push(Violation { sentence, case, found });
            };
        macro_rules! cases {
            ($($sentence:ident: $module:ident::$case:ident;)*) => {
                $(note(
                    Sentence::$sentence,
                    stringify!($case),
                    tokio::time::timeout(LONGEST_CASE, $module::$case(&scene)).await,
                );)*
            };
        }
        cases! {
            Atomic: publications::an_entry_is_read_as_a_whole;
            StoreTime: times::all_processes_see_the_same_remaining_time;
            Remaining: times::the_remaining_time_is_never_longer_than_it_is;
            Remaining: times::an_entry_is_absent_when_its_lifetime_is_over;
            Remaining: publications::entries_of_other_names_stay_as_they_are;
            OneOwner: leases::one_of_fifty_gets_the_lease;
            OneOwner: leases::an_owner_gets_the_same_lease_again;
            OneOwner: leases::nobody_gets_a_lease_for_an_entry_that_has_changed;
            OneOwner: leases::an_entry_that_is_gone_or_older_can_be_replaced;
            OneOwner: leases::a_rejected_entry_is_removed;
            OneOwner: leases::a_rejected_entry_is_removed_while_another_has_the_lease;
            OneOwner: leases::an_entry_that_was_not_rejected_stays;
            LeaseEnds: leases::a_lease_ends_when_its_owner_releases_it;
            LeaseEnds: leases::a_lease_ends_when_its_owner_publishes;
            LeaseEnds: leases::a_lease_ends_when_its_duration_is_over;
            LeaseEnds: leases::a_lease_does_not_end_by_the_publication_of_another;
            Rising: generations::generations_rise_with_every_grant;
            Rising: generations::generations_rise_after_an_entry_is_gone;
            Fenced: publications::a_late_publication_is_stored_if_nothing_is_newer;
            Fenced: publications::an_older_publication_is_superseded;
            Fenced: times::nothing_is_stored_when_the_lifetime_is_over;
            Fenced: publications::the_same_publication_twice_is_stored_twice;
            OwnRelease: leases::a_lease_is_not_released_by_another;
            Waits: waiting::a_wait_ends_after_a_publication;
            Waits: waiting::a_wait_ends_after_a_release;
            Waits: waiting::a_publication_before_the_wait_is_not_missed;
            Waits: waiting::a_wait_ends_when_its_time_is_over;
            Sealed: publications::values_are_kept_byte_for_byte;
        }
        if let Some(lose) = &self.lose {
            let case = generations::generations_rise_after_the_store_lost_everything(&scene, lose);
            note(
                Sentence::Rising,
                "generations_rise_after_the_store_lost_everything",
                tokio::time::timeout(LONGEST_CASE, case).await,
            );
        }
        if violations.is_empty() { Ok(()) } else { Err(Violations(violations)) }
    }
}

impl<S> fmt::Debug for StoreContract<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StoreContract").finish_non_exhaustive()
    }
}
