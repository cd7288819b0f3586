//! Tests of a cache that evicts scopes.

use std::sync::Arc;

use shuttle::thread;

use super::{FRESH, decide, explore, scope};
use crate::cache::policy::Action;
use crate::cache::scopes::Scopes;
use crate::cache::slot::Slot;
use crate::token::access_token::Token;
use crate::token::error::token_error::TokenError;

/// A cache that is limited to one idle scope and holds the idle scope `a`.
fn scopes_with_a() -> (Arc<Scopes>, triomphe::Arc<Token>) {
    let (scopes, nothing) = (Arc::new(Scopes::new(1)), triomphe::Arc::new(Token::none()));
    drop(scopes.slot(&scope("a"), FRESH, &nothing));
    (scopes, nothing)
}

/// Starts a thread that gets the slot of this scope, and returns the slots that were evicted for it.
fn ask_for(
    name: &str,
    scopes: &Arc<Scopes>,
    nothing: &triomphe::Arc<Token>,
) -> thread::JoinHandle<Vec<triomphe::Arc<Slot>>> {
    let (scope, scopes, nothing) = (scope(name), Arc::clone(scopes), nothing.clone());
    thread::spawn(move || {
        let (_held, evicted) = scopes.slot(&scope, FRESH, &nothing);
        evicted
    })
}

#[test]
fn a_slot_in_use_is_not_evicted() {
    explore(|| {
        let (scopes, nothing) = scopes_with_a();
        let others = ["b", "c"].map(|name| ask_for(name, &scopes, &nothing));
        let (held, _) = scopes.slot(&scope("a"), FRESH, &nothing);
        let evicted: Vec<_> = others.into_iter().flat_map(|other| other.join().unwrap()).collect();
        assert!(!evicted.iter().any(|slot| triomphe::Arc::ptr_eq(slot, &held)), "evicted while it was held");
    });
}

#[test]
fn a_scope_with_a_request_in_flight_is_not_evicted() {
    explore(|| {
        let (scopes, nothing) = scopes_with_a();
        let others = ["b", "c"].map(|name| ask_for(name, &scopes, &nothing));
        let requesting = scopes.held(&b"a"[..]).map(|slot| {
            let action = decide(&slot, FRESH);
            (slot, action)
        });
        let evicted: Vec<_> = others.into_iter().flat_map(|other| other.join().unwrap()).collect();
        let Some((slot, Action::SendAndWait(((), sender), _))) = requesting else { return };
        assert!(!evicted.iter().any(|evicted| triomphe::Arc::ptr_eq(evicted, &slot)), "evicted with its request");
        slot.complete(sender, Err(TokenError::Interrupted), FRESH, 0.0);
        assert!(scopes.with(&b"a"[..], |now| triomphe::Arc::ptr_eq(now, &slot)).unwrap());
    });
}

#[test]
fn concurrent_callers_of_one_scope_share_its_slot() {
    explore(|| {
        let (scopes, nothing) = scopes_with_a();
        let others = ["b", "c"].map(|name| ask_for(name, &scopes, &nothing));
        let callers = [(); 2].map(|()| {
            let (scopes, nothing) = (Arc::clone(&scopes), nothing.clone());
            thread::spawn(move || scopes.slot(&scope("a"), FRESH, &nothing).0)
        });
        let [one, other] = callers.map(|caller| caller.join().unwrap());
        assert!(triomphe::Arc::ptr_eq(&one, &other), "two slots of one scope");
        others.into_iter().for_each(|other| drop(other.join().unwrap()));
        assert!(scopes.with(&b"a"[..], |now| triomphe::Arc::ptr_eq(now, &one)).unwrap(), "it is the one that is found");
    });
}

#[test]
fn a_cache_beyond_its_limit_shrinks_when_its_scopes_are_idle() {
    explore(|| {
        let (scopes, nothing) = scopes_with_a();
        // Each thread holds its slot and releases it, as a handle does.
        let callers = ["b", "c", "d"].map(|name| {
            let (scope, scopes, nothing) = (scope(name), Arc::clone(&scopes), nothing.clone());
            thread::spawn(move || {
                drop(scopes.slot(&scope, FRESH, &nothing));
                scopes.trim(|| FRESH, &nothing);
            })
        });
        callers.into_iter().for_each(|caller| caller.join().unwrap());
        assert_eq!(scopes.len(), 1);
    });
}
